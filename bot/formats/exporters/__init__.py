"""Exporters: one module a format, and what several of them need."""
