"""Whatever Slack brings twice counts once, and whatever people change and send again is not lost."""

from bot.store import Verified
from domain.kernel.elements import Kind
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam, run_at_the_same_time


def test_a_start_that_comes_twice_starts_one_model(either_way: SlackTeam) -> None:
    either_way.start()
    submission = either_way.sandbox.last_act
    again = either_way.sandbox.repeat(submission)
    assert again.acked
    assert len(either_way.streams) == 1
    assert again.response == submission.response, "the lost answer is given again"


def test_an_element_that_comes_twice_is_added_once(either_way: SlackTeam) -> None:
    either_way.start()
    add_asset(either_way, "ben", "Valuables")
    submission = either_way.sandbox.last_act
    version = either_way.model().version
    for _ in range(3):
        assert either_way.sandbox.repeat(submission).acked
    assert either_way.model().version == version


def test_a_press_that_comes_twice_counts_once(either_way: SlackTeam) -> None:
    create_collected_house(either_way)
    add_asset(either_way, "ben", "The cat")
    add_asset(either_way, "ben", "The dog")
    either_way.command("ben", "/threatmodel undo")
    either_way.sandbox.repeat(either_way.sandbox.last_act)
    assert "The dog" not in either_way.names()
    assert "The cat" in either_way.names()


def test_two_real_presses_count_twice(team: SlackTeam) -> None:
    create_collected_house(team)
    add_asset(team, "ben", "The cat")
    add_asset(team, "ben", "The dog")
    for _ in range(2):
        team.command("ben", "/threatmodel undo")
    assert {"The cat", "The dog"}.isdisjoint(team.names())


def test_everything_delivered_twice_makes_the_same_house(team: SlackTeam) -> None:
    team.sandbox.faults.repeats = 1000
    team.start()
    ana = team.person("ana")
    ana.fill("Assets", "Valuables\nPapers")
    team.submit("ana")
    team.modal("ana", "Add data flows")
    ana.fill("Data flows", "Resident -> House: Valuables")
    team.submit("ana")
    team.modal("ana", "Place components")
    team.submit("ana")
    team.modal("ana", "Saved")
    assert len(team.streams) == 1
    assert len(team.model().of_kind(Kind.ASSET)) == 2
    assert len(team.model().of_kind(Kind.DATA_FLOW)) == 1
    team.card("Data flows  1")
    assert len(team.cards()) == 1
    assert [one for one in team.private_messages("ana") if "three seconds" in one] == [], "each form opened"
    assert isinstance(team.store.verify(), Verified)


def test_repeats_at_the_same_moment_count_once(team: SlackTeam) -> None:
    team.start()
    add_asset(team, "ben", "Valuables")
    submission = team.sandbox.last_act
    version = team.model().version
    run_at_the_same_time(*[lambda: team.sandbox.repeat(submission)] * 6)
    assert team.model().version == version


def test_two_people_at_once_lose_nothing_of_each_other(either_way: SlackTeam) -> None:
    either_way.start()
    names = {who: [f"{who} {number}" for number in range(5)] for who in ("ana", "ben", "chi", "dee")}
    either_way.person("ana").close()

    def add_all(who: str) -> None:
        for name in names[who]:
            add_asset(either_way, who, name)

    run_at_the_same_time(*[lambda who=who: add_all(who) for who in names])
    assert either_way.names() == {name for theirs in names.values() for name in theirs}
    either_way.card("Assets  20")
    assert isinstance(either_way.store.verify(), Verified)


def test_two_who_add_the_same_name_at_once_make_one_and_a_sentence(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    for who in ("ben", "chi"):
        team.command(who, "/threatmodel add asset")
        team.modal(who, "Add asset")
        team.person(who).fill("Name", "Valuables")
    run_at_the_same_time(*[lambda who=who: team.submit(who) for who in ("ben", "chi")])
    assert len(team.model().of_kind(Kind.ASSET)) == 1
    (late,) = [who for who in ("ben", "chi") if team.person(who).modal is not None]
    seen = team.modal(late, "Add asset")
    assert "The name “Valuables” is already used by asset AS-1" in seen.errors["name"]


def test_an_answer_whose_ack_was_lost_is_there_once_however_often_it_is_sent(team: SlackTeam) -> None:
    team.start()
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "Valuables")
    team.sandbox.faults.lost_acks_of_acts = 1
    lost = team.submit("ben")
    assert not lost.acked
    assert team.modal("ben", "Add asset"), "Slack keeps the form open"
    assert team.submit("ben").acked
    assert [one.name for one in team.model().of_kind(Kind.ASSET)] == ["Valuables"]


def test_what_was_saved_and_then_changed_and_sent_again_becomes_a_revision(team: SlackTeam) -> None:
    """The answer was recorded, its ack was lost; the person changes their words and sends again."""
    team.start()
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "Valuables")
    team.sandbox.faults.lost_acks_of_acts = 1
    team.submit("ben")
    team.person("ben").fill("Name", "Valuables and cash")
    team.person("ben").fill("Description", "In the drawer")
    team.submit("ben")
    form = team.modal("ben", "Revise asset")
    assert "already saved as AS-1" in form.plain
    assert form.values["Name"] == "Valuables and cash"
    assert form.values["Description"] == "In the drawer"
    team.submit("ben")
    (asset,) = team.model().of_kind(Kind.ASSET)
    assert (asset.id, asset.name, asset.description) == ("AS-1", "Valuables and cash", "In the drawer")


def test_a_start_that_was_saved_and_then_changed_keeps_the_last_words(team: SlackTeam) -> None:
    team.read_channel()
    team.command("ana", "/threatmodel start The House")
    team.modal("ana", "New threat model")
    team.sandbox.faults.lost_acks_of_acts = 1
    team.submit("ana")
    team.person("ana").fill("Name", "The old house")
    team.submit("ana")
    team.modal("ana", "Add data flows")
    assert len(team.streams) == 1
    assert team.model().name == "The old house"
    team.card("The old house · TM-1")


def test_flows_that_were_saved_and_then_changed_are_drawn_with_the_new_ones(team: SlackTeam) -> None:
    team.start()
    team.person("ana").fill("Assets", "Valuables")
    team.submit("ana")
    team.modal("ana", "Add data flows")
    team.person("ana").fill("Data flows", "Resident -> House: Valuables")
    team.sandbox.faults.lost_acks_of_acts = 1
    team.submit("ana")
    team.person("ana").fill("Data flows", "Resident -> House: Valuables\nGuest -> House: Valuables")
    team.submit("ana")
    team.modal("ana", "Place components")
    assert len(team.model().of_kind(Kind.DATA_FLOW)) == 2


def add_asset(team: SlackTeam, who: str, name: str) -> None:
    team.command(who, "/threatmodel add asset")
    team.modal(who, "Add asset")
    team.person(who).fill("Name", name)
    team.submit(who)
    assert team.person(who).modal is None
