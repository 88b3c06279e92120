"""Who is told at once of what was said in a plan, and what their message says of it later."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from bot.slack.protocol.targets import Target
from bot.slack.screens.handover_details import HandoverSources, handover_for, handovers_after
from bot.slack.screens.page_data import PageData
from bot.slack.ui.messages.handover_message import handover_message
from bot.slack.ui.modals.remediation.response_page import response_page
from domain.commands import (
    ApproveAcceptance,
    ChooseResponse,
    Command,
    DeclineAcceptance,
    DropMitigation,
    ProposeAcceptance,
    ReassignApproval,
    ReassignMitigation,
    RefuseVerification,
    Undo,
    WithdrawThreat,
)
from domain.events import Erased, RecordedEvent
from domain.kernel.elements import PersonId
from domain.kernel.threat import ResponseKind
from domain.register import register
from domain.replay import replay
from tests.domain.remediation_story import MI1, SPRING, TH1, THREATS, implement, plan, start, verify
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all

PROPOSE = ProposeAcceptance(by=BEN, at=at(11), threat=TH1, expires=SPRING, reason="We move out", approver=CHI)
REASSIGN = ReassignApproval(by=CHI, at=at(12), threat=TH1, approver=DEE)
APPROVE = ApproveAcceptance(by=CHI, at=at(12), threat=TH1)
DECLINE = DeclineAcceptance(by=CHI, at=at(12), threat=TH1, reason="They were robbed")
GIVE = ReassignMitigation(by=CHI, at=at(15), mitigation=MI1, owner=DEE)
AVOID = ChooseResponse(by=ANA, at=at(13), threat=TH1, response=ResponseKind.AVOID, reason="No")
NOW = at(60)
REFUSE = RefuseVerification(by=BEN, at=at(40), mitigation=MI1, reason="The sign fell off")


def whom(*said: Command) -> list[tuple[str, PersonId]]:
    """Who is told of what, by the type of the event."""
    events = decide_all(*said, after=THREATS)
    return [(type(events[version - 1]).__name__, to) for version, to in handovers_after(events, len(THREATS))]


def message(events: list[RecordedEvent], *, number: int = 0, now: datetime = NOW) -> str:
    """What the message about one of the events that somebody is told of says at a moment."""
    version, to = list(handovers_after(events, len(THREATS)))[number]
    model = replay(events)
    seen = HandoverSources(
        stream="T/TM-1", events=events, model=model, register=register(model, now), naming=str
    )
    shown = handover_for(seen, version, to)
    assert shown is not None
    return str(handover_message(shown, str).blocks)


@pytest.mark.parametrize(
    ("said", "to"),
    [
        ((plan(),), [("MitigationPlanned", CHI)]),
        ((plan(owner=BEN),), []),
        ((plan(owner=None),), []),
        ((plan(), GIVE), [("MitigationPlanned", CHI), ("MitigationReassigned", DEE)]),
        ((plan(), implement(), REFUSE), [("MitigationPlanned", CHI), ("VerificationRefused", CHI)]),
        (
            (plan(), implement(), GIVE, REFUSE),
            [("MitigationPlanned", CHI), ("MitigationReassigned", DEE), ("VerificationRefused", DEE)],
        ),
        ((plan(), implement(), replace(REFUSE, by=CHI)), [("MitigationPlanned", CHI)]),
        ((PROPOSE,), [("AcceptanceProposed", CHI)]),
        ((replace(PROPOSE, approver=None),), []),
        ((PROPOSE, APPROVE), [("AcceptanceProposed", CHI), ("AcceptanceApproved", BEN)]),
        ((PROPOSE, DECLINE), [("AcceptanceProposed", CHI), ("AcceptanceDeclined", BEN)]),
        ((PROPOSE, Undo(by=BEN, at=at(14))), [("AcceptanceProposed", CHI)]),
        ((PROPOSE, REASSIGN), [("AcceptanceProposed", CHI), ("ApprovalReassigned", DEE)]),
        ((PROPOSE, replace(REASSIGN, by=DEE)), [("AcceptanceProposed", CHI)]),
        (
            (PROPOSE, REASSIGN, replace(DECLINE, by=DEE, at=at(13))),
            [("AcceptanceProposed", CHI), ("ApprovalReassigned", DEE), ("AcceptanceDeclined", BEN)],
        ),
    ],
)
def test_recipients_are_notified_but_never_of_their_own_actions(
    said: tuple[Command, ...], to: list[tuple[str, PersonId]]
) -> None:
    assert whom(*said) == to


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ((), None),
        ((start(),), None),
        ((start(), implement()), "Implemented by UCHI. Someone else must verify it."),
        ((start(), implement(), verify()), "Implemented by UCHI and verified by UBEN."),
        ((start(), implement(), REFUSE), None),
        ((GIVE,), "The owner is now UDEE."),
        (
            (DropMitigation(by=BEN, at=at(35), mitigation=MI1, reason="Too dear"),),
            "Dropped: “Too dear”",
        ),
        ((Undo(by=BEN, at=at(60)),), "Undone."),
    ],
)
def test_the_message_to_an_owner_shows_what_was_done(after: tuple[Command, ...], says: str | None) -> None:
    shown = message(decide_all(plan(), *after, after=THREATS))
    assert ("Mark as implemented…" in shown) is (says is None)
    assert says is None or f"✓ {says}" in shown


def test_an_expired_proposal_no_longer_asks_for_an_answer() -> None:
    proposed = decide_all(PROPOSE, after=THREATS)
    assert "Approve" in message(proposed)
    late = message(proposed, now=datetime(2026, 7, 1, tzinfo=UTC))
    assert "✓ The proposal expired without an answer." in late
    assert "Approve" not in late


def test_the_page_of_such_a_threat_says_so_in_place_of_the_answers() -> None:
    model = replay(decide_all(PROPOSE, after=THREATS))
    for now, asked in ((NOW, True), (datetime(2026, 7, 1, tzinfo=UTC), False)):
        target = Target(name="response", stream="T/TM-1", element=TH1)
        known = register(model, now)
        shown = str(response_page(PageData(target=target, reader=CHI, model=known, naming=str)))
        assert ("Approve accepting TH-1" in shown) is asked
        assert ("○ Not approved in time · UBEN proposed to accept it until 29 May 2026" in shown) is not asked
        assert ("The proposal expired without approval." in shown) is not asked


def test_an_owner_reads_what_does_not_hold_until_it_is_mended() -> None:
    refused = decide_all(plan(), implement(), REFUSE, after=THREATS)
    shown = message(refused, number=1)
    assert "UBEN rejected your mitigation *Ask for a badge* (MI-1) in verification." in shown
    assert "Reason: “The sign fell off”" in shown
    assert "Mark as implemented…" in shown
    mended = message(decide_all(replace(implement(), at=at(50)), after=refused), number=1)
    assert "✓ Implemented by UCHI. Someone else must verify it." in mended
    assert "Mark as implemented…" not in mended


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ((), None),
        ((APPROVE,), "Approved by you until 29 May 2026."),
        ((replace(APPROVE, by=DEE),), "Approved by UDEE until 29 May 2026."),
        ((DECLINE,), "Declined by you. Reason: “They were robbed”"),
        ((DECLINE, Undo(by=CHI, at=at(14))), None),
        ((replace(PROPOSE, at=at(13), reason="We move soon"),), "Replaced by a newer proposal."),
        ((REASSIGN,), "The approver is now UDEE."),
        ((REASSIGN, replace(APPROVE, by=DEE, at=at(13))), "Approved by UDEE"),
        ((REASSIGN, Undo(by=CHI, at=at(14))), None),
        ((WithdrawThreat(by=ANA, at=at(14), threat=TH1),), "The threat no longer exists."),
        ((AVOID,), "The proposal no longer exists."),
        ((Undo(by=BEN, at=at(14)),), "Undone."),
    ],
)
def test_the_message_to_an_approver_shows_what_was_done(after: tuple[Command, ...], says: str | None) -> None:
    shown = message(decide_all(PROPOSE, *after, after=THREATS))
    assert ('"Approve"' in shown or "'Approve'" in shown) is (says is None)
    assert says is None or f"✓ {says}" in shown


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ((), None),
        ((replace(APPROVE, by=DEE, at=at(13)),), "Approved by you until 29 May 2026."),
        ((replace(REASSIGN, by=DEE, at=at(13), approver=ANA),), "The approver is now UANA."),
        ((Undo(by=CHI, at=at(14)),), "Undone."),
        ((replace(PROPOSE, at=at(13), reason="We left"),), "Replaced by a newer proposal."),
    ],
)
def test_who_is_asked_instead_reads_who_asks_who_proposes_it_and_what_was_done(
    after: tuple[Command, ...], says: str | None
) -> None:
    shown = message(decide_all(PROPOSE, REASSIGN, *after, after=THREATS), number=1)
    assert (
        "UCHI requests your approval: accept the risk of *A plumber who is none* (TH-1) in The House" in shown
    )
    for waits in ("UBEN proposes this: “We move out”", "Decline…", "Change approver…"):
        assert (waits in shown) is (says is None)
    assert says is None or f"✓ {says}" in shown


def test_the_page_of_a_threat_lets_everyone_say_who_else_is_asked_while_it_can_be_approved() -> None:
    for said, reader, label in (
        (PROPOSE, BEN, "Change approver…"),
        (PROPOSE, CHI, "Change approver…"),
        (replace(PROPOSE, approver=None), BEN, "Choose approver…"),
    ):
        model = replay(decide_all(said, after=THREATS))
        target = Target(name="response", stream="T/TM-1", element=TH1)
        for now, offered in ((NOW, True), (datetime(2026, 7, 1, tzinfo=UTC), False)):
            known = register(model, now)
            shown = str(response_page(PageData(target=target, reader=reader, model=known, naming=str)))
            assert (label in shown) is offered


def test_of_what_was_erased_there_is_no_message() -> None:
    events: list[RecordedEvent] = [*decide_all(PROPOSE, after=THREATS)]
    version, to = next(handovers_after(events, len(THREATS)))
    events[version - 1] = Erased()
    model = replay(events)
    seen = HandoverSources(
        stream="T/TM-1", events=events, model=model, register=register(model, at(60)), naming=str
    )
    assert handover_for(seen, version, to) is None
