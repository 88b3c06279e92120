"""Drafts of a model or a channel, with what people have chosen in them."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.commands.person_erasure import PersonEraser
from bot.store import Store, UnitOfWork
from bot.store.repositories.drafts import MAX_DRAFT_BYTES, MAX_DRAFTS, DraftTooLarge, StoredDraft
from domain.draft_comparison.choices import ANOTHER, DraftChoices
from domain.drafts.draft import Draft
from domain.drafts.settlement import DraftId
from domain.kernel.elements import PersonId
from tests.domain.drafted_shop import COMPOSE, SHOP, STORE, WEB, item
from tests.store.saying import HOUSE, NOON, TENANT, say, started

BEN, CHI = PersonId("U2"), PersonId("U3")
LATER = NOON + timedelta(hours=1)
OTHER = replace(SHOP, items=(WEB,))


def add(unit: UnitOfWork, draft: Draft = SHOP, home: str = "TM-1", minutes: int = 0) -> StoredDraft:
    at = NOON + timedelta(minutes=minutes)
    return unit.drafts.add(home, draft, person=BEN, client="coding agent", at=at)


def test_a_draft_has_an_id_of_its_model_and_the_same_content_is_the_same_draft(unit: UnitOfWork) -> None:
    first = add(unit)

    assert (first.id, first.person, first.client, first.draft) == ("TM-1/D-1", BEN, "coding agent", SHOP)
    assert unit.drafts.find(first.id) == first
    again = unit.drafts.add("TM-1", SHOP, person=CHI, client="", at=LATER)
    assert again == replace(first, at=LATER)
    assert unit.drafts.find(first.id) == again
    assert add(unit, OTHER).id == "TM-1/D-2"
    assert add(unit, home="C024BE91L").id == "C024BE91L/D-1"
    assert [one.id for one in unit.drafts.of_home("TM-1")] == ["TM-1/D-2", "TM-1/D-1"]
    assert [one.id for one in unit.drafts.latest("TM-1", 1)] == ["TM-1/D-1"]


def test_an_id_is_never_used_again(unit: UnitOfWork) -> None:
    first = add(unit)
    unit.drafts.forget(first.id)

    assert unit.drafts.find(first.id) is None
    assert add(unit).id == "TM-1/D-2"


def test_choices_are_kept_and_later_ones_count(unit: UnitOfWork) -> None:
    id = add(unit).id
    gone = frozenset({STORE.key})
    unit.drafts.choose(id, DraftChoices(items={WEB.key: False}, seen=gone | {WEB.key}, removed=gone))
    chosen = unit.drafts.choose(
        id, DraftChoices(items={WEB.key: True}, conflicts={STORE.key: ANOTHER}, seen=gone)
    )

    assert chosen is not None
    assert chosen.choices == DraftChoices(
        items={WEB.key: True}, conflicts={STORE.key: ANOTHER}, seen=gone | {WEB.key}
    )
    assert unit.drafts.find(id) == chosen
    assert unit.drafts.choose(DraftId("TM-1/D-9"), DraftChoices()) is None


def test_a_draft_is_bounded_and_so_is_their_number(unit: UnitOfWork) -> None:
    with pytest.raises(DraftTooLarge, match="more than 4 MB"):
        add(unit, Draft(sources=(COMPOSE,), notes=("x" * MAX_DRAFT_BYTES,)))

    for number in range(MAX_DRAFTS + 2):
        add(unit, Draft(sources=(COMPOSE,), items=(item(f"service {number}"),)), minutes=number)
    there = unit.drafts.of_home("TM-1")
    assert (len(there), there[0].id) == (MAX_DRAFTS, "TM-1/D-3")


def test_old_drafts_and_those_of_an_erased_person_are_deleted(store: Store, unit: UnitOfWork) -> None:
    add(unit)
    unit.drafts.add("TM-1", OTHER, person=CHI, client="", at=LATER)
    store.housekeeping.forget_before({"drafts": NOON + timedelta(minutes=1)})
    assert [one.person for one in unit.drafts.of_home("TM-1")] == [CHI]

    assert PersonEraser(store, TENANT, CHI, now=LATER).erase().drafts == 1
    assert unit.drafts.of_home("TM-1") == []


def test_the_erasure_of_entries_deletes_the_drafts_of_the_model(store: Store, unit: UnitOfWork) -> None:
    say(store, started())
    add(unit)
    add(unit, home="C1")

    store.erase(HOUSE, [1])

    assert (unit.drafts.of_home("TM-1"), len(unit.drafts.of_home("C1"))) == ([], 1)
