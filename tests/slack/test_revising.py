"""Changing, removing and taking back what was said, from the pages of the lists."""

import pytest

from bot.sandbox.api import interactive_elements
from domain.commands import ReportThreat
from domain.kernel.elements import ElementId, Kind, references
from domain.kernel.threat import Stride
from domain.register import register
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id


def test_an_element_is_revised_from_its_list_and_the_list_follows(either_way: SlackTeam) -> None:
    team = either_way
    create_collected_house(team)
    look_through(team, "ben", "Assets (4)", "Assets")
    click_beside(team, "ben", "Revise", "AS-1")
    form = team.modal("ben", "Revise asset")
    assert form.values["Name"] == "Valuables"
    team.person("ben").fill("Name", "Jewellery")
    team.person("ben").choose("Confidentiality impact", "High")
    team.submit("ben")
    team.wait(lambda: "Jewellery" in team.modal("ben", "Assets").plain)
    assert "Jewellery" in team.names()


def test_a_removed_element_is_gone_from_the_list_and_comes_back_by_undo(team: SlackTeam) -> None:
    create_collected_house(team)
    add_asset(team, "ben", "The cat")
    team.card("Assets  5")
    look_through(team, "ben", "Assets (5)", "Assets")
    click_beside(team, "ben", "Remove", "AS-5")
    team.wait(lambda: "The cat" not in team.modal("ben", "Assets").plain)
    assert "The cat" not in team.names()
    team.person("ben").close(all_of_them=True)
    team.command("ben", "/threatmodel undo")
    team.private_message("ben", "The cat")
    assert "The cat" in team.names()
    team.card("Assets  5")


def open_removal(team: SlackTeam, who: str, id: str) -> str:
    """Open the form that removes a component to which others refer; return its text."""
    look_through(team, who, "Components (5)", "Components")
    click_beside(team, who, "Remove", id)
    return team.modal(who, f"Remove {id}").plain


def test_what_others_use_is_removed_with_them_and_the_form_says_what_that_affects(team: SlackTeam) -> None:
    create_collected_house(team)
    curtains = ReportThreat(
        by=person_id(team, "ana"),
        at=team.now(),
        title="Curtains",
        element=ElementId("DF-1"),
        stride=(Stride.TAMPERING,),
    )
    team.command_handler.execute(curtains, stream=team.streams[0], key=team.key())
    shown = open_removal(team, "ben", "CO-2")
    assert "House · CO-2 is used by 4 elements" in shown
    assert "Removed with it, unless another element takes its place" in shown
    assert "(DF-1)" in shown
    assert "Threats there stay open; withdraw or move them: Curtains (TH-1)" in shown
    team.person("ben").choose("What happens to the references?", "Remove it with 4 data flows")
    team.submit("ben")
    team.wait(lambda: ElementId("CO-2") not in team.model().elements)
    assert ElementId("DF-1") not in team.model().elements
    team.person("ben").close(all_of_them=True)
    team.command("ben", "/threatmodel undo")
    team.wait(lambda: {ElementId("CO-2"), ElementId("DF-1")} <= set(team.model().elements.keys()))


def test_another_element_takes_the_place_of_one_that_is_removed(team: SlackTeam) -> None:
    create_collected_house(team)
    open_removal(team, "ben", "CO-2")
    team.person("ben").choose("What happens to the references?", "Move to Garage (CO-5)")
    team.submit("ben")
    team.wait(lambda: ElementId("CO-2") not in team.model().elements)
    assert all(ElementId("CO-2") not in references(element) for element in team.model().elements.values())


def test_someone_elses_change_in_between_is_not_overwritten_by_undo(team: SlackTeam) -> None:
    create_collected_house(team)
    add_asset(team, "ben", "The cat")
    team.card("Assets  5")
    look_through(team, "chi", "Assets (5)", "Assets")
    click_beside(team, "chi", "Revise", "AS-5")
    team.modal("chi", "Revise asset")
    team.person("chi").fill("Name", "The tom cat")
    team.submit("chi")
    team.command("ben", "/threatmodel undo")
    assert "Chi" in team.private_message("ben", "cannot be undone")
    assert "The tom cat" in team.names()


def test_undo_is_also_a_button_of_the_history(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ana", "/threatmodel history")
    page = team.modal("ana", "History")
    team.person("ana").click(page, "Undo my last change")
    team.wait(lambda: "✗ undone" in team.modal("ana", "History").plain)
    team.card("Place components")


def test_a_name_that_is_taken_is_said_beside_the_box(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "valuables")
    team.person("ben").fill("Description", "A long story")
    team.submit("ben")
    form = team.modal("ben", "Add asset")
    assert "The name “valuables” is already used by asset AS-1" in form.errors["name"]
    assert form.values["Description"] == "A long story"
    team.person("ben").fill("Name", "Cash")
    team.submit("ben")
    assert "Cash" in team.names()


def test_add_another_keeps_the_form_open_empty_and_says_what_was_added(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "Cash")
    team.person("ben").fill("Description", "In the drawer")
    team.person("ben").check("And then", "Add another asset")
    team.submit("ben")
    form = team.modal("ben", "Add asset")
    assert "Cash" in form.plain
    assert not form.values["Name"]
    assert not form.values["Description"]
    assert form.values["And then"], "it stays ticked"


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_element_is_added_by_its_own_form(team: SlackTeam, kind: Kind) -> None:
    create_collected_house(team)
    word = kind.value.replace("_", " ")
    before = len(team.model().of_kind(kind))
    team.command("dee", f"/threatmodel add {word}")
    team.modal("dee", f"Add {word}")
    if kind is Kind.DATA_FLOW:
        team.person("dee").choose("Source", "CO-3")
        team.person("dee").choose("Target", "CO-5")
    else:
        team.person("dee").fill("Name", "One more")
    team.submit("dee")
    assert len(team.model().of_kind(kind)) == before + 1


def test_an_assumption_is_recorded_with_who_holds_it_and_withdrawn(team: SlackTeam) -> None:
    create_collected_house(team, steps=1)
    team.command("ben", "/threatmodel add assumption")
    team.modal("ben", "Add assumption")
    team.person("ben").fill("Assumption", "The windows are nailed shut")
    team.person("ben").choose("Owner", "dee")
    team.submit("ben")
    team.card("1 assumption")
    look_through(team, "chi", "Assumptions (1)", "Assumptions")
    assert "owner: Dee" in seen(team, "chi")
    team.person("chi").click(team.modal("chi", "Assumptions"), "Withdraw")
    team.wait(lambda: "nailed shut" not in team.modal("chi", "Assumptions").plain)
    assert not team.model().assumptions


def test_a_list_is_marked_complete_and_the_card_says_so(team: SlackTeam) -> None:
    create_collected_house(team)
    look_through(team, "ben", "Assets (4)", "Assets")
    team.person("ben").click(team.modal("ben", "Assets"), "Mark complete")
    team.card("Assets  4  ✓ complete")
    team.wait(lambda: "Mark incomplete" in team.modal("ben", "Assets").plain)


def test_the_list_behind_add_another_knows_what_was_added_when_the_form_is_left(team: SlackTeam) -> None:
    create_collected_house(team)
    look_through(team, "ben", "Assets (4)", "Assets")
    ben = team.person("ben")
    ben.click(team.modal("ben", "Assets"), "Add")
    team.modal("ben", "Add asset")
    ben.fill("Name", "The cat")
    ben.check("And then", "Add another asset")
    team.submit("ben")
    team.wait(lambda: "You added the asset" in team.modal("ben", "Add asset").plain)
    ben.close()
    team.wait(lambda: "The cat" in team.modal("ben", "Assets").plain)


def test_trust_levels_are_put_in_another_order(team: SlackTeam) -> None:
    create_collected_house(team)
    look_through(team, "ben", "Trust levels (4)", "Trust levels")
    press_beside(team, "ben", "Move TL-3 up")
    press_beside(team, "ben", "Move TL-3 up")
    press_beside(team, "ben", "Move TL-2 down")
    levels = register(team.model()).items(Kind.TRUST_LEVEL)
    assert [level.name for level in levels] == ["Guests", "Passers-by", "Residents", "Visitors"]
    order = ["Guests · TL-3", "Passers-by · TL-1", "Residents · TL-4", "Visitors · TL-2"]
    team.wait(lambda: [one for one in seen(team, "ben").split("\n") if "· TL-" in one] == order)


def test_a_step_that_comes_twice_is_taken_once(team: SlackTeam) -> None:
    create_collected_house(team)
    look_through(team, "ben", "Trust levels (4)", "Trust levels")
    press_beside(team, "ben", "Move TL-3 up")
    version = team.model().version
    assert team.sandbox.repeat(team.sandbox.last_act).acked
    assert team.model().version == version


def test_a_form_of_something_removed_meanwhile_is_refused_kindly(team: SlackTeam) -> None:
    create_collected_house(team, steps=3)
    look_through(team, "ben", "Assets (4)", "Assets")
    look_through(team, "chi", "Assets (4)", "Assets")
    click_beside(team, "ben", "Revise", "AS-1")
    team.modal("ben", "Revise asset")
    click_beside(team, "chi", "Remove", "AS-1")
    team.wait(lambda: "Valuables" not in team.names())
    team.person("ben").fill("Name", "Jewellery")
    team.submit("ben")
    assert "AS-1. It may have" in " ".join(team.modal("ben", "Revise asset").errors.values())


def look_through(team: SlackTeam, who: str, label: str, title: str) -> None:
    team.person(who).click(team.card("TM-1"), "More…")
    team.person(who).click(team.modal(who, "More"), label)
    team.modal(who, title)


def click_beside(team: SlackTeam, who: str, label: str, element: str) -> None:
    """Press the button of that label which is about an element, as a screen reader names it."""
    view = team.person(who).modal
    assert view is not None
    for control in interactive_elements(view.blocks):
        if control.element.get("accessibility_label") == f"{label} {element}":
            person = team.person(who).account
            team.sandbox.client.click_in_view(person, view.view, control, {"type": "button"})
            return
    raise AssertionError(f"no button {label} {element} in {view.plain}")


def press_beside(team: SlackTeam, who: str, spoken: str) -> None:
    """Press a button of the page by what a screen reader says, and wait for the page to follow."""
    before = team.model().version
    label, _, element = spoken.partition(" ")
    click_beside(team, who, label, element)
    team.wait(lambda: team.model().version > before)


def add_asset(team: SlackTeam, who: str, name: str) -> None:
    team.command(who, "/threatmodel add asset")
    team.modal(who, "Add asset")
    team.person(who).fill("Name", name)
    team.submit(who)


def seen(team: SlackTeam, who: str) -> str:
    view = team.person(who).modal
    return "" if view is None else view.plain
