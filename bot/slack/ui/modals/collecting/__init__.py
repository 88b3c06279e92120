"""Modals for the elements of a model and its assumptions."""
