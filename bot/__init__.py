"""The bot: everything that touches the world (Slack, the store, the terminal)."""
