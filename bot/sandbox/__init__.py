"""A stand-in Slack workspace; `bot.sandbox.api` is its only door."""
