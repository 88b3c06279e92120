"""Two elements that are one thing: merged with answers, references, threats, mitigations and links."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import assume
from hypothesis import given as holds_for
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.demo.shop_votes import scored_shop_story
from domain.commands import (
    AddComponent,
    AddDataFlow,
    AnswerQuestions,
    BeginAnalysis,
    BeginRemediation,
    ChosenAnswer,
    Command,
    ConfirmSuggestedThreats,
    ImplementMitigation,
    MergeElements,
    PlanMitigation,
    Reply,
    ReportThreat,
    Undo,
    VerifyMitigation,
)
from domain.decide import decide
from domain.events import ElementsMerged, Event, RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import BasisKind
from domain.kernel.elements import ComponentKind, DataFlow, ElementId, kind_of, references
from domain.kernel.mitigation import MitigationId
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.threat import ControlClass, Stride, SuggestedThreatId, ThreatId, elements_at
from domain.model import ThreatModel
from domain.model.mitigation_links import with_current_state
from domain.register import ThreatRegister, register
from domain.rejections import AnswersContradict, NoSuchElement, Rejected, WrongKind
from domain.replay import replay
from domain.voting.scores import scores_of
from domain.wording import describe_event
from domain.wording.answer_summaries import summarize_answer
from domain.wording.merge_effects import merge_effects
from tests.depth import examples
from tests.domain.test_walks import beginnings, walked
from tests.examples import (
    ANA,
    BEN,
    CHI,
    DEE,
    HOUSE_CHANNEL,
    at,
    decide_all,
    given,
    reasons_for_conditions,
    started,
    story_events,
)
from tests.random_commands import walks

CO1, CO2, CO3, DF1, DF2 = map(ElementId, ("CO-1", "CO-2", "CO-3", "DF-1", "DF-2"))
SITE = decide_all(
    AddComponent(by=ANA, at=at(1), name="Search", sort=ComponentKind.PROCESS),
    AddComponent(by=ANA, at=at(1), name="Finder", description="Finds things", owner=CHI),
    AddComponent(by=ANA, at=at(1), name="Shop", sort=ComponentKind.PROCESS),
    AddDataFlow(by=ANA, at=at(1), name="", source=CO3, target=CO2),
    AddDataFlow(by=ANA, at=at(1), name="", source=CO3, target=CO1),
    after=[started()],
)
"""“Search” and “Finder” are one; the shop calls both."""
LATE = at(60 * 24 * 300)
MERGE = MergeElements(by=BEN, at=at(30), element=CO2, into=CO1)


def merged(*more: Command, merge: MergeElements = MERGE) -> ThreatModel:
    """The site after more commands and the merge."""
    return replay(decide_all(*more, merge, after=SITE))


def answer(element: ElementId, reply: Answer, fact: str = "encrypted", minute: int = 5) -> AnswerQuestions:
    replies = (Reply(element=element, fact=fact, answer=reply),)
    return AnswerQuestions(by=CHI, at=at(minute), replies=replies)


def test_the_one_that_stays_keeps_its_name_and_gets_what_only_the_other_one_states() -> None:
    kept = merged().elements[CO1]
    assert (kept.name, kept.description) == ("Search", "Finds things")
    assert getattr(kept, "owner", None) == CHI
    assert merged().removed[CO2].name == "Finder"


def test_a_flow_that_would_be_drawn_twice_is_merged_with_its_answers() -> None:
    model = merged(answer(DF1, Answer.NO))
    (flow,) = model.of_type(DataFlow)
    assert (flow.id, flow.source, flow.target) == (DF2, CO3, CO1)
    assert model.facts[DF2, "encrypted"] is Answer.NO
    basis = model.bases[DF2, "encrypted"]
    assert (basis.kind, basis.by, basis.at) == (BasisKind.STATED, CHI, at(5))


def test_a_flow_between_the_two_goes_because_it_would_have_one_end() -> None:
    between = AddDataFlow(by=ANA, at=at(2), name="", source=CO1, target=CO2)
    assert [flow.id for flow in merged(between).of_type(DataFlow)] == [DF2]


def test_of_contradicting_answers_one_is_chosen() -> None:
    both = decide_all(answer(DF1, Answer.NO), answer(DF2, Answer.YES, minute=6), after=SITE)
    given(*both).when(MERGE).then_refused(AnswersContradict, "1 answer contradicts its counterpart")
    for chosen, by_minute in ((Answer.NO, 5), (Answer.YES, 6)):
        choice = ChosenAnswer(element=DF2, fact="encrypted", answer=chosen)
        model = replay(decide_all(replace(MERGE, answers=(choice,)), after=both))
        assert model.facts[DF2, "encrypted"] is chosen
        assert model.bases[DF2, "encrypted"].at == at(by_minute)


def test_dont_know_gives_way_to_an_answer() -> None:
    model = merged(answer(DF1, Answer.YES), answer(DF2, Answer.UNKNOWN))
    assert model.facts[DF2, "encrypted"] is Answer.YES


def test_threats_and_their_mitigations_move_and_keep_their_ids() -> None:
    model = merged(
        BeginAnalysis(by=ANA, at=at(3), reason="we know it well"),
        ReportThreat(by=ANA, at=at(4), title="Index poisoned", stride=(Stride.TAMPERING,), element=CO2),
        BeginRemediation(by=ANA, at=at(4), reasons=reasons_for_conditions()),
        PlanMitigation(
            by=ANA, at=at(5), threat=ThreatId("TH-1"), title="Sign it", control=ControlClass.INTEGRITY
        ),
    )
    assert model.threats[ThreatId("TH-1")].element == CO1
    assert [mitigation.threat for mitigation in values_of(model.mitigations)] == [ThreatId("TH-1")]


def test_the_history_tells_of_the_merge_first() -> None:
    events = decide_all(answer(DF1, Answer.NO), after=SITE)
    before = replay(events)
    said = decide(MERGE, before)
    assert isinstance(said[-1], ElementsMerged)
    summary = summarize_answer(said, before)
    assert summary.startswith("merged the component “Finder” (CO-2) into “Search” (CO-1): ")
    assert describe_event(said[-1], before) in summary


@pytest.mark.parametrize(
    ("merge", "field", "refused", "words"),
    [
        (replace(MERGE, into=CO2), "into", Rejected, "cannot be merged with itself"),
        (replace(MERGE, into=DF1), "into", WrongKind, "DF-1 is not a component"),
        (replace(MERGE, element=ElementId("CO-9")), None, NoSuchElement, "CO-9"),
    ],
)
def test_what_cannot_be_merged_is_refused(
    merge: MergeElements, field: str | None, refused: type[Rejected], words: str
) -> None:
    given(*SITE).when(merge).then_refused(refused, words, field=field)


@examples(20)
@holds_for(beginnings, walks, st.integers(0, 1000))
def test_after_a_merge_nothing_refers_to_the_merged_element_and_nothing_is_lost(
    beginning: str, walk: Sequence[Command], drawn: int
) -> None:
    events = walked(beginning, walk)
    pairs = _pairs(replay(events))
    assume(pairs)
    assume(_merges_without_loss(events, *pairs[drawn % len(pairs)], take_other=bool(drawn % 2)))


@pytest.fixture(scope="module")
def shop() -> list[RecordedEvent]:
    """The web shop in remediation: every suggested threat is one of its own, with a verified mitigation."""
    events = story_events(scored_shop_story(HOUSE_CHANNEL, (ANA, BEN, CHI, DEE)))
    for one in register(replay(events)).suggested_threats:
        confirm = ConfirmSuggestedThreats(by=ANA, at=LATE, suggested_threats=(SuggestedThreatId(one.id),))
        events = decide_all(confirm, after=events)
    reasons = reasons_for_conditions()
    events = decide_all(BeginRemediation(by=ANA, at=LATE, reasons=reasons), after=events)
    for number, threat in enumerate(sorted(replay(events).threats), start=1):
        mitigation = MitigationId(f"MI-{number}")
        plan = PlanMitigation(by=BEN, at=LATE, threat=threat, title="Do it", control=ControlClass.INTEGRITY)
        done = ImplementMitigation(by=BEN, at=LATE, mitigation=mitigation, evidence="Here")
        events = decide_all(
            plan, done, VerifyMitigation(by=CHI, at=LATE, mitigation=mitigation), after=events
        )
    return events


def test_elements_of_a_model_with_verified_mitigations_are_merged_without_loss(
    shop: list[RecordedEvent],
) -> None:
    pairs = _pairs(replay(shop))[::_EVERY]
    for number, pair in enumerate(pairs):
        assert _merges_without_loss(shop, *pair, take_other=bool(number % 2)), pair


def test_what_would_follow_names_both_elements_first(shop: list[RecordedEvent]) -> None:
    before = replay(shop)
    for element, into in _pairs(before)[::_EVERY]:
        merge = MergeElements(by=ANA, at=LATE, element=element, into=into)
        said = _carried_out(merge, before, take_other=False)
        first, *_ = merge_effects(said, before)
        assert f"({element}) becomes “" in first
        assert first.endswith(f"({into}).")
        assert summarize_answer(said, before).startswith("merged the ")


_EVERY = 29
"""A prime number, so that the pairs are of all kinds."""


def _pairs(model: ThreatModel) -> list[tuple[ElementId, ElementId]]:
    return sorted(
        (one.id, other.id)
        for one in values_of(model.elements)
        for other in values_of(model.elements)
        if one.id != other.id and kind_of(one) is kind_of(other)
    )


def _merges_without_loss(
    events: Sequence[RecordedEvent], element: ElementId, into: ElementId, *, take_other: bool
) -> bool:
    """Merge two elements, look whether all is there, and undo it; False if the merge is refused."""
    before = replay(events)
    merge = MergeElements(by=ANA, at=LATE, element=element, into=into)
    said = _carried_out(merge, before, take_other=take_other)
    if not said:
        return False
    after = replay([*events, *said])
    homes = {event.element: event.into for event in said if isinstance(event, ElementsMerged)}
    assert homes[element] == into
    _nothing_refers_to({*homes}, after)
    assert {after.home_of(threat) for threat in before.threats} <= {*after.threats}
    for about, fact in before.facts:
        if about in homes:
            kept = homes[about]
            both = [before.facts.get((one, fact)) for one in (about, kept)]
            assert after.facts[kept, fact] in both
            chosen = (about, kept)[both.index(after.facts[kept, fact])]
            assert after.bases[kept, fact].kind in {
                before.bases[one, fact].kind for one in (about, kept) if (one, fact) in before.bases
            }, chosen
    assert {*after.mitigations} == {*before.mitigations}
    for id, mitigation in items_of(before.mitigations):
        was, now = with_current_state(before, mitigation), with_current_state(after, after.mitigations[id])
        assert was.state == now.state
    assert {*scores_of(before)} <= {*scores_of(after)} | {
        one for one in before.threats if one in after.merged
    }
    undo = Undo(by=ANA, at=merge.at + timedelta(minutes=1))
    undone = replay([*events, *said, *decide(undo, after, lambda: (*events, *said))])
    assert _compared(undone) == _compared(before)
    return True


def _carried_out(merge: MergeElements, model: ThreatModel, *, take_other: bool) -> Sequence[Event]:
    """The events of a merge, with a choice for each contradiction; none if it is refused."""
    try:
        return decide(merge, model)
    except AnswersContradict as contradicting:
        chosen = tuple(
            ChosenAnswer(element=one.element, fact=one.fact, answer=one.other if take_other else one.answer)
            for one in contradicting.found
        )
        return decide(replace(merge, answers=chosen), model)
    except Rejected:
        return ()


def _nothing_refers_to(gone: set[ElementId], model: ThreatModel) -> None:
    assert not gone & {*model.elements}
    assert not gone & {id for element in values_of(model.elements) for id in references(element)}
    places = [place for threat in values_of(model.threats) for place in threat.places]
    verified = [one.link.place for known in values_of(model.mitigations) for one in known.verifications]
    owned = [one.place for known in values_of(model.mitigations) for one in known.place_owners]
    assert not gone & {id for place in (*places, *verified, *owned) for id in elements_at(place)}
    assert not gone & {id for pair in model.links for id in pair}
    assert not gone & {*model.sources}
    suggested = [one for threat in values_of(model.threats) for one in threat.suggested_threats]
    assert len(suggested) == len({*suggested}), "a suggested threat is a place of one threat"


def _compared(model: ThreatModel) -> ThreatRegister:
    """All but what only the history knows."""
    return replace(register(model), version=0, removed=(), withdrawn=())
