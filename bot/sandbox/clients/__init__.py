"""What people do and see in front of Slack."""
