"""Data of pages."""

from datetime import date, datetime

import msgspec

from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.screens.open_draft import OpenDraft
from bot.slack.screens.portfolio_screen import PortfolioScreen
from bot.slack.screens.reminder import ReminderDetails
from bot.slack.screens.tracker_screen import TrackerScreen
from domain.changes import Change
from domain.history import TimelineEntry, UndoPreview
from domain.kernel.elements import ModelKey, PersonId
from domain.kernel.text_formatting import Naming
from domain.register import ThreatRegister
from domain.reminder_deliveries import Delivery
from domain.screening.screened_facts import PendingScreening
from domain.working_hours import USUAL, WorkingHours


class Days(msgspec.Struct, frozen=True):
    """First day of a report's changes, and the day of its state; None if not chosen."""

    since: date | None = None
    as_of: date | None = None

    @property
    def chosen(self) -> tuple[date, ...]:
        """The chosen days."""
        return tuple(day for day in (self.since, self.as_of) if day is not None)


class ReportOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was ordered; `full` with the appendix."""

    form: str
    days: Days = Days()
    full: bool = False


def report_argument(form: str, *, full: bool) -> str:
    """Return what a button carries of a report's format: the same as is typed."""
    return f"{form} full".strip() if full else form


class PastModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model at the end of a day in a time zone, or at a `version`, and the changes since.

    `earlier` and `later` are the nearest days with events.
    """

    day: date
    version: int = 0
    today: date
    zone: str
    zone_known: bool
    then: ThreatRegister
    since: tuple[Change, ...]
    earlier: date | None = None
    later: date | None = None


class PageData(msgspec.Struct, frozen=True, kw_only=True):
    """Data of a page; `target` names the stream, the page number and the kind or element.

    `model` is None only if there is no model; `permalink` is the URL of its card, `shared` whether other
    organizations are in its channel. Some fields are set for one page only: `history`, the timeline from
    its first entry, and `undo`, what the reader may revert, for HISTORY; `past` for AS_OF; `ballot_papers`
    for BALLOTS; `reminder` and `sent`, the deliveries about its subject, for WHY; `portfolio` and `now` for
    PORTFOLIO. `drafts`, those that wait, for MORE; `trackers` for TRACKERS. `hours` and `zone` are the
    reader's.
    """

    target: Target
    reader: PersonId
    model: ThreatRegister | None
    naming: Naming
    permalink: str = ""
    shared: bool = False
    history: tuple[TimelineEntry, ...] = ()
    undo: UndoPreview | None = None
    past: PastModel | None = None
    hours: WorkingHours = USUAL
    zone: str = ""
    ballot_papers: tuple[BallotPaper, ...] = ()
    reminder: ReminderDetails | None = None
    sent: tuple[Delivery, ...] = ()
    portfolio: PortfolioScreen | None = None
    now: datetime | None = None
    drafts: tuple[OpenDraft, ...] = ()
    trackers: TrackerScreen | None = None

    @property
    def register(self) -> ThreatRegister:
        """The model's register; raises StaleButton if there is no model."""
        if self.model is None:
            raise StaleButton
        return self.model


class ModelListItem(msgspec.Struct, frozen=True, kw_only=True):
    """List entry of a model; `waits_for_me` means that only the reader can take the next step.

    `questions` counts those that the reader may answer, `asked` those of them assigned to the reader;
    `pending_screening` is shown instead of `questions`;
    `owes_retrospective` means that the model is closed and the reader has not answered the retrospective.
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
    pending_screening: PendingScreening | None = None
    owes_retrospective: bool = False
