"""Installed workspaces: their encrypted tokens, and the work that keeps these valid."""
