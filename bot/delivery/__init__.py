"""Delivery: does the work that the queue holds, in threads that all workspaces share. It knows no Slack."""
