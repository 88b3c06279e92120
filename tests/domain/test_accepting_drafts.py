"""Accepting a draft: what becomes an element or an answer, what never does by itself, and its undo."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.commands import (
    AcceptDraft,
    AcceptedItem,
    AnswerQuestions,
    Reply,
    ReviseComponent,
    Undo,
)
from domain.decide import decide
from domain.draft_comparison.choices import ANOTHER, LEAVE, DraftChoices, answer_key, resolution_of
from domain.draft_comparison.compared_draft import compare_draft
from domain.drafts.draft import (
    Certainty,
    Draft,
    ProposedAnswer,
    ProposedAssumption,
    ProposedProgress,
    ProposedThreat,
    SourceKey,
)
from domain.events import DraftSettled, ElementAdded, RecordedEvent
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    ElementId,
    EntryPoint,
    Exposure,
    Kind,
)
from domain.kernel.mitigation import MitigationId, MitigationState
from domain.kernel.persistent_maps import items_of
from domain.kernel.threat import Stride, ThreatId
from domain.model import ThreatModel
from domain.register import register
from domain.rejections import DraftConflict, FlowEndsMissing, NothingChanged, Rejected, TooMany, UndoBlocked
from domain.replay import replay
from domain.wording import summarize_answer
from tests.depth import examples
from tests.domain.drafted_shop import (
    CALL,
    COMPOSE,
    CRON,
    EDGE,
    ORIGIN,
    PAYMENTS,
    PAYS,
    SHOP,
    STORE,
    WEB,
    accept,
    answer,
    changed,
    component,
    flow,
    item,
    key,
    line,
    seen_all,
    shop,
)
from tests.domain.remediation_story import THREATS, plan, respond
from tests.examples import ANA, BEN, at, decide_all, element_named, id_of_element, started

CO1, CO2 = ElementId("CO-1"), ElementId("CO-2")


def last_answer(events: list[RecordedEvent]) -> list[Any]:
    return [event for event in events if getattr(event, "answer", 0) == getattr(events[-1], "answer", -1)]


def test_what_is_taken_becomes_elements_with_their_references_after_one_event_that_says_so() -> None:
    events = shop()
    model = replay(events)

    said = last_answer(events)
    assert isinstance(said[0], DraftSettled)
    assert [one.key for one in said[0].left] == [CRON.key]
    web = element_named(model, Kind.COMPONENT, "web")
    store = element_named(model, Kind.COMPONENT, "orders-db")
    assert isinstance(web, Component)
    assert isinstance(store, Component)
    assert web.boundary == id_of_element(model, Kind.TRUST_BOUNDARY, "front")
    assert (store.sort, store.technology) == (ComponentKind.DATA_STORE, "postgresql")
    edge = element_named(model, Kind.ENTRY_POINT, "web:443")
    assert isinstance(edge, EntryPoint)
    assert (edge.component, edge.exposure, edge.protocol) == (web.id, Exposure.LOCAL, "HTTPS")
    call = element_named(model, Kind.DATA_FLOW, "web → orders-db")
    assert isinstance(call, DataFlow)
    assert (call.source, call.target, call.name) == (web.id, store.id, "")
    password = element_named(model, Kind.ASSET, "DB_PASSWORD")
    assert isinstance(password, Asset)
    assert password.stored_in == (store.id,)
    assert "cron" not in {one.name for one in model.of_type(Component)}, "a guess is taken only if chosen"


def test_a_flow_to_an_external_dependency_ends_at_a_component_that_represents_it() -> None:
    model = replay(shop())

    outside = element_named(model, Kind.COMPONENT, "payments.example")
    assert isinstance(outside, Component)
    assert outside.sort is ComponentKind.EXTERNAL_ENTITY
    assert element_named(model, Kind.DATA_FLOW, "web → payments.example")


def test_that_a_control_is_in_place_is_taken_only_if_it_was_chosen_by_itself() -> None:
    web = id_of_element(replay(shop()), Kind.COMPONENT, "web")
    assert (web, "least_privilege") not in replay(shop()).facts
    assert replay(shop()).facts[web, "isolated"] is Answer.NO

    found = next(one for one in compare_draft(SHOP, replay([started()])).open if one.key == WEB.key)
    chosen = seen_all(answers={answer_key(WEB.key, one): True for one in found.answers})
    model = replay(decide_all(accept(choices=chosen), after=[started()]))
    assert model.facts[web, "least_privilege"] is Answer.YES
    taken = {one.fact: one.place for one in model.settled[WEB.key].answers}
    assert taken == {"least_privilege": line(7), "isolated": line(8)}


def test_answers_of_people_are_replaced_only_if_that_was_chosen_by_itself() -> None:
    own = ProposedAnswer(key=key("own"), element=CO1, answer=answer("isolated", Answer.NO, 9))
    draft = Draft(sources=(COMPOSE,), answers=(own,))
    before = decide_all(
        component("api"),
        AnswerQuestions(by=BEN, at=at(2), replies=(Reply(element=CO1, fact="isolated", answer=Answer.YES),)),
        after=[started()],
    )
    by_all = seen_all(draft, items={own.key: True})
    assert replay(decide_all(accept(draft, by_all), after=before)).facts[CO1, "isolated"] is Answer.YES

    (found,) = compare_draft(draft, replay(before)).open
    itself = seen_all(draft, answers={answer_key(own.key, found.answers[0]): True})
    assert replay(decide_all(accept(draft, itself), after=before)).facts[CO1, "isolated"] is Answer.NO


def test_a_flow_without_its_ends_is_refused_with_the_names_of_both() -> None:
    with pytest.raises(FlowEndsMissing) as refused:
        decide_all(accept(choices=seen_all(items={STORE.key: False})), after=[started()])

    assert str(refused.value) == (
        "The data flow from “web” to “orders-db” cannot be added: “orders-db” is neither part of the model "
        "nor accepted. Accept this component as well, or leave the data flow out."
    )


def test_ends_may_have_been_taken_before() -> None:
    first = replace(SHOP, items=(WEB, STORE))
    model = replay(decide_all(accept(first), accept(minute=11), after=[started()]))

    assert element_named(model, Kind.DATA_FLOW, "web → orders-db")
    assert len(model.of_type(Component)) == 3


def test_only_what_was_shown_is_accepted_or_left() -> None:
    shown = DraftChoices(seen=frozenset({WEB.key, STORE.key}))
    model = replay(decide_all(accept(choices=shown), after=[started()]))

    assert [one.name for one in model.of_type(Component)] == ["web", "orders-db"]
    assert set(dict(items_of(model.settled))) == {WEB.key, STORE.key}, "the guess was not shown"
    assert len(compare_draft(SHOP, model).open) == len(SHOP.items) - 2


def test_a_similar_name_is_the_same_another_or_left() -> None:
    before = (component("Web"), component("orders database"), component("orders-dbs"))
    compared = {
        one.key: one for one in compare_draft(SHOP, replay(decide_all(*before, after=[started()]))).open
    }
    web, store = compared[WEB.key], compared[STORE.key]
    assert (web.identical, store.identical) == (True, False)
    assert [one.name for one in store.similar] == ["orders-dbs"]

    same = {STORE.key: resolution_of(store.similar[0])}
    model = replay(decide_all(*before, accept(choices=seen_all(conflicts=same)), after=[started()]))
    filled = model.elements[ElementId("CO-3")]
    assert isinstance(filled, Component)
    assert (filled.name, filled.technology) == ("orders-dbs", "postgresql"), "the name of people stays"
    assert model.elements[CO1].name == "Web"
    call = element_named(model, Kind.DATA_FLOW, "Web → orders-dbs")
    assert isinstance(call, DataFlow)

    other = {WEB.key: ANOTHER, STORE.key: ANOTHER}
    model = replay(decide_all(*before, accept(choices=seen_all(conflicts=other)), after=[started()]))
    names = [one.name for one in model.of_type(Component)]
    assert names == ["Web", "orders database", "orders-dbs", "web (compose)", "orders-db", "payments.example"]

    left = {WEB.key: LEAVE, STORE.key: LEAVE}
    flows = dict.fromkeys((CALL.key, PAYS.key), False)
    model = replay(
        decide_all(*before, accept(choices=seen_all(conflicts=left, items=flows)), after=[started()])
    )
    assert [one.name for one in model.of_type(Component)] == [one.name for one in before]
    assert model.settled[WEB.key].id == ""


def test_a_name_that_was_added_meanwhile_is_a_conflict() -> None:
    command = accept()(replay([started()]))

    with pytest.raises(DraftConflict, match="“web” may be the same as “Web” \\(CO-1\\)"):
        decide_all(component("Web"), command, after=[started()])


def test_two_people_accept_the_same_draft() -> None:
    ana, ben = accept()(replay([started()])), accept(by=BEN, minute=11)(replay([started()]))

    with pytest.raises(NothingChanged):
        decide_all(ana, ben, after=[started()])
    # Ben also takes what Ana left.
    more = replace(ben, items=(*ben.items, AcceptedItem(item=CRON)), left=())
    model = replay(decide_all(ana, more, after=[started()]))
    assert [one.name for one in model.of_type(Component)] == ["web", "orders-db", "payments.example", "cron"]


def test_equal_names_of_two_files_are_one_element_or_two() -> None:
    other = item("web", number=1, key=key("shop/web", "kubernetes"), place=line(4, "k8s.yaml"))
    draft = replace(SHOP, items=(*SHOP.items, other))
    model = replay(decide_all(accept(draft), after=[started()]))
    assert model.settled[other.key].id == model.settled[WEB.key].id

    two = seen_all(draft, conflicts={other.key: ANOTHER})
    model = replay(decide_all(accept(draft, two), after=[started()]))
    assert [one.name for one in model.of_type(Component)][:3] == ["web", "orders-db", "web (kubernetes)"]


def test_flows_of_two_protocols_between_the_same_components_are_two() -> None:
    metrics = flow("web", "orders-db", 40, key=key("metrics"), protocol="HTTP")
    again = flow("web", "orders-db", 41, key=key("again"))
    model = replay(decide_all(accept(replace(SHOP, items=(*SHOP.items, metrics, again))), after=[started()]))
    names = [register(model, at(20)).item(data_flow.id) for data_flow in model.of_type(DataFlow)]
    assert len(names) == 3
    assert model.settled[key("again")].id == model.settled[CALL.key].id


def test_other_proposals_of_an_agent_are_carried_out_by_the_person_who_accepts_them() -> None:
    before = decide_all(component("api"), respond(ThreatId("TH-1")), plan(), after=THREATS)
    draft = Draft(
        sources=(replace(COMPOSE, name="coding agent"),),
        threats=(
            ProposedThreat(
                key=key("t"), title="Stolen token", stride=(Stride.SPOOFING,), place=line(3), element=CO1
            ),
        ),
        assumptions=(ProposedAssumption(key=key("a"), text="TLS ends at the proxy", place=line(4)),),
        progress=(
            ProposedProgress(
                key=key("p"),
                mitigation=MitigationId("MI-1"),
                implemented=True,
                evidence="src/tls.py:12",
                place=line(12),
            ),
        ),
    )

    events = decide_all(accept(draft), after=before)
    model = replay(events)

    assert model.threats[ThreatId("TH-4")].element == CO1
    assert [one.text for _, one in items_of(model.assumptions)] == ["TLS ends at the proxy"]
    assert model.mitigations[MitigationId("MI-1")].state is MitigationState.IMPLEMENTED
    assert compare_draft(draft, model).is_empty
    undone = replay(decide_all(Undo(by=ANA, at=at(20)), after=events))
    assert content(undone) == content(replay(before))


def test_elements_whose_keys_are_gone_are_removed_or_stay_and_are_not_asked_about_again() -> None:
    smaller = replace(SHOP, items=tuple(one for one in SHOP.items if one not in (PAYMENTS, PAYS, EDGE)))
    gone = [one.key for one in compare_draft(smaller, replay(shop())).gone]
    assert gone == [EDGE.key, PAYMENTS.key, PAYS.key]

    choices = seen_all(smaller, removed=frozenset({PAYS.key, PAYMENTS.key}))
    model = replay(shop(accept(smaller, choices, minute=20)))

    assert [entry_point.name for entry_point in model.of_type(EntryPoint)] == ["web:443"]
    assert model.settled[EDGE.key].absent, "the key still stands for it, should it come back"
    assert not model.of_kind(Kind.EXTERNAL_DEPENDENCY)
    assert compare_draft(smaller, model).is_empty


def test_an_element_that_others_use_is_not_removed() -> None:
    smaller = replace(SHOP, items=tuple(one for one in SHOP.items if one is not STORE))

    with pytest.raises(Rejected, match="“orders-db” \\(CO-2\\) is used by"):
        shop(accept(smaller, seen_all(smaller, removed=frozenset({STORE.key}))))


def test_a_change_of_the_source_revises_the_element_but_not_what_people_named_it() -> None:
    renamed = ReviseComponent(by=BEN, at=at(12), element=CO1, name="Shop front", sort=ComponentKind.PROCESS)
    public = changed(EDGE, exposure=Exposure.INTERNET)
    (found,) = compare_draft(public, replay(shop(renamed))).open
    assert [(difference.label, difference.before, difference.now) for difference in found.differences] == [
        ("exposure", "local", "internet")
    ]

    model = replay(shop(renamed, accept(public, minute=20)))

    edge = element_named(model, Kind.ENTRY_POINT, "web:443")
    assert isinstance(edge, EntryPoint)
    assert edge.exposure is Exposure.INTERNET
    assert model.elements[CO1].name == "Shop front"
    assert compare_draft(public, model).is_empty


def test_one_undo_takes_back_everything_and_the_keys_are_as_they_were() -> None:
    before = replay([started()])
    undone = replay(shop(Undo(by=ANA, at=at(20))))
    assert content(undone) == content(before)
    assert len(compare_draft(SHOP, undone).open) == len(SHOP.items)

    public = changed(EDGE, exposure=Exposure.INTERNET)
    twice = shop(accept(public, minute=20), Undo(by=ANA, at=at(21)))
    assert content(replay(twice)) == content(replay(shop()))
    assert len(compare_draft(public, replay(twice)).open) == 1


def test_a_later_acceptance_of_the_same_key_by_another_person_keeps_the_first_from_being_undone() -> None:
    public = changed(EDGE, exposure=Exposure.INTERNET)

    with pytest.raises(UndoBlocked):
        shop(accept(public, by=BEN, minute=20), Undo(by=ANA, at=at(21)))


def test_history_says_who_accepted_how_much_of_what() -> None:
    events = shop()
    entries = timeline(events)

    assert entries[1].text == "accepted 8 of 9 items from compose.yaml, brought by @UBEN"
    assert entries[1].people == (BEN,)
    assert entries[1].decides
    summary = summarize_answer(last_answer(events), replay(events[:1]))
    assert summary == (
        "accepted 8 of 9 items from compose.yaml, brought by @UBEN: added 1 trust boundary, 3 components, "
        "1 external dependency, 1 entry point, 1 asset and 2 data flows and answered 1 question"
    )
    rejected = accept(choices=seen_all(items={one.key: False for one in SHOP.items}))
    assert timeline(decide_all(rejected, after=[started()]))[-1].text == (
        "rejected 9 items from compose.yaml, brought by @UBEN"
    )
    undone = timeline(shop(Undo(by=ANA, at=at(20))))
    assert undone[-1].text == "undid: reopened the draft TM-1/D-1"


def test_an_acceptance_has_at_most_200_items_and_a_larger_draft_takes_several() -> None:
    many = Draft(sources=(COMPOSE,), items=tuple(item(f"service {n}", number=n) for n in range(450)))
    model = replay([started()])
    whole = AcceptDraft(
        by=ANA,
        at=at(1),
        draft=ORIGIN.draft,
        sources=(),
        items=tuple(AcceptedItem(item=one) for one in many.items),
    )
    with pytest.raises(TooMany):
        decide(whole, model)

    events = decide_all(*[accept(many, minute=n) for n in range(3)], after=[started()])
    assert len(replay(events).elements) == 450
    assert compare_draft(many, replay(events)).is_empty


def test_200_items_are_accepted_within_a_second() -> None:
    """As on a busy machine: the processor time, not the clock."""
    services = [item(f"service {n}", number=n, answers=(answer("isolated", Answer.NO),)) for n in range(120)]
    calls = [flow(f"service {n}", f"service {(n * 7 + 1) % 120}", number=n) for n in range(80)]
    draft = Draft(sources=(COMPOSE,), items=(*services, *calls))
    known = [component(f"other thing {n}") for n in range(100)]
    before = decide_all(*known, after=[started()])
    model = replay(before)

    begun = time.process_time()
    events = decide(accept(draft)(model), model)
    took = time.process_time() - begun

    assert sum(isinstance(event, ElementAdded) for event in events) == 200
    assert took < 1


@pytest.mark.parametrize(
    ("spoiled", "sentence"),
    [
        (replace(WEB, name="x" * 151), "The name has 151 characters"),
        (replace(WEB, technology="nonsense"), "The catalog has no technology “nonsense”"),
        (replace(WEB, name=" "), "The name is missing"),
    ],
)
def test_an_item_that_cannot_be_added_is_named(spoiled: Any, sentence: str) -> None:
    with pytest.raises(Rejected, match=f"The component “.*” cannot be added. {sentence}"):
        decide_all(accept(Draft(sources=(COMPOSE,), items=(spoiled,))), after=[started()])


def content(model: ThreatModel) -> Any:
    """Everything in a model but its version, the counters, and what was removed."""
    names = [
        name
        for name in model.__struct_fields__
        if name not in ("version", "numbers", "removed", "withdrawn", "touched_at")
    ]
    return {name: getattr(model, name) for name in names if name != "since"}


KINDS = st.sampled_from([Kind.COMPONENT, Kind.EXTERNAL_DEPENDENCY, Kind.ENTRY_POINT, Kind.ASSET])
NAMES = st.sampled_from(["web", "Web", "db", "api", "queue (old)", "edge"])
REFERENCES = st.sampled_from([SourceKey(""), *(key(f"{n}") for n in range(6))])
ITEMS = st.builds(
    item,
    NAMES,
    KINDS,
    key=st.integers(0, 6).map(lambda n: key(f"{n}")),
    component=REFERENCES,
    parent=REFERENCES,
    boundary=REFERENCES,
    certainty=st.sampled_from(Certainty),
    answers=st.sampled_from([(), (answer("isolated", Answer.NO),), (answer("encrypted", Answer.YES),)]),
)
FLOWS = st.builds(
    item,
    NAMES,
    st.just(Kind.DATA_FLOW),
    key=st.integers(10, 13).map(lambda n: key(f"{n}")),
    source=REFERENCES,
    target=REFERENCES,
    protocol=st.sampled_from(["", "HTTPS", "AMQP"]),
)


def drafts() -> st.SearchStrategy[Draft]:
    """Drafts with whatever references, each key once."""
    several = st.lists(ITEMS | FLOWS, max_size=9, unique_by=lambda one: one.key)
    return several.map(lambda items: Draft(sources=(COMPOSE,), items=tuple(items)))


@examples(60)
@given(drafts(), drafts(), st.lists(st.sampled_from(["same", ANOTHER, LEAVE]), min_size=9, max_size=9))
def test_whatever_is_accepted_is_known_afterwards_and_one_undo_restores_the_register(
    first: Draft, second: Draft, ways: list[str]
) -> None:
    events = decide_all(component("web"), component("db"), after=[started()])
    for draft in (first, second):
        before = replay(events)
        compared = compare_draft(draft, before)
        conflicts = {
            one.key: resolution_of(one.similar[0]) if way == "same" else way
            for one, way in zip(compared.open, ways, strict=False)
            if one.similar
        }
        command = accept(draft, seen_all(draft, conflicts=conflicts))
        try:
            after = decide_all(command, after=events)
        except Rejected:  # a flow without its ends, or to itself
            continue
        left = compare_draft(draft, replay(after))
        assert not [one for one in left.open if one.key in replay(after).settled]
        undone = replay(decide_all(Undo(by=ANA, at=at(20)), after=after))
        assert content(undone) == content(before)
        events = after
