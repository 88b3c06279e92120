"""Block Kit, Slack's limits, and what a button carries."""
