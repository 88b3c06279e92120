"""Two people at the same thing: nobody's words are written over unseen."""

from msgspec.structs import replace

from domain.commands import ReviseAsset
from domain.kernel.elements import Asset, AssumptionId, ElementId, PersonId, Rating
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot
from tests.slack.test_revising import click_beside, look_through


def test_what_somebody_else_changed_meanwhile_is_shown_before_it_is_written_over(
    either_way: RunningBot,
) -> None:
    there = either_way
    both_revise(there)
    there.person("ben").fill("Name", "Jewellery")
    there.person("ben").choose("If it is gone", "High")
    there.submit("ben")
    version = there.model().version
    there.person("chi").fill("Name", "Gold and silver")
    there.submit("chi")
    held = there.modal("chi", "Revise asset")
    assert there.model().version == version, "it is held back"
    assert "⚠ Ben changed “Name” meanwhile, so nothing is saved yet" in held.plain
    beside = next(block for block in held.blocks if block.get("fields"))
    assert "Name" in beside["text"]["text"]
    theirs, mine = (one["text"] for one in beside["fields"])
    assert theirs.startswith("*Ben, <!date^")
    assert "Jewellery" in theirs
    assert "Gold and silver" in mine
    assert held.values["Name"] == "Gold and silver"
    assert "High" in str(held.values["If it is gone"]), "what only the other changed is taken over"
    there.submit("chi")
    saved = there.model().elements[ElementId("AS-1")]
    assert isinstance(saved, Asset)
    assert (saved.name, saved.availability) == ("Gold and silver", Rating.HIGH)


def test_a_field_that_nobody_touched_keeps_its_value_when_the_form_is_shown_again(there: RunningBot) -> None:
    create_collected_house(there)
    described = ReviseAsset(
        by=PersonId(there.person("ana").id),
        at=there.now(),
        element=ElementId("AS-1"),
        name="Valuables",
        description="In the drawer",
        availability=Rating.LOW,
    )
    there.command_handler.execute(described, stream=there.streams[0], key=there.key())
    both_revise(there, told=True)
    before = there.model().elements[ElementId("AS-1")]
    there.person("ben").fill("Name", "Jewellery")
    there.submit("ben")
    there.person("chi").fill("Name", "Gold and silver")
    there.submit("chi")
    there.modal("chi", "Revise asset")
    there.submit("chi")
    after = there.model().elements[ElementId("AS-1")]
    assert after == replace(before, name="Gold and silver")


def test_what_somebody_changed_elsewhere_holds_nothing_back(there: RunningBot) -> None:
    both_revise(there)
    there.person("ben").close()
    click_beside(there, "ben", "Revise", "AS-2")
    there.modal("ben", "Revise asset")
    there.person("ben").fill("Name", "Letters")
    there.submit("ben")
    there.person("chi").fill("Name", "Jewellery")
    there.submit("chi")
    assert there.model().elements[ElementId("AS-1")].name == "Jewellery"


def test_a_save_whose_answer_was_lost_is_answered_though_somebody_came_after_it(there: RunningBot) -> None:
    both_revise(there)
    there.person("ben").fill("Name", "Jewellery")
    there.submit("ben")
    mine = there.sandbox.last_act
    there.person("chi").fill("Name", "Gold")
    there.submit("chi")
    there.submit("chi")
    again = there.sandbox.repeat(mine)
    assert "meanwhile, so nothing is saved" not in str(again.response)
    assert there.model().elements[ElementId("AS-1")].name == "Gold"


def test_the_scope_is_held_back_as_well(there: RunningBot) -> None:
    create_collected_house(there)
    for who in ("ben", "chi"):
        there.command(who, "/threatmodel settings")
        there.person(who).click(there.modal(who, "Settings"), "Name and scope")
        there.modal(who, "Scope")
    there.person("ben").fill("Name", "The Castle")
    there.submit("ben")
    there.person("chi").fill("Name", "The Hut")
    there.submit("chi")
    assert "Ben changed “Name” meanwhile" in there.modal("chi", "Scope").plain
    assert "The Castle" in there.modal("chi", "Scope").plain
    assert there.model().name == "The Castle"


def test_an_assumption_changed_and_sent_again_is_revised_not_recorded_twice(there: RunningBot) -> None:
    create_collected_house(there, steps=1)
    there.command("ben", "/threatmodel add assumption")
    there.modal("ben", "Add assumption")
    there.person("ben").fill("What do we take for true?", "The windows are shut")
    there.sandbox.faults.lost_acks_of_acts = 1
    there.submit("ben")
    there.person("ben").fill("What do we take for true?", "The windows are nailed shut")
    there.submit("ben")
    form = there.modal("ben", "Revise assumption")
    assert "This was saved already as AU-1" in form.plain
    there.submit("ben")
    (only,) = there.model().assumptions.values()
    assert (only.id, only.text) == (AssumptionId("AU-1"), "The windows are nailed shut")


def both_revise(there: RunningBot, *, told: bool = False) -> None:
    """Ben and Chi have the same asset's form open."""
    if not told:
        create_collected_house(there)
    for who in ("ben", "chi"):
        look_through(there, who, "Assets (4)", "Assets")
        click_beside(there, who, "Revise", "AS-1")
        there.modal(who, "Revise asset")
