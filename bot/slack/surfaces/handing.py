"""Tells people by direct message at once what they were handed, and shows there what came of it."""

from collections.abc import Callable, Sequence
from itertools import takewhile

from bot.slack.asking.requests import Json
from bot.slack.connection.slack_api import SlackApi
from bot.slack.kit.blocks import Message, message, section
from bot.slack.reading.handovers import HandedEvent, Seen, handed_over, handover, is_asked_already
from bot.slack.reading.reminders import ERASED
from bot.slack.surfaces.agenda import Job, Pace
from bot.slack.surfaces.bringing import Bringing
from bot.slack.surfaces.directs import Direct, Directs
from bot.slack.surfaces.followed import Followed
from bot.slack.surfaces.nudge_messages import KEPT
from bot.slack.surfaces.tending import Tender
from bot.slack.tools import Tools
from bot.slack.upkeep.metrics import Metrics
from bot.slack.views.handover import handover_message
from bot.store import StreamId
from bot.workshop import NoSuchModel
from domain.elements import PersonId
from domain.events import Erased, Past

EVENT_TYPE = "threatmodel_handover"
"""What the metadata of such a message is called; its payload names the event."""

_ERASED = message(ERASED, [section(ERASED)])


class Handing:
    """One thread that reads what is said in the models, and tells whom it concerns."""

    def __init__(
        self,
        handovers: Directs,
        followed: Followed,
        tools: Tools,
        api: SlackApi,
        *,
        silence: Callable[[str], None],
        metrics: Metrics,
        pace: Pace | None = None,
    ) -> None:
        self._handovers = handovers
        self._followed = followed
        self._tools = tools
        self._erasures: dict[StreamId, int] = {}
        self._bringing = Bringing(
            handovers,
            api,
            surface="handovers",
            metadata=_metadata,
            lease=(pace or Pace()).nudges.lease,
            metrics=metrics,
        )
        self._tender = Tender(
            "handovers",
            pace or Pace(),
            keep=self._keep,
            notice=self._notice,
            silence=silence,
            metrics=metrics,
        )

    def start(self) -> None:
        """Begin with what nobody was told of yet."""
        self._tender.start()

    def stop(self) -> None:
        """Tell nobody any more; the next start goes on where this ended."""
        self._tender.agenda.end()

    def touch(self, stream: StreamId) -> None:
        """Something was said in a model."""
        self._tender.agenda.touch(Job("handovers", stream))

    def _notice(self) -> None:
        """What another process said or erased, and what one left that died."""
        erased = self._tools.nudges.erasures()
        anew = {stream for stream, times in erased.items() if self._erasures.get(stream) != times}
        self._erasures = erased
        for stream in anew | self._followed.behind() | self._handovers.unclear() | self._bringing.late:
            self._tender.agenda.touch(Job("handovers", stream), at_once=True)

    def _keep(self, job: Job) -> None:
        stream = StreamId(job.of)
        told = list(self._handovers.of(stream).values())
        live = [one for one in told if not one.over]
        for one in told:
            self._bringing.take_back(one)
        try:
            model = self._tools.workshop.model(stream)
        except NoSuchModel:
            self._forget(live)
            return
        until = self._followed.until(stream)
        after = self._begun(stream) if until is None else until
        tail = self._tools.store.events(stream, after, model.version)
        if live or any(isinstance(one, HandedEvent) for one in tail):
            events = list(self._tools.store.events(stream, until=model.version))
            register = self._tools.register_of(model)
            seen = Seen(
                stream=stream, events=events, model=model, register=register, naming=self._tools.naming
            )
            for one in live:
                self._keep_one(one, seen)
            for version, person in handed_over(events, after):
                if not self._gone(seen, person) and not is_asked_already(seen, version, person):
                    unclaimed = Direct(stream=stream, about=str(version), person=person)
                    self._bringing.begin(unclaimed, lambda one=unclaimed: self._message(one, seen))
        self._followed.follow(stream, model.version)

    def _begun(self, stream: StreamId) -> int:
        """The version with which a model began: who brings a whole one in hands nobody anything by that."""
        recorded = self._tools.store.read(stream)
        first = next(recorded)
        return first.version + sum(
            1 for _ in takewhile(lambda one: one.recorded_at == first.recorded_at, recorded)
        )

    def _keep_one(self, before: Direct, seen: Seen) -> None:
        if not before.ts:
            self._bringing.go_on(before, lambda: self._message(before, seen), gone=_ERASED)
        elif not self._gone(seen, before.person):
            shown = self._message(before, seen)
            old = self._is_old(seen.events, int(before.about))
            self._bringing.bring_up_to_date(before, shown or _ERASED, over=old)

    def _message(self, one: Direct, seen: Seen) -> Message | None:
        told = handover(seen, int(one.about), one.person)
        return handover_message(told, seen.naming) if told else None

    def _gone(self, seen: Seen, person: PersonId) -> bool:
        return self._tools.people(seen.model.channel)(person).gone

    def _is_old(self, events: Sequence[Past], version: int) -> bool:
        event = events[version - 1]
        return isinstance(event, Erased) or event.at < self._tools.now() - KEPT

    def _forget(self, live: Sequence[Direct]) -> None:
        """A model was erased: no message tells of it any more."""
        for one in live:
            if one.ts:
                self._bringing.bring_up_to_date(one, _ERASED, over=True)
            else:
                self._bringing.go_on(one, lambda: None, gone=_ERASED)


def _metadata(one: Direct) -> Json:
    """What a message carries unseen, to be found by."""
    return {"event_type": EVENT_TYPE, "event_payload": {"stream": one.stream, "version": one.about}}
