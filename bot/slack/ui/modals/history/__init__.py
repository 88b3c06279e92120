"""Modals that look back: history, past days, changes."""
