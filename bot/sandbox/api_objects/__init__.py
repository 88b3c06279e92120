"""JSON of messages, people, channels, files and events, as Slack sends it."""
