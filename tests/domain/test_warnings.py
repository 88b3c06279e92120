"""Where a model does not fit together."""

import pytest

from domain.commands import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddTrustBoundary,
    AddTrustLevel,
    BeginAnalysis,
    Command,
    ConsiderRow,
)
from domain.events import ElementRemoved
from domain.kernel.answer import Answer
from domain.kernel.elements import Exposure
from domain.register import register
from domain.replay import replay
from tests.domain.placed_components import (
    ENTITY,
    HOME,
    PROCESS,
    STORE,
    element_id,
    placed_model,
    register_after,
    reply,
)
from tests.examples import ANA, at, decide_all, started


@pytest.mark.parametrize(
    ("warning", "more"),
    [
        ("in_no_flow@CO-4", [AddComponent(by=ANA, at=at(3), name="Shed")]),
        (
            "carries_nothing@DF-3",
            [AddDataFlow(by=ANA, at=at(3), source=element_id("CO-2"), target=element_id("CO-1"))],
        ),
        ("neither_stored_nor_moved@AS-2", [AddAsset(by=ANA, at=at(3), name="Purse")]),
        ("level_undefined@CO-4", [AddComponent(by=ANA, at=at(3), name="Shed")]),
        ("level_unused@TL-3", [AddTrustLevel(by=ANA, at=at(3), name="Nobody")]),
        ("boundary_uncrossed@TB-2", [AddTrustBoundary(by=ANA, at=at(3), name="Fence")]),
        ("entry_point_unpassed@EP-2", [AddEntryPoint(by=ANA, at=at(3), name="Window")]),
        ("store_never_read@CO-3", []),
        (
            "process_without_output@CO-4",
            [
                AddComponent(by=ANA, at=at(3), name="Oven", sort=PROCESS),
                AddDataFlow(by=ANA, at=at(3), source=element_id("CO-2"), target=element_id("CO-4")),
            ],
        ),
        (
            "flows_alike@DF-3",
            [
                AddDataFlow(
                    by=ANA,
                    at=at(3),
                    name="Again",
                    source=element_id("CO-2"),
                    target=element_id("CO-3"),
                    assets=(element_id("AS-1"),),
                )
            ],
        ),
        ("many_unknown", [reply("EP-1", "caller_authenticated", Answer.UNKNOWN)]),
    ],
)
def test_a_warning_says_what_does_not_fit(warning: str, more: list[Command]) -> None:
    events = placed_model(*HOME)
    if more:
        assert warning not in [one.id for one in register_after(events).warnings]
    found = {one.id: one for one in register_after(events, *more).warnings}
    assert warning in found, list(found)
    assert found[warning].text.endswith(".") or warning == "many_unknown"


def test_before_a_first_flow_there_is_nothing_to_warn_of() -> None:
    named = decide_all(
        AddAsset(by=ANA, at=at(1), name="Key"),
        AddEntryPoint(by=ANA, at=at(1), name="Door"),
        AddTrustLevel(by=ANA, at=at(1), name="Guests"),
        AddComponent(by=ANA, at=at(1), name="House"),
        after=[started()],
    )
    assert register_after(named).warnings == ()


@pytest.mark.parametrize(
    ("considered", "rest"), [(("CO-2",), ""), ((), " and 1 more")], ids=["three", "four"]
)
def test_three_elements_that_nobody_has_decided_on_are_named_and_the_rest_counted(
    considered: tuple[str, ...], rest: str
) -> None:
    begin = BeginAnalysis(by=ANA, at=at(4), reason="a short story")
    decided = (ConsiderRow(by=ANA, at=at(5), element=element_id(one), reason="Seen") for one in considered)
    seen = register_after(placed_model(*HOME), begin, *decided)
    (said,) = [one.text for one in seen.warnings if one.id == "cells_undecided"]
    assert len(seen.coverage.open) == 4 - len(considered)
    assert said.count("“") == 3
    assert said.endswith(f"){rest}.")


def test_a_store_that_is_only_read_is_never_written() -> None:
    events = decide_all(
        AddComponent(by=ANA, at=at(1), name="Ledger", sort=STORE),
        AddComponent(by=ANA, at=at(1), name="Reader", sort=PROCESS),
        AddDataFlow(by=ANA, at=at(1), source=element_id("CO-1"), target=element_id("CO-2")),
        after=[started()],
    )
    assert "store_never_written@CO-1" in [one.id for one in register_after(events).warnings]


def test_strangers_from_the_internet_need_a_level() -> None:
    events = decide_all(
        AddEntryPoint(by=ANA, at=at(1), name="Web page", exposure=Exposure.INTERNET),
        AddTrustLevel(by=ANA, at=at(1), name="Everybody"),
        after=[started()],
    )
    assert "X03@EP-1" in [one.id for one in register_after(events).warnings]
    assert "X03@EP-1" not in [
        one.id for one in register_after(events, AddTrustLevel(by=ANA, at=at(2), name="Us")).warnings
    ]


def test_an_old_history_may_name_what_is_removed_and_is_shown_so() -> None:
    events = [
        *placed_model(*HOME),
        ElementRemoved(by=ANA, at=at(5), answer=17, element=element_id("AS-1")),
    ]
    assert "names_removed@DF-1" in [one.id for one in register(replay(events)).warnings]


def test_a_two_way_flow_writes_to_a_store_and_reads_from_it() -> None:
    query = AddDataFlow(
        by=ANA,
        at=at(3),
        source=element_id("CO-2"),
        target=element_id("CO-4"),
        assets=(element_id("AS-1"),),
        assets_back=(element_id("AS-1"),),
    )
    store = AddComponent(by=ANA, at=at(3), name="Drawer", sort=STORE)
    found = [one.id for one in register_after(placed_model(*HOME), store, query).warnings]
    assert not {"store_never_read@CO-4", "store_never_written@CO-4"} & {*found}


def test_who_only_takes_or_only_gives_is_no_process_and_no_store() -> None:
    outside = AddComponent(by=ANA, at=at(3), name="Neighbour", sort=ENTITY)
    parcel = AddDataFlow(
        by=ANA, at=at(3), source=element_id("CO-2"), target=element_id("CO-4"), assets=(element_id("AS-1"),)
    )
    found = [one.id for one in register_after(placed_model(*HOME), outside, parcel).warnings]
    assert not [one for one in found if one.endswith("@CO-4") and not one.startswith("level_")]
    assert "store_never_read@CO-2" not in found
    assert "process_without_output@CO-2" not in found


def test_an_entry_point_is_passed_through_the_ones_nested_in_it() -> None:
    nested = AddEntryPoint(by=ANA, at=at(3), name="Cat flap", parent=element_id("EP-1"))
    found = [one.id for one in register_after(placed_model(*HOME), nested).warnings]
    assert "entry_point_unpassed@EP-1.1" in found
    assert "entry_point_unpassed@EP-1" not in found
