"""Modals and Home tabs that users have open."""
