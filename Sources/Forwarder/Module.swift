enum ForwarderModule {}
