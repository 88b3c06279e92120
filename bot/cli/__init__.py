"""The command line, one module a subject; everything heavy is imported inside the commands."""
