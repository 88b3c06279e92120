"""Whatever Slack brings twice counts once, and whatever people change and send again is not lost."""

from bot.store import Verified
from domain.kernel.elements import Kind
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot, run_at_the_same_time


def test_a_start_that_comes_twice_starts_one_model(either_way: RunningBot) -> None:
    either_way.start()
    submission = either_way.sandbox.last_act
    again = either_way.sandbox.repeat(submission)
    assert again.acked
    assert len(either_way.streams) == 1
    assert again.response == submission.response, "the lost answer is given again"


def test_an_element_that_comes_twice_is_added_once(either_way: RunningBot) -> None:
    either_way.start()
    add_asset(either_way, "ben", "Valuables")
    submission = either_way.sandbox.last_act
    version = either_way.model().version
    for _ in range(3):
        assert either_way.sandbox.repeat(submission).acked
    assert either_way.model().version == version


def test_a_press_that_comes_twice_counts_once(either_way: RunningBot) -> None:
    create_collected_house(either_way)
    add_asset(either_way, "ben", "The cat")
    add_asset(either_way, "ben", "The dog")
    either_way.command("ben", "/threatmodel undo")
    either_way.sandbox.repeat(either_way.sandbox.last_act)
    assert "The dog" not in either_way.names()
    assert "The cat" in either_way.names()


def test_two_real_presses_count_twice(there: RunningBot) -> None:
    create_collected_house(there)
    add_asset(there, "ben", "The cat")
    add_asset(there, "ben", "The dog")
    for _ in range(2):
        there.command("ben", "/threatmodel undo")
    assert {"The cat", "The dog"}.isdisjoint(there.names())


def test_everything_delivered_twice_makes_the_same_house(there: RunningBot) -> None:
    there.sandbox.faults.repeats = 1000
    there.start()
    ana = there.person("ana")
    ana.fill("Assets", "Valuables\nPapers")
    there.submit("ana")
    there.modal("ana", "Data flows as lines")
    ana.fill("Data flows", "Resident -> House: Valuables")
    there.submit("ana")
    there.modal("ana", "Place components")
    there.submit("ana")
    there.modal("ana", "Saved")
    assert len(there.streams) == 1
    assert len(there.model().of_kind(Kind.ASSET)) == 2
    assert len(there.model().of_kind(Kind.DATA_FLOW)) == 1
    there.card("Data flows  1")
    assert len(there.cards()) == 1
    assert isinstance(there.store.verify(), Verified)


def test_repeats_at_the_same_moment_count_once(there: RunningBot) -> None:
    there.start()
    add_asset(there, "ben", "Valuables")
    submission = there.sandbox.last_act
    version = there.model().version
    run_at_the_same_time(*[lambda: there.sandbox.repeat(submission)] * 6)
    assert there.model().version == version


def test_two_people_at_once_lose_nothing_of_each_other(either_way: RunningBot) -> None:
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


def test_two_who_add_the_same_name_at_once_make_one_and_a_sentence(there: RunningBot) -> None:
    there.start()
    there.person("ana").close()
    for who in ("ben", "chi"):
        there.command(who, "/threatmodel add asset")
        there.modal(who, "Add asset")
        there.person(who).fill("Name", "Valuables")
    run_at_the_same_time(*[lambda who=who: there.submit(who) for who in ("ben", "chi")])
    assert len(there.model().of_kind(Kind.ASSET)) == 1
    (late,) = [who for who in ("ben", "chi") if there.person(who).modal is not None]
    seen = there.modal(late, "Add asset")
    assert "There is already an asset called “Valuables” (AS-1)" in seen.errors["name"]


def test_an_answer_whose_ack_was_lost_is_there_once_however_often_it_is_sent(there: RunningBot) -> None:
    there.start()
    there.command("ben", "/threatmodel add asset")
    there.modal("ben", "Add asset")
    there.person("ben").fill("Name", "Valuables")
    there.sandbox.faults.lost_acks_of_acts = 1
    lost = there.submit("ben")
    assert not lost.acked
    assert there.modal("ben", "Add asset"), "Slack keeps the form open"
    assert there.submit("ben").acked
    assert [one.name for one in there.model().of_kind(Kind.ASSET)] == ["Valuables"]


def test_what_was_saved_and_then_changed_and_sent_again_becomes_a_revision(there: RunningBot) -> None:
    """The answer was recorded, its ack was lost; the person changes their words and sends again."""
    there.start()
    there.command("ben", "/threatmodel add asset")
    there.modal("ben", "Add asset")
    there.person("ben").fill("Name", "Valuables")
    there.sandbox.faults.lost_acks_of_acts = 1
    there.submit("ben")
    there.person("ben").fill("Name", "Valuables and cash")
    there.person("ben").fill("Description", "In the drawer")
    there.submit("ben")
    form = there.modal("ben", "Revise asset")
    assert "saved already as AS-1" in form.plain
    assert form.values["Name"] == "Valuables and cash"
    assert form.values["Description"] == "In the drawer"
    there.submit("ben")
    (asset,) = there.model().of_kind(Kind.ASSET)
    assert (asset.id, asset.name, asset.description) == ("AS-1", "Valuables and cash", "In the drawer")


def test_a_start_that_was_saved_and_then_changed_keeps_the_last_words(there: RunningBot) -> None:
    there.know()
    there.command("ana", "/threatmodel start The House")
    there.modal("ana", "New threat model")
    there.sandbox.faults.lost_acks_of_acts = 1
    there.submit("ana")
    there.person("ana").fill("Name", "The old house")
    there.submit("ana")
    there.modal("ana", "Name what there is")
    assert len(there.streams) == 1
    assert there.model().name == "The old house"
    there.card("The old house · TM-1")


def test_flows_that_were_saved_and_then_changed_are_drawn_with_the_new_ones(there: RunningBot) -> None:
    there.start()
    there.person("ana").fill("Assets", "Valuables")
    there.submit("ana")
    there.modal("ana", "Data flows as lines")
    there.person("ana").fill("Data flows", "Resident -> House: Valuables")
    there.sandbox.faults.lost_acks_of_acts = 1
    there.submit("ana")
    there.person("ana").fill("Data flows", "Resident -> House: Valuables\nGuest -> House: Valuables")
    there.submit("ana")
    there.modal("ana", "Place components")
    assert len(there.model().of_kind(Kind.DATA_FLOW)) == 2


def add_asset(there: RunningBot, who: str, name: str) -> None:
    there.command(who, "/threatmodel add asset")
    there.modal(who, "Add asset")
    there.person(who).fill("Name", name)
    there.submit(who)
    assert there.person(who).modal is None
