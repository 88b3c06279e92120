"""Modals: forms and pages, one folder for each part of the work."""
