enum ReactorModule {}
