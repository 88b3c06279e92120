"""HTTP endpoints for the bot: Web API, response URLs, files, OAuth page."""
