"""What screens show: read models without loaders."""
