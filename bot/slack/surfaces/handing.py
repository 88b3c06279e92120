"""Direct messages about what people were given or asked, sent in their working hours and kept true."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import ClassVar

from bot.commands.command_handler import NoSuchModel
from bot.slack.protocol.block_builders import Message, message, section
from bot.slack.protocol.requests import Json
from bot.slack.queries.reminder_details import ERASED
from bot.slack.queries.services import Services
from bot.slack.screens.handover_details import (
    HandoverEvent,
    HandoverSources,
    handover_for,
    handovers_after,
    has_open_questions,
    is_urgent_event,
)
from bot.slack.surfaces.bringing import Bringing
from bot.slack.surfaces.card_surface import digest_of
from bot.slack.surfaces.direct_surface import Planned
from bot.slack.surfaces.nudge_messages import KEPT
from bot.slack.surfaces.pace import Surface
from bot.slack.ui.messages.handover_message import handover_message
from bot.store import StreamId
from bot.store.repositories.directs import Direct, Directs
from bot.store.repositories.followed import Followed
from domain.events import Erased, RecordedEvent
from domain.kernel.elements import PersonId
from domain.model import ThreatModel
from domain.reminders.reachability import next_at_work

EVENT_TYPE = "threatmodel_handover"
"""What the metadata of such a message is called; its payload names the event."""

_ERASED = message(ERASED, [section(ERASED)])

LOOK_AGAIN = timedelta(hours=1)
"""The longest wait before a person's zone and hours are read again: they may have changed meanwhile."""


class Handing:
    """What was handed to whom, in all models; which of it was told yet is remembered in `handovers`."""

    surface: ClassVar[Surface] = "handovers"
    message: ClassVar[Surface] = "handover"

    def __init__(
        self, handovers: Directs, followed: Followed, tools: Services, *, quiet_hours: bool = True
    ) -> None:
        self._handovers = handovers
        self._followed = followed
        self._tools = tools
        self._quiet_hours = quiet_hours
        self._next: dict[StreamId, datetime] = {}

    def carried(self, one: Direct) -> Json:
        """What a message carries unseen: the event that it tells of."""
        return {"event_type": EVENT_TYPE, "event_payload": {"stream": one.stream, "version": one.about}}

    def plan(self, stream: StreamId) -> Planned:
        """Note who is to be told what they were handed, and find messages that show something else by now."""
        live = [one for one in self._handovers.of(stream).values() if not one.over]
        self._next.pop(stream, None)
        try:
            model = self._tools.workshop.model(stream)
        except NoSuchModel:
            return Planned(messages=tuple(live))
        until = self._followed.until(stream)
        after = self._begun(stream) if until is None else until
        tail = self._tools.store.events(stream, after, model.version)
        messages: list[Direct] = []
        if live or any(isinstance(one, HandoverEvent) for one in tail):
            seen = self._seen(stream, model)
            if seen.register.changes_at is not None:
                # Such as the end of the day until which somebody was asked to bear a risk.
                self._note(stream, seen.register.changes_at)
            for version, person in handovers_after(seen.events, after):
                if not self._gone(seen, person) and not has_open_questions(seen, version, person):
                    untold = Direct(stream=stream, about=str(version), person=person)
                    if self._handovers.claim(untold):
                        live.append(untold)
            messages = [one for one in live if self._is_due(one, seen)]
        self._followed.follow(stream, model.version)
        return Planned(messages=tuple(messages), again=self._next.pop(stream, None))

    def keep(self, one: Direct, bringing: Bringing) -> None:
        """Tell a person what they were handed, or show in the message what was done with it."""
        try:
            model = self._tools.workshop.model(one.stream)
        except NoSuchModel:
            _forget(one, bringing)
            return
        seen = self._seen(one.stream, model)
        if one.ts:
            if not self._gone(seen, one.person):
                old = self._is_old(seen.events, int(one.about))
                bringing.bring_up_to_date(one, _message(one, seen) or _ERASED, over=old)
        elif one.digest:
            bringing.go_on(one, lambda: _message(one, seen), gone=_ERASED)
        elif not self._must_wait(seen, one):
            # What was done or taken back before they came to work is no news to them.
            news = self._came_out_of_hours(seen, one)
            bringing.go_on(one, lambda: _message(one, seen, news=news), gone=_ERASED)

    def _seen(self, stream: StreamId, model: ThreatModel) -> HandoverSources:
        return HandoverSources(
            stream=stream,
            events=list(self._tools.store.events(stream, until=model.version)),
            model=model,
            register=self._tools.register_of(model),
            naming=self._tools.naming,
        )

    def _is_due(self, one: Direct, seen: HandoverSources) -> bool:
        """Whether a message is to be posted, or to show something else than it does."""
        if not one.ts:
            return bool(one.digest) or not self._must_wait(seen, one)
        if self._gone(seen, one.person):
            return False
        shown = digest_of(_message(one, seen) or _ERASED)
        return shown != one.digest or self._is_old(seen.events, int(one.about))

    def _note(self, stream: StreamId, moment: datetime) -> None:
        """Look at a model again at a moment."""
        self._next[stream] = min(moment, self._next.get(stream, moment))

    def _begun(self, stream: StreamId) -> int:
        """The version with which a model began: who brings a whole one in hands nobody anything by that."""
        recorded = self._tools.store.read(stream)
        first = next(recorded)
        return first.version + sum(
            1 for _ in takewhile(lambda one: one.recorded_at == first.recorded_at, recorded)
        )

    def _must_wait(self, seen: HandoverSources, one: Direct) -> bool:
        """Whether a person is not at work now; what is urgent does not wait for that."""
        now = self._tools.now()
        opening = self._opening(seen, one, now)
        if opening <= now:
            return False
        self._note(one.stream, min(opening, now + LOOK_AGAIN))
        return True

    def _came_out_of_hours(self, seen: HandoverSources, one: Direct) -> bool:
        event = seen.events[int(one.about) - 1]
        return not isinstance(event, Erased) and self._opening(seen, one, event.at) > event.at

    def _opening(self, seen: HandoverSources, one: Direct, moment: datetime) -> datetime:
        """From when on somebody may be told who could be told at a moment."""
        if not self._quiet_hours or is_urgent_event(seen.events[int(one.about) - 1]):
            return moment
        return next_at_work(self._tools.people(seen.model.channel)(one.person), moment)

    def _gone(self, seen: HandoverSources, person: PersonId) -> bool:
        return self._tools.people(seen.model.channel)(person).gone

    def _is_old(self, events: Sequence[RecordedEvent], version: int) -> bool:
        event = events[version - 1]
        return isinstance(event, Erased) or event.at < self._tools.now() - KEPT


def _message(one: Direct, seen: HandoverSources, *, news: bool = False) -> Message | None:
    """What a message shows now; as `news` None for what is over already."""
    told = handover_for(seen, int(one.about), one.person)
    if told is None or (news and told.over):
        return None
    return handover_message(told, seen.naming)


def _forget(one: Direct, bringing: Bringing) -> None:
    """A model was erased: no message tells of it any more."""
    if one.ts:
        bringing.bring_up_to_date(one, _ERASED, over=True)
    else:
        bringing.go_on(one, lambda: None, gone=_ERASED)
