enum CommitLogModule {}
