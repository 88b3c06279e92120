"""Screening: rare features, asked about once for the whole model."""
