enum RunControlModule {}
