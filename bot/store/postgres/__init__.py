"""Store in a PostgreSQL database, for several replicas; needs the extra `postgres`."""
