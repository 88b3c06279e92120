"""Slack: everything that people see there and answer."""
