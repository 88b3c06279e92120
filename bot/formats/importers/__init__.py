"""Importers: one module per format, and the creation of the model."""
