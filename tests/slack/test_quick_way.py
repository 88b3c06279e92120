"""The quick way: four boxes, flows as lines, places, one form after the other in the same modal."""

from datetime import UTC, datetime

import pytest

from bot.store import CommandKey
from domain.commands import DrawFlows, FlowByNames
from domain.kernel.elements import Component, Kind, PersonId
from domain.register import register
from tests.depth import deep_only
from tests.slack.collected_house import create_collected_house
from tests.slack.question_steps import answer_every_page
from tests.slack.slack_team import SlackTeam

FLOW = "Resident -> House: Valuables via Front door"


def test_each_form_follows_in_the_same_modal_until_a_page_that_says_what_comes_next(
    either_way: SlackTeam,
) -> None:
    team = either_way
    names = team.start()
    ana = team.person("ana")
    ana.fill("Assets", "Valuables")
    ana.fill("Trust levels", "Guests\nResidents")
    team.submit("ana")
    flows = team.modal("ana", "Add data flows")
    ana.fill("Data flows", FLOW)
    team.submit("ana")
    places = team.modal("ana", "Place components")
    ana.fill("House: boundary", "Locks")
    team.submit("ana")
    end = team.modal("ana", "Saved")
    assert names.id == flows.id == places.id == end.id
    assert "Next:" in end.plain
    assert [one.name for one in team.model().of_kind(Kind.TRUST_BOUNDARY)] == ["Locks"]


def test_the_last_page_leads_on_to_the_questions(team: SlackTeam) -> None:
    create_collected_house(team, steps=4)
    team.person("ana").click(team.card("Place components"), "Place components")
    team.modal("ana", "Place components")
    for component in ("Resident", "Guest", "Visitor", "House", "Garage"):
        team.person("ana").choose(f"{component}: trust level", "TL-4" if component == "House" else "TL-2")
    team.submit("ana")
    team.person("ana").click(team.modal("ana", "Saved"), "Answer questions")
    team.modal("ana", "Screening")
    team.submit("ana")
    team.modal("ana", "Open questions")


def test_a_line_that_cannot_be_read_is_shown_beside_its_box_and_nothing_is_thrown_away(
    either_way: SlackTeam,
) -> None:
    team = either_way
    open_flows(team)
    typed = f"{FLOW}\nGuest\nHouse ->"
    team.person("ana").fill("Data flows", typed)
    team.submit("ana")
    form = team.modal("ana", "Add data flows")
    (sentence,) = form.errors.values()
    assert "Line 2 “Guest”" in sentence
    assert "Line 3 “House ->”: the flow from “House” has no target" in sentence
    assert form.values["Data flows"] == typed
    assert not team.model().of_kind(Kind.COMPONENT), "nothing is drawn by halves"
    team.person("ana").fill("Data flows", f"{FLOW}\nGuest -> House")
    team.submit("ana")
    team.modal("ana", "Place components")
    assert len(team.model().of_kind(Kind.DATA_FLOW)) == 2


@pytest.mark.parametrize(
    ("typed", "flows"),
    [
        ("- Resident → House\n* Guest => House", ["Resident → House", "Guest → House"]),
        ("1. Resident -> House\r\n2. House -> Resident", ["Resident → House", "House → Resident"]),
        ("Resident <-> House: key", ["Resident ↔ House: key"]),
        ("Resident <-> House: key | mail", ["Resident ↔ House: key | mail"]),
        ("\n\n  Resident->House  \n\n", ["Resident → House"]),
    ],
)
def test_flows_are_read_as_people_write_them(team: SlackTeam, typed: str, flows: list[str]) -> None:
    open_flows(team)
    team.person("ana").fill("Data flows", typed)
    team.submit("ana")
    team.modal("ana", "Place components")
    assert [one.name for one in register(team.model()).items(Kind.DATA_FLOW)] == flows


def test_names_that_are_there_already_are_passed_over(team: SlackTeam) -> None:
    team.start()
    team.person("ana").fill("Assets", "Valuables\nPapers")
    team.submit("ana")
    team.person("ben").click(team.card("Assets  2"), "More…")
    team.person("ben").click(team.modal("ben", "More"), "Add elements")
    form = team.modal("ben", "Add elements")
    assert "Existing: Valuables, Papers" in form.plain
    team.person("ben").fill("Assets", "papers\nPhotos")
    team.submit("ben")
    assert team.names() == {"Valuables", "Papers", "Photos"}


def test_an_undo_of_many_things_says_that_it_took_them_back(team: SlackTeam) -> None:
    team.start()
    team.person("ana").fill("Assets", "Valuables\nPapers")
    team.submit("ana")
    team.modal("ana", "Add data flows")
    team.person("ana").close(all_of_them=True)
    team.command("ana", "/threatmodel undo")
    team.private_message("ana", "You undid your last change: removed 2 assets.")


def test_who_leaves_early_goes_on_from_the_card(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.person("dee").click(team.card("Add elements"), "Add elements")
    team.modal("dee", "Add elements")
    team.person("dee").fill("Assets", "Valuables")
    team.submit("dee")
    team.modal("dee", "Add data flows")
    team.person("dee").close()
    team.person("chi").click(team.card("Add the data flows"), "Add data flows")
    team.modal("chi", "Add data flows")


@deep_only
def test_many_components_are_placed_page_by_page_and_every_page_is_saved(team: SlackTeam) -> None:
    stream = create_collected_house(team, steps=2)
    flows = tuple(FlowByNames(source=f"Room {n}", target=f"Room {n + 1}") for n in range(29))
    drawn = DrawFlows(by=PersonId(team.person("ana").id), at=datetime.now(UTC), flows=flows)
    team.command_handler.execute(drawn, stream=stream, key=CommandKey("rooms"))
    team.person("ana").click(team.card("Place 30 components"), "Place components")
    first = team.modal("ana", "Place components")
    assert "more follow on the next page" in first.plain
    team.person("ana").fill("Room 0: boundary", "Flat")
    pages = 0
    while (seen := team.person("ana").modal) is not None and seen.title == "Place components":
        for label in seen.labels:
            if label.endswith("trust level"):
                team.person("ana").choose(label, "TL-2")
        team.submit("ana")
        pages += 1
        assert pages < 10
    components = [one for one in team.model().of_kind(Kind.COMPONENT) if isinstance(one, Component)]
    assert len(components) == 30
    assert all(one.trust_level == "TL-2" and one.sort for one in components)
    assert pages == 2


def test_many_questions_are_asked_page_by_page_and_none_is_lost(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    doors = tuple(FlowByNames(source="Guest", target="House", entry_point=f"Window {n}") for n in range(20))
    ana = PersonId(team.person("ana").id)
    team.command_handler.execute(
        DrawFlows(by=ana, at=datetime.now(UTC), flows=doors), stream=stream, key=CommandKey("windows")
    )
    pages = answer_every_page(team, "ben")
    assert pages < 12
    asked = len(team.model().facts)
    assert asked > 40
    assert register(team.model()).questions == ()


def test_an_empty_form_says_what_is_wanted(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ben", "/threatmodel questions")
    team.modal("ben", "Open questions")
    team.submit("ben")
    form = team.modal("ben", "Open questions")
    assert form.errors


def open_flows(team: SlackTeam) -> None:
    create_collected_house(team, steps=2)
    team.person("ana").click(team.card("Add the data flows"), "Add data flows")
    team.modal("ana", "Add data flows")
