enum CompressionModule {}
