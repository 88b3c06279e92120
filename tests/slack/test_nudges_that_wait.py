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
    nudge_deliveries,
    plan_mitigations,
    propose_acceptance,
    reminders,
    set_workspace_clock,
    workspace_time,
)
from tests.slack.slack_team import RunningBot
from tests.slack.voting_steps import direct_messages_of, person_id, run_bot_on_workspace_clock

MONDAY = datetime(2027, 1, 11, 9, 30, tzinfo=UTC)
"""Ana works, in London; Ben has four and a half hours to go, in New York, and Chi has gone home, in Tokyo."""
DAY = timedelta(days=1)


@pytest.fixture
def there(tmp_path: Path) -> Generator[RunningBot]:
    """A bot that lives by the clock of its workspace."""
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as running:
        set_workspace_clock(running, MONDAY)
        yield running


def test_an_approver_is_reminded_and_answers_from_the_message(there: RunningBot) -> None:
    begin_remediation(there, PLUMBER, CURTAINS)
    propose_acceptance(there, "ben", "ana", TH1, TH2)
    direct_message(there, "ana", "Ben asks you to agree")
    set_workspace_clock(there, MONDAY + 3 * DAY)
    seen = last_reminder(there, "ana", "2 reminders for you")
    for words in (
        f"Waits for your approval: accept the risk of {PLUMBER} (TH-1) until 11 April 2027",
        "The House (TM-1) · waiting since Jan 11, 2027",
        "not scored yet",
        "Ben proposes it: “We <move> out”",
    ):
        assert words in seen.plain
    ana = there.person("ana")
    there.wait(lambda: heard(there, seen.ts))  # else that would be what is brought twice
    there.sandbox.faults.repeats = 1  # Slack brings a press twice
    ana.click(seen, "Approve")
    seen = last_reminder(
        there, "ana", "1 done", "✓ You approved it: the risk is accepted until 11 April 2027."
    )
    assert there.model().responses[TH1].approver == person_id(there, "ana")
    there.wait(lambda: len(whispers(there, "ana")) == 2)
    assert all("You approved" in one and "proposed" in one for one in whispers(there, "ana"))
    ana.click(seen, "Decline…")
    there.modal("ana", "Not accept TH-2")
    ana.fill("Why should the risk not be borne?", "The neighbours were robbed")
    there.submit("ana")
    after = last_reminder(
        there, "ana", "2 done", "✓ You did not agree. Because: “The neighbours were robbed”"
    )
    assert not after.buttons
    assert after.ts == seen.ts
    assert len(reminders(there, "ana")) == 1


def test_what_was_changed_since_is_not_approved_unseen_and_one_can_ask_why_or_for_later(
    there: RunningBot,
) -> None:
    begin_remediation(there)
    propose_acceptance(there, "ben", "ana", TH1)
    set_workspace_clock(there, MONDAY + 3 * DAY)
    seen = last_reminder(there, "ana", "Waits for your approval")
    ana = there.person("ana")
    ana.click(seen, "Why this?")
    why = there.modal("ana", "Why this reminder?").plain
    for words in ("Ben proposes to accept it.", "Ana was asked to agree.", "is reminded every 3 days after"):
        assert words in why
    ana.close()
    ana.click(seen, "Snooze")
    there.modal("ana", "Snooze a reminder")
    ana.choose("When shall I come back to it?", "1 day (Friday, 15 January)")
    there.submit("ana")
    last_reminder(there, "ana", "Snoozed until")
    set_workspace_clock(there, MONDAY + 4 * DAY)
    there.wait(lambda: len(reminders(there, "ana")) == 2)
    again = last_reminder(there, "ana", "Waits for your approval")
    propose_acceptance(there, "ben", "ana", TH1, reason="It is only a shed")
    assert "✓ Something else is proposed by now." in last_reminder(there, "ana", "✓").plain
    ana.click(again, "Approve")
    there.wait(lambda: any("Something else is proposed" in one for one in whispers(there, "ana")))
    assert TH1 in there.model().proposals


def test_a_facilitator_whose_proposal_nobody_answers_asks_somebody_else(there: RunningBot) -> None:
    begin_remediation(there)
    propose_acceptance(there, "ana", "ben", TH1)
    set_workspace_clock(there, MONDAY + 18 * DAY)  # a Friday
    seen = last_reminder(there, "ana", "Has waited for approval for long", "Ben was asked")
    ana = there.person("ana")
    ana.click(seen, "Reassign")
    form = there.modal("ana", "Ask somebody else")
    assert "“We <move> out”" in form.plain
    assert form.values["Who should approve it?"] == person_id(there, "ben")
    ana.choose("Who should approve it?", "Dee")
    there.submit("ana")
    last_reminder(there, "ana", "✓ Dee is asked now.")
    direct_message(there, "ben", "✓ Dee is asked now.")
    direct_message(there, "dee", "Ana asks you to agree")


def test_an_approver_has_somebody_else_asked_who_is_reminded_instead_of_them(there: RunningBot) -> None:
    begin_remediation(there)
    propose_acceptance(there, "ben", "ana", TH1)
    set_workspace_clock(there, MONDAY + 3 * DAY)
    seen = last_reminder(there, "ana", "Waits for your approval")
    ana = there.person("ana")
    ana.click(seen, "Reassign")
    assert not there.modal("ana", "Ask somebody else").values["Who should approve it?"]
    ana.choose("Who should approve it?", "Ben")
    there.submit("ana")
    errors = there.modal("ana", "Ask somebody else").errors
    assert "Ben proposed it, so somebody else has to agree" in str(errors)
    ana.choose("Who should approve it?", "Dee")
    there.submit("ana")
    there.modal("ana", "Saved")
    assert not last_reminder(there, "ana", "✓ Dee is asked now.").buttons
    direct_message(there, "ana", "✓ Dee is asked now.")
    asked = direct_message(there, "dee", "Ana asks you to agree")
    assert "Ben proposes it: “We <move> out”" in asked.plain
    set_workspace_clock(there, MONDAY + 7 * DAY)
    last_reminder(there, "dee", "Waits for your approval")
    there.person("dee").click(reminders(there, "dee")[-1], "Approve")
    direct_message(there, "ben", "Dee approved what you proposed")
    direct_message(there, "ana", "✓ Dee approved it: the risk is accepted until 11 April 2027.")
    assert [one.to for one in nudge_deliveries(there)] == [person_id(there, one) for one in ("ana", "dee")]


def test_who_reassigns_what_was_approved_meanwhile_reads_so(there: RunningBot) -> None:
    begin_remediation(there)
    propose_acceptance(there, "ben", "ana", TH1)
    set_workspace_clock(there, MONDAY + 3 * DAY)
    seen = last_reminder(there, "ana", "Waits for your approval")
    ana = there.person("ana")
    ana.click(seen, "Reassign")
    there.modal("ana", "Ask somebody else")
    execute_commands(
        there, ApproveAcceptance(by=person_id(there, "chi"), at=workspace_time(there), threat=TH1)
    )
    ana.choose("Who should approve it?", "Dee")
    there.submit("ana")
    errors = there.modal("ana", "Ask somebody else").errors
    assert "Chi approved it: the risk is accepted until 11 April 2027." in str(errors)
    last_reminder(there, "ana", "✓ Chi approved it")
    assert not any("asks you to agree" in one.plain for one in direct_messages_of(there, "dee"))


def test_the_facilitator_is_reminded_of_all_that_is_to_be_verified_in_one_message(there: RunningBot) -> None:
    plan_mitigations(there, "ben", "Close the curtains", "Lock the back door")
    ben = person_id(there, "ben")
    for one in sorted(there.model().mitigations):
        done = ImplementMitigation(
            by=ben, at=workspace_time(there), mitigation=one, evidence="<!here> a look"
        )
        execute_commands(there, done)
    there.person("ana").open_home()
    there.wait(lambda: "Mitigations to verify" in home(there, "ana"))
    assert "Close the curtains · MI-1 · The House · put in place by Ben" in home(there, "ana")
    set_workspace_clock(there, MONDAY + 7 * DAY)
    seen = last_reminder(there, "ana", "2 reminders for you", "To be verified: Lock the back door (MI-2)")
    for words in (
        "To be verified: Close the curtains (MI-1)",
        "It can be seen by: “<!here> a look”",
        "put in place by Ben · waiting since Jan 11, 2027",
    ):
        assert words in seen.plain
    ana = there.person("ana")
    ana.click(seen, "Verify")
    seen = last_reminder(there, "ana", "1 done", "✓ You verified it.")
    assert there.model().mitigations[MitigationId("MI-1")].state is MitigationState.VERIFIED
    assert {one.to for one in nudge_deliveries(there)} == {person_id(there, "ana")}, (
        "never who put it in place"
    )
    ana.click(seen, "It does not hold…")
    there.modal("ana", "MI-2 does not hold")
    ana.fill("What does not hold?", "The key is under the mat")
    there.submit("ana")
    after = last_reminder(there, "ana", "2 done", "✓ It does not hold", "“The key is under the mat”")
    assert after.ts == seen.ts
    there.wait(lambda: "Mitigations to verify" not in home(there, "ana"))


def home(there: RunningBot, who: str) -> str:
    seen = there.person(who).home()
    return seen.plain if seen else ""


def heard(there: RunningBot, ts: str) -> bool:
    """Whether Slack told the bot of its own message, as it does in direct messages."""
    events = (one.outgoing.payload.get("event", {}) for one in there.sandbox.deliveries if one.acked)
    return any(event.get("ts") == ts for event in events)


def whispers(there: RunningBot, who: str) -> list[str]:
    """What only somebody themselves sees among their direct messages."""
    return [one.plain for one in there.person(who).direct_messages() if one.ephemeral]
