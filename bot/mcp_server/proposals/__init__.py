"""Proposals of agents, which become drafts that people accept or reject."""
