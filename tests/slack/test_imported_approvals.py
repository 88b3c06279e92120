"""Members whom an imported file names for an approval are asked once, and never for a vote."""

from datetime import timedelta

from bot.sandbox.api import TEAM_ID, VisibleMessage
from domain.commands import DeclineAcceptance, ReassignApproval
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationState
from tests.domain.voting_story import TH1, TH2
from tests.formats.forged_history import APPROVED, MI1, forged_file
from tests.queue_rows import are_waiting
from tests.slack.remediation_steps import execute_commands
from tests.slack.slack_team import SlackTeam
from tests.slack.test_importing import dropped, imported
from tests.slack.voting_steps import direct_messages_of

WORDS_OF_THE_FILE = ("The House", "plumber", "glue", "garage", "Rare", "badge", "sign at the door")


def forged_for(team: SlackTeam) -> bytes:
    """The forged history with the people of the workspace; Dee has left the channel."""
    people = {f"U{one.upper()}": team.person(one).id for one in ("ana", "ben", "chi", "dee")}
    until = (team.now() + timedelta(days=60)).date().isoformat()
    return forged_file(APPROVED, {**people, "2026-05-01": until})


def imported_by_chi(team: SlackTeam) -> VisibleMessage:
    """Import the file by Chi alone; return the message that Ben gets."""
    imported(team, dropped(team, forged_for(team), "house.events.jsonl"), "chi")
    team.person("chi").close(all_of_them=True)
    team.card("The House · TM-1", "statements before that are not verified")
    team.wait(lambda: direct_messages_of(team, "ben"))
    (asked,) = direct_messages_of(team, "ben")
    return asked


def test_a_member_named_for_approvals_is_asked_once_without_a_word_of_the_file(team: SlackTeam) -> None:
    asked = imported_by_chi(team)

    assert "imported TM-1 from a file" in asked.plain
    assert "approved 1 accepted risk, verified 1 mitigation and confirmed the screening" in asked.plain
    assert not [word for word in WORDS_OF_THE_FILE if word in asked.plain + asked.text]
    # After an erasure, everything is projected again.
    team.store.erase(team.streams[0], (2,))
    team.card("The House · TM-1")
    team.wait_for_channels()
    team.wait(lambda: not are_waiting(team.store.work, TEAM_ID, ("claims", "claim")))
    assert len(direct_messages_of(team, "ben")) == 1
    for voter in ("ana", "chi", "dee"):
        assert direct_messages_of(team, voter) == [], "nobody is asked about votes"


def test_what_the_member_confirms_on_the_page_becomes_theirs(team: SlackTeam) -> None:
    team.person("ben").click(imported_by_chi(team), "Review")
    page = team.modal("ben", "Imported approvals")
    assert "The plumber" in page.plain, "the details are on the page"
    assert "Ask for a badge" in page.plain
    assert TH1 not in team.model().responses
    team.person("ben").click(page, "Open")
    team.person("ben").click(team.modal("ben", "TH-1 in the plan"), "Approve")
    team.wait(lambda: TH1 in team.model().responses)
    assert team.model().responses[TH1].approver == team.person("ben").id
    assert team.model().mitigations[MI1].state is MitigationState.IMPLEMENTED
    assert TH2 not in team.model().proposals


def test_people_outside_of_the_channel_are_not_asked(team: SlackTeam) -> None:
    team.read_channel()
    team.person("ben").leave("#house")
    team.read_channel()
    imported(team, dropped_by_ana(team), "chi")
    team.card("The House · TM-1")
    team.wait_for_channels()
    assert direct_messages_of(team, "ben") == []


def dropped_by_ana(team: SlackTeam) -> VisibleMessage:
    return team.person("ana").upload("#house", "house.events.jsonl", forged_for(team))


def test_whom_the_importer_asks_is_asked_as_usual_and_the_importer_gets_the_answer(team: SlackTeam) -> None:
    imported_by_chi(team)
    chi, dee = (PersonId(team.person(one).id) for one in ("chi", "dee"))
    asking = ReassignApproval(by=chi, at=team.now(), threat=TH1, approver=dee)
    execute_commands(team, asking)
    team.wait(lambda: direct_messages_of(team, "dee"))
    assert "The plumber" in direct_messages_of(team, "dee")[0].plain

    execute_commands(team, DeclineAcceptance(by=dee, at=team.now(), threat=TH1, reason="Not so rare"))
    team.wait(lambda: direct_messages_of(team, "chi"))
    assert "Not so rare" in direct_messages_of(team, "chi")[0].plain
    assert direct_messages_of(team, "ana") == [], "the proposal is not that of the person in the file"
