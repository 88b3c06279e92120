"""What the issue of a mitigation shows, what follows, and whose account in the tracker is whose."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
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
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.mitigation import Mitigation, MitigationState
from domain.kernel.tracked_issue import SeenIssue, TrackerKind
from domain.rejections import (
    AssigneeOfIssue,
    NothingProposed,
    OwnMitigation,
    Rejected,
)
from domain.remediation.issue_proposals import IssueProposal
from domain.remediation.reviewers import check_assignee
from domain.replay import replay
from domain.tracker_accounts import (
    AccountDenied,
    AccountTaken,
    ChooseTrackerAccount,
    HeldAccount,
    ReleaseTrackerAccount,
    TrackerAccountChosen,
    TrackerAccountReleased,
    TrackerAccounts,
)
from domain.workspace_settings import WorkspaceEvent, settings_after
from domain.workspace_trackers import (
    ConnectTracker,
    DisconnectTracker,
    TrackerConnected,
    WorkspaceTrackerCommand,
    decide_on_trackers,
)
from tests.domain.remediation_story import (
    CHOSEN,
    DONE,
    FRIDAY,
    GONE,
    IMPLEMENTED,
    ISSUE,
    LINKED,
    MI1,
    MI2,
    MONTHS_LATER,
    NO_LIMIT,
    OPEN,
    PLANNED,
    REJECTED,
    TH2,
    TR1,
    TR2,
    VERIFIED,
    dismiss,
    header,
    implement,
    link,
    plan,
    proposal,
    see,
    verify,
)
from tests.domain.voting_story import IDENTIFIED, ballot_of, open_round_command
from tests.examples import ANA, BEN, CHI, DEE, at, closed, decide_all, given, reasons_for_conditions

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
        BeginRemediation(by=ANA, at=at(11), reasons=reasons_for_conditions()),
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


Known = list[tuple[PersonId, str, bool]]


def states(
    person: PersonId, account: str = "ben", *, name: str = "", confirmed: bool = False
) -> ChooseTrackerAccount:
    """A person states which account is theirs; `confirmed` by the address that it shows."""
    return says(person, person, account, name=name, confirmed=confirmed)


def says(by: PersonId, person: PersonId, account: str = "ben", **more: Any) -> ChooseTrackerAccount:
    """An administrator, or the system, says whose account it is."""
    more = {"name": "Ben Berg", **{key: value for key, value in more.items() if value}}
    return ChooseTrackerAccount(by=by, at=at(1), tracker=TR1, person=person, account=account, **more)


def releases(person: PersonId, account: str = "ben", *, by: PersonId = ANA) -> ReleaseTrackerAccount:
    return ReleaseTrackerAccount(by=by, at=at(2), tracker=TR1, person=person, account=account)


def events_of(commands: Sequence[WorkspaceTrackerCommand]) -> list[WorkspaceEvent]:
    connect = ConnectTracker(
        by=ANA, at=at(1), kind=TrackerKind.REDMINE, url="https://redmine.example.org", project="shop"
    )
    events: list[WorkspaceEvent] = []
    for command in (connect, *commands):
        events.extend(decide_on_trackers(command, settings_after(events).trackers))
    return events


def after(*commands: WorkspaceTrackerCommand) -> TrackerAccounts:
    return settings_after(events_of(commands)).trackers.accounts


def known(*commands: WorkspaceTrackerCommand) -> Known:
    """Who has which account after some commands, and whether it is confirmed."""
    return [(one.person, one.account, one.confirmed) for one in after(*commands).known]


def test_an_account_belongs_to_one_person_and_a_person_has_one() -> None:
    commands = (states(BEN), states(CHI, "chi"), states(CHI, "chi2"))
    assert known(*commands) == [(BEN, "ben", False), (CHI, "chi2", False)]
    accounts = after(*commands)
    assert (accounts.person_of(TR1, "ben"), accounts.person_of(TR2, "ben")) == (BEN, None)
    assert after(states(BEN), states(BEN, "")).of(TR1, BEN) is None
    assert len(events_of([states(BEN), states(BEN)])) == len(events_of([states(BEN)])), "nothing changes"


def test_the_account_of_someone_else_is_taken_by_an_address_or_an_administrator_alone() -> None:
    cases: dict[str, tuple[tuple[WorkspaceTrackerCommand, ...], Known | str]] = {
        "a second statement": ((states(CHI), states(BEN)), "@UCHI stated that “Ben Berg” is their account"),
        "the address of the second person": (
            (states(CHI), states(BEN, confirmed=True)),
            [(BEN, "ben", True)],
        ),
        "an address that is found": ((states(CHI), says(SYSTEM, BEN)), [(BEN, "ben", True)]),
        "an administrator": ((states(CHI), says(ANA, BEN)), [(BEN, "ben", True)]),
        "an administrator for themselves": ((states(CHI), states(ANA)), "ask @UCHI or an administrator"),
        "a statement after an address": ((says(SYSTEM, BEN), states(CHI)), "is the account of @UBEN"),
        "an address after an administrator": (
            (says(ANA, CHI), states(BEN, confirmed=True)),
            "is the account of @UCHI",
        ),
        "an address that is found after an administrator": (
            (says(ANA, CHI), says(SYSTEM, BEN)),
            [(CHI, "ben", True)],
        ),
        "an administrator after an address": ((says(SYSTEM, BEN), says(ANA, CHI)), [(CHI, "ben", True)]),
        "a statement that was corrected": (
            (states(CHI), says(ANA, BEN), states(BEN, "other"), states(CHI)),
            "found not to be your account",
        ),
        "a statement that was released": (
            (states(CHI), releases(CHI), states(CHI)),
            "not to be your account",
        ),
        "another's statement after a release": (
            (states(CHI), releases(CHI), states(BEN)),
            [(BEN, "ben", False)],
        ),
        "an administrator after a release": (
            (states(CHI), releases(CHI), says(ANA, CHI)),
            [(CHI, "ben", True)],
        ),
        "the release of an account that has changed": (
            (states(CHI), says(ANA, BEN), releases(CHI)),
            "changed meanwhile",
        ),
    }
    told: list[str] = []
    for case, (commands, expected) in cases.items():
        try:
            found: Known | str = known(*commands)
        except Rejected as refused:
            found = str(refused)
        wrong = expected not in found if isinstance(expected, str) else found != expected
        if wrong:
            told.append(f"{case}: {found}")
    assert not told, "\n".join(told)


def test_of_two_statements_at_one_version_exactly_one_counts() -> None:
    for first, second in ((BEN, CHI), (CHI, BEN)):
        with pytest.raises(AccountTaken) as refused:
            after(states(first), states(second))
        assert refused.value.people == (first,)
        assert refused.value.field == "account"


def test_what_is_found_replaces_nothing_that_people_said_for_themselves() -> None:
    found = says(SYSTEM, BEN)
    cases: dict[str, tuple[tuple[WorkspaceTrackerCommand, ...], Known]] = {
        "nothing is known": ((found,), [(BEN, "ben", True)]),
        "another account was found": ((found, says(SYSTEM, BEN, "8")), [(BEN, "ben", True)]),
        "he has another account": ((states(BEN, "9"), found), [(BEN, "9", False)]),
        "he stated the same": ((states(BEN), found), [(BEN, "ben", True)]),
        "he has none": ((states(BEN, ""), found), []),
        "he no longer has one": ((found, states(BEN, ""), found), []),
        "he states another one": ((found, states(BEN, "9")), [(BEN, "9", False)]),
        "he states the same again": ((found, states(BEN, name="Benny")), [(BEN, "ben", True)]),
    }
    assert {case: known(*commands) for case, (commands, _) in cases.items()} == {
        case: expected for case, (_, expected) in cases.items()
    }
    (account,) = after(found).known
    assert (account.found, account.corrected) == (True, False)
    (account,) = after(says(ANA, BEN)).known
    assert (account.found, account.corrected) == (False, True)


def test_everyone_who_ever_stated_an_account_counts_until_it_is_settled_whose_it_is() -> None:
    disconnect = DisconnectTracker(by=ANA, at=at(3), tracker=TR1)
    cases: dict[str, tuple[tuple[WorkspaceTrackerCommand, ...], set[PersonId]]] = {
        "he has it": ((states(BEN),), {BEN}),
        "he says that he has none": ((states(BEN), states(BEN, "")), {BEN}),
        "he states another one": ((states(BEN), states(BEN, "chi")), {BEN}),
        "another person states it then": ((states(BEN), states(BEN, ""), states(CHI)), {BEN, CHI}),
        "the tracker is disconnected": ((states(BEN), disconnect), {BEN}),
        "an administrator corrects a mistake": ((states(CHI), says(ANA, BEN)), {BEN}),
        "an administrator releases a mistake": ((states(CHI), releases(CHI)), set()),
        "an address corrects a mistake": ((states(CHI), says(SYSTEM, BEN)), {BEN}),
        "an administrator corrects an address": ((says(SYSTEM, BEN), says(ANA, CHI)), {BEN, CHI}),
        "an administrator gives away an own account": ((states(ANA), says(ANA, BEN)), {ANA, BEN}),
        "an administrator releases an own account": ((states(ANA), releases(ANA)), {ANA}),
    }
    found = {
        case: {
            person for tracker, account, person in after(*commands).ever if (tracker, account) == (TR1, "ben")
        }
        for case, (commands, _) in cases.items()
    }
    assert found == {case: expected for case, (_, expected) in cases.items()}


def test_an_account_stays_taken_back_when_the_entry_of_its_owner_is_erased() -> None:
    events = events_of([states(CHI), says(SYSTEM, BEN)])
    assert isinstance(events[-2], TrackerAccountReleased)
    assert isinstance(events[-1], TrackerAccountChosen)
    assert settings_after([*events[:-1], None]).trackers.accounts.known == ()


def test_entries_of_earlier_releases_are_read() -> None:
    connected = next(one for one in events_of([]) if isinstance(one, TrackerConnected))
    told: list[tuple[bool, bool]] = []
    for by in (BEN, SYSTEM):
        stored = {
            "type": "TrackerAccountChosen",
            "by": by,
            "at": "2026-03-02T09:00:00Z",
            "tracker": "TR-1",
            "person": BEN,
            "account": "ben",
            "name": "Ben Berg",
        }
        event = msgspec.convert(stored, TrackerAccountChosen)
        (account,) = settings_after([connected, event]).trackers.accounts.known
        told.append((account.found, account.confirmed))
    assert told == [(False, False), (True, True)]


def test_a_denied_account_is_refused_in_words() -> None:
    with pytest.raises(AccountDenied, match="ask an administrator of the workspace settings to assign it"):
        after(states(DEE), releases(DEE), states(DEE))
    again = after(states(DEE), releases(DEE), states(DEE, confirmed=True)).known
    assert [(one.person, one.confirmed) for one in again] == [(DEE, True)], "an address counts for more"
