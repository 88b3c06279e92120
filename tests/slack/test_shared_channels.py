"""Channels shared with other organisations: an administrator allows it, and nobody else's people act."""

import pytest

from bot.sandbox.api import VisibleMessage
from bot.slack.directory.member_directory import Directory
from domain.kernel.elements import ChannelId
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot

HOUSE = ChannelId("C0HOUSE01")


@pytest.fixture
def shared(there: RunningBot) -> RunningBot:
    """#house is shared from the beginning; Ana is an administrator, Pat belongs to the partner."""
    there.sandbox.add_person("pat", "#house", team="T0PARTNER")
    there.sandbox.change_channel("#house", is_ext_shared=True)
    there.know()
    return there


def test_a_start_is_refused_with_whom_to_ask(shared: RunningBot) -> None:
    shared.command("ben", "/threatmodel start The House")
    said = shared.told("ben", "shared with another organisation")
    assert "Ana to start it, or use a channel of your own" in said
    assert shared.person("ben").modal is None


def test_without_an_administrator_there_one_is_to_be_asked_in(shared: RunningBot) -> None:
    shared.person("ana").leave("#house")
    shared.command("ben", "/threatmodel start")
    shared.told("ben", "Ask an administrator of this workspace to join and start it")


def test_an_administrator_is_told_who_will_see_it_and_starting_allows_that(shared: RunningBot) -> None:
    shared.command("ana", "/threatmodel start The House")
    form = shared.modal("ana", "New threat model")
    assert "They will see the card of this model here" in form.plain
    shared.submit("ana")
    shared.modal("ana", "Name what there is")
    assert shared.model().sharing_allowed
    shared.card("The House · TM-1")


def test_an_administrator_who_was_not_told_yet_is_told_first_and_keeps_what_they_typed(
    there: RunningBot,
) -> None:
    there.know()
    there.command("ana", "/threatmodel start The House")
    there.modal("ana", "New threat model")
    there.person("ana").fill("What are we building?", "A home")
    there.sandbox.change_channel("#house", is_ext_shared=True)
    there.know()
    there.submit("ana")
    form = there.modal("ana", "New threat model")
    assert "They will see the card of this model here" in form.plain
    assert there.streams == []
    assert form.values["What are we building?"] == "A home"
    there.submit("ana")
    there.modal("ana", "Name what there is")
    assert there.model().sharing_allowed


def test_a_channel_that_is_shared_while_the_form_is_open_refuses_the_others(there: RunningBot) -> None:
    there.know()
    there.command("ben", "/threatmodel start The House")
    there.modal("ben", "New threat model")
    there.sandbox.change_channel("#house", is_ext_shared=True)
    there.know()
    there.submit("ben")
    seen = there.person("ben").modal
    assert seen is not None
    assert "shared with another organisation" in " ".join(seen.errors.values())
    assert there.streams == []


def test_people_of_another_organisation_do_nothing_and_see_nothing_also_where_it_is_allowed(
    shared: RunningBot,
) -> None:
    shared.start("ana")
    before = shared.model().version
    for word in ("status", "list", "add asset", "history", "start", "undo"):
        shared.command("pat", f"/threatmodel {word}")
    shared.person("pat").click(shared.card("TM-1"), "More…")
    shared.wait(lambda: len(shared.whispers("pat")) == 7)
    assert all("other organisations" in one for one in shared.whispers("pat"))
    assert shared.person("pat").modal is None
    assert shared.model().version == before


def test_a_channel_that_is_shared_later_is_allowed_by_an_administrator_alone(there: RunningBot) -> None:
    create_collected_house(there)
    there.sandbox.change_channel("#house", is_ext_shared=True)
    there.wait(lambda: is_shared(there))
    allow(there, "ben")
    there.wait(lambda: "Only an administrator of this workspace" in words_to(there, "ben"))
    assert "Please ask @" in words_to(there, "ben")
    assert not there.model().sharing_allowed
    allow(there, "ana")
    there.wait(lambda: there.model().sharing_allowed)
    there.command("ben", "/threatmodel add asset")
    there.modal("ben", "Add asset")
    there.person("ben").fill("Name", "The cat")
    there.submit("ben")
    there.card("Assets  5")


def test_the_word_to_the_facilitator_has_the_button_in_it(there: RunningBot) -> None:
    there.sandbox.change_person("ana", is_admin=False)
    there.sandbox.change_person("dee", is_admin=True)
    create_collected_house(there)
    there.sandbox.change_channel("#house", is_ext_shared=True)
    there.wait(lambda: any("another organisation" in one.plain for one in letters(there, "ana")))
    there.person("ana").click(letters(there, "ana")[-1], "Allow for TM-1")
    there.wait(lambda: any("Please ask @" in one.plain for one in letters(there, "ana")))
    assert "Dee" in letters(there, "ana")[-1].plain
    assert not there.model().sharing_allowed


def test_one_of_two_other_organisations_leaving_changes_nothing(there: RunningBot) -> None:
    create_collected_house(there)
    there.sandbox.change_channel("#house", is_ext_shared=True)
    there.wait(lambda: is_shared(there))
    looks = len(there.sandbox.calls_of("conversations.info"))
    channel = {"channel": HOUSE, "previously_connected_team_id": "T0OTHERS", "is_ext_shared": True}
    there.sandbox.publish("channel_unshared", {"type": "channel_unshared", **channel})
    there.wait(lambda: len(there.sandbox.calls_of("conversations.info")) > looks)
    assert is_shared(there)


def letters(there: RunningBot, who: str) -> list[VisibleMessage]:
    return there.person(who).direct_messages()


def allow(there: RunningBot, who: str) -> None:
    there.person(who).click(there.card("TM-1"), "More…")
    there.person(who).click(there.modal(who, "More"), "Allow sharing")


def words_to(there: RunningBot, who: str) -> str:
    seen = there.person(who).modal
    return "\n".join([seen.plain if seen else "", *there.whispers(who)])


def is_shared(there: RunningBot) -> bool:
    known = Directory(there.unit).channel(HOUSE)
    return known is not None and known.shared
