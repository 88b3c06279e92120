"""What an administrator changes in the workspace, and what the bot is told of it."""
