"""Modals for responses, mitigations and approvals."""
