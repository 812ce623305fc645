enum EventSourceModule {}
