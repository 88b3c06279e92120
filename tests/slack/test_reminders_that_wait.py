"""People are reminded of what waits for a second person, answer there, and see what was done."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.commands import ApproveAcceptance, ImplementMitigation
from domain.kernel.mitigation import MitigationId, MitigationState
from tests.slack.remediation_steps import (
    CURTAINS,
    PLUMBER,
    TH1,
    TH2,
    begin_remediation,
    direct_message,
    execute_commands,
)
from tests.slack.reminder_steps import (
    last_reminder,
    plan_mitigations,
    propose_acceptance,
    reminder_deliveries,
    reminders,
    set_workspace_clock,
    workspace_time,
)
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import direct_messages_of, person_id, run_bot_on_workspace_clock

MONDAY = datetime(2027, 1, 11, 9, 30, tzinfo=UTC)
"""Ana works, in London; Ben has four and a half hours to go, in New York, and Chi has gone home, in Tokyo."""
DAY = timedelta(days=1)


@pytest.fixture
def team(tmp_path: Path) -> Generator[SlackTeam]:
    """A bot that lives by the clock of its workspace."""
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as running:
        set_workspace_clock(running, MONDAY)
        yield running


def test_an_approver_is_reminded_and_answers_from_the_message(team: SlackTeam) -> None:
    begin_remediation(team, PLUMBER, CURTAINS)
    propose_acceptance(team, "ben", "ana", TH1, TH2)
    direct_message(team, "ana", "Ben requests your approval")
    set_workspace_clock(team, MONDAY + 3 * DAY)
    seen = last_reminder(team, "ana", "2 reminders for you")
    for words in (
        f"Approval requested: accept the risk of {PLUMBER} (TH-1) until 11 April 2027",
        "The House (TM-1) · waiting since Jan 11, 2027",
        "unscored",
        "Ben proposes acceptance: “We <move> out”",
    ):
        assert words in seen.plain
    ana = team.person("ana")
    team.wait(lambda: heard(team, seen.ts))  # else that would be what is brought twice
    team.sandbox.faults.repeats = 1  # Slack brings a press twice
    ana.click(seen, "Approve")
    seen = last_reminder(team, "ana", "1 done", "✓ Approved by you until 11 April 2027.")
    assert team.model().responses[TH1].approver == person_id(team, "ana")
    team.wait(lambda: len(whispers(team, "ana")) == 2)
    assert all("You approved" in whisper and "proposed" in whisper for whisper in whispers(team, "ana"))
    ana.click(seen, "Decline…")
    team.modal("ana", "Decline TH-2")
    ana.fill("Why is this risk not acceptable?", "The neighbours were robbed")
    team.submit("ana")
    after = last_reminder(team, "ana", "2 done", "✓ Declined by you. Reason: “The neighbours were robbed”")
    assert not after.buttons
    assert after.ts == seen.ts
    assert len(reminders(team, "ana")) == 1


def test_what_was_changed_since_is_not_approved_unseen_and_one_can_ask_why_or_for_later(
    team: SlackTeam,
) -> None:
    begin_remediation(team)
    propose_acceptance(team, "ben", "ana", TH1)
    set_workspace_clock(team, MONDAY + 3 * DAY)
    seen = last_reminder(team, "ana", "Approval requested")
    ana = team.person("ana")
    ana.click(seen, "Why?")
    why = team.modal("ana", "Why this reminder?").plain
    for words in (
        "Ben proposes to accept it.",
        "Ana is the requested approver.",
        "is reminded every 3 days after",
    ):
        assert words in why
    ana.close()
    ana.click(seen, "Snooze")
    team.modal("ana", "Snooze reminder")
    ana.choose("Remind me", "1 day (Friday, 15 January)")
    team.submit("ana")
    last_reminder(team, "ana", "Snoozed until")
    set_workspace_clock(team, MONDAY + 4 * DAY)
    team.wait(lambda: len(reminders(team, "ana")) == 2)
    again = last_reminder(team, "ana", "Approval requested")
    propose_acceptance(team, "ben", "ana", TH1, reason="It is only a shed")
    assert "✓ Replaced by a newer proposal." in last_reminder(team, "ana", "✓").plain
    ana.click(again, "Approve")
    team.wait(lambda: any("Replaced by a newer proposal" in whisper for whisper in whispers(team, "ana")))
    assert TH1 in team.model().proposals


def test_a_facilitator_whose_proposal_no_one_answers_asks_someone_else(team: SlackTeam) -> None:
    begin_remediation(team)
    propose_acceptance(team, "ana", "ben", TH1)
    set_workspace_clock(team, MONDAY + 18 * DAY)  # a Friday
    seen = last_reminder(team, "ana", "Approval long pending", "approver: Ben")
    ana = team.person("ana")
    ana.click(seen, "Reassign")
    form = team.modal("ana", "Change approver")
    assert "“We <move> out”" in form.plain
    assert form.values["Approver"] == person_id(team, "ben")
    ana.choose("Approver", "Dee")
    team.submit("ana")
    last_reminder(team, "ana", "✓ The approver is now Dee.")
    direct_message(team, "ben", "✓ The approver is now Dee.")
    direct_message(team, "dee", "Ana requests your approval")


def test_a_reassigned_approval_reminds_the_new_approver(team: SlackTeam) -> None:
    begin_remediation(team)
    propose_acceptance(team, "ben", "ana", TH1)
    set_workspace_clock(team, MONDAY + 3 * DAY)
    seen = last_reminder(team, "ana", "Approval requested")
    ana = team.person("ana")
    ana.click(seen, "Reassign")
    assert not team.modal("ana", "Change approver").values["Approver"]
    ana.choose("Approver", "Ben")
    team.submit("ana")
    errors = team.modal("ana", "Change approver").errors
    assert "Ben made the proposal and cannot approve it" in str(errors)
    ana.choose("Approver", "Dee")
    team.submit("ana")
    team.modal("ana", "Saved")
    assert not last_reminder(team, "ana", "✓ The approver is now Dee.").buttons
    direct_message(team, "ana", "✓ The approver is now Dee.")
    asked = direct_message(team, "dee", "Ana requests your approval")
    assert "Ben proposes this: “We <move> out”" in asked.plain
    set_workspace_clock(team, MONDAY + 7 * DAY)
    last_reminder(team, "dee", "Approval requested")
    team.person("dee").click(reminders(team, "dee")[-1], "Approve")
    direct_message(team, "ben", "Dee approved your proposal")
    direct_message(team, "ana", "✓ Approved by Dee until 11 April 2027.")
    assert [one.to for one in reminder_deliveries(team)] == [person_id(team, one) for one in ("ana", "dee")]


def test_who_reassigns_what_was_approved_meanwhile_reads_so(team: SlackTeam) -> None:
    begin_remediation(team)
    propose_acceptance(team, "ben", "ana", TH1)
    set_workspace_clock(team, MONDAY + 3 * DAY)
    seen = last_reminder(team, "ana", "Approval requested")
    ana = team.person("ana")
    ana.click(seen, "Reassign")
    team.modal("ana", "Change approver")
    execute_commands(team, ApproveAcceptance(by=person_id(team, "chi"), at=workspace_time(team), threat=TH1))
    ana.choose("Approver", "Dee")
    team.submit("ana")
    errors = team.modal("ana", "Change approver").errors
    assert "Approved by Chi until 11 April 2027." in str(errors)
    last_reminder(team, "ana", "✓ Approved by Chi")
    assert not any("requests your approval" in message.plain for message in direct_messages_of(team, "dee"))


def test_the_facilitator_is_reminded_of_all_that_is_to_be_verified_in_one_message(team: SlackTeam) -> None:
    plan_mitigations(team, "ben", "Close the curtains", "Lock the back door")
    ben = person_id(team, "ben")
    for one in sorted(team.model().mitigations):
        done = ImplementMitigation(by=ben, at=workspace_time(team), mitigation=one, evidence="<!here> a look")
        execute_commands(team, done)
    team.person("ana").open_home()
    team.wait(lambda: "Mitigations to verify" in home(team, "ana"))
    assert "Close the curtains · MI-1 · The House · implemented by Ben" in home(team, "ana")
    set_workspace_clock(team, MONDAY + 7 * DAY)
    seen = last_reminder(team, "ana", "2 reminders for you", "To be verified: Lock the back door (MI-2)")
    for words in (
        "To be verified: Close the curtains (MI-1)",
        "Evidence: “<!here> a look”",
        "implemented by Ben · waiting since Jan 11, 2027",
    ):
        assert words in seen.plain
    ana = team.person("ana")
    ana.click(seen, "Verify")
    seen = last_reminder(team, "ana", "1 done", "✓ You verified it.")
    assert team.model().mitigations[MitigationId("MI-1")].state is MitigationState.VERIFIED
    assert {one.to for one in reminder_deliveries(team)} == {person_id(team, "ana")}, (
        "never who put it in place"
    )
    ana.click(seen, "Reject…")
    team.modal("ana", "Reject MI-2")
    ana.fill("What did the verification find?", "The key is under the mat")
    team.submit("ana")
    after = last_reminder(team, "ana", "2 done", "✓ The verification failed", "“The key is under the mat”")
    assert after.ts == seen.ts
    team.wait(lambda: "Mitigations to verify" not in home(team, "ana"))


def home(team: SlackTeam, who: str) -> str:
    seen = team.person(who).home()
    return seen.plain if seen else ""


def heard(team: SlackTeam, ts: str) -> bool:
    """Whether Slack told the bot of its own message, as it does in direct messages."""
    events = (one.outgoing.payload.get("event", {}) for one in team.sandbox.deliveries if one.acked)
    return any(event.get("ts") == ts for event in events)


def whispers(team: SlackTeam, who: str) -> list[str]:
    """What only somebody themselves sees among their direct messages."""
    return [message.plain for message in team.person(who).direct_messages() if message.ephemeral]
