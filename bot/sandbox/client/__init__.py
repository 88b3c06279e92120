"""Slack's client: carries what a person does to the bot and shows what comes back."""
