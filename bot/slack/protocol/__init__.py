"""Slack's protocol: Block Kit, limits, escaping, requests and their payloads, the Web API client."""
