"""Delivery: runs queued work on threads shared by all workspaces; independent of Slack."""
