"""Read model of one reminder, and its sources."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from domain.dread.scoring import Tally
from domain.events import RecordedEvent
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation
from domain.kernel.person_names import Naming
from domain.kernel.response import Response
from domain.kernel.threat import Threat, ThreatId
from domain.model import ThreatModel
from domain.nudge_deliveries import NudgeKey
from domain.register import ThreatRegister
from domain.remediation.status import TrackedMitigation
from domain.reminders import NudgeKeyParts, Occasion, People
from domain.voting.scores import RankedThreat


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """One reminder with everything that its reader is told.

    `over` is a sentence on what was done with it, empty while it is still to be done; `snoozed` is until
    when it was put off. `threat` and `tally` say how bad it is, `since` when it began, `until` the
    moment it is or was due; `count` of `of` ballots or questions are left; ballots are asked of a
    `panel` of so many. `late` is by how much the message came too late. `refused` is Slack's word for
    why it does not take what is sent to `owner`, empty where it takes nothing for them at all. `sent` is
    when it was sent, or now for one that is pressed. `by` is who put in place what waits to be verified,
    or proposed what waits to be approved: the `proposal`, which `asked` was asked about. Of what a
    thread is told `lines` are overdue, and `waiting` wait for a second person.
    """

    key: NudgeKey
    about: NudgeKeyParts
    stream: str
    model: str
    permalink: str = ""
    over: str = ""
    mitigation: Mitigation | None = None
    threat: Threat | None = None
    tally: Tally | None = None
    owner: str = ""
    since: datetime | None = None
    until: datetime | None = None
    is_over: bool = False
    count: int = 0
    of: int = 0
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

    `events` gives everything that was said in the model, for those who need it.
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

    def tracked(self, mitigation: str) -> TrackedMitigation | None:
        """Return a mitigation; None if its plan was withdrawn."""
        found = (one for one in self.register.mitigations if one.mitigation.id == mitigation)
        return next(found, None)
