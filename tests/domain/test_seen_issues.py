"""What the issue of a mitigation shows, and what follows from it or is asked."""

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from domain.commands import (
    BeginRemediation,
    ChooseTracker,
    Command,
    DropMitigation,
    ReassignMitigation,
    RefuseVerification,
    RescheduleMitigation,
    Undo,
    UnlinkIssue,
)
from domain.events import (
    IssueProposalDismissed,
    IssueSeen,
    MitigationReassigned,
    MitigationRescheduled,
    MitigationRestored,
    MitigationResumed,
    MitigationStarted,
    RecordedEvent,
    VerificationRefused,
)
from domain.kernel.elements import SYSTEM
from domain.kernel.mitigation import Mitigation, MitigationState
from domain.kernel.tracked_issue import (
    SeenIssue,
)
from domain.rejections import (
    AssigneeOfIssue,
    NothingProposed,
    OwnMitigation,
    Rejected,
)
from domain.remediation.issue_proposals import IssueProposal
from domain.remediation.reviewers import check_assignee
from domain.replay import replay
from domain.tracker_accounts import HeldAccount, TrackerAccounts
from tests.domain.issue_story import (
    CHOSEN,
    DONE,
    GONE,
    IMPLEMENTED,
    ISSUE,
    LINKED,
    MONTHS_LATER,
    NO_LIMIT,
    OPEN,
    PLANNED,
    REJECTED,
    TR1,
    TR2,
    VERIFIED,
    dismiss,
    header,
    link,
    proposal,
    see,
)
from tests.domain.remediation_story import FRIDAY, MI1, MI2, TH2, implement, plan, verify
from tests.domain.voting_story import IDENTIFIED, ballot_of, open_round_command
from tests.examples import ANA, BEN, CHI, DEE, at, closed, decide_all, given, reasons_for_gates

DROPPED = decide_all(DropMitigation(by=BEN, at=at(25), mitigation=MI1, reason="Not needed"), after=LINKED)


def mitigation(events: list[RecordedEvent], *commands: Command) -> Mitigation:
    return replay(decide_all(*commands, after=events)).mitigations[MI1]


def seen_in(events: list[RecordedEvent], seen: SeenIssue) -> IssueSeen:
    return IssueSeen(**header(events), seen=seen)


# What an issue shows


def test_what_is_seen_is_recorded_once() -> None:
    given(*LINKED).when(see(OPEN)).then_nothing_happens()
    given(*LINKED).when(see(DONE)).then(seen_in(LINKED, DONE))
    given(*decide_all(see(DONE), after=LINKED)).when(see(DONE)).then_nothing_happens()
    other = replace(ISSUE, key="#13", url="https://redmine.example.org/issues/13")
    given(*LINKED).when(see(DONE, issue=other)).then_nothing_happens()
    given(*LINKED).when(replace(see(DONE), by=ANA)).then_refused(Rejected, "read from the tracker")
    elsewhere = decide_all(ChooseTracker(by=ANA, at=at(20), own=True, tracker=TR2), after=LINKED)
    given(*elsewhere).when(see(DONE)).then_nothing_happens()


def test_a_completed_issue_proposes_that_the_mitigation_is_implemented() -> None:
    assert proposal(LINKED) is None
    assert proposal(LINKED, see(DONE)) is IssueProposal.IMPLEMENTED
    assert proposal(LINKED, see(DONE), implement(minute=51)) is None
    assert proposal(LINKED, see(DONE), dismiss()) is None
    assert proposal(IMPLEMENTED, see(DONE)) is None
    assert replay(decide_all(see(DONE), after=LINKED)).mitigations[MI1].state is MitigationState.PLANNED


def test_a_proposal_that_was_answered_does_not_come_back_until_the_issue_changes() -> None:
    refuse = RefuseVerification(by=BEN, at=at(52), mitigation=MI1, reason="No badge was asked for")
    answered = decide_all(see(DONE), implement(minute=51), refuse, after=LINKED)
    assert proposal(answered) is None
    again = (see(OPEN, minute=53), see(DONE, minute=54))
    assert proposal(answered, *again) is IssueProposal.IMPLEMENTED
    undone = decide_all(see(DONE), implement(minute=51), Undo(by=CHI, at=at(52)), after=LINKED)
    assert proposal(undone) is IssueProposal.IMPLEMENTED


def test_an_issue_that_was_closed_otherwise_asks_what_becomes_of_the_mitigation() -> None:
    assert proposal(LINKED, see(REJECTED)) is IssueProposal.CLOSED
    drop = DropMitigation(by=BEN, at=at(51), mitigation=MI1, reason="Not needed")
    assert proposal(LINKED, see(REJECTED), drop) is None
    rejected = decide_all(see(REJECTED), after=LINKED)
    said: dict[str, Any] = {**header(rejected, 55), "by": CHI}
    given(*rejected).when(dismiss()).then(IssueProposalDismissed(**said))
    given(*LINKED).when(dismiss()).then_refused(NothingProposed, "no longer asks")
    undone = decide_all(dismiss(), Undo(by=CHI, at=at(56)), after=rejected)
    assert isinstance(undone[-1], MitigationRestored)
    assert proposal(undone) is IssueProposal.CLOSED


def test_a_reopened_issue_resumes_the_work() -> None:
    reason = "#12 was reopened in Redmine."
    done = decide_all(see(DONE), after=IMPLEMENTED)
    given(*done).when(see(OPEN)).then(seen_in(done, OPEN), VerificationRefused(**header(done), reason=reason))
    rejected = decide_all(see(REJECTED), after=DROPPED)
    given(*rejected).when(see(OPEN)).then(
        seen_in(rejected, OPEN), MitigationResumed(**header(rejected)), MitigationStarted(**header(rejected))
    )
    verified = decide_all(see(DONE), after=VERIFIED)
    given(*verified).when(see(OPEN)).then(seen_in(verified, OPEN))
    assert proposal(verified, see(OPEN)) is IssueProposal.REOPENED
    assert proposal(verified, see(OPEN), dismiss()) is None
    given(*LINKED).when(see(replace(OPEN, reason="Feedback"))).then(
        seen_in(LINKED, replace(OPEN, reason="Feedback"))
    )


def test_work_resumes_also_after_the_model_was_closed() -> None:
    over = closed(decide_all(see(DONE), after=IMPLEMENTED), minute=52)
    assert (
        replay(decide_all(see(OPEN, minute=53), after=over)).mitigations[MI1].state is MitigationState.STARTED
    )


def test_a_deleted_issue_is_asked_about_and_may_come_back() -> None:
    assert proposal(LINKED, see(GONE)) is IssueProposal.DELETED
    assert proposal(LINKED, see(GONE), dismiss()) is None
    assert proposal(IMPLEMENTED, see(GONE)) is None
    assert not replay(decide_all(see(GONE), after=LINKED)).issues[MI1].followed
    back = replay(decide_all(see(GONE), see(OPEN, minute=51), after=LINKED))
    assert back.issues[MI1].followed
    assert back.mitigations[MI1].state is MitigationState.PLANNED


# Due dates


def due(day: date) -> SeenIssue:
    return replace(OPEN, due=day)


def test_an_earlier_due_date_is_taken_over_and_a_past_one_is_not() -> None:
    wednesday = FRIDAY - timedelta(days=2)
    given(*LINKED).when(see(due(wednesday))).then(
        seen_in(LINKED, due(wednesday)), MitigationRescheduled(**header(LINKED), due=wednesday)
    )
    yesterday = at(0).date() - timedelta(days=1)
    given(*LINKED).when(see(due(yesterday))).then(seen_in(LINKED, due(yesterday)))
    given(*LINKED).when(see(due(date.max))).then(seen_in(LINKED, due(date.max)))


def test_a_later_due_date_is_taken_over_as_far_as_the_policy_allows() -> None:
    relaxed = decide_all(replace(NO_LIMIT, at=at(16)), after=LINKED)
    given(*relaxed).when(see(due(MONTHS_LATER))).then(
        seen_in(relaxed, due(MONTHS_LATER)), MitigationRescheduled(**header(relaxed), due=MONTHS_LATER)
    )
    given(*LINKED).when(see(due(MONTHS_LATER))).then(seen_in(LINKED, due(MONTHS_LATER)))
    assert proposal(LINKED, see(due(MONTHS_LATER))) is IssueProposal.DUE
    accept = RescheduleMitigation(by=CHI, at=at(51), mitigation=MI1, due=MONTHS_LATER)
    assert proposal(LINKED, see(due(MONTHS_LATER)), accept) is None
    assert proposal(LINKED, see(due(MONTHS_LATER)), dismiss()) is None
    assert proposal(LINKED, see(replace(DONE, due=MONTHS_LATER))) is IssueProposal.IMPLEMENTED


def test_the_policy_counts_from_the_score_of_the_threat() -> None:
    scored = decide_all(
        open_round_command(),
        *(ballot_of(voter, 10) for voter in (ANA, BEN, CHI, DEE)),
        BeginRemediation(by=ANA, at=at(11), reasons=reasons_for_gates()),
        ChooseTracker(by=ANA, at=at(11), own=True, tracker=TR1),
        plan(minute=12),
        link(minute=13),
        after=IDENTIFIED,
    )
    last = at(10).date() + timedelta(days=14)
    assert mitigation(scored, see(due(last))).due == last
    day_after = see(due(last + timedelta(days=1)))
    assert mitigation(scored, day_after).due == FRIDAY
    assert proposal(scored, day_after) is IssueProposal.DUE


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("days", [-1, 1, 200, 4000])
def test_each_date_that_differs_is_taken_over_or_proposed(days: int, *, typed: bool) -> None:
    there = due(FRIDAY + timedelta(days=days) if days > 0 else at(0).date() - timedelta(days=1))
    commands = [link(there, typed=True)] if typed else [link(), see(there)]
    linked = decide_all(*commands, after=PLANNED)
    differs = mitigation(linked).due != there.due
    assert (proposal(linked) is IssueProposal.DUE) == differs
    assert proposal(linked, *([dismiss()] if differs else [])) is None
    assert proposal(LINKED, see(replace(OPEN, due=None))) is None, "the tracker may have no due dates"


def test_what_was_pushed_comes_back_without_consequences() -> None:
    moved = decide_all(
        RescheduleMitigation(by=CHI, at=at(20), mitigation=MI1, due=MONTHS_LATER), after=LINKED
    )
    given(*moved).when(see(OPEN)).then_nothing_happens()
    given(*moved).when(see(due(MONTHS_LATER))).then(replace(seen_in(moved, due(MONTHS_LATER)), expected=True))
    known = decide_all(see(due(MONTHS_LATER)), after=moved)
    given(*known).when(see(OPEN)).then(
        seen_in(known, OPEN), MitigationRescheduled(**header(known), due=FRIDAY)
    )


# Assignees


def test_another_assignee_becomes_the_owner_if_the_account_is_known() -> None:
    dana = replace(OPEN, assignee="Dana Fox")
    given(*LINKED).when(see(dana)).then(seen_in(LINKED, dana))
    dee = replace(OPEN, person=DEE)
    given(*LINKED).when(see(dee)).then(
        seen_in(LINKED, dee), MitigationReassigned(**header(LINKED), owner=DEE)
    )
    chi = replace(OPEN, person=CHI)
    given(*LINKED).when(see(chi)).then(replace(seen_in(LINKED, chi), expected=True))
    tester = replace(DONE, person=DEE)
    given(*LINKED).when(see(tester)).then(seen_in(LINKED, tester))
    given(*IMPLEMENTED).when(see(dee)).then(seen_in(IMPLEMENTED, dee))
    back = ReassignMitigation(by=ANA, at=at(51), mitigation=MI1, owner=CHI)
    undated = see(replace(dee, due=None), minute=52)
    assert mitigation(LINKED, see(dee), back, undated).owner == CHI, "the assignee is the same as before"


def test_an_assignee_outside_of_the_channel_is_told_and_becomes_the_owner_only_after_joining() -> None:
    outside = replace(OPEN, person=DEE, assignee="Dee Fox", account="dee", outside=True)
    given(*LINKED).when(see(outside)).then(seen_in(LINKED, outside))
    known = decide_all(see(outside), after=LINKED)
    given(*known).when(see(outside)).then_nothing_happens()
    inside = replace(outside, assignee="", outside=False)
    given(*known).when(see(inside)).then(
        replace(seen_in(known, inside), expected=True), MitigationReassigned(**header(known), owner=DEE)
    )
    gone = replace(inside, outside=True)
    joined = decide_all(see(inside), after=known)
    given(*joined).when(see(gone)).then(replace(seen_in(joined, gone), expected=True))
    for typed in (True, False):
        by = CHI if typed else SYSTEM
        unowned = decide_all(plan(owner=None), after=CHOSEN)
        linked = decide_all(link(outside, by=by, typed=typed), after=unowned)
        assert replay(linked).mitigations[MI1].owner is None


def test_an_account_that_becomes_known_is_recorded_without_being_told_again() -> None:
    chi = replace(OPEN, person=CHI)
    known = decide_all(see(chi), after=LINKED)
    with_account = replace(chi, account="chi", assignee="Chi Chen")
    given(*known).when(see(with_account)).then(replace(seen_in(known, with_account), expected=True))
    stranger = decide_all(see(replace(OPEN, assignee="Dee Fox", account="dee")), after=LINKED)
    given(*stranger).when(see(replace(OPEN, person=DEE, account="dee"))).then(
        seen_in(stranger, replace(OPEN, person=DEE, account="dee")),
        MitigationReassigned(**header(stranger), owner=DEE),
    )


def test_an_assignee_verifies_nothing_also_if_the_issue_was_closed_or_they_were_outside() -> None:
    for shown in (
        replace(DONE, person=DEE),
        replace(OPEN, person=DEE, outside=True),
    ):
        events = decide_all(see(shown), implement(minute=52), after=LINKED)
        given(*events).when(verify(by=DEE, minute=53)).then_refused(OwnMitigation, "You own or implemented")
    typed = decide_all(link(replace(DONE, person=DEE), by=CHI, typed=True), implement(), after=PLANNED)
    given(*typed).when(verify(by=DEE)).then_refused(OwnMitigation, "You own or implemented")


def test_the_account_of_an_assignee_counts_whatever_is_said_of_it_or_undone_later() -> None:
    seen = replace(OPEN, assignee="Ben Berg", account="ben")
    assigned = decide_all(see(seen), after=LINKED)
    bens, other = (TR1, "ben", BEN), (TR2, "ben", BEN)
    replaced = replace(ISSUE, key="#13", url="https://redmine.example.org/issues/13")
    unlinked = UnlinkIssue(by=CHI, at=at(53), mitigation=MI1)
    cases: dict[str, tuple[list[RecordedEvent], set[HeldAccount], bool]] = {
        "it is his": (assigned, {bens}, True),
        "it is another's": (assigned, {(TR1, "ben", CHI)}, False),
        "it is his in another tracker": (assigned, {other}, False),
        "another person was assigned since": (
            decide_all(see(replace(OPEN, person=CHI, account="chi"), minute=52), after=assigned),
            {bens},
            True,
        ),
        "the issue was unlinked": (decide_all(unlinked, after=assigned), {bens}, True),
        "another issue took its place": (
            decide_all(unlinked, link(issue=replaced, by=CHI, typed=True, minute=54), after=assigned),
            {bens},
            True,
        ),
        "the link was undone": (
            decide_all(Undo(by=SYSTEM, at=at(56)), after=decide_all(link(seen), after=PLANNED)),
            {bens},
            True,
        ),
        "nothing was assigned": (LINKED, {bens}, False),
        "he was seen as the person": (decide_all(see(replace(OPEN, person=BEN)), after=LINKED), set(), True),
        "it is of another mitigation": (decide_all(plan(TH2), after=assigned), {bens}, False),
    }
    told: list[str] = []
    for case, (events, ever, expected) in cases.items():
        about = MI2 if "another mitigation" in case else MI1
        refused = False
        try:
            check_assignee(events, about, BEN, TrackerAccounts(ever=frozenset(ever)))
        except AssigneeOfIssue:
            refused = True
        if refused is not expected:
            told.append(case)
    assert not told


def test_no_one_who_ever_owned_a_mitigation_verifies_it() -> None:
    through_the_tracker = decide_all(
        see(replace(OPEN, person=DEE)),
        see(replace(OPEN, person=CHI), minute=51),
        implement(minute=52),
        after=LINKED,
    )
    mine = verify(by=DEE, minute=53)
    given(*through_the_tracker).when(mine).then_refused(OwnMitigation, "You own or implemented MI-1")
    assert decide_all(verify(minute=53), after=through_the_tracker)
