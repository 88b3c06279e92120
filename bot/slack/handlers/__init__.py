"""Handlers: each parses a request, executes a command and shows the result."""
