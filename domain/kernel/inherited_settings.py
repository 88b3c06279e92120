"""Settings of a workspace that its models inherit."""

import msgspec

from domain.kernel.remediation_policy import RemediationPolicy
from domain.kernel.reminder_frequency import ReminderFrequency
from domain.kernel.tracked_issue import TrackerId

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
