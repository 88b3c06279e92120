"""Modals for questions, suggested threats, threats and coverage."""
