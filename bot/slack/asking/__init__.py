"""Requests of people, parsed from Slack's payloads."""
