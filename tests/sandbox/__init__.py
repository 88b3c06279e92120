"""The stand-in Slack keeps to Slack's rules."""
