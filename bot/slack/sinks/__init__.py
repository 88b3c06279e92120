"""Sinks: each brings one kind of slot to Slack."""
