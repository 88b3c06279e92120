"""Sync of mitigations with issues in trackers: slots push what changes here, polls read the changes there."""
