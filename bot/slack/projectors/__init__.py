"""Projectors: what the events of a model cause to be shown, without any calls."""
