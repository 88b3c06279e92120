"""Events that are announced in a thread by a message of their own."""

from collections.abc import Iterable
from typing import Final

from bot.slack.screens.work_sessions import Announcement, VersionedEvent, announcement_of
from domain.events import (
    BallotExplained,
    ClosingProposed,
    Erased,
    Event,
    RoundClosed,
    ThreatModelClosed,
)
from domain.register import ThreatRegister

_OVER = ("closed", "archived")

_ONLY_THE_LAST = (ThreatModelClosed, ClosingProposed)

CHANGES_RESULTS: Final = (RoundClosed, BallotExplained)
"""Events that may change results announced earlier."""


def wanted_results(events: Iterable[VersionedEvent], register: ThreatRegister) -> list[tuple[int, Event]]:
    """Return each result and each gate passed; of closings and proposals the last one, if still valid."""
    announced_events = [
        (version, event)
        for version, event in events
        if announcement_of(event) is Announcement.MESSAGE and not isinstance(event, Erased)
    ]
    closings = [one for one in announced_events if isinstance(one[1], ThreatModelClosed)]
    proposals = [one for one in announced_events if isinstance(one[1], ClosingProposed)]
    holds = closings[-1:] if register.phase in _OVER else []
    holds += proposals[-1:] if register.closing is not None else []
    return [one for one in announced_events if one in holds or not isinstance(one[1], _ONLY_THE_LAST)]
