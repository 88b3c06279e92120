"""Issues of mitigations in a tracker: chosen, linked, unlinked, told of and reminded of."""

from typing import Any

from msgspec.structs import replace

from domain.changes import difference
from domain.commands import (
    ChooseTracker,
    PlanMitigation,
    RequestIssue,
    ReviseMitigation,
    Undo,
    UnlinkIssue,
)
from domain.events import (
    IssueLinked,
    IssueRequested,
    IssueUnlinked,
    MitigationReassigned,
    MitigationRescheduled,
    MitigationRevised,
    RecordedEvent,
    TrackerChosen,
    WorkspaceSettingsApplied,
)
from domain.history import timeline
from domain.kernel.due_dates import utc_zone
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.inherited_settings import InheritedSettings
from domain.kernel.tracked_issue import IssueState, ModelTracker, SeenIssue, TrackerId
from domain.register import register
from domain.rejections import (
    IssueStillThere,
    NoIssue,
    NotALink,
    NotTheFacilitator,
    Rejected,
    TooLong,
)
from domain.remediation.issue_proposals import (
    IssueProposal,
    synchronized_tracker,
    tracker_in_force,
)
from domain.remediation.status import tracked_mitigations
from domain.reminders import Occasion, Reachability
from domain.replay import replay
from domain.wording.trackers import proposal_phrase, proposal_question
from tests.domain.remediation_story import (
    CHOSEN,
    DONE,
    GONE,
    ISSUE,
    LINKED,
    MI1,
    MONTHS_LATER,
    NO_LIMIT,
    OPEN,
    PLANNED,
    REJECTED,
    TH1,
    THREATS,
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
    start,
)
from tests.domain.reminder_models import due_reminders, sent_until, utc_time
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, given, recorded

# The tracker of a model


def test_the_facilitator_chooses_the_tracker_of_a_model() -> None:
    chosen = ModelTracker(own=True, tracker=TR1, shares_threats=True)
    command = ChooseTracker(by=ANA, at=at(8), own=True, tracker=TR1, shares_threats=True)
    given(*THREATS).when(command).then(recorded(TrackerChosen, tracker=chosen))
    given(*decide_all(command, after=THREATS)).when(command).then_nothing_happens()
    given(*THREATS).when(replace(command, by=BEN)).then_refused(NotTheFacilitator, "Only the facilitator")
    given(*THREATS).when(replace(command, tracker=TrackerId("../TR-1"))).then_refused(
        Rejected, "not connected", field="tracker"
    )


def test_a_model_without_a_choice_inherits_the_default_tracker() -> None:
    applied = WorkspaceSettingsApplied(
        by=SYSTEM,
        at=at(7),
        answer=len(THREATS) + 1,
        version=3,
        settings=InheritedSettings(tracker=TR2),
        chosen_by=ANA,
    )
    inheriting = [*THREATS, applied]
    assert tracker_in_force(replay(inheriting)) == TR2
    assert "mitigations get issues in the tracker TR-2" in timeline(inheriting)[-1].text
    none = decide_all(ChooseTracker(by=ANA, at=at(8), own=True), after=inheriting)
    assert tracker_in_force(replay(none)) is None
    assert tracker_in_force(replay(decide_all(Undo(by=ANA, at=at(9)), after=none))) == TR2


def test_a_mitigation_has_an_issue_while_its_tracker_is_in_force() -> None:
    def tracker(events: list[RecordedEvent]) -> TrackerId | None:
        model = replay(events)
        return synchronized_tracker(model, model.mitigations[MI1])

    assert tracker(decide_all(plan(), after=THREATS)) is None, "no tracker was chosen"
    assert tracker(PLANNED) == TR1
    assert tracker(decide_all(start(), implement(), after=PLANNED)) is None, "nothing is left to do"
    assert tracker(VERIFIED) == TR1, "an issue is kept up to date"
    unlinked = decide_all(UnlinkIssue(by=CHI, at=at(20), mitigation=MI1), after=LINKED)
    assert tracker(unlinked) is None
    request = RequestIssue(by=CHI, at=at(21), mitigation=MI1)
    assert tracker(decide_all(request, after=unlinked)) == TR1
    assert tracker(decide_all(see(GONE), after=LINKED)) is None, "no new issue is created by itself"
    assert tracker(decide_all(see(GONE), request, after=LINKED)) == TR1
    elsewhere = ChooseTracker(by=ANA, at=at(20), own=True, tracker=TR2)
    assert tracker(decide_all(elsewhere, after=LINKED)) is None, "it belongs to the former tracker"


# Linking


def test_a_new_issue_is_linked_by_the_system() -> None:
    given(*PLANNED).when(link()).then(
        IssueLinked(**header(PLANNED, 15), issue=ISSUE, seen=OPEN),
    )
    given(*LINKED).when(link(minute=16)).then_nothing_happens()
    given(*PLANNED).when(link(by=BEN)).then_refused(Rejected, "created by the system")
    script = replace(ISSUE, url="javascript:alert(1)")
    given(*PLANNED).when(link(issue=script)).then_refused(NotALink, "", field="link")
    long = replace(ISSUE, key="#" * 80)
    given(*PLANNED).when(link(issue=long)).then_refused(TooLong, "The key", field="ticket")


def test_an_existing_issue_fills_only_what_the_mitigation_leaves_open() -> None:
    bare = PlanMitigation(by=BEN, at=at(10), threat=TH1, title="Ask for a badge")
    events = decide_all(NO_LIMIT, bare, after=CHOSEN)
    shown = SeenIssue(state=IssueState.OPEN, person=DEE, due=MONTHS_LATER)
    given(*events).when(link(shown, typed=True)).then(
        IssueLinked(**header(events, 15), issue=ISSUE, typed=True, seen=shown),
        MitigationReassigned(**header(events, 15), owner=DEE),
        MitigationRescheduled(**header(events, 15), due=MONTHS_LATER),
    )
    given(*PLANNED).when(link(shown, typed=True)).then(
        IssueLinked(**header(PLANNED, 15), issue=ISSUE, typed=True, seen=shown)
    )
    assert proposal(PLANNED, link(shown, typed=True)) is IssueProposal.DUE
    assert proposal(PLANNED, link(DONE, typed=True)) is IssueProposal.IMPLEMENTED


def test_another_ticket_asks_for_another_issue() -> None:
    revise = ReviseMitigation(by=CHI, at=at(20), mitigation=MI1, title="Ask for a badge", ticket="#13")
    model = replay(LINKED)
    revised = MitigationRevised(
        by=CHI, at=at(20), answer=len(LINKED) + 1, mitigation=replace(model.mitigations[MI1], ticket="#13")
    )
    said: dict[str, Any] = {**header(LINKED, 20), "by": CHI}
    given(*LINKED).when(revise).then(revised, IssueRequested(**said))
    same = replace(revise, ticket=ISSUE.url)
    assert replay(decide_all(same, after=LINKED)).issues[MI1].linked, "the ticket names its issue"
    named = decide_all(replace(revise, ticket="#12"), link(typed=True), after=PLANNED)
    emptied = decide_all(replace(revise, ticket="", at=at(21)), after=named)
    assert isinstance(emptied[-1], IssueUnlinked)
    undone = decide_all(Undo(by=CHI, at=at(22)), after=emptied)
    assert replay(undone).issues[MI1] == replay(named).issues[MI1]


def test_an_issue_is_unlinked_and_another_one_requested() -> None:
    unlink = UnlinkIssue(by=CHI, at=at(20), mitigation=MI1)
    request = RequestIssue(by=CHI, at=at(21), mitigation=MI1)
    given(*PLANNED).when(unlink).then_refused(NoIssue, "MI-1 has no issue")
    given(*LINKED).when(request).then_refused(IssueStillThere, "MI-1 has the issue #12")
    unlinked = decide_all(unlink, after=LINKED)
    given(*unlinked).when(see(DONE)).then_nothing_happens()
    given(*decide_all(request, after=unlinked)).when(request).then_nothing_happens()
    nowhere = decide_all(ChooseTracker(by=ANA, at=at(20), own=True), after=unlinked)
    given(*nowhere).when(request).then_refused(NoIssue, "no issue")
    undone = decide_all(Undo(by=CHI, at=at(22)), after=unlinked)
    assert replay(undone).issues == replay(LINKED).issues


# Wording


def test_history_tells_what_the_tracker_shows() -> None:
    told = decide_all(
        see(replace(OPEN, assignee="Dana <@UANA> Fox\n*bold*"), minute=20),
        see(replace(OPEN, person=DEE), minute=21),
        see(replace(OPEN, person=CHI, assignee="Chi Chen", outside=True), minute=21),
        see(replace(REJECTED, person=DEE, due=None), minute=22),
        dismiss(23),
        see(replace(DONE, person=DEE), minute=24),
        see(GONE, minute=25),
        RequestIssue(by=CHI, at=at(26), mitigation=MI1),
        after=LINKED,
    )
    badge = "the mitigation “Ask for a badge” (MI-1)"
    assert [one.text for one in timeline(told)[len(PLANNED) :]] == [
        f"created #12 in Redmine for {badge}",
        f"saw #12 in Redmine of {badge}: assigned to “Dana <@UANA> Fox *bold*”",
        f"saw #12 in Redmine of {badge}: assigned to @UDEE",
        f"assigned {badge} to @UDEE",
        f"saw #12 in Redmine of {badge}: assigned to @UCHI (“Chi Chen” there), who is not in the channel",
        f"saw #12 in Redmine of {badge}: closed as “Rejected”, assigned to @UDEE, without a due date",
        f"kept {badge} as it is, and dismissed what #12 in Redmine proposed",
        f"saw #12 in Redmine of {badge}: closed as completed, due on 6 March 2026",
        f"saw #12 in Redmine of {badge}: deleted, or no longer readable, not assigned, without a due date",
        f"requested another issue for {badge}",
    ]
    assert timeline(told)[len(PLANNED) + 2].people == (DEE,)


def test_history_tells_which_tracker_was_chosen() -> None:
    def told(**choice: Any) -> str:
        return timeline(decide_all(ChooseTracker(by=ANA, at=at(20), **choice), after=CHOSEN))[-1].text

    assert told(own=True, tracker=TR2, shares_threats=True) == (
        "chose the tracker TR-2 for the issues of mitigations, which may describe the threats"
    )
    assert told(own=True) == "chose that mitigations get no issues in a tracker"
    assert told() == (
        "chose the default tracker of the workspace for the issues of mitigations, without the threats"
    )


def test_each_proposal_is_a_question_in_words() -> None:
    def asked(seen: SeenIssue) -> tuple[str, str]:
        model = replay(decide_all(see(OPEN, minute=51), see(seen, minute=52), after=begun[seen]))
        (tracked,) = tracked_mitigations(model, None, utc_zone)
        assert tracked.issue is not None
        assert tracked.proposal is not None
        return (
            proposal_question(tracked.issue, tracked.proposal),
            proposal_phrase(tracked.issue, tracked.proposal),
        )

    verified = decide_all(see(DONE), after=VERIFIED)
    reopened = replace(OPEN, reason="Feedback")
    later = replace(OPEN, due=MONTHS_LATER)
    rejected = "#12 was closed as “Rejected” in Redmine."
    begun = {DONE: LINKED, REJECTED: LINKED, GONE: LINKED, later: LINKED, reopened: verified}
    assert [asked(one) for one in begun] == [
        (
            "#12 was closed as completed in Redmine. Is the mitigation implemented?",
            "closed as completed in Redmine: mark as implemented?",
        ),
        (
            f"{rejected} Is the mitigation implemented, dropped, or does it continue?",
            "closed in Redmine: implemented, dropped, or continued?",
        ),
        (
            "#12 was deleted in Redmine or can no longer be read. Is another issue needed?",
            "deleted in Redmine: create another one?",
        ),
        (
            "#12 is due on 31 August 2026 in Redmine, not on the same day as here. Does that date apply?",
            "another due date in Redmine: change it here?",
        ),
        (
            "#12 was reopened in Redmine. Does the verified mitigation still hold?",
            "reopened in Redmine: still effective?",
        ),
    ]


def test_changes_tell_of_the_issue_and_its_state() -> None:
    past = decide_all(see(DONE, minute=60), after=LINKED)
    before, after = register(replay(PLANNED)), register(replay(past))
    (change,) = difference(before, after, past)
    assert (change.id, change.by) == (MI1, ())
    assert [(detail.name, detail.before, detail.now) for detail in change.details] == [
        ("issue", "", "#12 in Redmine, closed as completed")
    ]
    chosen = difference(register(replay(THREATS)), register(replay(CHOSEN)), CHOSEN)
    assert [(one.name, one.by, one.details[0].now) for one in chosen] == [("Tracker", (ANA,), TR1)]


COMPLETED = decide_all(see(DONE, minute=30), after=LINKED)
"""At 9:30 on Monday 2 March 2026, the issue of the mitigation that CHI owns was closed as completed."""


def of_issues(reminders: list[str]) -> list[str]:
    return [reminder for reminder in reminders if Occasion.ISSUE_CHANGED in reminder]


def test_the_owner_is_asked_in_the_next_working_hour() -> None:
    model = replay(COMPLETED)
    assert of_issues(due_reminders(model, utc_time("2026-03-02T09:29"))) == []
    assert of_issues(due_reminders(model, utc_time("2026-03-02T09:31"))) == ["UCHI issue-changed MI-1"]
    due_later = replay(decide_all(see(replace(OPEN, due=MONTHS_LATER), minute=30), after=LINKED))
    assert of_issues(due_reminders(due_later, utc_time("2026-03-02T09:31"))) == ["UCHI issue-changed MI-1"]


def test_the_reminders_are_repeated_beside_those_of_the_due_date() -> None:
    sent = [
        (f"{when:%d %b}", one.occasion)
        for when, one in sent_until(replay(COMPLETED), utc_time("2026-03-10T12:00"))
        if one.to == CHI
    ]
    assert sent == [
        ("02 Mar", Occasion.ISSUE_CHANGED),
        ("05 Mar", Occasion.DUE_SOON),
        ("05 Mar", Occasion.ISSUE_CHANGED),
        ("06 Mar", Occasion.DUE_TODAY),
        ("09 Mar", Occasion.ISSUE_CHANGED),
        ("09 Mar", Occasion.OVERDUE),
    ]


def test_an_answer_ends_them() -> None:
    for answered in (
        decide_all(implement(minute=31), after=COMPLETED),
        decide_all(dismiss(31), after=COMPLETED),
    ):
        assert of_issues(due_reminders(replay(answered), utc_time("2026-03-02T09:40"))) == []


def test_without_a_reachable_owner_the_facilitator_is_asked() -> None:
    def people(person: PersonId) -> Reachability:
        return Reachability(gone=person == CHI)

    sent = sent_until(replay(COMPLETED), utc_time("2026-03-02T12:00"), people=people)
    assert [one.to for _, one in sent if one.occasion is Occasion.ISSUE_CHANGED] == [ANA]


def test_an_existing_issue_that_is_already_closed_asks_when_it_is_linked() -> None:
    linked = decide_all(link(DONE, typed=True, minute=30), after=PLANNED)
    assert of_issues(due_reminders(replay(linked), utc_time("2026-03-02T09:31"))) == [
        "UCHI issue-changed MI-1"
    ]
