"""Story of the orders service: the commands of its team of four, from the first line to the plan."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.demo.story_runner import PEOPLE, Step, TimedStep, element_named, with_times
from bot.slack.ui.forms.typed_lines import parse_flows
from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    AnswerQuestions,
    AnswerScreening,
    ApproveAcceptance,
    BallotEntry,
    BeginAnalysis,
    BeginRemediation,
    CastBallots,
    ChooseResponse,
    Command,
    ConfirmScreening,
    ConfirmSuggestedThreats,
    DismissSuggestedThreats,
    DrawFlows,
    ImplementMitigation,
    NameElements,
    OpenRound,
    PlaceComponents,
    Placement,
    PlanMitigation,
    ProposeAcceptance,
    Reply,
    ScreeningReply,
    StartThreatModel,
)
from domain.dread.metrics import BallotLength, Numbers
from domain.kernel.answer import Answer
from domain.kernel.elements import ChannelId, Component, Kind, PersonId, kind_of_id
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ResponseKind, SuggestedThreatId, Threat, ThreatId, rule_of
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel
from domain.register import register
from tests import orders_service

DESCRIPTION: Final = "Takes orders of the web shop, charges them, and hands them to the carrier"
DISMISSED: Final = "S12"

ASKED_NEXT: Final = 7
"""Steps after which the questions about entry points are next."""
ANSWERED: Final = 11
"""Steps after which every question at stake is answered."""
ROUND_OPEN: Final = 16
"""Steps after which a round is open, and no one has voted."""
VOTED: Final = 24
"""Steps after which all votes are in."""

_SCORES: Final = {
    "E02": (9, 8),
    "S01": (9, 7),
    "I13": (9, 7),
    "T21": (9, 5),
    "E03": (8, 5),
    "S06": (8, 6),
    "I12": (8, 5),
    "D04": (9, 3),
    "S10": (7, 6),
    "T17": (6, 5),
    "E12": (7, 6),
    "T13": (7, 3),
    "D08": (5, 6),
    "D01": (5, 8),
    "T16": (6, 6),
    "I14": (6, 4),
    "R04": (4, 6),
    "D07": (4, 5),
}
"""Damage and Exploitability that the panel gives, by rule."""


def orders_story(channel: ChannelId, people: Sequence[PersonId] = PEOPLE) -> list[Step]:
    """Return the commands up to the scores of all threats."""
    ana, ben, chi, dee = people
    return with_times(
        lambda _, at: StartThreatModel(
            by=ana,
            at=at,
            name=orders_service.NAME,
            channel=channel,
            description=DESCRIPTION,
            out_of_scope="The carrier's own systems, employee laptops",
            participants=tuple(people),
        ),
        lambda _, at: NameElements(by=ana, at=at, trust_levels=orders_service.TRUST_LEVELS),
        lambda _, at: DrawFlows(by=ben, at=at, flows=tuple(parse_flows(orders_service.LINES)[0])),
        lambda model, at: PlaceComponents(by=ben, at=at, placements=_placements(model)),
        lambda _, at: AnswerScreening(by=ana, at=at, replies=_screened()),
        _answers(chi, Kind.ASSET),
        _answers(ben, Kind.DATA_FLOW),
        _answers(dee, Kind.ENTRY_POINT),
        _answers(chi, Kind.COMPONENT),
        *(_answers(person) for person in (ana, ben)),
        lambda _, at: ConfirmScreening(by=ben, at=at),
        lambda _, at: BeginAnalysis(by=ana, at=at),
        lambda model, at: ConfirmSuggestedThreats(
            by=chi, at=at, suggested_threats=_found(model, lambda id: id != DISMISSED)
        ),
        lambda model, at: DismissSuggestedThreats(
            by=dee,
            at=at,
            suggested_threats=_found(model, lambda id: id == DISMISSED),
            reason="The deploy key is replaced by short-lived tokens this month",
        ),
        lambda model, at: OpenRound(
            by=ana, at=at, threats=tuple(model.threats), voters=tuple(people), length=BallotLength.QUICK
        ),
        *(_ballots(person, place) for place, person in enumerate(people)),
        *(_follow_up(person, place) for place, person in enumerate(people)),
    )


def planned_orders_story(channel: ChannelId, people: Sequence[PersonId] = PEOPLE) -> list[Step]:
    """Return the commands up to a plan, in which one mitigation is overdue and one awaits verification."""
    return [*orders_story(channel, people), *_plan(people)]


def _placements(model: ThreatModel) -> tuple[Placement, ...]:
    boundaries = {one.id: one.name for one in model.of_kind(Kind.TRUST_BOUNDARY)}
    return tuple(
        Placement(
            component=one.id,
            sort=orders_service.PLACES[one.name][0],
            trust_level=element_named(model, Kind.TRUST_LEVEL, orders_service.PLACES[one.name][1]),
            boundary=boundaries[one.boundary] if one.boundary else "",
        )
        for one in model.of_kind(Kind.COMPONENT)
        if isinstance(one, Component)
    )


def _screened() -> tuple[ScreeningReply, ...]:
    return tuple(
        ScreeningReply(topic=id, answer=Answer.YES if id in orders_service.SCREENED_IN else Answer.NO)
        for id in BUILT_IN.topics
    )


def _answers(by: PersonId, kind: Kind | None = None) -> TimedStep:
    """Return a step in which a person answers the open questions that are at stake, of one kind or all."""
    return lambda model, at: AnswerQuestions(
        by=by,
        at=at,
        replies=tuple(
            Reply(
                element=question.element,
                fact=question.fact,
                answer=orders_service.answer_of(question.fact, question.element_name),
            )
            for question in register(model).questions
            if question.at_stake and kind in (None, kind_of_id(question.element))
        ),
    )


def _found(model: ThreatModel, wanted: Callable[[str], bool]) -> tuple[SuggestedThreatId, ...]:
    return tuple(
        SuggestedThreatId(one.id) for one in register(model).suggested_threats if wanted(one.rule.id)
    )


def _ballots(by: PersonId, place: int) -> TimedStep:
    shift = (0, 1, -1, 0)[place]

    def numbers(threat: Threat) -> Numbers:
        damage, exploitability = _SCORES[rule_of(threat.suggested_threats[0])]
        return Numbers(damage=min(damage + shift, 10), exploitability=exploitability - shift)

    return lambda model, at: CastBallots(
        by=by,
        at=at,
        round=RoundId("RD-1"),
        ballots=tuple(BallotEntry(threat=one.id, numbers=numbers(one)) for one in model.threats.values()),
    )


def _follow_up(by: PersonId, place: int) -> TimedStep:
    """Return a step in which a person votes on the other metrics of threats close to critical."""
    numbers = Numbers(
        reproducibility=(9, 10, 9, 10)[place],
        affected_users=(8, 9, 8, 8)[place],
        discoverability=(7, 8, 7, 6)[place],
    )
    return lambda model, at: CastBallots(
        by=by,
        at=at,
        round=RoundId("RD-2"),
        ballots=tuple(
            BallotEntry(threat=ask.threat, numbers=numbers)
            for round in register(model).rounds
            if round.round == "RD-2"
            for ask in round.asks
        ),
    )


def _plan(people: Sequence[PersonId]) -> list[Step]:
    ana, ben, chi, dee = people
    today = datetime.now(UTC)
    at = today - timedelta(days=3)  # a due date two days ago was in the future then

    def threat(model: ThreatModel, rule: str) -> ThreatId:
        return next(one.id for one in model.threats.values() if rule in map(rule_of, one.suggested_threats))

    def planned(rule: str, title: str, owner: PersonId, days: int) -> Step:
        due = (today + timedelta(days=days)).date()
        return lambda model: PlanMitigation(
            by=ben, at=at, threat=threat(model, rule), title=title, owner=owner, due=due
        )

    def accepted(model: ThreatModel) -> Command:
        return ProposeAcceptance(
            by=chi,
            at=at,
            threat=threat(model, "D04"),
            expires=(today + timedelta(days=60)).date(),
            reason="The restore exercise takes place next month",
        )

    def transferred(model: ThreatModel) -> Command:
        return ChooseResponse(
            by=ben,
            at=at,
            threat=threat(model, "D01"),
            response=ResponseKind.TRANSFER,
            transferred_to="The CDN provider",
            reason="Its contract includes rate limits and DDoS protection",
            due=(today + timedelta(days=20)).date(),
        )

    return [
        lambda _: BeginRemediation(by=ana, at=at),
        planned("E02", "Check the owner of an order in each query", ben, 5),
        planned("S01", "Verify the signature of payment notices", ben, 3),
        planned("I13", "Run builds of forks without secrets", dee, -2),
        planned("T21", "Require a review, and deploy signed builds only", dee, 40),
        planned("S06", "Move the deploy key to the vault", dee, 12),
        planned("I12", "Encrypt the nightly copies of the database", chi, 25),
        transferred,
        accepted,
        lambda model: ApproveAcceptance(by=ana, at=at, threat=threat(model, "D04")),
        lambda _: ImplementMitigation(
            by=ben, at=at, mitigation=MitigationId("MI-1"), evidence="Merged in pull request 412"
        ),
    ]
