"""Caches of registers and of overviews of models."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Final

import msgspec

from bot.store import StreamId, StreamSummary
from domain.commands import CloseRound
from domain.kernel.due_dates import Zones
from domain.kernel.elements import ModelKey, PersonId
from domain.kernel.mitigation import MitigationState
from domain.kernel.threat import Response
from domain.model import ThreatModel
from domain.next_step.next_step_choice import NextStep
from domain.register import ThreatRegister, register
from domain.remediation.status import TrackedMitigation
from domain.screening.screened_facts import PendingScreening

MAX_REGISTERS: Final = 128
"""Registers that a process keeps, of the models that were read last; a large one takes about a megabyte."""


class _CachedRegister(msgspec.Struct, frozen=True, kw_only=True):
    """Register with what it was computed from: the model, the time, and the time zones read."""

    model: ThreatModel
    at: datetime
    zones: dict[PersonId, tzinfo]
    register: ThreatRegister

    def holds(self, model: ThreatModel, now: datetime, zones: Zones) -> bool:
        """Return whether a new computation would give the same register."""
        until = self.register.changes_at
        return (
            self.model is model
            and self.at <= now
            and (until is None or now < until)
            and all(zones(person) == zone for person, zone in self.zones.items())
        )


class RegisterCache:
    """Cache of registers by workspace and model, with one bound for the process; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cached: OrderedDict[tuple[str, ModelKey], _CachedRegister] = OrderedDict()

    def register(
        self, model: ThreatModel, now: datetime, zones: Zones, *, tenant: str = ""
    ) -> ThreatRegister:
        """Return the register of a workspace's model at a time, computed unless the cached one holds."""
        key = tenant, model.key
        with self._lock:
            cached = self._cached.get(key)
        if cached is None or not cached.holds(model, now, zones):
            cached = _compute(model, now, zones)
        with self._lock:
            self._cached[key] = cached
            self._cached.move_to_end(key)
            while len(self._cached) > MAX_REGISTERS:
                self._cached.popitem(last=False)
        return cached.register


def _compute(model: ThreatModel, now: datetime, zones: Zones) -> _CachedRegister:
    asked: dict[PersonId, tzinfo] = {}

    def zone(person: PersonId) -> tzinfo:
        # Many mitigations may have one owner.
        return asked[person] if person in asked else asked.setdefault(person, zones(person))

    return _CachedRegister(model=model, at=now, register=register(model, now, zone), zones=asked)


class ModelOverview(msgspec.Struct, frozen=True, kw_only=True):
    """Overview of a model: next step, open questions, their assignees, and the participants."""

    version: int
    erasures: int
    next: NextStep
    questions: int
    asked: dict[PersonId, int]
    pending_screening: PendingScreening | None
    facilitator: PersonId
    participants: tuple[PersonId, ...]
    answered_retrospective: frozenset[PersonId]
    """People who answered the retrospective's five questions."""
    mitigations: tuple[TrackedMitigation, ...]
    """Mitigations to be implemented."""
    to_verify: tuple[TrackedMitigation, ...]
    """Implemented mitigations that someone else must verify."""
    proposals: tuple[tuple[str, Response], ...]
    """Acceptances that wait for approval, each with its threat's title."""
    awaits_votes: bool
    """Whether a round waits for votes, and not for the facilitator."""
    changes_at: datetime | None
    """Time at which the overview changes without an event; None for never."""

    def participates(self, person: PersonId) -> bool:
        """Return whether a person may answer."""
        return not self.participants or person in self.participants or person == self.facilitator


class ModelOverviewCache:
    """Cache of overviews: computing them for several large models takes longer than an answer may."""

    def __init__(self) -> None:
        self._seen: dict[StreamId, ModelOverview] = {}

    def forget(self, stream: StreamId) -> None:
        """Have the overview of a model computed again: the people of its channel are others."""
        self._seen.pop(stream, None)

    def cached(self, model: StreamSummary, now: datetime) -> ModelOverview | None:
        """Return the cached overview of a model if neither events, erasures nor time have changed it."""
        glance = self._seen.get(model.stream)
        if glance is None or glance.version < model.version or glance.erasures != model.erasures:
            return None
        return None if glance.changes_at is not None and glance.changes_at <= now else glance

    def overview(
        self, model: StreamSummary, register: Callable[[StreamId], ThreatRegister], now: datetime
    ) -> ModelOverview:
        """Return the overview of a model, computed if it is not cached; raises NoSuchModel."""
        glance = self.cached(model, now)
        if glance is None:
            known = register(model.stream)
            # Questions that can wait are not counted as open on Home, unless they have an owner.
            owners = [question.asked_of for question in known.questions]
            glance = self._seen[model.stream] = ModelOverview(
                version=known.version,
                erasures=model.erasures,
                next=known.next,
                questions=sum(one.at_stake or one.asked_of is not None for one in known.questions),
                asked=dict(Counter(owner for owner in owners if owner)),
                pending_screening=known.pending_screening,
                facilitator=known.facilitator,
                participants=known.participants,
                mitigations=tuple(one for one in known.mitigations if one.mitigation.state.to_do),
                to_verify=tuple(mitigation for mitigation in known.mitigations if _is_in_place(mitigation)),
                proposals=_proposals(known),
                awaits_votes=known.allows(CloseRound) and any(not round.to_settle for round in known.rounds),
                changes_at=known.changes_at,
                answered_retrospective=frozenset(retrospective.by for retrospective in known.retrospectives),
            )
        return glance


def _is_in_place(one: TrackedMitigation) -> bool:
    return one.mitigation.state is MitigationState.IMPLEMENTED and not one.orphan


def _proposals(known: ThreatRegister) -> tuple[tuple[str, Response], ...]:
    titles = {one.id: one.title for one in known.threats}
    return tuple(
        (titles[threat], one.proposal)
        for threat, one in known.statuses.items()
        if one.proposal and not one.too_late
    )
