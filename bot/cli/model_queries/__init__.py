"""What the commands read from the store."""
