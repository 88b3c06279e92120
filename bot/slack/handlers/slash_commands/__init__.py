"""Slash commands: one declaration for each word: its help, the parser of its text, its handler."""
