"""The state of a threat model at one moment."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Never, TypeVar, cast, get_args

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from domain.catalog import Catalog
from domain.drafts.draft import SourceKey
from domain.drafts.settlement import DraftId, SettledDraft, SettledItem
from domain.dread.metrics import Ballot, Metric
from domain.dread.scoring import Band
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import AnswerBasis, AnswerCheck, SpotChecks
from domain.kernel.closing import ClosingProposal, OverriddenCondition, Retrospective, Review
from domain.kernel.elements import (
    KIND_OF,
    TYPE_OF,
    Assumption,
    AssumptionId,
    ChannelId,
    Element,
    ElementAssumptions,
    ElementId,
    ElementLink,
    Kind,
    ModelKey,
    PersonId,
    TrustLevel,
)
from domain.kernel.import_mark import ImportMark
from domain.kernel.inherited_settings import InheritedSettings, RemediationPolicy
from domain.kernel.mitigation import Mitigation, MitigationId
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.question_assignment import QuestionAssignment
from domain.kernel.screening_answer import ScreeningAnswer
from domain.kernel.thought_prompt import PromptAnswer, PromptKind
from domain.kernel.threat import (
    AcceptedRatings,
    Consideration,
    Dismissal,
    MergedThreat,
    Response,
    SuggestedThreatId,
    Threat,
    ThreatId,
)
from domain.kernel.tracked_issue import ModelTracker, TrackedIssue
from domain.kernel.voting_round import Round, RoundId, VotingTerms

if TYPE_CHECKING:
    Elements = HashTrieMap[ElementId, Element]
    Facts = HashTrieMap[tuple[ElementId, str], Answer]
    Bases = HashTrieMap[tuple[ElementId, str], AnswerBasis]
    Checks = HashTrieMap[tuple[ElementId, str], AnswerCheck]
    Assumed = HashTrieMap[ElementId, ElementAssumptions]
    Links = HashTrieMap[tuple[ElementId, ElementId], ElementLink]
    Numbers = HashTrieMap[str, int]
    Assumptions = HashTrieMap[AssumptionId, Assumption]
    SettledItems = HashTrieMap[SourceKey, SettledItem]
    SettledDrafts = HashTrieMap[DraftId, SettledDraft]
    Threats = HashTrieMap[ThreatId, Threat]
    Rounds = HashTrieMap[RoundId, Round]
    Ballots = HashTrieMap[tuple[RoundId, ThreatId, PersonId], Ballot]
    Explanations = HashTrieMap[tuple[RoundId, ThreatId, Metric, PersonId], str]
    Merged = HashTrieMap[ThreatId, MergedThreat]
    Dismissals = HashTrieMap[SuggestedThreatId, Dismissal]
    Considered = HashTrieMap[ElementId, Consideration]
    PromptAnswers = HashTrieMap[tuple[PromptKind, ElementId, PersonId], PromptAnswer]
    AskedOf = HashTrieMap[tuple[ElementId, str], QuestionAssignment]
    Screening = HashTrieMap[str, ScreeningAnswer]
    Responses = HashTrieMap[ThreatId, Response]
    Accepted = HashTrieMap[ThreatId, AcceptedRatings]
    Mitigations = HashTrieMap[MitigationId, Mitigation]
    Issues = HashTrieMap[MitigationId, TrackedIssue]
    Snoozed = HashTrieMap[str, datetime]
    Since = HashTrieMap[str, datetime]
    Retrospectives = HashTrieMap[PersonId, Retrospective]
else:
    # the map type cannot be subscripted at run time
    Elements = Facts = Bases = Checks = Assumed = Links = Numbers = Assumptions = Threats = HashTrieMap
    Rounds = Ballots = Explanations = SettledItems = SettledDrafts = HashTrieMap
    Merged = Dismissals = Considered = PromptAnswers = AskedOf = Screening = HashTrieMap
    Responses = Accepted = Mitigations = Issues = Snoozed = Since = Retrospectives = HashTrieMap

_NO_CATALOG = Catalog()
_Some = TypeVar("_Some", bound=Element)


class ModelHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What a model and the register computed from it both state: its scope, people, settings and step.

    `catalog` is what it is analyzed by; it does not come from events, and a replay starts with it.
    `policy` and `terms` are those in force; `inherited` are the settings of the workspace, which count except
    in the `own_bands` of the policy, with `own_reminders` for the frequency of reminders, and without an own
    `tracker` for the issues of mitigations. `passed` are the unmet conditions that were passed to reach the
    current step, `closing` is a closing that waits for a second person, `review` is set after a closing until
    the next one. `imported` is set for ever on a
    model from a file.
    """

    catalog: Catalog = _NO_CATALOG
    version: int = 0
    key: ModelKey = ModelKey("")
    name: str = ""
    channel: ChannelId = ChannelId("")
    description: str = ""
    out_of_scope: str = ""
    facilitator: PersonId = PersonId("")
    participants: tuple[PersonId, ...] = ()
    answers_by: date | None = None
    labels: tuple[str, ...] = ()
    sharing_allowed: bool = False
    terms: VotingTerms = VotingTerms()
    policy: RemediationPolicy = RemediationPolicy()
    inherited: InheritedSettings = InheritedSettings()
    own_bands: frozenset[Band] = frozenset()
    own_reminders: bool = False
    step: str = ""
    closing_reason: str = ""
    passed: tuple[OverriddenCondition, ...] = ()
    closing: ClosingProposal | None = None
    review: Review | None = None
    tracker: ModelTracker = ModelTracker()
    imported: ImportMark | None = None


def header_of(model: ModelHeader) -> dict[str, Any]:
    """Return the fields of the header of a model."""
    return {name: getattr(model, name) for name in ModelHeader.__struct_fields__}


class ThreatModel(ModelHeader, frozen=True, kw_only=True, dict=True):
    """The threat model of one system at one moment; version 0 has not been started.

    `bases` are what the answers in `facts` rest on, and `checks` the last spot check of each checked one,
    also of an answer that has changed since. `spot_checks` are those to do before the next closing.
    `prompts` holds the last answer of each person to each prompt to think further.
    `settled` are the proposals of drafts that people took or left, by the key of the source.
    `links` are the answers whether an external dependency and a component are the same thing, by both ids.
    `inherited_version` is that of the workspace's settings. `accepted` holds the asset ratings at the time
    when the risk of a threat was last accepted. `issues` holds the issue of each mitigation that ever had
    one, in a tracker.
    `since` holds the time of the last change to a mitigation's owner or due date, by its id, when a question
    was assigned, by `question_key`, when something began to wait for a second person, by `review_key`, and
    when places were last added to a threat, by `places_key`, and when an issue last changed, by `issue_key`;
    `touched_at` is the time of the last event by a person. In a review, `at_closing` are the elements as they
    were at the closing, and `revised` is when each of them that differs now was last revised.
    """

    inherited_version: int = 0
    step_left: str = ""
    closed_at: datetime | None = None
    review_on: date | None = None
    elements: Elements = HashTrieMap()
    removed: Elements = HashTrieMap()
    numbers: Numbers = HashTrieMap()
    facts: Facts = HashTrieMap()
    bases: Bases = HashTrieMap()
    checks: Checks = HashTrieMap()
    spot_checks: SpotChecks | None = None
    assumed: Assumed = HashTrieMap()
    links: Links = HashTrieMap()
    complete: frozenset[Kind] = frozenset()
    assumptions: Assumptions = HashTrieMap()
    settled: SettledItems = HashTrieMap()
    settled_drafts: SettledDrafts = HashTrieMap()
    threats: Threats = HashTrieMap()
    rounds: Rounds = HashTrieMap()
    ballots: Ballots = HashTrieMap()
    explanations: Explanations = HashTrieMap()
    reference_threats: frozenset[ThreatId] = frozenset()
    withdrawn: Threats = HashTrieMap()
    merged: Merged = HashTrieMap()
    dismissals: Dismissals = HashTrieMap()
    considered: Considered = HashTrieMap()
    prompts: PromptAnswers = HashTrieMap()
    asked_of: AskedOf = HashTrieMap()
    screening: Screening = HashTrieMap()
    responses: Responses = HashTrieMap()
    accepted: Accepted = HashTrieMap()
    proposals: Responses = HashTrieMap()
    mitigations: Mitigations = HashTrieMap()
    issues: Issues = HashTrieMap()
    snoozed: Snoozed = HashTrieMap()
    since: Since = HashTrieMap()
    touched_at: datetime | None = None
    retrospectives: Retrospectives = HashTrieMap()
    at_closing: Elements = HashTrieMap()
    revised: Since = HashTrieMap()

    def of_kind(self, kind: Kind) -> Sequence[Element]:
        """Return the elements of one kind, ordered by id."""
        return self._sorted[TYPE_OF[kind]]

    def of_type(self, sort: type[_Some]) -> Sequence[_Some]:
        """Return the elements of one type, ordered by id."""
        return cast("Sequence[_Some]", self._sorted[sort])

    @cached_property
    def _sorted(self) -> dict[type[Element], list[Element]]:
        """Return the elements by type, sorted once for each version of the model."""
        found: dict[type[Element], list[Element]] = {sort: [] for sort in KIND_OF}
        for _, element in sorted(items_of(self.elements), key=lambda item: id_order(item[0])):
            found[type(element)].append(element)
        return found

    @cached_property
    def sources(self) -> dict[str, tuple[SettledItem, ...]]:
        """Return what was taken from files and agents, by the ID of what it stands for."""
        found: dict[str, list[SettledItem]] = {}
        for _, one in sorted(items_of(self.settled)):
            if one.id:
                found.setdefault(one.id, []).append(one)
        return {id: tuple(items) for id, items in found.items()}

    def participates(self, person: PersonId) -> bool:
        """Return whether a person may answer; without named participants, everyone in the channel may."""
        return not self.participants or person in self.participants or person == self.facilitator

    def trust_levels(self) -> list[TrustLevel]:
        """Return the trust levels, the least trusted first."""
        return sorted(self.of_type(TrustLevel), key=lambda level: level.rank)

    def open_rounds(self) -> list[Round]:
        """Return the open rounds, the earliest first."""
        going_on = [value for value in values_of(self.rounds) if value.ending is None]
        return sorted(going_on, key=lambda one: id_order(one.id))

    def home_of(self, threat: ThreatId) -> ThreatId:
        """Return the threat that a threat was merged into; itself if it was not merged."""
        while (gone := self.merged.get(threat)) is not None:
            threat = gone.into
        return threat


@lru_cache(maxsize=4096)
def id_order(id: ElementId | AssumptionId | ThreatId | RoundId | MitigationId) -> tuple[int, ...]:
    """Return a sort key for an id: `EP-10` comes after `EP-9.2`."""
    return tuple(int(number) for number in id.partition("-")[2].split("."))


def counter(id: ElementId | AssumptionId | ThreatId | RoundId | MitigationId) -> tuple[str, int]:
    """Split an id into its counter and its number: `EP-1.2` is number 2 of `EP-1`."""
    stem, _, number = id.rpartition("." if "." in id else "-")
    return stem, int(number)


def question_key(element: ElementId, fact: str) -> str:
    """Return the key in `since` of a question that was handed to a person."""
    return f"{element}/{fact}"


def places_key(threat: ThreatId) -> str:
    """Return the key in `since` of the last addition of places to a threat."""
    return f"{threat}/places"


def review_key(id: ThreatId | MitigationId) -> str:
    """Return the key in `since` of an acceptance to approve, or of a mitigation to verify."""
    return f"{id}/waits"


def issue_key(id: MitigationId) -> str:
    """Return the key in `since` of the last change of the state or due date of a mitigation's issue."""
    return f"{id}/issue"


def changed(model: ThreatModel, held: str, id: str, version: int, **fields: Any) -> ThreatModel:
    """Return a model with changed fields of what it holds by an ID; without it, its event was erased."""
    things = getattr(model, held)
    known = things.get(id)
    if known is None:
        return replace(model, version=version)
    return replace(model, version=version, **{held: things.insert(id, replace(known, **fields))})


Evolve = Callable[[ThreatModel, Any, int], ThreatModel]
"""A handler as it is called for an event of its type: the model before, the event, the version after it."""


def handlers_by_event(
    *handlers: Callable[[ThreatModel, Never, int], ThreatModel],
) -> dict[type[RecordedEvent], Evolve]:
    """Return the handler of each event that the annotation of its second parameter names."""
    found: dict[type[RecordedEvent], Evolve] = {}
    for handler in handlers:
        _, event, *_ = handler.__annotations__.values()
        found |= dict.fromkeys(get_args(event) or (event,), handler)
    return found
