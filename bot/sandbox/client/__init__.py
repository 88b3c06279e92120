"""Slack's client: it sends a user's actions to the bot and applies the responses."""
