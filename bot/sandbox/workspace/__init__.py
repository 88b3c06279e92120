"""The workspace itself: people, channels, messages, files, and what changes or breaks in it."""
