"""Two people at the same thing: nobody's words are written over unseen."""

from msgspec.structs import replace

from domain.commands import ReviseAsset
from domain.kernel.elements import Asset, AssumptionId, ElementId, PersonId, Rating
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam
from tests.slack.test_revising import click_beside, look_through


def test_what_someone_else_changed_meanwhile_is_shown_before_it_is_written_over(
    either_way: SlackTeam,
) -> None:
    team = either_way
    both_revise(team)
    team.person("ben").fill("Name", "Jewellery")
    team.person("ben").choose("Availability impact", "High")
    team.submit("ben")
    version = team.model().version
    team.person("chi").fill("Name", "Gold and silver")
    team.submit("chi")
    held = team.modal("chi", "Revise asset")
    assert team.model().version == version, "it is held back"
    assert "⚠ Ben changed “Name” in the meantime, so nothing is saved yet" in held.plain
    beside = next(block for block in held.blocks if block.get("fields"))
    assert "Name" in beside["text"]["text"]
    theirs, mine = (one["text"] for one in beside["fields"])
    assert theirs.startswith("*Ben, <!date^")
    assert "Jewellery" in theirs
    assert "Gold and silver" in mine
    assert held.values["Name"] == "Gold and silver"
    assert "High" in str(held.values["Availability impact"]), "what only the other changed is taken over"
    team.submit("chi")
    saved = team.model().elements[ElementId("AS-1")]
    assert isinstance(saved, Asset)
    assert (saved.name, saved.availability) == ("Gold and silver", Rating.HIGH)


def test_a_field_that_no_one_touched_keeps_its_value_when_the_form_is_shown_again(team: SlackTeam) -> None:
    create_collected_house(team)
    described = ReviseAsset(
        by=PersonId(team.person("ana").id),
        at=team.now(),
        element=ElementId("AS-1"),
        name="Valuables",
        description="In the drawer",
        availability=Rating.LOW,
    )
    team.command_handler.execute(described, stream=team.streams[0], key=team.key())
    both_revise(team, told=True)
    before = team.model().elements[ElementId("AS-1")]
    team.person("ben").fill("Name", "Jewellery")
    team.submit("ben")
    team.person("chi").fill("Name", "Gold and silver")
    team.submit("chi")
    team.modal("chi", "Revise asset")
    team.submit("chi")
    after = team.model().elements[ElementId("AS-1")]
    assert after == replace(before, name="Gold and silver")


def test_what_someone_changed_elsewhere_holds_nothing_back(team: SlackTeam) -> None:
    both_revise(team)
    team.person("ben").close()
    click_beside(team, "ben", "Revise", "AS-2")
    team.modal("ben", "Revise asset")
    team.person("ben").fill("Name", "Letters")
    team.submit("ben")
    team.person("chi").fill("Name", "Jewellery")
    team.submit("chi")
    assert team.model().elements[ElementId("AS-1")].name == "Jewellery"


def test_a_save_whose_answer_was_lost_is_answered_though_someone_came_after_it(team: SlackTeam) -> None:
    both_revise(team)
    team.person("ben").fill("Name", "Jewellery")
    team.submit("ben")
    mine = team.sandbox.last_act
    team.person("chi").fill("Name", "Gold")
    team.submit("chi")
    team.submit("chi")
    again = team.sandbox.repeat(mine)
    assert "in the meantime, so nothing is saved" not in str(again.response)
    assert team.model().elements[ElementId("AS-1")].name == "Gold"


def test_an_assumption_changed_and_sent_again_is_revised_not_recorded_twice(team: SlackTeam) -> None:
    create_collected_house(team, steps=1)
    team.command("ben", "/threatmodel add assumption")
    team.modal("ben", "Add assumption")
    team.person("ben").fill("Assumption", "The windows are shut")
    team.sandbox.faults.lost_acks_of_acts = 1
    team.submit("ben")
    team.person("ben").fill("Assumption", "The windows are nailed shut")
    team.submit("ben")
    form = team.modal("ben", "Revise assumption")
    assert "This was already saved as AU-1" in form.plain
    team.submit("ben")
    (only,) = team.model().assumptions.values()
    assert (only.id, only.text) == (AssumptionId("AU-1"), "The windows are nailed shut")


def both_revise(team: SlackTeam, *, told: bool = False) -> None:
    """Ben and Chi have the same asset's form open."""
    if not told:
        create_collected_house(team)
    for who in ("ben", "chi"):
        look_through(team, who, "Assets (4)", "Assets")
        click_beside(team, who, "Revise", "AS-1")
        team.modal(who, "Revise asset")
