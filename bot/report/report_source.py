"""Input of a report: register, history, names, the reader's calendar."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

import msgspec

from domain.changes import Change
from domain.history import TimelineEntry
from domain.kernel.text_formatting import Naming
from domain.register import ThreatRegister


class ReportChanges(msgspec.Struct, frozen=True, kw_only=True):
    """Changes since a day."""

    moment: datetime
    changes: tuple[Change, ...]


class ReportSource(msgspec.Struct, frozen=True, kw_only=True):
    """One model at one moment, for one reader.

    `as_of` is that moment, `day_of` returns the local day of a moment; `history` contains all events up to
    then; `past` if there were later ones. `since` is set if changes were requested; `full` if the appendix
    was: each threat, the registers, the answers, the history. `pictures` is false for a text whose tables
    stand for them: laying out a diagram takes longer than everything else.
    """

    register: ThreatRegister
    history: Sequence[TimelineEntry]
    naming: Naming
    as_of: datetime
    day_of: Callable[[datetime], date]
    past: bool = False
    since: ReportChanges | None = None
    full: bool = False
    pictures: bool = True
