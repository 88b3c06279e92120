"""Answers to agents: values for JSON, in which text that people wrote stands only under `said`."""
