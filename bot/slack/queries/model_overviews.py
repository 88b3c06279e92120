"""Overviews of models for lists, cached until the model changes."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import msgspec

from bot.store import StreamId, StreamSummary
from domain.commands import CloseRound
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationState
from domain.kernel.response import Response
from domain.next_step.next_step_choice import NextStep
from domain.register import ThreatRegister
from domain.remediation.status import TrackedMitigation
from domain.screening.pending_screening import PendingScreening


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
            # Not counted as open on Home: questions answered with *don't know*, and those that can wait.
            unanswered = [one for one in known.questions if not one.answered_unknown]
            glance = self._seen[model.stream] = ModelOverview(
                version=known.version,
                erasures=model.erasures,
                next=known.next,
                questions=sum(one.at_stake or one.asked_of is not None for one in unanswered),
                asked=dict(Counter(one.asked_of for one in unanswered if one.asked_of)),
                pending_screening=known.pending_screening,
                facilitator=known.facilitator,
                participants=known.participants,
                mitigations=tuple(one for one in known.mitigations if one.mitigation.state.to_do),
                to_verify=tuple(one for one in known.mitigations if _is_in_place(one)),
                proposals=_proposals(known),
                awaits_votes=known.allows(CloseRound) and any(not one.to_settle for one in known.rounds),
                changes_at=known.changes_at,
                answered_retrospective=frozenset(one.by for one in known.retrospectives),
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
