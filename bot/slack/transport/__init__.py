"""The connection to Slack: HTTP, Socket Mode, signatures, and the Bolt app."""
