enum HistogrammerModule {}
