"""Projectors: what should be shown after the events of a model, computed without I/O."""
