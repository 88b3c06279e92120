"""Data of pages."""

from datetime import date

import msgspec

from bot.slack.protocol.interactions import StaleButton, Target
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.screens.reminder import Reminder
from domain.changes import Change
from domain.history import TimelineEntry
from domain.kernel.elements import ModelKey, PersonId
from domain.kernel.person_names import Naming
from domain.nudge_deliveries import Delivery
from domain.register import ThreatRegister
from domain.working_hours import USUAL, WorkingHours


class PastModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model at the end of a day in a time zone, and the changes since.

    `earlier` and `later` are the nearest days with events.
    """

    day: date
    today: date
    zone: str
    zone_known: bool
    then: ThreatRegister
    since: tuple[Change, ...]
    earlier: date | None = None
    later: date | None = None


class PageData(msgspec.Struct, frozen=True, kw_only=True):
    """Data of a page; `target` names the stream, the page number and the kind or element.

    `model` is None only where there is none to speak of; `permalink` is the address of its card, `shared`
    whether other organisations are in its channel.
    `history` is the timeline, the first entry first, for the page HISTORY alone, as `past` is for AS_OF.
    `hours` and `zone` are the reader's; `ballot_papers` are what they may vote on, for BALLOTS alone;
    `reminder` is what the page WHY is about, and `sent` what became of the nudges about the same.
    """

    target: Target
    reader: PersonId
    model: ThreatRegister | None
    naming: Naming
    permalink: str = ""
    shared: bool = False
    history: tuple[TimelineEntry, ...] = ()
    past: PastModel | None = None
    hours: WorkingHours = USUAL
    zone: str = ""
    ballot_papers: tuple[BallotPaper, ...] = ()
    reminder: Reminder | None = None
    sent: tuple[Delivery, ...] = ()

    @property
    def register(self) -> ThreatRegister:
        """The model's register; raises StaleButton if there is no model."""
        if self.model is None:
            raise StaleButton
        return self.model


class ModelListItem(msgspec.Struct, frozen=True, kw_only=True):
    """One model in a list; `waits_for_me` says that its next step is the reader's alone.

    `questions` counts those that the reader may answer, `asked` those of them that somebody handed to them;
    `look_back` says that the work is closed and they have not said how it went.
    """

    stream: str
    key: ModelKey
    name: str
    phase: str
    next: str = ""
    permalink: str = ""
    channel: str = ""
    waits_for_me: bool = False
    questions: int = 0
    asked: int = 0
    look_back: bool = False
