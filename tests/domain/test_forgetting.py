"""Erasure of a person from a model: their words are gone, and everything else is as it was."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, cast, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.demo import PEOPLE
from bot.demo.shop_votes import scored_shop_story
from domain.catalog.technology_names import names_code
from domain.commands import (
    AddComponent,
    AddExternalDependency,
    ApproveAcceptance,
    Command,
    ConfirmSuggestedThreats,
    DrawFlows,
    FlowByNames,
    MergeThreats,
    NameElements,
    PlanSuggestedMitigations,
    ProposeAcceptance,
    RecordIssueState,
    ReportThreat,
    ReviseAsset,
    ReviseComponent,
    ReviseEntryPoint,
    ReviseMitigation,
    ReviseThreat,
    Undo,
)
from domain.decide import decide
from domain.element_links import represented_dependencies
from domain.events import EVENT_TYPES, Erased, IssueSeen, RecordedEvent
from domain.forgetting import ERASED_TEXT, TEXTS, Forgetting, forget_person
from domain.history import timeline
from domain.kernel.elements import (
    SYSTEM,
    Asset,
    ChannelId,
    Component,
    DataFlow,
    ElementId,
    EntryPoint,
    ExternalDependency,
    PersonId,
)
from domain.kernel.threat import Stride, ThreatId
from domain.model import ThreatModel, evolve
from domain.register import register
from domain.rejections import Rejected
from domain.replay import EMPTY, replay
from domain.voting.scores import ranked_threats
from tests.depth import examples
from tests.domain.grouped_story import PLAIN, gateway
from tests.domain.remediation_story import LINKED, OPEN, TH2, THREATS, implement, plan, see, start
from tests.domain.voting_story import IDENTIFIED, RD1, TH1, ballot_of, open_round_command
from tests.examples import ANA, BEN, CHI, at, decide_all, started
from tests.random_commands import FURNISHED, people, walks

WORDS = {ANA: "zanaz", BEN: "zbenz", CHI: "zchiz"}
"""A word that each of them puts into every text."""

TYPED = {
    *("Key", "key", "House", "Door", "Garage", "Résumé", " Key ", "Key (old)", "<!channel>", "‮evil"),
    *("it is late", "by hand", "Ben", "Locks", "Fence", "Guest", "Low", "High", "Purse"),
}
"""The texts of random commands; others are IDs and keys of catalogs."""

beginnings = st.sampled_from(["empty", "furnished", "remedied", "voting", "voted"])


@examples(60)
@given(beginnings, walks, st.lists(st.tuples(people, st.integers(0, 9)), max_size=8), people)
def test_after_forgetting_a_person_only_their_words_are_gone(
    beginning: str,
    walk: Sequence[Command],
    restating: Sequence[tuple[PersonId, int]],
    person: PersonId,
) -> None:
    past = walked(beginning, walk)
    for by, number in restating:
        past = built_on(past, by, number)
    forgetting = forget_person(past, person)
    left = without(past, forgetting)
    model, before = replay(left), replay(past)

    assert WORDS[person] not in everything_said(left)
    for earlier, event in zip(past, left, strict=False):
        if not isinstance(event, Erased):
            assert texts_of_others(earlier, person) <= set(texts(event))
            assert event.by != person
    assert shape(model) == shape(before)
    assert results(model) == results(before)
    assert same_things(model) == same_things(before)
    assert forget_person(left, person).versions == ()


def without(past: Sequence[RecordedEvent], forgetting: Forgetting) -> list[RecordedEvent]:
    """The history as it is read afterwards."""
    dropped = set(forgetting.dropped)
    left: list[RecordedEvent] = [
        Erased() if version in dropped else forgetting.replaced.get(version, event)
        for version, event in enumerate(past, start=1)
    ]
    return [*left, *forgetting.links(replay(left), at=at(5))]


def everything_said(past: Sequence[RecordedEvent]) -> str:
    """Every event, its line in the history, and the register after the last one."""
    seen = register(replay(past), at(60 * 24 * 30))
    return "\n".join(
        (
            msgspec.json.encode([one for one in past if not isinstance(one, Erased)]).decode(),
            "\n".join(entry.text for entry in timeline(past)),
            repr(seen),
        )
    )


def texts(value: Any) -> Iterator[str]:
    """Every text in a struct."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from texts(getattr(value, name))
    elif isinstance(value, tuple):
        for one in cast("tuple[object, ...]", value):
            yield from texts(one)


def texts_of_others(event: RecordedEvent, person: PersonId) -> set[str]:
    others = [word for one, word in WORDS.items() if one != person]
    return {one for one in texts(event) if WORDS[person] not in one and any(word in one for word in others)}


def shape(model: ThreatModel) -> object:
    """What others build on: everything that has an ID, and what is known about it."""
    return (
        model.step,
        set(model.elements),
        set(model.removed),
        dict(model.numbers.items()),
        dict(model.facts.items()),
        dict(model.assumed.items()),
        model.complete,
        set(model.assumptions),
        {id: (one.stride, one.suggested_threats, one.element) for id, one in model.threats.items()},
        set(model.withdrawn),
        set(model.dismissals),
        set(model.considered),
        {id: (one.kind, one.owner, one.due, one.approver) for id, one in model.responses.items()},
        set(model.proposals),
        {id: (one.state, one.owner, one.due, one.threats) for id, one in model.mitigations.items()},
        {id: (one.ending is None, len(one.voters)) for id, one in model.rounds.items()},
        model.facilitator,
    )


def same_things(model: ThreatModel) -> dict[ElementId, ElementId]:
    return {component: one.id for component, one in represented_dependencies(model).items()}


def results(model: ThreatModel) -> object:
    """The published numbers of every threat, and the rank."""
    return [
        (one.threat.id, one.rank, one.score and one.score.tally, one.residual and one.residual.tally)
        for one in ranked_threats(model)
    ]


def walked(beginning: str, walk: Sequence[Command]) -> list[RecordedEvent]:
    events = begun(beginning)
    model = replay(events)
    for command in walk:
        try:
            said = decide(signed(command, model), model, lambda: tuple(events))
        except Rejected:
            continue
        for event in said:
            events.append(event)
            model = evolve(model, event)
    return events


def built_on(past: list[RecordedEvent], by: PersonId, number: int) -> list[RecordedEvent]:
    """The history after someone adds to what others entered, or undoes their last answer."""
    model, word = replay(past), WORDS[by]
    said: dict[str, Any] = {"by": by, "at": at(3), "description": f"More about it {word}"}
    commands: list[Command] = [
        *(ReviseAsset(**said, element=asset.id, name=asset.name) for asset in model.of_type(Asset)),
        *(ReviseEntryPoint(**said, element=one.id, name=one.name) for one in model.of_type(EntryPoint)),
        *(ReviseComponent(**said, element=one.id, name=one.name) for one in model.of_type(Component)),
        *(
            ReviseThreat(**said, threat=one.id, title=one.title, stride=one.stride)
            for one in model.threats.values()
        ),
        *(
            ReviseMitigation(**said, mitigation=one.id, title=one.title, control=one.control)
            for one in model.mitigations.values()
        ),
        Undo(by=by, at=at(3)),
    ]
    return tried(past, commands[-1 - number % len(commands)])


def tried(past: list[RecordedEvent], command: Command) -> list[RecordedEvent]:
    try:
        return [*past, *decide(command, replay(past), lambda: tuple(past))]
    except Rejected:
        return past


def begun(beginning: str) -> list[RecordedEvent]:
    match beginning:
        case "furnished":
            empty = replay([STARTED])
            return decide_all(*(signed(one, empty) for one in FURNISHED), after=[STARTED])
        case "remedied":
            return decide_all(plan(), plan(TH2), start(), implement(), after=THREATS)
        case "voting":
            return decide_all(*VOTING, after=IDENTIFIED)
        case "voted":
            return decide_all(*VOTING, BALLOTS[-1], after=IDENTIFIED)
        case _:
            return [STARTED]


STARTED = replace(started(), name="House zanaz", description="Where they live zanaz")
GIVEN = {ANA: (9, 9, 9, 9, 9), BEN: (5, 5, 5, 5, 5), CHI: (2, 3, 4, 5, 6)}
BALLOTS = [
    ballot_of(by, *given, on=threat, minute=1, reason=f"because {WORDS[by]}")
    for by, given in GIVEN.items()
    for threat in (TH1, TH2)
]
VOTING = (open_round_command(TH1, TH2, voters=(ANA, BEN, CHI), at=at(0), deadline=at(9_999)), *BALLOTS[:-1])


def signed(command: Command, model: ThreatModel) -> Command:
    """A command with a word of its author in every text, but with the names of existing components."""
    if command.by == SYSTEM:
        return command
    return _signed(command, WORDS[command.by], {component.name for component in model.of_type(Component)})


def _signed(value: Any, word: str, known: set[str]) -> Any:
    if isinstance(value, msgspec.Struct):
        changed = {name: _signed(getattr(value, name), word, known) for name in value.__struct_fields__}
        if isinstance(value, FlowByNames):
            changed["source"] = _known(value.source, known) or changed["source"]
            changed["target"] = _known(value.target, known) or changed["target"]
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(_signed(one, word, known) for one in cast("tuple[object, ...]", value))
    return f"{value} {word}" if isinstance(value, str) and value in TYPED else value


def _known(name: str, known: set[str]) -> str | None:
    return next((one for one in sorted(known) if name and one.rpartition(" ")[0] == name), None)


# What others made of a person's words


def forgotten(past: list[RecordedEvent], person: PersonId = ANA) -> ThreatModel:
    return replay(without(past, forget_person(past, person)))


def test_a_threat_that_was_named_after_an_element_is_named_after_what_is_left_of_it() -> None:
    past = decide_all(
        ConfirmSuggestedThreats(by=BEN, at=at(30), suggested_threats=PLAIN[:1]), after=gateway()
    )
    assert "Gateway" in replay(past).threats[TH1].title

    assert forgotten(past).threats[TH1].title == (
        "Unencrypted data in transit: Component CO-1 (API gateway) → Component CO-2: Asset AS-1"
    )


def test_the_reason_of_a_proposal_is_gone_from_its_approval_and_the_approval_holds() -> None:
    proposal = ProposeAcceptance(
        by=ANA, at=at(10), threat=TH1, reason="We move out", expires=date(2026, 5, 1)
    )
    past = decide_all(proposal, ApproveAcceptance(by=BEN, at=at(11), threat=TH1), after=THREATS)
    response = forgotten(past).responses[TH1]

    assert (response.reason, response.by, response.approver) == (ERASED_TEXT, ANA, BEN)
    assert forget_person(past, ANA).restated == 1


def test_the_name_of_an_account_in_a_tracker_is_gone_and_those_of_others_stay() -> None:
    def named(text: str, person: PersonId | None = None, minute: int = 50) -> RecordIssueState:
        return see(replace(OPEN, assignee=text, person=person), minute=minute)

    past = decide_all(named("Ana Fox"), named("Ben", minute=51), named("ana", ANA, minute=52), after=LINKED)
    forgetting = forget_person(past, ANA, {"Ana Fox"})
    left = [
        (one.seen.assignee, one.seen.person)
        for one in without(past, forgetting)
        if isinstance(one, IssueSeen)
    ]

    assert left == [(ERASED_TEXT, None), ("Ben", None), (ERASED_TEXT, ANA)]
    assert forget_person(past, BEN).restated == 0


def test_the_description_of_a_merged_threat_is_gone_from_the_one_that_took_it_over() -> None:
    past = decide_all(
        ReportThreat(by=BEN, at=at(10), title="The window", stride=(Stride.TAMPERING,)),
        ReportThreat(
            by=ANA, at=at(11), title="The windows", description="They are old", stride=(Stride.TAMPERING,)
        ),
        MergeThreats(by=BEN, at=at(12), kept=ThreatId("TH-4"), merged=ThreatId("TH-5")),
        after=IDENTIFIED,
    )
    assert replay(past).threats[ThreatId("TH-4")].description == "They are old"

    kept = forgotten(past).threats[ThreatId("TH-4")]
    assert (kept.title, kept.description) == ("The window", "")


def test_a_person_who_repeats_a_name_elsewhere_keeps_it() -> None:
    past = decide_all(
        NameElements(by=ANA, at=at(1), assets=("Key",)),
        NameElements(by=BEN, at=at(2), entry_points=("Key",)),
        after=[started()],
    )
    model = forgotten(past)

    assert [asset.name for asset in model.of_type(Asset)] == ["Asset AS-1"]
    assert [entry_point.name for entry_point in model.of_type(EntryPoint)] == ["Key"]


def test_known_protocols_stay_and_other_words_about_them_go() -> None:
    flow = FlowByNames(source="Guest", target="House", protocol="HTTPS through my tunnel")
    past = decide_all(DrawFlows(by=ANA, at=at(1), flows=(flow,)), after=[started()])
    assumed = replay(past).assumed

    assert [data_flow.protocol for data_flow in forgotten(past).of_type(DataFlow)] == ["HTTPS"]
    assert forgotten(past).assumed == assumed


def test_a_title_made_from_the_title_of_a_threat_is_made_again() -> None:
    past = decide_all(
        ReportThreat(by=ANA, at=at(3), title="The window", stride=(Stride.TAMPERING,)),
        PlanSuggestedMitigations(by=BEN, at=at(10), threats=(ThreatId("TH-4"),)),
        after=THREATS,
    )
    assert [mitigation.title for mitigation in replay(past).mitigations.values()] == [
        "Allow only authorized changes, and detect others: The window"
    ]

    assert [mitigation.title for mitigation in forgotten(past).mitigations.values()] == [
        "Allow only authorized changes, and detect others: Threat TH-4"
    ]


def test_elements_of_one_name_stay_the_same_thing() -> None:
    flow = FlowByNames(source="Guest", target="CDN")
    past = decide_all(
        AddExternalDependency(by=ANA, at=at(1), name="CDN", owner="Carol"),
        DrawFlows(by=BEN, at=at(2), flows=(flow,)),
        after=[started()],
    )
    assert same_things(replay(past)) == {"CO-2": "XD-1"}

    assert same_things(forgotten(past)) == {"CO-2": "XD-1"}
    (dependency,) = forgotten(past).of_type(ExternalDependency)
    assert dependency.owner == ERASED_TEXT, "it is known that there is one"


def test_a_technology_that_a_name_revealed_is_part_of_the_neutral_one() -> None:
    past = decide_all(
        AddComponent(by=ANA, at=at(1), name="Ana's PostgreSQL", technology=""),
        after=[started()],
    )

    assert [one.name for one in forgotten(past).of_type(Component)] == ["Component CO-1 (PostgreSQL)"]


@pytest.mark.parametrize("person", PEOPLE)
def test_nothing_that_the_rules_find_in_a_real_system_changes(person: PersonId) -> None:
    past: list[RecordedEvent] = []
    model = EMPTY
    for step in scored_shop_story(ChannelId("CSHOP")):
        said = decide(step(model), model)
        past += said
        model = replay(said, model)
    left = forgotten(past, person)
    before, after = register(model), register(left)

    assert [(condition.id, condition.met) for condition in after.conditions] == [
        (condition.id, condition.met) for condition in before.conditions
    ]
    # What was recognized by an erased name is asked.
    assert {(question.element, question.fact) for question in after.questions} == {
        *((question.element, question.fact) for question in before.questions),
        *((named, "software") for named in unnamed_software(model, left)),
    }
    assert [suggested_threat.id for suggested_threat in after.suggested_threats] == [
        one.id for one in before.suggested_threats
    ]


def unnamed_software(before: ThreatModel, after: ThreatModel) -> set[ElementId]:
    """Return the elements whose erased name showed that they are third-party software."""
    return {
        id
        for id, element in before.elements.items()
        if names_code(element.name) and not names_code(after.elements[id].name)
    }


# Votes


def test_ballots_of_a_closed_round_count_under_no_name() -> None:
    past = begun("voted")
    forgetting = forget_person(past, ANA)
    left = without(past, forgetting)

    assert results(replay(left)) == results(replay(past))
    assert forgetting.ballots == len((TH1, TH2))
    assert {voter for round, _, voter in replay(left).ballots if round == RD1} == {"voter-1", BEN, CHI}
    assert replay(left).rounds[RD1].voters == ("voter-1", BEN, CHI)


def test_two_people_who_are_forgotten_stay_two_voters() -> None:
    past = begun("voted")
    left = without(past, forget_person(past, ANA))
    left = without(left, forget_person(left, BEN))

    assert results(replay(left)) == results(replay(past))
    assert replay(left).rounds[RD1].voters == ("voter-1", "voter-2", CHI)


def test_an_open_round_loses_the_ballots_and_waits_for_the_person_no_longer() -> None:
    past = begun("voting")
    forgetting = forget_person(past, ANA)
    left = without(past, forgetting)

    assert (forgetting.ballots, forgetting.ballots_dropped, forgetting.awaited) == (0, 2, (RD1,))
    assert {voter for _, _, voter in replay(left).ballots} == {BEN, CHI}


def test_only_the_last_ballot_on_a_threat_stays() -> None:
    again = ballot_of(ANA, 1, on=TH1, minute=1)
    past = decide_all(*VOTING, again, BALLOTS[-1], after=IDENTIFIED)
    forgetting = forget_person(past, ANA)

    assert (forgetting.ballots, forgetting.ballots_dropped) == (2, 1)
    assert results(replay(without(past, forgetting))) == results(replay(past))


# Declarations


def test_every_text_of_every_event_is_declared() -> None:
    """A new field of text is declared in `TEXTS`, or here if no one types it."""
    typed_by_no_one = {
        *("AnswerAtDecision.fact", "FactAnswered.fact", "BulkAnswered.fact", "PersonAsked.fact"),
        *("AnswerChecked.fact", "SpotCheck.fact"),
        *("ElementAssumptions.technology", "Component.technology", "ExternalDependency.technology"),
        *("AssumedFact.fact", "AssumedFact.follows_from", "AssumedFact.reason", "AssumedFact.url"),
        *("ScreeningAnswer.topic", "ScreeningWithdrawn.topic", "ScreeningConfirmed.topics"),
        *(
            "ConditionOverride.condition",
            "ConditionOverride.text",
            "PhaseMoved.step",
            "ThreatModelReopened.step",
        ),
        *("ReminderSnoozed.key", "RoundEnd.reason"),
        *("DraftSource.format", "DraftSource.sha256", "TakenAnswer.fact"),
        *("SettledItem.id", "SettledItem.digest", "ItemPart.name", "ItemPart.digest"),
        # The tracker's own: `forget_person` compares the name of an account with those of the person.
        *("IssueReference.key", "IssueReference.url", "SeenIssue.reason"),
        *("SeenIssue.assignee", "SeenIssue.account"),
        "VoteResult.reasons",  # from a file, without anything that says whose they are
    }
    # Their names are types of their own.
    named_by_sources = {"SettledItem.key", "ReleasedKey.key"}
    declared = {f"{kind.__name__}.{field}" for kind, fields in TEXTS.items() for field in fields}

    assert typed_by_no_one | declared == set(text_fields()) | named_by_sources


def text_fields() -> Iterator[str]:
    """The fields of type `str` in everything that an event can hold."""
    left: list[Any] = [*EVENT_TYPES]
    seen: set[Any] = set()
    while left:
        kind = left.pop()
        if kind in seen:
            continue
        seen.add(kind)
        if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
            left += get_args(kind)
            continue
        for name, hint in get_type_hints(kind).items():
            if str in (hint, *get_args(hint)):
                yield f"{kind.__name__}.{name}"
            left.append(hint)
