"""Agents that call the MCP server: what they may read and propose, and what they never can."""
