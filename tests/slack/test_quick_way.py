"""The quick way: four boxes, flows as lines, places, one form after the other in the same modal."""

import re
from collections import Counter
from datetime import UTC, datetime

import pytest

from bot.sandbox.api import Json
from bot.store import CommandKey
from deploy.docs.generator.pages import DOCS
from domain.commands import DrawFlows, FlowByNames
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ComponentKind, DataFlow, ElementId, Kind, PersonId
from domain.register import ThreatRegister, register
from tests import orders_service
from tests.depth import deep_only
from tests.slack.collected_house import create_collected_house
from tests.slack.question_steps import answer_every_page
from tests.slack.slack_team import SlackTeam

FLOW = "Resident -> House: Valuables via Front door"


def test_each_form_follows_in_the_same_modal_until_a_page_that_says_what_comes_next(
    either_way: SlackTeam,
) -> None:
    team = either_way
    flows = team.begin()
    ana = team.person("ana")
    ana.fill("Data flows", FLOW)
    ana.fill("Trust levels", "Guests\nResidents")
    team.submit("ana")
    places = team.modal("ana", "Place components")
    ana.fill("House: boundary", "Locks")
    team.submit("ana")
    end = team.modal("ana", "Saved")
    assert flows.id == places.id == end.id
    assert "Next:" in end.plain
    assert [one.name for one in team.model().of_kind(Kind.TRUST_LEVEL)] == ["Guests", "Residents"]
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


def test_lines_that_cannot_be_read_stay_to_be_edited_and_the_others_are_saved(
    either_way: SlackTeam,
) -> None:
    team = either_way
    open_flows(team)
    typed = f"{FLOW}\nGuest\nHouse ->"
    team.person("ana").fill("Data flows", typed)
    team.submit("ana")
    team.wait(lambda: "Not saved yet: 2 lines." in shown(team))
    form = team.modal("ana", "Add data flows")
    assert not form.errors
    assert "“Guest”: the line has no arrow" in form.plain
    assert "“House ->”: the flow from “House” has no target" in form.plain
    assert form.values["Data flows"] == "Guest\nHouse ->"
    assert [one.name for one in register(team.model()).items(Kind.DATA_FLOW)] == [
        "Resident → House: Valuables"
    ]
    team.person("ana").fill("Data flows", "Guest -> House")
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
    team.begin()
    team.person("ana").close()
    team.person("dee").click(team.card("Add the data flows"), "Add data flows")
    team.modal("dee", "Add data flows")


def test_forms_that_are_left_empty_are_no_error(team: SlackTeam) -> None:
    version = (team.begin(), team.model().version)[1]
    team.submit("ana")
    team.modal("ana", "Add elements")
    team.submit("ana")
    end = team.modal("ana", "Nothing changed")
    assert "Nothing was entered." in end.plain
    assert "Next: Add the data flows" in end.plain
    assert team.model().version == version


def test_elements_are_added_one_by_one_above_the_lines_that_were_typed(team: SlackTeam) -> None:
    flows = team.begin()
    ana = team.person("ana")
    ana.fill("Data flows", "Resident -> House: Valuables")
    ana.click(flows, "Add elements one by one")
    team.modal("ana", "Add elements")
    ana.fill("Trust levels", "Guests\nResidents")
    team.submit("ana")
    team.wait(lambda: "2 trust levels" in shown(team))
    form = team.modal("ana", "Add data flows")
    assert form.values["Data flows"] == "Resident -> House: Valuables"
    assert "Trust levels" not in form.labels
    team.submit("ana")
    team.modal("ana", "Place components")
    assert len(team.model().of_kind(Kind.TRUST_LEVEL)) == 2


def test_more_room_keeps_what_was_typed_and_takes_five_fields_of_lines(team: SlackTeam) -> None:
    flows = team.begin()
    assert "A field takes 3,000 characters" in flows.plain
    ana = team.person("ana")
    ana.fill("Data flows", "Resident -> House: Valuables")
    ana.click(flows, "More room")
    team.wait(lambda: "together 15,000" in shown(team))
    form = team.modal("ana", "Add data flows")
    assert form.values["Data flows"] == "Resident -> House: Valuables"
    for field in (2, 3, 4, 5):
        lines = "\n".join(f"Room {field} {n} -> House: thing {'x' * 80} {n}" for n in range(25))
        ana.fill(f"Data flows, continued ({field} of 5)", lines)
    team.submit("ana")
    team.modal("ana", "Place components")
    assert len(team.model().of_kind(Kind.DATA_FLOW)) == 101


def test_a_model_without_trust_levels_asks_for_them_before_components_are_placed(team: SlackTeam) -> None:
    """The path Start, Later, Add data flow, Save, Place components, Save."""
    team.begin()
    ana = team.person("ana")
    ana.close()
    ana.click(team.card("Add the data flows"), "Add data flow")
    team.modal("ana", "Add data flows")
    ana.fill("Data flows", FLOW)
    ana.fill("Trust levels", "")
    team.submit("ana")
    first = team.modal("ana", "Place components")
    assert first.labels == ("Trust levels",)
    ana.close(all_of_them=True)
    ana.click(team.card("Add trust levels and place 2 components"), "Place components")
    team.modal("ana", "Place components")
    team.submit("ana")
    team.wait(lambda: "House: trust level" in (ana.modal.labels if ana.modal else ()))
    team.submit("ana")
    end = team.modal("ana", "Saved")
    assert "Next: Place" not in end.plain
    assert not register(team.model()).unplaced


def test_what_the_catalog_lacks_is_asked_about_in_the_next_form(either_way: SlackTeam) -> None:
    team = either_way
    team.begin()
    ana = team.person("ana")
    ana.fill("Data flows", UNKNOWN)
    team.submit("ana")
    form = team.modal("ana", "Unknown names")
    assert len(team.model().of_kind(Kind.DATA_FLOW)) == UNKNOWN.count("\n")
    assert {one.name for one in team.model().of_kind(Kind.ASSET)} == {"orders", "keys", "entries", "scores"}
    offered = {
        str(block["label"]["text"]): [
            str(one["options"][0]["text"]["text"]) for one in block["element"]["option_groups"]
        ]
        for block in form.blocks
        if block["type"] == "input" and "option_groups" in block["element"]
    }
    assert offered["What is “TigerBeetle”?"][0] == "Relational database"
    assert offered["What is “Postgress”?"][0] == "PostgreSQL"
    assert offered["What is “HTTPS over the relay”?"][0] == "HTTPS"
    assert offered["What is “SQL”?"][0] == "PostgreSQL protocol"
    assert "Server application" not in offered["What is “TensorFlow”?"]
    ana.choose("What is “TigerBeetle”?", "Relational database")
    ana.choose("What is “person”?", "None, such as a person")
    ana.choose("What is “SQL”?", "PostgreSQL protocol")
    ana.choose("What is “gross”?", "Part of the name of the data")
    team.submit("ana")
    team.modal("ana", "Place components")
    ana.choose("Cashier: trust level", "Staff (TL-4)")
    team.submit("ana")
    team.modal("ana", "Saved")
    model = team.model()
    placed = {component.name: component for component in model.of_type(Component)}
    assert (placed["Ledger db"].technology, placed["Ledger db"].description) == (
        "relational_database",
        "TigerBeetle",
    )
    assert (placed["Cashier"].technology, placed["Cashier"].description) == ("", "person")
    assert placed["Ledger db"].sort is ComponentKind.DATA_STORE
    assert placed["Scoring"].technology == "TensorFlow"
    assert {flow.protocol for flow in model.of_type(DataFlow)} == {
        "PKCS#11",
        "HTTPS over the relay",
        "PostgreSQL protocol",
        "",
    }
    assert {one.name for one in model.of_kind(Kind.ASSET)} == {"orders", "keys", "entries (gross)", "scores"}
    assert not register(model).unplaced


UNKNOWN = """\
Cashier [person] -> Orders API [Go]: orders (HTTPS over the relay)
Orders API -> Orders db [Postgress]: orders (SQL)
Orders API -> Key store [CloudHSM]: keys (PKCS#11)
Orders API -> Ledger db [TigerBeetle, in VPC]: entries (gross)
Orders API -> Workflows [Temporal]: orders (SQL)
Orders API -> Scoring [TensorFlow]: scores
"""


def test_the_word_for_a_flow_in_a_model_without_components_opens_the_lines(team: SlackTeam) -> None:
    team.begin()
    team.person("ana").close()
    team.command("ana", "/threatmodel add flow")
    team.modal("ana", "Add data flows")


def test_typed_flows_are_saved_but_for_those_that_cannot_be_read(team: SlackTeam) -> None:
    open_flows(team)
    team.person("ana").close(all_of_them=True)
    team.command("ana", f"/threatmodel add flow {FLOW}\nGuest")
    team.wait(lambda: "Not saved yet: 1 line." in shown(team))
    assert team.modal("ana", "Add data flows").values["Data flows"] == "Guest"
    assert len(team.model().of_kind(Kind.DATA_FLOW)) == 1


def test_names_that_differ_in_spelling_alone_are_one_element_with_the_better_name(team: SlackTeam) -> None:
    team.begin()
    ana = team.person("ana")
    ana.fill("Data flows", "API -> orders-db: session-tokens\nAPI -> Orders DB: Session tokens (TLS)")
    team.submit("ana")
    team.modal("ana", "Place components")
    assert {one.name for one in team.model().of_kind(Kind.COMPONENT)} == {"API", "Orders DB"}
    assert {one.name for one in team.model().of_kind(Kind.ASSET)} == {"Session tokens"}


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
    assert all(component.trust_level == "TL-2" and component.sort for component in components)
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


def shown(team: SlackTeam, who: str = "ana") -> str:
    seen = team.person(who).modal
    return seen.plain if seen else ""


def open_flows(team: SlackTeam) -> None:
    create_collected_house(team, steps=2)
    team.person("ana").click(team.card("Add the data flows"), "Add data flows")
    team.modal("ana", "Add data flows")


GUIDE = (DOCS / "guide/first-hour.md").read_text()
FORMS = {
    "Data flows": "flows",
    "Components": "place",
    "Rare features": "screening",
    "Where": "where",
    "Controls": "controls",
    "Questions": "questions",
    "Second looks": "confirm_answers",
}
"""The callback ID of each form in the table of the guide."""


def test_the_guide_shows_the_lines_of_the_example() -> None:
    assert f"```text\n{orders_service.LINES}```" in GUIDE


def test_the_example_takes_no_more_forms_than_the_guide_states(team: SlackTeam) -> None:
    sent = collect_orders_service(team)
    known = register(team.model())
    assert not [question for question in known.questions if question.at_stake]
    stated = dict(re.findall(r"^\| ([A-Z][\w ]*) \|.*\| (\d+) \|$", GUIDE, re.MULTILINE))
    assert {name for name, form in FORMS.items() if sent[form] > int(stated[name])} == set()
    found = re.search(r"about (\d+) suggested threats", GUIDE)
    assert found is not None
    assert abs(len(known.suggested_threats) - int(found[1])) <= 3


def collect_orders_service(team: SlackTeam) -> Counter[str]:
    """Start the model and answer its questions; return how many forms of each name were sent."""
    team.begin("ana", orders_service.NAME)
    sent = Counter(_fill_in(team))
    assert not register(team.model()).unplaced
    team.person("ana").close(all_of_them=True)
    next_step = register(team.model()).next.text
    team.person("ana").click(team.card(orders_service.NAME, next_step), action_id="open:next")
    sent += Counter(_fill_in(team))
    return sent


def _fill_in(team: SlackTeam) -> list[str]:
    """Fill in and send form after form, until none follows; return their callback IDs."""
    ana, sent = team.person("ana"), list[str]()
    team.wait(lambda: ana.modal is not None)
    while (seen := ana.modal) is not None and seen.callback_id in FORMS.values():
        sent.append(seen.callback_id)
        known = register(team.model())
        for block in seen.blocks:
            if block["type"] == "input":
                _fill(team, known, block)
        team.submit("ana")
        assert len(sent) < 60, seen.plain
    return sent


def _fill(team: SlackTeam, known: ThreatRegister, block: Json) -> None:
    ana, id = team.person("ana"), str(block["block_id"])
    what, _, about = id.partition("~")[0].partition("+")[0].partition("/")

    def answer(fact: str, element: str) -> Answer:
        item = known.item(ElementId(element))
        assert item is not None
        return orders_service.answer_of(fact, item.name)

    match what:
        case "trust_levels":
            ana.fill(id, "\n".join(orders_service.TRUST_LEVELS))
        case "flows":
            ana.fill(id, orders_service.LINES)
        case "sort":
            ana.choose(id, orders_service.PLACES[known.name_of(ElementId(about))][0].value)
        case "trust_level":
            level = orders_service.PLACES[known.name_of(ElementId(about))][1]
            ana.choose(id, next(one.id for one in known.items(Kind.TRUST_LEVEL) if one.name == level))
        case "all":
            _answer_for_all(team, known, id, about)
        case "topic":
            ana.choose(id, "Yes" if about in orders_service.SCREENED_IN else "No")
        case "tick":
            fact = about.rpartition("/")[2]
            options = [str(one["value"]) for one in block["element"]["options"]]
            if yes := [option for option in options if answer(fact, option) is Answer.YES]:
                enter = ana.check if block["element"]["type"] == "checkboxes" else ana.choose
                enter(id, *yes)
        case "in" | "missing":
            fact, lacks_it = about.partition("/")[0], what == "missing"
            options = [str(one["value"]) for one in block["element"]["options"]]
            if chosen := [one for one in options if (answer(fact, one) is Answer.NO) is lacks_it]:
                ana.choose(id, *chosen)
        case "others":
            fact = about.rpartition("/")[2]
            ana.choose(id, "no")
        case "answer":
            element, _, fact = about.partition("/")
            ana.choose(id, answer(fact, element).value)
        case _:
            pass


def _answer_for_all(team: SlackTeam, known: ThreatRegister, id: str, line: str) -> None:
    """Answer a line about controls of the whole system: in place, missing, or it differs."""
    controls = next(one.controls for one in known.control_lines if one.id == line)
    said = {
        orders_service.answer_of(one.fact, known.name_of(element)) is Answer.NO
        for one in controls
        for element in one.elements
    }
    if len(said) == 2:
        team.person("ana").choose(id, "differs")
    else:
        team.person("ana").choose(id, "no" if said == {True} else "yes")
