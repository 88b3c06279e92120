"""Modals for questions, candidates, threats and coverage."""
