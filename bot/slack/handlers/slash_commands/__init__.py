"""Slash commands: one declaration for each word, how its text is read, and what answers it."""
