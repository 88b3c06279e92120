"""Who may open what: a form is refused before anybody fills it in for nothing, and pages stay true."""

import pytest

from domain.commands import CloseThreatModel
from domain.lifecycle import phase_of
from tests.examples import reasons_for_gates
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id


def test_the_page_that_a_form_was_opened_from_is_shown_again_behind_it(team: SlackTeam) -> None:
    started(team)
    press(team, "ana", "Reassign facilitator")
    team.modal("ana", "Reassign facilitator")
    team.person("ana").choose("Facilitator", "chi")
    team.submit("ana")
    team.wait(lambda: "Chi is the facilitator" in team.modal("ana", "More").plain)


def test_participants_are_chosen_and_the_others_told_whom_to_ask(team: SlackTeam) -> None:
    started(team)
    press(team, "ana", "Participants")
    team.modal("ana", "Participants")
    team.person("ana").choose("Participants", "ana", "ben")
    team.submit("ana")
    assert set(team.model().participants) == {team.person("ana").id, team.person("ben").id}
    team.command("chi", "/threatmodel add asset")
    assert "not a participant of this model" in team.private_message("chi", "participant")
    assert team.person("chi").modal is None
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")


def test_a_closed_model_opens_no_form_for_answers(team: SlackTeam) -> None:
    started(team)
    team.command("ana", "/threatmodel close")
    team.modal("ana", "Close the model")
    team.explain_gates("ana", "Sold the house.")
    team.submit("ana")
    team.command("ben", "/threatmodel add asset")
    assert "Reopen it first" in team.private_message("ben", "closed")
    assert team.person("ben").modal is None
    team.command("ana", "/threatmodel reopen")
    team.modal("ana", "Reopen the model")
    team.submit("ana")
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")


def test_archive_asks_which_model_if_one_is_open_and_another_one_closed(team: SlackTeam) -> None:
    for name in ("Orders", "Payments"):
        team.start("ana", name)
        team.person("ana").close(all_of_them=True)
    closing = CloseThreatModel(by=person_id(team, "ana"), at=team.now(), reasons=reasons_for_gates())
    team.command_handler.execute(closing, stream=team.streams[0], key=team.key())
    team.command("ana", "/threatmodel archive")
    shown = team.private_message("ana", "Payments")
    assert "Orders" in shown


@pytest.mark.parametrize("word", ["close", "archive"])
def test_ending_the_work_is_the_facilitators(team: SlackTeam, word: str) -> None:
    started(team)
    team.command("chi", f"/threatmodel {word}")
    assert "Only the facilitator" in team.private_message("chi", "facilitator")
    assert team.person("chi").modal is None
    assert phase_of(team.model().step) == "collection"


def test_someone_who_writes_to_the_bot_in_a_thread_is_answered_there(team: SlackTeam) -> None:
    started(team)
    card = team.card("TM-1")
    team.person("ben").say("#house", "@threatmodel list", thread=card.ts)
    team.wait(lambda: [one for one in team.person("ben").thread("#house", card.ts) if one.ephemeral])
    said = next(one for one in team.person("ben").thread("#house", card.ts) if one.ephemeral)
    assert "The House" in said.plain
    team.person("ben").click(said, "Start another")
    team.modal("ben", "New threat model")
    assert not any(one.ephemeral for one in team.person("chi").thread("#house", card.ts))


def test_a_stranger_who_writes_to_the_bot_is_told_nothing_of_the_model(team: SlackTeam) -> None:
    team.start("ana", "The House")
    card = team.card("TM-1")
    team.person("eve").say("#house", "@threatmodel", thread=card.ts)
    team.wait(lambda: team.person("eve").direct_messages())
    said = team.person("eve").direct_messages()[-1].plain
    assert "Only members" in said
    assert "The House" not in said


def started(team: SlackTeam) -> None:
    team.start("ana", "The House")
    team.person("ana").close()
    team.card("TM-1")


def press(team: SlackTeam, who: str, label: str) -> None:
    """Press a button of the page behind “More…”."""
    team.person(who).click(team.card("TM-1"), "More…")
    team.person(who).click(team.modal(who, "More"), label)
