"""What a threat model is at one moment."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from rpds import HashTrieMap

from domain.dread.metrics import Ballot, Metric
from domain.kernel.accepted_ratings import AcceptedRatings
from domain.kernel.answer import Answer
from domain.kernel.decisions import CandidateId, Consideration, Dismissal
from domain.kernel.elements import (
    KIND_OF,
    TYPE_OF,
    Assumption,
    AssumptionId,
    ChannelId,
    Element,
    ElementId,
    Kind,
    ModelKey,
    PersonId,
    TrustLevel,
)
from domain.kernel.gate_overrides import ClosingProposal, PassedGate
from domain.kernel.mitigation import Mitigation, MitigationId
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.response import Response
from domain.kernel.retrospective import Retrospective
from domain.kernel.threat import MergedThreat, Threat, ThreatId
from domain.kernel.voting_round import Explanation, Round, RoundId, VotingTerms

if TYPE_CHECKING:
    Elements = HashTrieMap[ElementId, Element]
    Facts = HashTrieMap[tuple[ElementId, str], Answer]
    Numbers = HashTrieMap[str, int]
    Assumptions = HashTrieMap[AssumptionId, Assumption]
    Threats = HashTrieMap[ThreatId, Threat]
    Rounds = HashTrieMap[RoundId, Round]
    Ballots = HashTrieMap[tuple[RoundId, ThreatId, PersonId], Ballot]
    Explanations = HashTrieMap[tuple[RoundId, ThreatId, Metric, PersonId], Explanation]
    Merged = HashTrieMap[ThreatId, MergedThreat]
    Dismissals = HashTrieMap[CandidateId, Dismissal]
    Considered = HashTrieMap[ElementId, Consideration]
    AskedOf = HashTrieMap[tuple[ElementId, str], PersonId]
    Responses = HashTrieMap[ThreatId, Response]
    Accepted = HashTrieMap[ThreatId, AcceptedRatings]
    Mitigations = HashTrieMap[MitigationId, Mitigation]
    Snoozed = HashTrieMap[str, datetime]
    Since = HashTrieMap[str, datetime]
    Retrospectives = HashTrieMap[PersonId, Retrospective]
else:
    # the map has no subscript at run time
    Elements = Facts = Numbers = Assumptions = Threats = HashTrieMap
    Rounds = Ballots = Explanations = HashTrieMap
    Merged = Dismissals = Considered = AskedOf = HashTrieMap
    Responses = Accepted = Mitigations = Snoozed = Since = Retrospectives = HashTrieMap

_Some = TypeVar("_Some", bound=Element)


class ThreatModel(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One system's model at one moment; version 0 is a model that nobody has started.

    `passed` are the gates that were open on the way to where it is, and `closing` is a closing that waits
    for a second person. `accepted` has how much every asset mattered when the risk of a threat was last
    accepted.
    `since` has when somebody last said whose a mitigation is and until when, by its id, when a question
    was handed over, by `question_key`, and when something began to wait for a second person, by `review_key`;
    `touched_at` is when a person last said anything.
    """

    version: int = 0
    key: ModelKey = ModelKey("")
    name: str = ""
    channel: ChannelId = ChannelId("")
    description: str = ""
    out_of_scope: str = ""
    facilitator: PersonId = PersonId("")
    participants: tuple[PersonId, ...] = ()
    answers_by: date | None = None
    sharing_allowed: bool = False
    terms: VotingTerms = VotingTerms()
    step: str = ""
    step_left: str = ""
    closing_reason: str = ""
    closed_at: datetime | None = None
    passed: tuple[PassedGate, ...] = ()
    closing: ClosingProposal | None = None
    elements: Elements = HashTrieMap()
    removed: Elements = HashTrieMap()
    numbers: Numbers = HashTrieMap()
    facts: Facts = HashTrieMap()
    complete: frozenset[Kind] = frozenset()
    assumptions: Assumptions = HashTrieMap()
    threats: Threats = HashTrieMap()
    rounds: Rounds = HashTrieMap()
    ballots: Ballots = HashTrieMap()
    explanations: Explanations = HashTrieMap()
    yardsticks: frozenset[ThreatId] = frozenset()
    withdrawn: Threats = HashTrieMap()
    merged: Merged = HashTrieMap()
    dismissals: Dismissals = HashTrieMap()
    considered: Considered = HashTrieMap()
    asked_of: AskedOf = HashTrieMap()
    responses: Responses = HashTrieMap()
    accepted: Accepted = HashTrieMap()
    proposals: Responses = HashTrieMap()
    mitigations: Mitigations = HashTrieMap()
    snoozed: Snoozed = HashTrieMap()
    since: Since = HashTrieMap()
    touched_at: datetime | None = None
    retrospectives: Retrospectives = HashTrieMap()

    def of_kind(self, kind: Kind) -> Sequence[Element]:
        """The elements of one kind in the order of their ids."""
        return self._sorted[TYPE_OF[kind]]

    def of_type(self, sort: type[_Some]) -> Sequence[_Some]:
        """The elements of one type in the order of their ids."""
        return cast("Sequence[_Some]", self._sorted[sort])

    @cached_property
    def _sorted(self) -> dict[type[Element], list[Element]]:
        """The elements by type, sorted once for all who look at this moment."""
        found: dict[type[Element], list[Element]] = {sort: [] for sort in KIND_OF}
        for _, element in sorted(items_of(self.elements), key=lambda one: id_order(one[0])):
            found[type(element)].append(element)
        return found

    def participates(self, person: PersonId) -> bool:
        """Return whether a person may answer; with no participants named, all who see the model may."""
        return not self.participants or person in self.participants or person == self.facilitator

    def trust_levels(self) -> list[TrustLevel]:
        """The trust levels, the least trusted first."""
        return sorted(self.of_type(TrustLevel), key=lambda level: level.rank)

    def open_rounds(self) -> list[Round]:
        """The rounds that have not ended, the earliest first."""
        going_on = [one for one in values_of(self.rounds) if one.ending is None]
        return sorted(going_on, key=lambda one: id_order(one.id))

    def home_of(self, threat: ThreatId) -> ThreatId:
        """The threat in which a merged one lives on; itself if it was not merged."""
        while (gone := self.merged.get(threat)) is not None:
            threat = gone.into
        return threat


EMPTY = ThreatModel()


def id_order(id: ElementId | AssumptionId | ThreatId | RoundId | MitigationId) -> tuple[int, ...]:
    """The numbers of an id, so that `EP-10` comes after `EP-9.2`."""
    return tuple(int(number) for number in id.partition("-")[2].split("."))


def counter(id: ElementId | AssumptionId | ThreatId | RoundId | MitigationId) -> tuple[str, int]:
    """The counter that numbered an id, and the number: `EP-1.2` is number 2 of `EP-1`."""
    stem, _, number = id.rpartition("." if "." in id else "-")
    return stem, int(number)


def question_key(element: ElementId, fact: str) -> str:
    """What a question that was handed over is called in `since`."""
    return f"{element}/{fact}"


def review_key(id: ThreatId | MitigationId) -> str:
    """What a proposal to accept a threat, or a mitigation to be verified, is called in `since`."""
    return f"{id}/waits"


Evolve = Callable[[ThreatModel, Any, int], ThreatModel]
"""How one kind of event changes a model: the model before, the event, and the version after it."""
