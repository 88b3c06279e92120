"""Importers: one module a format, and the creation of the model from what was read."""
