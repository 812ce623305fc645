enum SchemasModule {}
