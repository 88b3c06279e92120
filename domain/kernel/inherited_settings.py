"""Settings of a model that its workspace may set for all: the remediation policy, reminders and reviews."""

from collections.abc import Collection
from enum import StrEnum

import msgspec

from domain.dread.scoring import Band
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import TrackerId


class BandPolicy(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """The policy for the threats of one band.

    Mitigations are due `due_days` after the round was closed, or have no suggested date. Risks are accepted,
    and unmet conditions passed, for at most `accepted_days`. Only the `approvers` may approve that; without
    names, anyone except the proposer.
    """

    due_days: int | None
    accepted_days: int
    approvers: tuple[PersonId, ...] = ()


class RemediationPolicy(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """The policy for each band; a threat without a score counts as critical."""

    # All values are stored with the event, so that other defaults in a later release change no model.
    critical: BandPolicy = BandPolicy(due_days=14, accepted_days=90)
    high: BandPolicy = BandPolicy(due_days=30, accepted_days=180)
    medium: BandPolicy = BandPolicy(due_days=90, accepted_days=365)
    low: BandPolicy = BandPolicy(due_days=None, accepted_days=365)

    def of(self, band: Band | None) -> BandPolicy:
        """Return the policy for a band; None is that of a threat without a score."""
        match band:
            case None | Band.CRITICAL:
                return self.critical
            case Band.HIGH:
                return self.high
            case Band.MEDIUM:
                return self.medium
            case Band.LOW:
                return self.low

    def with_own(self, own: "RemediationPolicy", bands: Collection[Band]) -> "RemediationPolicy":
        """Return this policy with the values of `own` in some bands."""
        return RemediationPolicy(**{str(band): (own if band in bands else self).of(band) for band in Band})


MAX_POLICY_DAYS = 3_650
"""The highest number of days in a policy."""


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
