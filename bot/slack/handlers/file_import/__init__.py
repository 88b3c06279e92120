"""Bringing a file in as a threat model: fetched, read, kept until somebody says yes."""
