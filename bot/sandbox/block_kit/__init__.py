"""Block Kit: elements and blocks, and Slack's limits on them."""
