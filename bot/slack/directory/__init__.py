"""Who is who and who may: people, channels, and what only Slack knows of them."""
