enum KafkaWireModule {}
