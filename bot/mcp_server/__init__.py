"""MCP server: agents read models, and propose drafts that people accept or reject."""
