"""What is kept true in Slack: cards, their threads, Home tabs, direct messages."""
