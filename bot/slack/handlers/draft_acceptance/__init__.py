"""Drafts from files and agents: read, shown, and accepted in parts."""
