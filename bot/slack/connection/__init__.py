"""Calls to Slack: the Web API, downloads, and what is known of the installation."""
