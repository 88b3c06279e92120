"""Names of new elements in Slack: every way to create one asks whether it means something that exists."""

from collections.abc import Callable

import pytest

from bot.slack.ui.modals.modal_registry import FORMS
from domain.commands import (
    COMMAND_TYPES,
    DrawFlows,
    FlowByNames,
    NameElements,
    PlaceComponents,
    Placement,
)
from domain.events import AssetAdded
from domain.kernel.elements import Asset, ElementId, Kind, Rating
from tests.examples import at
from tests.slack.slack_team import SlackTeam

QUESTION = "Is “Prescription data (PHI)” the same as “Prescription data”?"


def begin(team: SlackTeam) -> None:
    """A model with an asset, two placed components in a network, and nothing open on anyone's screen."""
    team.start()
    team.person("ana").close(all_of_them=True)
    by = team.model().facilitator
    stream = team.streams[0]
    for command in (
        NameElements(
            by=by,
            at=at(1),
            assets=("Prescription data",),
            entry_points=("Website",),
            trust_levels=("Pharmacists",),
        ),
        DrawFlows(by=by, at=at(2), flows=(FlowByNames(source="Browser", target="Order service"),)),
        PlaceComponents(
            by=by, at=at(3), placements=(Placement(component=ElementId("CO-1"), boundary="Private network"),)
        ),
    ):
        team.command_handler.execute(command, stream=stream, key=team.key())


def element_form(team: SlackTeam) -> None:
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "Prescription data (PHI)")
    team.submit("ben")


def four_boxes(team: SlackTeam) -> None:
    open_from_more(team, "Add elements")
    team.person("ben").fill("Assets", "Invoices\nPrescription data (PHI)")
    team.submit("ben")


def flow_lines(team: SlackTeam) -> None:
    open_from_more(team, "Add data flows")
    team.person("ben").fill("Data flows", "Browser -> Archive: Prescription data (PHI)")
    team.submit("ben")


def typed_name(team: SlackTeam) -> None:
    team.command("ben", "/threatmodel add asset Prescription data (PHI)")


def typed_flow(team: SlackTeam) -> None:
    team.command("ben", "/threatmodel add Browser -> Archive: Prescription data (PHI)")


Way = Callable[[SlackTeam], None]
WAYS: dict[str, tuple[str, Way, str]] = {
    "the form of an element": ("element", element_form, "Add asset"),
    "four boxes": ("names", four_boxes, "Add elements"),
    "flows as lines": ("flows", flow_lines, "Add data flows"),
    "a typed name": ("add_names", typed_name, "Add assets"),
    "a typed flow": ("flows", typed_flow, "Add data flows"),
}
"""Each way to create an asset: its form, what is done, and the title of the form that asks."""

OF_BOUNDARIES = "place"
"""The form that creates boundaries by name while components are placed."""


def test_every_form_that_creates_elements_is_tried() -> None:
    creating = {type_ for type_ in COMMAND_TYPES if "choices" in type_.__struct_fields__}
    forms = {name for name, form in FORMS.items() if form.command_type in creating}
    assert forms == {form for form, _, _ in WAYS.values()} | {OF_BOUNDARIES}


@pytest.mark.parametrize("way", WAYS)
def test_a_name_like_another_is_asked_about_and_nothing_is_saved_yet(team: SlackTeam, way: str) -> None:
    begin(team)
    version = team.model().version
    _, create, title = WAYS[way]
    create(team)
    team.wait(lambda: (seen := team.person("ben").modal) is not None and QUESTION in seen.plain)
    assert team.modal("ben", title).labels[0] == QUESTION
    assert team.model().version == version
    team.person("ben").choose(QUESTION, "another")
    team.submit("ben")
    team.wait(lambda: "Prescription data (PHI)" in team.names())
    assert "Prescription data" in team.names()


@pytest.mark.parametrize("way", [way for way, (form, _, _) in WAYS.items() if form != "element"])
def test_the_same_is_not_created_again(team: SlackTeam, way: str) -> None:
    begin(team)
    WAYS[way][1](team)
    team.wait(lambda: (seen := team.person("ben").modal) is not None and QUESTION in seen.plain)
    choose_same(team)
    team.submit("ben")
    form = WAYS[way][0]
    if form == "flows":
        team.wait(lambda: len(team.model().of_kind(Kind.DATA_FLOW)) == 2)
        assert getattr(team.model().of_kind(Kind.DATA_FLOW)[1], "assets", ()) == ("AS-1",)
    elif form == "names":
        team.wait(lambda: "Invoices" in team.names())
    assert "Prescription data (PHI)" not in team.names()


def test_the_same_opens_the_existing_element_with_what_was_typed(either_way: SlackTeam) -> None:
    team = either_way
    begin(team)
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    ben = team.person("ben")
    ben.fill("Name", "Prescription data (PHI)")
    ben.fill("Description", "What patients take")
    ben.choose("Confidentiality impact", Rating.HIGH.value)
    team.submit("ben")
    team.wait(lambda: (seen := ben.modal) is not None and QUESTION in seen.plain)
    choose_same(team)
    team.submit("ben")
    form = team.modal("ben", "Revise asset")
    assert "Nothing was added, because it is AS-1." in form.plain
    assert form.values["Name"] == "Prescription data"
    team.submit("ben")
    team.wait(lambda: asset(team).description == "What patients take")
    assert asset(team).confidentiality is Rating.HIGH
    assert len(team.model().of_kind(Kind.ASSET)) == 1


def test_a_name_that_is_changed_instead_needs_no_answer(team: SlackTeam) -> None:
    begin(team)
    element_form(team)
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "Delivery addresses")
    team.submit("ben")
    team.wait(lambda: "Delivery addresses" in team.names())
    assert "Prescription data (PHI)" not in team.names()


def test_without_an_answer_it_is_asked_again(team: SlackTeam) -> None:
    begin(team)
    element_form(team)
    team.modal("ben", "Add asset")
    team.submit("ben")
    assert QUESTION in team.modal("ben", "Add asset").plain
    assert "Prescription data (PHI)" not in team.names()


def test_a_boundary_typed_while_placing_is_asked_about(team: SlackTeam) -> None:
    begin(team)
    open_from_more(team, "Place components")
    team.person("ben").fill("Order service: boundary", "Private networks")
    team.submit("ben")
    question = "Is “Private networks” the same as “Private network”?"
    team.wait(lambda: (seen := team.person("ben").modal) is not None and question in seen.plain)
    choose_same(team, question)
    team.submit("ben")
    team.wait(lambda: getattr(team.model().elements[ElementId("CO-2")], "boundary", None) == "TB-1")
    assert "Private networks" not in team.names()


def test_two_lines_typed_at_once_are_compared_with_each_other(team: SlackTeam) -> None:
    begin(team)
    open_from_more(team, "Add data flows")
    lines = "Browser -> Archive: patient file\nArchive -> Order service: patient files (PHI)"
    team.person("ben").fill("Data flows", lines)
    team.submit("ben")
    question = "Is “patient files (PHI)” the same as “patient file”?"
    team.wait(lambda: (seen := team.person("ben").modal) is not None and question in seen.plain)
    assert "Also in what you typed" in str(team.modal("ben", "Add data flows").blocks)
    choose_same(team, question)
    team.submit("ben")
    team.wait(lambda: len(team.model().of_kind(Kind.DATA_FLOW)) == 3)
    assert [one.name for one in team.model().of_kind(Kind.ASSET)] == [
        "Prescription data",
        "patient files (PHI)",
    ]


def test_who_is_slower_reads_who_added_it_and_loses_nothing(team: SlackTeam) -> None:
    """Two people have the form open at the same time, and type the same thing, more or less."""
    begin(team)
    for who in ("ben", "chi"):
        team.command(who, "/threatmodel add asset")
        team.modal(who, "Add asset")
        team.person(who).fill("Description", f"By {who}")
    team.person("ben").fill("Name", "Patient file")
    team.person("chi").fill("Name", "Patient files")
    team.submit("ben")
    team.wait(lambda: "Patient file" in team.names())
    team.submit("chi")
    question = "Is “Patient files” the same as “Patient file”?"
    team.wait(lambda: (seen := team.person("chi").modal) is not None and question in seen.plain)
    form = team.modal("chi", "Add asset")
    assert "which Ben added a moment ago" in str(form.blocks)
    assert form.values["Description"] == "By chi"
    choose_same(team, question, who="chi")
    team.submit("chi")
    assert team.modal("chi", "Revise asset").values["Description"] == "By chi"
    team.submit("chi")
    team.wait(lambda: asset(team, "AS-2").description == "By chi")
    assert [one.by for one in added(team)][-1] != team.model().facilitator


def test_who_types_exactly_the_same_name_reads_who_added_it_and_keeps_what_was_typed(team: SlackTeam) -> None:
    begin(team)
    for who in ("ben", "chi"):
        team.command(who, "/threatmodel add asset")
        team.modal(who, "Add asset")
        team.person(who).fill("Name", "Patient file")
        team.person(who).fill("Description", f"By {who}")
    team.submit("ben")
    team.wait(lambda: "Patient file" in team.names())
    team.submit("chi")
    form = team.modal("chi", "Add asset")
    (sentence,) = form.errors.values()
    assert sentence == (
        "The name “Patient file” is already used by asset AS-2. Enter another name. "
        "Ben added it a moment ago."
    )
    assert form.values["Description"] == "By chi"


def test_answers_stay_when_another_name_appears_meanwhile(team: SlackTeam) -> None:
    begin(team)
    flow_lines(team)
    team.wait(lambda: (seen := team.person("ben").modal) is not None and QUESTION in seen.plain)
    team.person("ben").choose(QUESTION, "another")
    by = team.model().facilitator
    drawn = DrawFlows(by=by, at=at(9), flows=(FlowByNames(source="Browser", target="Archives"),))
    team.command_handler.execute(drawn, stream=team.streams[0], key=team.key())
    team.submit("ben")
    second = "Is “Archive” the same as “Archives”?"
    team.wait(lambda: (seen := team.person("ben").modal) is not None and second in seen.plain)
    form = team.modal("ben", "Add data flows")
    assert "'value': 'another'" in str(form.values[QUESTION])
    choose_same(team, second)
    team.submit("ben")
    team.wait(lambda: "Prescription data (PHI)" in team.names())
    assert "Archive" not in team.names()


def test_many_names_at_once_are_answered_together(team: SlackTeam) -> None:
    begin(team)
    first, again = ([f"{word} {end}" for word in WORDS] for end in ("ledger", "ledger (paper)"))
    ana = team.model().facilitator
    team.command_handler.execute(
        NameElements(by=ana, at=at(5), assets=tuple(first)), stream=team.streams[0], key=team.key()
    )
    names = "\n".join(again)
    team.command("ben", f"/threatmodel add asset {names}")
    team.wait(
        lambda: (seen := team.person("ben").modal) is not None and "more names resemble others" in seen.plain
    )
    form = team.modal("ben", "Add assets")
    for label in form.labels:
        if label != "Names":
            team.person("ben").choose(label, "another")
    team.submit("ben")
    team.wait(lambda: set(again) <= team.names())


WORDS = [letter * 9 for letter in "abcdefghijklmnopqrstuvwxy"]


def open_from_more(team: SlackTeam, button: str, title: str = "") -> None:
    """Open a form from the page of everything, on which its button has its title or another word."""
    team.person("ben").click(team.card("More…"), "More…")
    team.person("ben").click(team.modal("ben", "More"), button)
    team.modal("ben", title or button)


def choose_same(team: SlackTeam, question: str = QUESTION, who: str = "ben") -> None:
    """Choose the first of the answers, which is the closest name."""
    form = team.person(who).modal
    assert form is not None
    block = next(one for one in form.blocks if one["type"] == "input" and one["label"]["text"] == question)
    team.person(who).choose(question, block["element"]["options"][0]["value"])


def asset(team: SlackTeam, id: str = "AS-1") -> Asset:
    found = team.model().elements[ElementId(id)]
    assert isinstance(found, Asset)
    return found


def added(team: SlackTeam) -> list[AssetAdded]:
    recorded = team.command_handler.events(team.streams[0])
    return [one.event for one in recorded if isinstance(one.event, AssetAdded)]
