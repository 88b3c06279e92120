"""Modals about a reminder."""
