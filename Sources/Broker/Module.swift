enum BrokerModule {}
