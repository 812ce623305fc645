enum NexusFileModule {}
