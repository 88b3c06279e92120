"""Remediation: the status of threats and mitigations, reviewers, suggested controls."""
