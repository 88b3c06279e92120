"""Read model of one reminder, and its sources."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from domain.dread.scoring import Tally
from domain.events import RecordedEvent
from domain.kernel.closing import OverriddenCondition
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation
from domain.kernel.text_formatting import Naming
from domain.kernel.threat import Response, Threat, ThreatId
from domain.kernel.tracked_issue import TrackedIssue
from domain.model import ThreatModel
from domain.register import ThreatRegister
from domain.remediation.issue_proposals import IssueProposal
from domain.remediation.status import TrackedMitigation
from domain.reminder_deliveries import ReminderKey
from domain.reminders import Occasion, People, ReminderKeyParts
from domain.screening.screened_facts import PendingScreening
from domain.voting.scores import RankedThreat

ERASED: Final = "Its subject was erased."
"""Text of a reminder or handover whose model was erased."""


class ReminderDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Reminder with all details that its message shows.

    `outcome` is a sentence about the outcome, empty while the reminder is open; `snoozed` is the end of a
    snooze. `at` names the places of the `mitigation`. `tally` is the score of the `threat`; `since` and
    `until` are the start and due times. `count` of `total` ballots or questions are missing, or a mitigation
    has `total` threats and places to verify; a round's `panel` is its number of voters. `late` is the delay
    of the message. `refused` is Slack's error code for messages to `owner`, empty if Slack delivers none at
    all. `sent` is the time of sending, or now for a pressed button. `by` implemented the mitigation to
    verify, or made the `proposal`, whose approver is `asked`. In a thread, `lines` are the overdue items, and
    `waiting` those that need a second person. `override` is the condition that was passed. `issue` is the
    mitigation's issue in a tracker, and `asks` what it asks. `pending_screening` is shown instead of a
    `count` of all questions.
    """

    key: ReminderKey
    about: ReminderKeyParts
    stream: str
    model: str
    permalink: str = ""
    outcome: str = ""
    mitigation: Mitigation | None = None
    at: str = ""
    threat: Threat | None = None
    tally: Tally | None = None
    owner: str = ""
    since: datetime | None = None
    until: datetime | None = None
    is_over: bool = False
    count: int = 0
    total: int = 0
    late: timedelta = timedelta(0)
    snoozed: datetime | None = None
    lines: tuple[str, ...] = ()
    refused: str = ""
    sent: datetime | None = None
    by: str = ""
    proposal: Response | None = None
    asked: str = ""
    waiting: tuple[str, ...] = ()
    panel: int = 0
    override: OverriddenCondition | None = None
    issue: TrackedIssue | None = None
    asks: IssueProposal | None = None
    pending_screening: PendingScreening | None = None

    @property
    def occasion(self) -> Occasion:
        """Occasion of the reminder."""
        return self.about.occasion

    @property
    def mine(self) -> bool:
        """Whether the reader has to act, rather than only be informed."""
        return self.mitigation is not None and self.mitigation.owner in (None, self.about.to)


class ReminderSources(msgspec.Struct, frozen=True, kw_only=True):
    """Sources of reminders; `refused` returns Slack's error code for a person, empty if none.

    `events` returns all events of the model.
    """

    stream: str
    model: ThreatModel
    register: ThreatRegister
    naming: Naming
    now: datetime
    refused: Callable[[PersonId], str]
    people: People
    events: Callable[[], Sequence[RecordedEvent]]
    permalink: str = ""

    def tally(self, threat: ThreatId) -> Tally | None:
        """Return the score of a threat, or its residual score; None if it was not scored."""
        ranked = self.ranked(threat)
        score = (ranked.residual or ranked.score) if ranked else None
        return score.tally if score else None

    def ranked(self, threat: ThreatId) -> RankedThreat | None:
        """Return a threat with its score; None if it no longer exists."""
        return next((one for one in self.register.ranked if one.threat.id == threat), None)

    def called(self, person: PersonId | None) -> str:
        """Return the name of a person; empty for none."""
        return self.naming(person) if person else ""

    def tracked(self, mitigation: str) -> TrackedMitigation | None:
        """Return a mitigation; None if its plan was withdrawn."""
        found = (one for one in self.register.mitigations if one.mitigation.id == mitigation)
        return next(found, None)
