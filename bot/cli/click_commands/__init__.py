"""Click commands, one module a subject; everything heavy is imported inside the commands."""
