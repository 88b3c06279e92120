"""Submitted forms, and the shortcuts that open some of them."""
