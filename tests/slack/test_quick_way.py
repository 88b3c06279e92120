"""The quick way: four boxes, flows as lines, places, one form after the other in the same modal."""

from datetime import UTC, datetime

import pytest

from bot.store import CommandKey
from domain.commands import DrawFlows, FlowByNames
from domain.kernel.elements import Component, Kind, PersonId
from domain.register import register
from tests.domain.placed_components import sparing
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot

FLOW = "Resident -> House: Valuables via Front door"


def test_each_form_follows_in_the_same_modal_until_a_page_that_says_what_comes_next(
    either_way: RunningBot,
) -> None:
    there = either_way
    names = there.start()
    ana = there.person("ana")
    ana.fill("Assets", "Valuables")
    ana.fill("Trust levels", "Guests\nResidents")
    there.submit("ana")
    flows = there.modal("ana", "Data flows as lines")
    ana.fill("Data flows", FLOW)
    there.submit("ana")
    places = there.modal("ana", "Place components")
    ana.fill("House: boundary", "Locks")
    there.submit("ana")
    end = there.modal("ana", "Saved")
    assert names.id == flows.id == places.id == end.id
    assert "Next:" in end.plain
    assert [one.name for one in there.model().of_kind(Kind.TRUST_BOUNDARY)] == ["Locks"]


def test_the_last_page_leads_on_to_the_questions(there: RunningBot) -> None:
    create_collected_house(there, steps=4)
    there.person("ana").click(there.card("Place components"), "Place components")
    there.modal("ana", "Place components")
    for component in ("Resident", "Guest", "Visitor", "House", "Garage"):
        there.person("ana").choose(f"{component}: trust level", "TL-4" if component == "House" else "TL-2")
    there.submit("ana")
    there.person("ana").click(there.modal("ana", "Saved"), "Answer questions")
    there.modal("ana", "Open questions")


def test_a_line_that_cannot_be_read_is_shown_beside_its_box_and_nothing_is_thrown_away(
    either_way: RunningBot,
) -> None:
    there = either_way
    open_flows(there)
    typed = f"{FLOW}\nGuest\nHouse ->"
    there.person("ana").fill("Data flows", typed)
    there.submit("ana")
    form = there.modal("ana", "Data flows as lines")
    (sentence,) = form.errors.values()
    assert "Line 2 “Guest”" in sentence
    assert "Line 3 “House ->”: I read the source “House” but no target" in sentence
    assert form.values["Data flows"] == typed
    assert not there.model().of_kind(Kind.COMPONENT), "nothing is drawn by halves"
    there.person("ana").fill("Data flows", f"{FLOW}\nGuest -> House")
    there.submit("ana")
    there.modal("ana", "Place components")
    assert len(there.model().of_kind(Kind.DATA_FLOW)) == 2


@pytest.mark.parametrize(
    ("typed", "flows"),
    [
        ("- Resident → House\n* Guest => House", ["Resident → House", "Guest → House"]),
        ("1. Resident -> House\r\n2. House -> Resident", ["Resident → House", "House → Resident"]),
        ("Resident <-> House: key", ["Resident → House: key", "House → Resident: key"]),
        ("\n\n  Resident->House  \n\n", ["Resident → House"]),
    ],
)
def test_flows_are_read_as_people_write_them(there: RunningBot, typed: str, flows: list[str]) -> None:
    open_flows(there)
    there.person("ana").fill("Data flows", typed)
    there.submit("ana")
    there.modal("ana", "Place components")
    assert [one.name for one in register(there.model()).items(Kind.DATA_FLOW)] == flows


def test_names_that_are_there_already_are_passed_over(there: RunningBot) -> None:
    there.start()
    there.person("ana").fill("Assets", "Valuables\nPapers")
    there.submit("ana")
    there.person("ben").click(there.card("Assets  2"), "More…")
    there.person("ben").click(there.modal("ben", "More"), "Names")
    form = there.modal("ben", "Name what there is")
    assert "Already there: Valuables, Papers" in form.plain
    there.person("ben").fill("Assets", "papers\nPhotos")
    there.submit("ben")
    assert there.names() == {"Valuables", "Papers", "Photos"}


def test_an_undo_of_many_things_says_that_it_took_them_back(there: RunningBot) -> None:
    there.start()
    there.person("ana").fill("Assets", "Valuables\nPapers")
    there.submit("ana")
    there.modal("ana", "Data flows as lines")
    there.person("ana").close(all_of_them=True)
    there.command("ana", "/threatmodel undo")
    there.told("ana", "You took back your last answer: removed 2 assets.")


def test_who_leaves_early_goes_on_from_the_card(there: RunningBot) -> None:
    there.start()
    there.person("ana").close()
    there.person("dee").click(there.card("Name what there is"), "Name what there is")
    there.modal("dee", "Name what there is")
    there.person("dee").fill("Assets", "Valuables")
    there.submit("dee")
    there.modal("dee", "Data flows as lines")
    there.person("dee").close()
    there.person("chi").click(there.card("Write data flows"), "Write data flows")
    there.modal("chi", "Data flows as lines")


def test_many_components_are_placed_page_by_page_and_every_page_is_saved(there: RunningBot) -> None:
    stream = create_collected_house(there, steps=2)
    flows = tuple(FlowByNames(source=f"Room {n}", target=f"Room {n + 1}") for n in range(29))
    drawn = DrawFlows(by=PersonId(there.person("ana").id), at=datetime.now(UTC), flows=flows)
    there.command_handler.execute(drawn, stream=stream, key=CommandKey("rooms"))
    there.person("ana").click(there.card("Place 30 components"), "Place components")
    first = there.modal("ana", "Place components")
    assert "more follow on the next page" in first.plain
    there.person("ana").fill("Room 0: boundary", "Flat")
    pages = 0
    while (seen := there.person("ana").modal) is not None and seen.title == "Place components":
        for label in seen.labels:
            if label.endswith("trust level"):
                there.person("ana").choose(label, "TL-2")
        there.submit("ana")
        pages += 1
        assert pages < 10
    components = [one for one in there.model().of_kind(Kind.COMPONENT) if isinstance(one, Component)]
    assert len(components) == 30
    assert all(one.trust_level == "TL-2" and one.sort for one in components)
    assert pages == 2


def test_many_questions_are_asked_page_by_page_and_none_is_lost(there: RunningBot) -> None:
    stream = create_collected_house(there)
    doors = tuple(FlowByNames(source="Guest", target="House", entry_point=f"Window {n}") for n in range(20))
    ana = PersonId(there.person("ana").id)
    there.command_handler.execute(
        DrawFlows(by=ana, at=datetime.now(UTC), flows=doors), stream=stream, key=CommandKey("windows")
    )
    there.command("ben", "/threatmodel questions")
    there.modal("ben", "Open questions")
    pages, asked = 0, 0
    while (seen := there.person("ben").modal) is not None and seen.title == "Open questions":
        inputs = [str(block["block_id"]) for block in seen.blocks if block["type"] == "input"]
        fields = [one for one in inputs if one.startswith("answer/")]
        assert 0 < len(fields) <= 12
        for field in fields:
            there.person("ben").choose(field, sparing(field.split("/")[2]).value.capitalize())
        there.submit("ben")
        pages, asked = pages + 1, asked + len(fields)
        assert pages < 10
    assert asked > 40
    assert register(there.model()).questions == ()


def test_an_empty_form_says_what_is_wanted(there: RunningBot) -> None:
    create_collected_house(there)
    there.command("ben", "/threatmodel questions")
    there.modal("ben", "Open questions")
    there.submit("ben")
    form = there.modal("ben", "Open questions")
    assert form.errors


def open_flows(there: RunningBot) -> None:
    create_collected_house(there, steps=2)
    there.person("ana").click(there.card("Write data flows"), "Write data flows")
    there.modal("ana", "Data flows as lines")
