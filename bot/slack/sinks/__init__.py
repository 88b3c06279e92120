"""Sinks: each delivers one kind of slot to Slack."""
