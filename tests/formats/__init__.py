"""Formats: what a model becomes for other tools, and what their files become here."""
