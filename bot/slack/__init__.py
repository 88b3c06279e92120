"""Slack: what people see there and what they answer."""
