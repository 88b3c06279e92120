"""The register: the read model shared by all views, files and reports."""

from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec
from rpds import HashTrieMap

from domain.analysis.control_lines import ControlLine, control_lines
from domain.analysis.control_questions import ControlQuestion
from domain.analysis.coverage import Coverage
from domain.analysis.excluded_checks import ExcludedChecks, excluded_checks
from domain.analysis.model_analysis import ModelAnalysis, analyze
from domain.analysis.question_order import QuestionCounter, QuestionProgress
from domain.analysis.rule_findings import (
    ControlInPlace,
    Question,
    RuleFindings,
    SuggestedThreat,
    WaitingControl,
)
from domain.analysis.spot_checks import PendingCheck, pending_checks
from domain.analysis.suggested_threat_groups import SuggestedThreatGroup, group_suggested_threats
from domain.analysis.suggested_threats import DismissalState, DismissedSuggestedThreat
from domain.analysis.thought_prompts import ConsideredPrompt, Prompt, considered_prompts
from domain.analysis.threat_statements import threat_statements
from domain.analysis.warnings import Warning, warnings  # noqa: A004 (the word people read)
from domain.commands import Command
from domain.drafts.draft import SourcePlace
from domain.drafts.settlement import SettledItem
from domain.element_links import (
    DifferingAnswer,
    LinkProposal,
    all_links,
    differing_answers,
    link_proposals,
)
from domain.implied_facts import assumptions_in_force, outdated_elements
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import (
    AnswerBasis,
    AnswerCheck,
    BasisCounts,
    CheckCounts,
    count_bases,
    count_checks,
)
from domain.kernel.closing import Retrospective
from domain.kernel.due_dates import Zones, utc_zone
from domain.kernel.elements import (
    REGISTERS,
    AssumedFact,
    Assumption,
    Element,
    ElementAssumptions,
    ElementId,
    ElementLink,
    EntryPoint,
    Kind,
    PersonId,
    TrustBoundary,
    kind_of,
    kind_of_id,
)
from domain.kernel.import_mark import Claim
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.threat import MergedThreat, SuggestedThreatId, Threat, ThreatId
from domain.lifecycle import ALLOWED, phase_of
from domain.model import ModelHeader, ThreatModel, header_of, id_order
from domain.model.crossings import Crossing
from domain.model.element_labels import label, name_of, unplaced_components
from domain.model.imports import pending_claims
from domain.model.revised_elements import answers_to_restate
from domain.next_step.next_step_choice import NextStep, choose_next_step
from domain.phase_conditions import (
    Condition,
    conditions,
    conditions_before_analysis,
    conditions_before_remediation,
    open_critical,
    relied_on,
    to_score,
)
from domain.remediation.duties import Duties, duties_by_person
from domain.remediation.status import (
    PlaceStatus,
    ThreatStatus,
    TrackedMitigation,
    in_force,
    next_change,
    place_statuses,
    review_due,
    statuses,
    tracked_mitigations,
)
from domain.remediation.suggestions import MitigationSuggestion, mitigation_suggestions
from domain.rules.conditions import Asked
from domain.screening.screened_facts import PendingScreening, TopicStatus, pending_screening, topic_statuses
from domain.voting.scores import RankedThreat, ReferenceThreat, ranked_threats, reference_threats, scores_of
from domain.voting.turnout import Turnout, next_deadline, turnouts


class RegisterItem(msgspec.Struct, frozen=True, kw_only=True):
    """One element with its label, its answered facts, what is assumed of it, and whether it was removed.

    `bases` are what its answers rest on, and `checks` the last spot check of each checked one.

    `sources` are what was taken for it from files or agents.
    """

    id: ElementId
    kind: Kind
    name: str
    element: Element
    facts: dict[str, Answer]
    bases: dict[str, AnswerBasis]
    checks: dict[str, AnswerCheck]
    crossing: Crossing | None
    removed: bool
    assumptions: ElementAssumptions | None = None
    sources: tuple[SettledItem, ...] = ()

    def answer_text(self, fact: str) -> str:
        """Return an answer with what it rests on, `yes (stated for all)`, or what is assumed; or nothing."""
        if fact in self.facts:
            return f"{self.facts[fact].label} ({self.bases[fact].kind.label})"
        assumed = self.assumptions.facts if self.assumptions else ()
        known = (one for one in assumed if one.fact == fact)
        return next((f"{one.answer.label}, assumed because {one.reason}" for one in known), "")

    @property
    def evidence(self) -> dict[str, SourcePlace]:
        """Return the place that shows each answer that was taken from a file or an agent and still holds."""
        found = (
            (fact, place)
            for fact, answer in self.facts.items()
            for source in self.sources
            if (place := source.place_of(fact, answer))
        )
        return dict(found)

    @property
    def origins(self) -> tuple[SettledItem, ...]:
        """Return what was taken for the element itself, without answers about it."""
        return tuple(source for source in self.sources if source.describes_element)

    @property
    def parent(self) -> ElementId | None:
        """Return the entry point or boundary that contains it."""
        return self.element.parent if isinstance(self.element, EntryPoint | TrustBoundary) else None


class AssumedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An assumed fact of an element without an answer.

    `suggested` if it is asked with this answer, because something is at stake; `skips` if it stands in for an
    answer. Otherwise no rule needs the fact for now.
    """

    element: ElementId
    name: str
    assumed: AssumedFact
    catalog: int
    suggested: bool
    skips: bool


class RegisterList(msgspec.Struct, frozen=True, kw_only=True):
    """The current elements of one kind; trust levels from the least trusted, the others by id."""

    kind: Kind
    items: tuple[RegisterItem, ...]
    complete: bool = False


class ThreatRegister(ModelHeader, frozen=True, kw_only=True):
    """Everything computed about one threat model at one moment.

    `lists` has one entry per kind of element; `controlled` are the rules whose control exists by the answers,
    each with the element it is applied to and what that rests on, those with most at stake first;
    `waiting_controls` are those stated to be missing that no suggested threat rests on yet; `excluded` is
    what is not asked about, since the model rules it out; `checks` counts the spot checks;
    `suggested_threats` are those still to be decided, `groups` the same by rule, `confirmed` those that
    became threats, as far as the rules still bring them up, and `statements` say of each such threat who
    can do what and why; `prompts` are those to think further that no one has answered, `considered_prompts`
    the others; `ranked` are the threats with their scores, the worst first; `rounds` are the open ones,
    sealed; `statuses` say how each threat stands, `places` how each of its places does, `mitigations` has
    dropped ones and orphans too; `suggestions` are the controls, owners and due dates suggested for
    mitigations of a threat; `assumed` are the answers that follow from technologies and protocols,
    `outdated` the elements for which a newer catalog implies others; `links` are the answers whether an
    external dependency and a component are the same thing, `link_proposals` the pairs without one,
    `differing` what the two elements of a pair have different answers to; `to_restate` are the answers of
    elements revised in a review, until a person says that they are still true; `review_due` is when a closed
    model is due for review. `conditions` are those before closing, `conditions_before` those before other
    phases; `to_score` are the threats to vote on, `open_critical` the critical and unscored threats that
    still need something done, and `claims` approvals that an import ascribes to people, for them to confirm;
    `duties` are what each person has to do, `departed` those of them who have left, as far as is known.
    `changes_at` is the next moment at which time alone changes something in here (None: never).
    """

    phase: str
    lists: dict[Kind, RegisterList]
    removed: tuple[RegisterItem, ...]
    assumptions: tuple[Assumption, ...]
    assumed: tuple[AssumedItem, ...]
    outdated: tuple[ElementId, ...]
    links: tuple[ElementLink, ...]
    link_proposals: tuple[LinkProposal, ...]
    differing: dict[tuple[ElementId, ElementId], tuple[DifferingAnswer, ...]]
    to_restate: dict[ElementId, tuple[str, ...]]
    crossings: dict[ElementId, Crossing]
    unplaced: tuple[ElementId, ...]
    questions: tuple[Question, ...]
    question_counter: QuestionCounter
    controlled: tuple[ControlInPlace, ...]
    waiting_controls: tuple[WaitingControl, ...]
    excluded: tuple[ExcludedChecks, ...]
    checks: CheckCounts
    to_check: tuple[PendingCheck, ...]
    screening: tuple[TopicStatus, ...]
    pending_screening: PendingScreening | None
    suggested_threats: tuple[SuggestedThreat, ...]
    groups: tuple[SuggestedThreatGroup, ...]
    confirmed: tuple[SuggestedThreat, ...]
    statements: dict[ThreatId, tuple[str, ...]]
    shown_at: dict[ThreatId, tuple[ElementId, ...]]
    dismissed: tuple[DismissedSuggestedThreat, ...]
    threats: tuple[Threat, ...]
    withdrawn: tuple[Threat, ...]
    merged: tuple[MergedThreat, ...]
    prompts: tuple[Prompt, ...]
    considered_prompts: tuple[ConsideredPrompt, ...]
    coverage: Coverage
    ranked: tuple[RankedThreat, ...]
    rounds: tuple[Turnout, ...]
    reference_threats: tuple[ReferenceThreat, ...]
    statuses: dict[ThreatId, ThreatStatus]
    places: dict[ThreatId, tuple[PlaceStatus, ...]]
    suggestions: dict[ThreatId, MitigationSuggestion]
    mitigations: tuple[TrackedMitigation, ...]
    retrospectives: tuple[Retrospective, ...]
    warnings: tuple[Warning, ...]
    conditions: tuple[Condition, ...]
    conditions_before: dict[str, tuple[Condition, ...]]
    to_score: tuple[ThreatId, ...]
    open_critical: tuple[ThreatId, ...]
    claims: tuple[Claim, ...]
    duties: dict[PersonId, Duties]
    next: NextStep
    departed: frozenset[PersonId] = frozenset()
    review_due: datetime | None = None
    review_overdue: bool = False
    changes_at: datetime | None = None

    @property
    def question_progress(self) -> QuestionProgress:
        """Return how many of all possible questions are settled."""
        return self.question_counter.progress

    @property
    def control_questions(self) -> tuple[ControlQuestion, ...]:
        """Return the controls that can be asked about for the whole system."""
        return self.question_counter.controls

    @property
    def prevented(self) -> tuple[ControlInPlace, ...]:
        """Return the threats that a control prevents, those with most at stake first."""
        return tuple(one for one in self.controlled if one.prevents)

    @property
    def control_lines(self) -> tuple[ControlLine, ...]:
        """Return the lines in which these controls are asked about."""
        return control_lines(self.catalog, self.control_questions)

    @property
    def in_place(self) -> BasisCounts:
        """Return how many controls are in place at an element, by what that rests on."""
        return count_bases(one.basis for one in self.controlled if one.applicable)

    def answers_behind(self, finding: str) -> tuple[Asked, ...]:
        """Return the answers that a suggested, dismissed, confirmed or prevented threat rests on, or a cell.

        A cell of the coverage grid is known by its element and category: `DF-3/T`. What is only assumed there
        is among them, without an answer yet.
        """
        element, _, category = finding.partition("/")
        if category:
            cells = (cell for row in self.coverage.rows if row.element == element for cell in row.cells)
            found = (cell for cell in cells if cell.category.value == category)
            return next(((*cell.answers, *cell.assumed) for cell in found), ())
        facts = {one.id: one.facts for one in (*self.controlled, *self.suggested_threats, *self.confirmed)}
        facts |= {one.dismissal.suggested_threat: one.facts for one in self.dismissed if one.facts}
        threat = next((one for one in self.threats if one.id == finding), None)
        every = threat.suggested_threats if threat else (finding,)
        return tuple((used.element, used.fact) for one in every for used in facts.get(one, ()))

    def items(self, kind: Kind) -> tuple[RegisterItem, ...]:
        """Return the current elements of one kind."""
        return self.lists[kind].items

    def item(self, id: ElementId) -> RegisterItem | None:
        """Return the element with an id, also a removed one."""
        try:
            listed = self.lists[kind_of_id(id)].items
        except KeyError:
            return None  # an id of something else, such as a threat
        return next((item for item in (*listed, *self.removed) if item.id == id), None)

    def name_of(self, id: ElementId | None) -> str:
        """Return an element's name, also of a removed one; the id itself if it is unknown."""
        item = self.item(id) if id else None
        return item.name if item else id or ""

    def allows(self, command: type[Command]) -> bool:
        """Return whether the current step allows a command."""
        return self.step in ALLOWED[command]

    @property
    def empty(self) -> bool:
        """Return whether nothing has been collected yet."""
        return not any(self.lists[kind].items for kind in REGISTERS)


def register(model: ThreatModel, now: datetime | None = None, zones: Zones = utc_zone) -> ThreatRegister:
    """Compute the register from a model and the time.

    Without a time nothing is overdue or expired; `zones` maps people to their time zones.
    """
    status = statuses(model, now, zones)
    seen = analyze(model, in_force(model, status.values()))
    crossing, found = seen.crossing, seen.found
    facts = _by_element(model.facts)
    answers = _Answers(facts=facts, bases=_by_element(model.bases), checks=_by_element(model.checks))
    lists = {kind: _list(model, kind, answers, crossing) for kind in Kind}
    unplaced = unplaced_components(model)
    proposed = link_proposals(model)
    checked = conditions(model, crossing, found, seen.grid, status)
    again = review_due(model)
    overdue = again is not None and now is not None and again <= now
    changes = (next_deadline(model), next_change(model, now, zones))
    return ThreatRegister(
        **header_of(model),
        phase=phase_of(model.step),
        lists=lists,
        removed=tuple(
            _item(model, element, answers, crossing, removed=True)
            for element in sorted(values_of(model.removed), key=lambda one: (kind_of(one), id_order(one.id)))
        ),
        assumptions=tuple(sorted(values_of(model.assumptions), key=lambda value: id_order(value.id))),
        assumed=_assumed(model, found),
        outdated=tuple(sorted(outdated_elements(model), key=_place_of)),
        links=all_links(model),
        link_proposals=proposed,
        differing={
            pair: differing
            for pair in (*((one.dependency, one.component) for one in proposed), *model.links)
            if (differing := differing_answers(model, *pair, facts))
        },
        to_restate=answers_to_restate(model),
        crossings=crossing,
        unplaced=unplaced,
        questions=found.questions,
        question_counter=seen.counter,
        controlled=found.controlled,
        waiting_controls=found.waiting,
        excluded=excluded_checks(model.catalog, found.excluded),
        checks=count_checks(check.outcome for check in values_of(model.checks)),
        to_check=pending_checks(model, found),
        screening=topic_statuses(model),
        pending_screening=pending_screening(model, found.questions),
        suggested_threats=found.suggested_threats,
        groups=_groups(model, seen, status),
        confirmed=seen.confirmed,
        statements=threat_statements(model, crossing, seen.confirmed),
        shown_at=seen.shown_at,
        dismissed=seen.dismissed,
        threats=tuple(sorted(values_of(model.threats), key=lambda value: id_order(value.id))),
        withdrawn=tuple(sorted(values_of(model.withdrawn), key=lambda value: id_order(value.id))),
        merged=tuple(sorted(values_of(model.merged), key=lambda value: id_order(value.threat.id))),
        prompts=seen.prompts,
        considered_prompts=considered_prompts(values_of(model.prompts)),
        coverage=seen.grid,
        ranked=ranked_threats(model),
        rounds=turnouts(model),
        reference_threats=reference_threats(model, scores_of(model)) if model.reference_threats else (),
        statuses=status,
        places=place_statuses(model, status, (one.id for one in seen.confirmed)),
        suggestions=mitigation_suggestions(model),
        mitigations=tracked_mitigations(model, now, zones),
        retrospectives=tuple(sorted(values_of(model.retrospectives), key=lambda value: value.by)),
        warnings=warnings(model, crossing, seen.grid, found.cautions),
        conditions=checked,
        conditions_before={
            "analysis": conditions_before_analysis(model),
            "remediation": conditions_before_remediation(model),
        },
        to_score=to_score(model, seen.confirmed),
        open_critical=open_critical(model, status),
        claims=pending_claims(model),
        duties=duties_by_person(model, found.questions),
        next=choose_next_step(model, unplaced, len(proposed), seen, checked, status, review_overdue=overdue),
        review_due=again,
        review_overdue=overdue,
        changes_at=min((change for change in changes if change is not None), default=None),
    )


_Some = TypeVar("_Some")


def _by_element(known: "HashTrieMap[Asked, _Some]") -> dict[ElementId, dict[str, _Some]]:
    found: dict[ElementId, dict[str, _Some]] = {}
    for (element, fact), one in sorted(items_of(known), key=lambda item: item[0]):
        found.setdefault(element, {})[fact] = one
    return found


class _Answers(NamedTuple):
    """Everything known of the answers, by element and fact."""

    facts: dict[ElementId, dict[str, Answer]]
    bases: dict[ElementId, dict[str, AnswerBasis]]
    checks: dict[ElementId, dict[str, AnswerCheck]]


def _list(
    model: ThreatModel,
    kind: Kind,
    answers: _Answers,
    crossing: dict[ElementId, Crossing],
) -> RegisterList:
    elements = model.trust_levels() if kind is Kind.TRUST_LEVEL else model.of_kind(kind)
    return RegisterList(
        kind=kind,
        items=tuple(_item(model, element, answers, crossing) for element in elements),
        complete=kind in model.complete,
    )


def _item(
    model: ThreatModel,
    element: Element,
    answers: _Answers,
    crossing: dict[ElementId, Crossing],
    *,
    removed: bool = False,
) -> RegisterItem:
    return RegisterItem(
        id=element.id,
        kind=kind_of(element),
        name=label(model, element),
        element=element,
        facts=answers.facts.get(element.id, {}),
        bases=answers.bases.get(element.id, {}),
        checks=answers.checks.get(element.id, {}),
        crossing=crossing.get(element.id),
        removed=removed,
        assumptions=model.assumed.get(element.id),
        sources=model.sources.get(element.id, ()),
    )


def _groups(
    model: ThreatModel, seen: ModelAnalysis, status: dict[ThreatId, ThreatStatus]
) -> tuple[SuggestedThreatGroup, ...]:
    """Return the undecided suggested threats by group, each with the threats to which they can be added."""
    dismissed = (
        one.dismissal.suggested_threat for one in seen.dismissed if one.state is DismissalState.HOLDS
    )
    decided = (*(SuggestedThreatId(one.id) for one in seen.confirmed), *dismissed)
    open_threats = frozenset(id for id, one in status.items() if one.can_have_more_places)
    return group_suggested_threats(model, seen.found.suggested_threats, decided, open_threats)


def _assumed(model: ThreatModel, found: RuleFindings) -> tuple[AssumedItem, ...]:
    suggested = {(question.element, question.fact) for question in found.questions if question.suggested}
    skipping = frozenset(relied_on(found))
    return tuple(
        AssumedItem(
            element=id,
            name=name_of(model, id),
            assumed=one,
            catalog=model.assumed[id].catalog,
            suggested=(id, fact) in suggested,
            skips=(id, fact) in skipping,
        )
        for (id, fact), one in sorted(
            assumptions_in_force(model).items(), key=lambda item: (_place_of(item[0][0]), item[0][1])
        )
    )


def _place_of(id: ElementId) -> tuple[int, tuple[int, ...]]:
    return tuple(Kind).index(kind_of_id(id)), id_order(id)
