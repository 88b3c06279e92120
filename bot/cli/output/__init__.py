"""What the command line says to people and to programs."""
