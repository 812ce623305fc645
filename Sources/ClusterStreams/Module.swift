enum ClusterStreamsModule {}
