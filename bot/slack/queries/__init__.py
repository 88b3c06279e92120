"""Queries: each loads what one screen shows, or what handlers and projectors work with."""
