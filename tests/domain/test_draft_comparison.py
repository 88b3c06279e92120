"""What of a draft is new, changed, gone, known, rejected or in conflict."""

import time

from msgspec.structs import replace

from domain.commands import RemoveElement, ReviseComponent, ReviseEntryPoint
from domain.draft_comparison.compared_draft import DraftComparison, ItemState, compare_draft
from domain.drafts.draft import AGENT, Draft, ProposedAnswer, ProposedProgress, SourceKey
from domain.drafts.settlement import erased_key
from domain.events import RecordedEvent
from domain.forgetting import ERASED_TEXT, forget_person
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ComponentKind, ElementId, EntryPoint, Exposure, Kind
from domain.kernel.mitigation import MitigationId
from domain.replay import replay
from tests.domain.drafted_shop import (
    COMPOSE,
    CRON,
    EDGE,
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
from tests.examples import ANA, BEN, at, decide_all, started

STARTED: list[RecordedEvent] = [started()]
LOOPBACK = EDGE
PUBLIC = changed(EDGE, exposure=Exposure.INTERNET)
REJECTED = seen_all(items={LOOPBACK.key: False})


def compared(draft: Draft, events: list[RecordedEvent]) -> DraftComparison:
    return compare_draft(draft, replay(events))


def states(comparison: DraftComparison) -> dict[SourceKey, ItemState]:
    return {proposal.key: proposal.state for proposal in comparison.proposals}


def test_everything_is_new_in_an_empty_model() -> None:
    found = compared(SHOP, STARTED)

    assert set(states(found).values()) == {ItemState.NEW}
    assert found.new == found.open == found.proposals
    assert not found.gone


def test_an_unchanged_source_has_nothing_open_also_after_elements_were_renamed_and_moved() -> None:
    renamed = ReviseComponent(by=BEN, at=at(12), element=ElementId("CO-1"), name="Shop front")
    again = replace(
        SHOP,
        items=tuple(replace(one, place=line(one.place.line + 40)) for one in SHOP.items),
        sources=(replace(COMPOSE, sha256="cd" * 32),),
    )

    assert compared(again, shop(renamed)).is_empty
    assert states(compared(again, shop(renamed)))[CRON.key] is ItemState.REJECTED


def test_what_was_rejected_is_asked_again_only_if_it_changes() -> None:
    events = decide_all(accept(choices=REJECTED), after=STARTED)

    assert compared(SHOP, events).is_empty
    (found,) = compared(PUBLIC, events).open
    assert (found.key, found.state, found.before) == (LOOPBACK.key, ItemState.NEW, True)


def test_an_element_that_people_removed_is_asked_about_again_only_if_its_source_changes() -> None:
    events = shop(RemoveElement(by=BEN, at=at(20), element=ElementId("EP-1")))

    assert compared(SHOP, events).is_empty
    assert [one.state for one in compared(PUBLIC, events).open] == [ItemState.NEW]


def test_a_change_that_people_have_entered_themselves_is_known() -> None:
    entered = ReviseEntryPoint(
        by=BEN,
        at=at(20),
        element=ElementId("EP-1"),
        name="Shop",
        exposure=Exposure.INTERNET,
        protocol="HTTPS",
    )

    assert compared(PUBLIC, shop(entered)).is_empty


def test_what_a_source_no_longer_states_is_open_again_unless_people_stated_it() -> None:
    silent = changed(EDGE, exposure=None)
    (found,) = compared(silent, shop()).open
    assert [(one.label, one.before, one.now) for one in found.differences] == [("exposure", "local", "")]
    edge = replay(shop(accept(silent, minute=20))).elements[ElementId("EP-1")]
    assert isinstance(edge, EntryPoint)
    assert edge.exposure is None

    entered = ReviseEntryPoint(
        by=BEN, at=at(20), element=ElementId("EP-1"), name="Shop", exposure=Exposure.PARTNER
    )
    assert compared(silent, shop(entered)).is_empty


def test_a_change_lists_each_attribute_with_its_values() -> None:
    moved = changed(WEB, role=ComponentKind.DATA_STORE, boundary=key("back"), technology="nginx")
    moved = replace(moved, items=(*moved.items, item("back", Kind.TRUST_BOUNDARY)))

    first = next(one for one in compared(moved, shop()).changed)
    assert [(difference.label, difference.before, difference.now) for difference in first.differences] == [
        ("boundary", "front", "back"),
        ("type", "process", "data store"),
        ("technology", "", "nginx, HAProxy or Envoy"),
    ]
    other = changed(WEB, answers=(answer("isolated", Answer.YES, 8),))
    (one,) = compared(other, shop()).changed
    assert [(it.fact, it.known, it.choice) for it in one.answers] == [("isolated", Answer.NO, "replaces")]


def test_only_keys_from_a_file_of_the_same_name_are_gone() -> None:
    smaller = replace(SHOP, items=tuple(one for one in SHOP.items if one is not EDGE))
    assert [one.key for one in compared(smaller, shop()).gone] == [EDGE.key]

    other = replace(smaller, sources=(replace(COMPOSE, name="compose.override.yaml"),))
    assert not compared(other, shop()).gone


def test_what_an_agent_proposed_is_gone_neither_without_it_nor_because_of_it() -> None:
    cache = item("cache", number=40)
    by_agent = Draft(
        sources=(replace(COMPOSE, format=AGENT),), items=(replace(cache, key=key("shop/cache", AGENT)),)
    )
    taken = shop(accept(by_agent, minute=11))
    assert compared(by_agent, taken).is_empty, "the elements of the compose file are not gone"
    assert compared(SHOP, taken).is_empty, "what the agent found in the same file is not gone"


def test_similar_names_of_elements_without_a_key_are_conflicts() -> None:
    events = decide_all(component("Web"), component("orders-dbs"), after=STARTED)

    found = {one.key: one for one in compared(SHOP, events).open}
    assert [(one.name, one.element) for one in found[WEB.key].similar] == [("Web", "CO-1")]
    assert found[WEB.key].identical
    assert not found[STORE.key].identical
    assert states(compared(SHOP, events))[EDGE.key] is ItemState.NEW
    # The same name with a key is still the same name, since names are unique; a similar one is not asked.
    kubernetes = Draft(
        sources=(replace(COMPOSE, name="k8s.yaml"),),
        items=(item("web", key=key("web", "kubernetes")), item("orders-dbs", key=key("dbs", "kubernetes"))),
    )
    assert [proposal.state for proposal in compared(kubernetes, shop()).proposals] == [
        ItemState.CONFLICT,
        ItemState.NEW,
    ]


def test_a_flow_between_the_same_components_is_a_conflict() -> None:
    events = shop()
    other = flow("web", "orders-db", key=key("web/db", "kubernetes"))

    (found,) = compared(replace(SHOP, items=(*SHOP.items, other)), events).open
    assert found.state is ItemState.NEW, "the known one has a key; accepting ties another one to it"


def test_an_answer_that_the_model_has_and_progress_that_was_made_are_known() -> None:
    about = ElementId("CO-1")
    same = ProposedAnswer(key=key("a"), element=about, answer=answer("isolated", Answer.NO))
    other = ProposedAnswer(key=key("b"), element=about, answer=answer("caller_authenticated", Answer.NO))
    gone = ProposedAnswer(key=key("c"), element=ElementId("CO-9"), answer=answer("isolated", Answer.NO))
    progress = ProposedProgress(
        key=key("d"), mitigation=MitigationId("MI-9"), implemented=False, evidence="", place=line(1)
    )
    draft = Draft(sources=(COMPOSE,), answers=(same, other, gone), progress=(progress,))

    assert states(compared(draft, shop())) == dict.fromkeys(
        (same.key, other.key, gone.key, progress.key), ItemState.KNOWN
    )


def test_sources_are_recognized_after_the_person_who_accepted_them_was_erased() -> None:
    events = shop(accept(PUBLIC, minute=20))
    done = forget_person(events, ANA)
    left: list[RecordedEvent] = [
        done.replaced.get(version, event) for version, event in enumerate(events, start=1)
    ]

    model = replay(left)
    assert compared(PUBLIC, left).is_empty
    assert "web" not in repr(model.settled) + repr(model.settled_drafts)
    assert "compose" not in repr(model.settled) + repr(model.settled_drafts)
    assert model.settled[erased_key(WEB.key)].place.file == ERASED_TEXT
    # Someone else accepts a later version of the same source.
    after = decide_all(accept(changed(EDGE, exposure=Exposure.PARTNER), by=BEN, minute=30), after=left)
    assert EDGE.key in replay(after).settled
    assert erased_key(EDGE.key) not in replay(after).settled


def test_a_draft_of_2000_items_is_compared_with_a_large_model_within_two_seconds() -> None:
    many = tuple(item(f"service number {n}", key=key(f"{n}"), number=n) for n in range(2_000))
    words = [f"{one}{other}" for one in ("order", "bill", "stock") for other in ("er", "list", "feed")]
    names = (f"{word} {other} {last}" for word in words for other in words for last in words)
    model = replay(STARTED)
    for n, name in enumerate(names, start=1):
        id = ElementId(f"CO-{n}")
        model = replace(model, elements=model.elements.insert(id, Component(id=id, name=name)))

    begun = time.process_time()
    compare_draft(Draft(sources=(COMPOSE,), items=many), model)
    assert time.process_time() - begun < 2


def test_two_files_of_the_same_name_do_not_forget_each_other() -> None:
    other = Draft(sources=(COMPOSE,), items=(item("billing"),))
    events = shop(accept(other, minute=20))

    assert compared(other, events).is_empty
    assert [one.key for one in compared(SHOP, events).gone] == [key("billing")]
    assert not compared(SHOP, events).open
