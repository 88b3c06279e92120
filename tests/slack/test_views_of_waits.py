"""What people read of a risk that waits for approval, and of a mitigation that waits to be verified."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from bot.slack.ui.messages.reminder_message import reminder_message
from bot.slack.ui.modals.reminder_reason_page import reminder_facts, reminder_rule
from domain.commands import (
    ApproveAcceptance,
    ChooseResponse,
    Command,
    DeclineAcceptance,
    DropMitigation,
    ImplementMitigation,
    ProposeAcceptance,
    ReassignApproval,
    ReassignMitigation,
    RefuseVerification,
    ReturnToAnalysis,
    Undo,
    WithdrawThreat,
)
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ResponseKind
from domain.reminders.reminder import Occasion, ReminderPolicy
from tests.domain.remediation_story import MI1, SPRING, TH1, TH2, THREATS, implement, plan, verify
from tests.domain.reminder_models import utc_time
from tests.domain.voting_story import VOTERS, ballot_of, open_round_command
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all
from tests.slack.view_contents import first_lines, reminder_now

PROPOSED = ProposeAcceptance(
    by=BEN, at=at(10), threat=TH2, expires=SPRING, reason="We move out", approver=CHI
)


def test_the_digest_tells_what_waits_for_a_second_person_beside_what_is_overdue() -> None:
    chain = plan(minute=8, owner=BEN)
    done = ImplementMitigation(by=BEN, at=at(9), mitigation=MitigationId("MI-2"), evidence="A look")
    events = decide_all(plan(minute=7), chain, done, PROPOSED, after=THREATS)
    one = reminder_now(events, "TM-1:thread:digest::2026-04-06", utc_time("2026-04-06T09:00"))
    assert first_lines(reminder_message([one])) == [
        "*Overdue:* 1 mitigation of The House (TM-1) · *Waiting for approval or verification:* 2 items",
        "• Ask for a badge (MI-1) · UCHI · due 6 March 2026",
        "• Ask for a badge (MI-2) · since 2 March 2026 · to be verified by someone other than UBEN",
        "• Curtains left open (TH-2) · since 2 March 2026 · acceptance proposed by UBEN, approver: UCHI",
    ]
    fresh = reminder_now(events, "TM-1:thread:digest::2026-03-09", utc_time("2026-03-09T09:00"))
    assert first_lines(reminder_message([fresh]))[0] == "*Overdue:* 1 mitigation of The House (TM-1)"
    waits = reminder_now(
        decide_all(PROPOSED, after=THREATS), "TM-1:thread:digest::1", utc_time("2026-04-06T09:00")
    )
    assert waits.waiting
    assert (
        reminder_message([waits]).text == "Waiting for approval or verification: 1 item in The House (TM-1)"
    )


TO_CHI = "TM-1:UCHI:approval-waits:TH-2:2026-03-02T09:10Z+3"
GONE = "TM-1:UANA:approver-gone:TH-2:2026-03-02T09:10Z+gone"
TO_ANA = "TM-1:UANA:approval-escalated:TH-2:2026-03-02T09:10Z+last"


def test_an_approver_reads_what_how_bad_who_proposes_it_why_and_since_when() -> None:
    votes = [ballot_of(voter, 9, on=TH2, minute=6) for voter in VOTERS]
    proposed = replace(PROPOSED, reason="<!channel> <move> on")
    one = reminder_now(decide_all(open_round_command(TH2), *votes, proposed, after=THREATS), TO_CHI)
    what, since, bad, why = first_lines(reminder_message([one]))
    assert what == "*Approval requested:* accept the risk of Curtains left open (TH-2) until 29 May 2026"
    assert bad == "*Critical* · mean 9.0, total 45"
    assert why == "UBEN proposes acceptance: “&lt;!channel&gt; &lt;move&gt; on”"
    assert since.startswith("The House (TM-1) · waiting since <!date^1772442600^")


@pytest.mark.parametrize(
    ("key", "proposed", "now", "buttons"),
    [
        (TO_CHI, PROPOSED, "2026-03-05T09:00", "Approve, Decline…, Reassign"),
        (TO_ANA, PROPOSED, "2026-03-20T09:00", "Approve, Decline…, Reassign"),
        (GONE, PROPOSED, "2026-03-03T09:00", "Approve, Decline…, Reassign"),
        # Nobody answers what they propose: they ask somebody else.
        (TO_ANA, replace(PROPOSED, by=ANA), "2026-03-20T09:00", "Reassign"),
        (TO_ANA.replace("UANA", "thread"), PROPOSED, "2026-03-20T09:00", "View threat"),
        # After its day nobody can agree any more.
        (TO_ANA, PROPOSED, "2026-07-01T09:00", "Propose again, Decline…"),
        (TO_ANA, replace(PROPOSED, by=ANA), "2026-07-01T09:00", "Propose again"),
    ],
)
def test_the_buttons_are_those_that_lead_somewhere(
    key: str, proposed: ProposeAcceptance, now: str, buttons: str
) -> None:
    one = reminder_now(
        decide_all(proposed, after=THREATS), key, utc_time(now), gone=CHI if key == GONE else None
    )
    pressed = reminder_message([one]).blocks[-1]["elements"]
    assert [each["text"]["text"] for each in pressed] == [*buttons.split(", "), "Snooze", "Why?"]


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        (
            ApproveAcceptance(by=CHI, at=at(20), threat=TH2),
            "Approved by you until 29 May 2026.",
        ),
        (
            ApproveAcceptance(by=DEE, at=at(20), threat=TH2),
            "Approved by UDEE until 29 May 2026.",
        ),
        (
            DeclineAcceptance(by=DEE, at=at(20), threat=TH2, reason="<No>"),
            "Declined by UDEE. Reason: “&lt;No&gt;”",
        ),
        (replace(PROPOSED, at=at(20), approver=DEE), "Replaced by a newer proposal."),
        (ReassignApproval(by=CHI, at=at(20), threat=TH2, approver=DEE), "The approver is now UDEE."),
        (Undo(by=BEN, at=at(20)), "Undone."),
        (
            ChooseResponse(by=DEE, at=at(20), threat=TH2, response=ResponseKind.AVOID, reason="We left"),
            "The proposal no longer exists.",
        ),
        (WithdrawThreat(by=ANA, at=at(20), threat=TH2), "The threat no longer exists."),
        (ReturnToAnalysis(by=ANA, at=at(20)), "It cannot be decided in the current phase."),
    ],
    ids=lambda one: "" if isinstance(one, str) else type(one).__name__,
)
def test_afterwards_the_approver_reads_what_was_done(after: Command, outcome: str) -> None:
    (shown,) = reminder_message([reminder_now(decide_all(PROPOSED, after, after=THREATS), TO_CHI)]).blocks
    assert shown["text"]["text"].split("\n")[1] == f"✓ {outcome}"


TO_DEE = ReassignApproval(by=BEN, at=at(20), threat=TH2, approver=DEE)
BACK = ReassignApproval(by=DEE, at=at(30), threat=TH2, approver=CHI)


@pytest.mark.parametrize(
    ("key", "said", "outcome"),
    [
        # That of the facilitator, too, is about who was asked then.
        (TO_ANA, [TO_DEE], "The approver is now UDEE."),
        (TO_ANA, [TO_DEE, ApproveAcceptance(by=DEE, at=at(40), threat=TH2)], "Approved by UDEE"),
        (TO_CHI, [TO_DEE, BACK], "You are asked again."),
        (TO_CHI, [TO_DEE, Undo(by=BEN, at=at(30))], "You are asked again."),
        (TO_CHI, [TO_DEE, replace(PROPOSED, at=at(40))], "Replaced by a newer proposal."),
        (TO_CHI, [TO_DEE, replace(TO_DEE, at=at(40), approver=ANA)], "The approver is now UANA."),
        (TO_CHI.replace("CHI", "DEE").replace("09:10", "09:20"), [TO_DEE, BACK], "The approver is now UCHI."),
        (
            TO_CHI.replace("CHI", "DEE").replace("09:10", "09:20"),
            [TO_DEE, Undo(by=BEN, at=at(30))],
            "Undone.",
        ),
    ],
)
def test_who_reads_an_older_reminder_reads_who_is_asked_now(
    key: str, said: Sequence[Command], outcome: str
) -> None:
    (shown,) = reminder_message([reminder_now(decide_all(PROPOSED, *said, after=THREATS), key)]).blocks
    assert shown["text"]["text"].split("\n")[1].startswith(f"✓ {outcome}")


def test_who_is_told_of_an_approver_who_is_gone_reads_at_once_who_is_asked_now() -> None:
    at_once = ReassignApproval(by=ANA, at=at(10), threat=TH2, approver=DEE)
    one = reminder_now(decide_all(PROPOSED, at_once, after=THREATS), GONE, at(11), gone=CHI)
    assert one.outcome == "The approver is now UDEE."


def test_an_approver_reads_that_it_is_too_late() -> None:
    one = reminder_now(decide_all(PROPOSED, after=THREATS), TO_CHI, utc_time("2026-07-01T00:00"))
    (shown,) = reminder_message([one]).blocks
    assert shown["text"]["text"].endswith("~\n✓ The proposal expired without an answer.")


TO_VERIFY = "TM-1:UANA:verification-waits:MI-1:2026-03-02T09:30Z/2026-03-05"


def test_who_is_to_verify_reads_what_against_what_who_says_so_and_by_what_it_can_be_seen() -> None:
    done = replace(implement(), evidence="<http://x|y> and a sign")
    one = reminder_now(decide_all(plan(), done, after=THREATS), TO_VERIFY)
    what, since, bad, shown = first_lines(reminder_message([one]))
    assert what == "*To be verified:* Ask for a badge (MI-1)"
    assert bad == "Threat: A plumber who is none (TH-1) · unscored"
    assert shown == "Evidence: “&lt;http:\u2060//x|y&gt; and a sign”"
    assert since.startswith("The House (TM-1) · implemented by UCHI · waiting since <!date^1772443800^")
    pressed = reminder_message([one]).blocks[-1]["elements"]
    assert [each["text"]["text"] for each in pressed] == [
        "Verify",
        "Reject…",
        "Snooze",
        "Why?",
    ]


def test_a_facilitator_reads_how_often_pending_verifications_are_mentioned() -> None:
    assert (
        "No verifier is assigned, so the facilitator gets one combined reminder every 3 days. Each "
        "verification is included at most 5 times."
    ) in reminder_rule(Occasion.VERIFICATION_WAITS, ReminderPolicy())


def test_the_facts_of_a_verification_are_not_those_of_a_vote() -> None:
    one = reminder_now(decide_all(plan(), implement(), after=THREATS), TO_VERIFY)
    assert not [fact for fact in reminder_facts(one) if "voted" in fact]


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        ([verify()], "UBEN verified it."),
        ([verify(by=ANA)], "You verified it."),
        (
            [RefuseVerification(by=BEN, at=at(40), mitigation=MI1, reason="It fell off")],
            "The verification failed; the mitigation is open again. Reason: “It fell off”",
        ),
        ([Undo(by=CHI, at=at(40))], "It is not implemented yet."),
        ([Undo(by=CHI, at=at(40)), implement(minute=50)], "It was implemented again."),
        ([DropMitigation(by=BEN, at=at(40), mitigation=MI1, reason="The door is gone")], "It was dropped."),
        (
            [ReassignMitigation(by=BEN, at=at(40), mitigation=MI1, owner=ANA)],
            "It is now yours, so someone else must verify it.",
        ),
        ([WithdrawThreat(by=ANA, at=at(40), threat=TH1)], "The threat no longer exists."),
    ],
    ids=lambda one: "" if isinstance(one, str) else type(one[-1]).__name__,
)
def test_afterwards_who_was_to_verify_reads_what_was_done(after: Sequence[Command], outcome: str) -> None:
    events = decide_all(plan(), implement(), *after, after=THREATS)
    (shown,) = reminder_message([reminder_now(events, TO_VERIFY)]).blocks
    assert shown["text"]["text"].split("\n")[1] == f"✓ {outcome}"


def test_conditions_that_have_a_reason_are_named_after_everything_else() -> None:
    waits = reminder_now(decide_all(PROPOSED, after=THREATS), TO_CHI)
    passed = replace(waits, about=replace(waits.about, occasion=Occasion.OVERRIDE_OPEN), until=at(1))
    first, *_ = reminder_message([passed, waits]).blocks[1:]
    assert first == reminder_message([waits]).blocks[0]
