"""Modals for rounds and ballots."""
