enum FlatBuffersModule {}
