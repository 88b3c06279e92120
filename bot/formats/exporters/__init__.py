"""Exporters: one module for each format, and shared parts."""
