"""Modals about the past: history, past days, changes."""
