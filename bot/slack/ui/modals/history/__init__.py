"""Modals that look back or across: history, past days, changes, the portfolio."""
