"""What is brought to the bot: payloads by Socket Mode or signed HTTP, their acks and retries."""
