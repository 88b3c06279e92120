"""Comparison of a draft with a model: what is new, changed, gone, known, rejected, or in conflict."""
