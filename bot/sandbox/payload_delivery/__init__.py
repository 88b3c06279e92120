"""Delivery of payloads to the bot: Socket Mode or signed HTTP, acknowledgments, retries."""
