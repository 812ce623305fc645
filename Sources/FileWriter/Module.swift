enum FileWriterModule {}
