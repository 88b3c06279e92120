"""Changing, removing and taking back what was said, from the pages of the lists."""

import pytest

from bot.sandbox.api import interactive_elements
from domain.kernel.elements import ElementId, Kind
from domain.register import register
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot


def test_an_element_is_revised_from_its_list_and_the_list_follows(either_way: RunningBot) -> None:
    there = either_way
    create_collected_house(there)
    look_through(there, "ben", "Assets (4)", "Assets")
    click_beside(there, "ben", "Revise", "AS-1")
    form = there.modal("ben", "Revise asset")
    assert form.values["Name"] == "Valuables"
    there.person("ben").fill("Name", "Jewellery")
    there.person("ben").choose("If strangers see it", "High")
    there.submit("ben")
    there.wait(lambda: "Jewellery" in there.modal("ben", "Assets").plain)
    assert "Jewellery" in there.names()


def test_a_removed_element_is_gone_from_the_list_and_comes_back_by_undo(there: RunningBot) -> None:
    create_collected_house(there)
    add_asset(there, "ben", "The cat")
    there.card("Assets  5")
    look_through(there, "ben", "Assets (5)", "Assets")
    click_beside(there, "ben", "Remove", "AS-5")
    there.wait(lambda: "The cat" not in there.modal("ben", "Assets").plain)
    assert "The cat" not in there.names()
    there.person("ben").close(all_of_them=True)
    there.command("ben", "/threatmodel undo")
    there.told("ben", "The cat")
    assert "The cat" in there.names()
    there.card("Assets  5")


def test_what_others_still_use_is_not_removed_and_the_sentence_names_them(there: RunningBot) -> None:
    create_collected_house(there)
    look_through(there, "ben", "Components (5)", "Components")
    click_beside(there, "ben", "Remove", "CO-2")
    there.wait(lambda: "still used by" in seen(there, "ben") or there.whispers("ben"))
    assert "“House” (CO-2) is still used by" in seen(there, "ben")
    assert "(DF-1)" in seen(there, "ben")
    assert ElementId("CO-2") in there.model().elements


def test_somebody_elses_change_in_between_is_not_overwritten_by_undo(there: RunningBot) -> None:
    create_collected_house(there)
    add_asset(there, "ben", "The cat")
    there.card("Assets  5")
    look_through(there, "chi", "Assets (5)", "Assets")
    click_beside(there, "chi", "Revise", "AS-5")
    there.modal("chi", "Revise asset")
    there.person("chi").fill("Name", "The tom cat")
    there.submit("chi")
    there.command("ben", "/threatmodel undo")
    assert "Chi" in there.told("ben", "cannot be taken back")
    assert "The tom cat" in there.names()


def test_undo_is_also_a_button_of_the_history(there: RunningBot) -> None:
    create_collected_house(there)
    there.command("ana", "/threatmodel history")
    page = there.modal("ana", "History")
    there.person("ana").click(page, "Undo my last answer")
    there.wait(lambda: "taken back" in there.modal("ana", "History").plain)
    there.card("Place components")


def test_a_name_that_is_taken_is_said_beside_the_box(there: RunningBot) -> None:
    create_collected_house(there)
    there.command("ben", "/threatmodel add asset")
    there.modal("ben", "Add asset")
    there.person("ben").fill("Name", "valuables")
    there.person("ben").fill("Description", "A long story")
    there.submit("ben")
    form = there.modal("ben", "Add asset")
    assert "There is already an asset called “valuables” (AS-1)" in form.errors["name"]
    assert form.values["Description"] == "A long story"
    there.person("ben").fill("Name", "Cash")
    there.submit("ben")
    assert "Cash" in there.names()


def test_add_another_keeps_the_form_open_empty_and_says_what_was_added(there: RunningBot) -> None:
    create_collected_house(there)
    there.command("ben", "/threatmodel add asset")
    there.modal("ben", "Add asset")
    there.person("ben").fill("Name", "Cash")
    there.person("ben").fill("Description", "In the drawer")
    there.person("ben").check("And then", "Add another asset")
    there.submit("ben")
    form = there.modal("ben", "Add asset")
    assert "Cash" in form.plain
    assert not form.values["Name"]
    assert not form.values["Description"]
    assert form.values["And then"], "it stays ticked"


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_element_is_added_by_its_own_form(there: RunningBot, kind: Kind) -> None:
    create_collected_house(there)
    word = kind.value.replace("_", " ")
    before = len(there.model().of_kind(kind))
    there.command("dee", f"/threatmodel add {word}")
    there.modal("dee", f"Add {word}")
    if kind is Kind.DATA_FLOW:
        there.person("dee").choose("From", "CO-3")
        there.person("dee").choose("To", "CO-5")
    else:
        there.person("dee").fill("Name", "One more")
    there.submit("dee")
    assert len(there.model().of_kind(kind)) == before + 1


def test_an_assumption_is_recorded_with_who_holds_it_and_withdrawn(there: RunningBot) -> None:
    create_collected_house(there, steps=1)
    there.command("ben", "/threatmodel add assumption")
    there.modal("ben", "Add assumption")
    there.person("ben").fill("What do we take for true?", "The windows are nailed shut")
    there.person("ben").choose("Who holds it?", "dee")
    there.submit("ben")
    there.card("1 assumption")
    look_through(there, "chi", "Assumptions (1)", "Assumptions")
    assert "held by Dee" in seen(there, "chi")
    there.person("chi").click(there.modal("chi", "Assumptions"), "Withdraw")
    there.wait(lambda: "nailed shut" not in there.modal("chi", "Assumptions").plain)
    assert not there.model().assumptions


def test_a_list_is_marked_complete_and_the_card_says_so(there: RunningBot) -> None:
    create_collected_house(there)
    look_through(there, "ben", "Assets (4)", "Assets")
    there.person("ben").click(there.modal("ben", "Assets"), "Mark complete")
    there.card("Assets  4  ✓ complete")
    there.wait(lambda: "Not complete after all" in there.modal("ben", "Assets").plain)


def test_the_list_behind_add_another_knows_what_was_added_when_the_form_is_left(there: RunningBot) -> None:
    create_collected_house(there)
    look_through(there, "ben", "Assets (4)", "Assets")
    ben = there.person("ben")
    ben.click(there.modal("ben", "Assets"), "Add")
    there.modal("ben", "Add asset")
    ben.fill("Name", "The cat")
    ben.check("And then", "Add another asset")
    there.submit("ben")
    there.wait(lambda: "You added the asset" in there.modal("ben", "Add asset").plain)
    ben.close()
    there.wait(lambda: "The cat" in there.modal("ben", "Assets").plain)


def test_trust_levels_are_put_in_another_order(there: RunningBot) -> None:
    create_collected_house(there)
    look_through(there, "ben", "Trust levels (4)", "Trust levels")
    press_beside(there, "ben", "Move TL-3 up")
    press_beside(there, "ben", "Move TL-3 up")
    press_beside(there, "ben", "Move TL-2 down")
    levels = register(there.model()).items(Kind.TRUST_LEVEL)
    assert [one.name for one in levels] == ["Guests", "Passers-by", "Residents", "Visitors"]
    order = ["Guests · TL-3", "Passers-by · TL-1", "Residents · TL-4", "Visitors · TL-2"]
    there.wait(lambda: [one for one in seen(there, "ben").split("\n") if "· TL-" in one] == order)


def test_a_step_that_comes_twice_is_taken_once(there: RunningBot) -> None:
    create_collected_house(there)
    look_through(there, "ben", "Trust levels (4)", "Trust levels")
    press_beside(there, "ben", "Move TL-3 up")
    version = there.model().version
    assert there.sandbox.repeat(there.sandbox.last_act).acked
    assert there.model().version == version


def test_a_form_of_something_removed_meanwhile_is_refused_kindly(there: RunningBot) -> None:
    create_collected_house(there, steps=3)
    look_through(there, "ben", "Assets (4)", "Assets")
    look_through(there, "chi", "Assets (4)", "Assets")
    click_beside(there, "ben", "Revise", "AS-1")
    there.modal("ben", "Revise asset")
    click_beside(there, "chi", "Remove", "AS-1")
    there.wait(lambda: "Valuables" not in there.names())
    there.person("ben").fill("Name", "Jewellery")
    there.submit("ben")
    assert "AS-1 is not part of this model" in " ".join(there.modal("ben", "Revise asset").errors.values())


def look_through(there: RunningBot, who: str, label: str, title: str) -> None:
    there.person(who).click(there.card("TM-1"), "More…")
    there.person(who).click(there.modal(who, "More"), label)
    there.modal(who, title)


def click_beside(there: RunningBot, who: str, label: str, element: str) -> None:
    """Press the button of that label which is about an element, as a screen reader names it."""
    view = there.person(who).modal
    assert view is not None
    for control in interactive_elements(view.blocks):
        if control.element.get("accessibility_label") == f"{label} {element}":
            person = there.person(who).account
            there.sandbox.client.click_in_view(person, view.view, control, {"type": "button"})
            return
    raise AssertionError(f"no button {label} {element} in {view.plain}")


def press_beside(there: RunningBot, who: str, spoken: str) -> None:
    """Press a button of the page by what a screen reader says, and wait for the page to follow."""
    before = there.model().version
    label, _, element = spoken.partition(" ")
    click_beside(there, who, label, element)
    there.wait(lambda: there.model().version > before)


def add_asset(there: RunningBot, who: str, name: str) -> None:
    there.command(who, "/threatmodel add asset")
    there.modal(who, "Add asset")
    there.person(who).fill("Name", name)
    there.submit(who)


def seen(there: RunningBot, who: str) -> str:
    view = there.person(who).modal
    return "" if view is None else view.plain
