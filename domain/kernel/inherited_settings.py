"""Settings of a workspace that its models inherit."""

from enum import StrEnum

import msgspec

from domain.kernel.remediation_policy import RemediationPolicy
from domain.kernel.tracked_issue import TrackerId


class ReminderFrequency(StrEnum):
    """How often owners are reminded; the values are stored and never change."""

    USUAL = "usual"
    OFTEN = "often"
    SELDOM = "seldom"

    @property
    def label(self) -> str:
        """Return the schedule in words, as the form offers it."""
        return _LABELS[self]


_LABELS = {
    ReminderFrequency.USUAL: "7 days and 1 day before, on the day, then every 3 days",
    ReminderFrequency.OFTEN: "14, 7, 3 days and 1 day before, on the day, then every day",
    ReminderFrequency.SELDOM: "1 day before, on the day, then once a week",
}


REVIEW_DAYS = 90
"""The default number of days from closing a model to its next review."""


class InheritedSettings(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """The settings that apply to a model as long as it has none of its own.

    `review_days` are the days from closing a model to the review that is proposed. `tracker` is the one in
    which mitigations get issues.
    """

    # All values are stored with the event, so that other defaults in a later release change no model.
    policy: RemediationPolicy = RemediationPolicy()
    reminders: ReminderFrequency = ReminderFrequency.USUAL
    review_days: int = REVIEW_DAYS
    tracker: TrackerId | None = None
