"""The views that are open, for each person."""
