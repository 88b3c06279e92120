"""Mitigations: planned, owned, due, started, implemented, verified by somebody else, or dropped."""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.analysis.rule_findings import apply_rules
from domain.commands import (
    ChooseParticipants,
    Command,
    ConfirmSuggestedThreats,
    DropMitigation,
    ImplementMitigation,
    PlanMitigation,
    ReassignMitigation,
    RefuseVerification,
    RescheduleMitigation,
    ResumeMitigation,
    ReturnToAnalysis,
    ReviseMitigation,
    SnoozeReminder,
    StartMitigation,
    Undo,
)
from domain.events import (
    Erased,
    MitigationDropped,
    MitigationImplemented,
    MitigationPlanned,
    MitigationReassigned,
    MitigationRemoved,
    MitigationRescheduled,
    MitigationRestored,
    MitigationResumed,
    MitigationRevised,
    MitigationStarted,
    MitigationVerified,
    RecordedEvent,
    ResponseChosen,
    ResponseCleared,
    VerificationRefused,
)
from domain.history import timeline
from domain.kernel.due_dates import utc_zone
from domain.kernel.mitigation import Mitigation, MitigationState
from domain.kernel.threat import ControlClass, Response, ResponseKind, Stride, SuggestedThreatId, Threat
from domain.rejections import (
    ContentMissing,
    NameMissing,
    NoSuchMitigation,
    NotAParticipant,
    NotATicket,
    OwnMitigation,
    Rejected,
    TooLong,
    WrongMitigationState,
)
from domain.remediation.status import tracked_mitigations
from domain.remediation.suggestions import ControlSuggestion, planned_controls, suggest_controls
from domain.reminders import Reachability
from domain.reminders.pending_reviews import overdue_reviews
from domain.reminders.reminder import POLICIES
from domain.replay import EMPTY, replay
from tests.domain.remediation_story import (
    FRIDAY,
    MI1,
    MI2,
    SPRING,
    TH1,
    TH2,
    THREATS,
    implement,
    plan,
    respond,
    start,
    verify,
)
from tests.examples import ANA, BEN, CHI, DEE, STRANGER, at, closed, decide_all, given, house, recorded

NEXT = len(THREATS) + 1
BADGE = Mitigation(
    id=MI1, threat=TH1, title="Ask for a badge", control=ControlClass.AUTHENTICATION, owner=CHI, due=FRIDAY
)
TO_MITIGATE = Response(threat=TH1, kind=ResponseKind.MITIGATE, by=BEN, at=at(10), owner=BEN)
PLANNED = decide_all(plan(), after=THREATS)
STARTED = decide_all(start(), after=PLANNED)
IMPLEMENTED = decide_all(implement(), after=STARTED)
VERIFIED = decide_all(verify(), after=IMPLEMENTED)
DROPPED = decide_all(DropMitigation(by=BEN, at=at(25), mitigation=MI1, reason="Nobody comes"), after=STARTED)


def first(events: list[RecordedEvent]) -> Mitigation:
    return replay(events).mitigations[MI1]


def test_who_plans_a_mitigation_has_chosen_to_mitigate() -> None:
    given(*THREATS).when(plan()).then(
        recorded(ResponseChosen, response=TO_MITIGATE),
        recorded(MitigationPlanned, mitigation=BADGE),
    )


def test_a_response_that_stands_goes_on_standing() -> None:
    avoided = decide_all(respond(TH1, ResponseKind.AVOID), after=THREATS)
    given(*avoided).when(plan(minute=11)).then(recorded(MitigationPlanned, mitigation=BADGE))


def test_a_mitigation_needs_a_title_and_a_proper_ticket() -> None:
    untitled = PlanMitigation(by=BEN, at=at(10), threat=TH1, title=" ")
    given(*THREATS).when(untitled).then_refused(
        NameMissing, "The name of the mitigation is missing", field="title"
    )
    linked = PlanMitigation(by=BEN, at=at(10), threat=TH1, title="Badge", ticket="the blue one")
    given(*THREATS).when(linked).then_refused(NotATicket, "such as REFILL-123", field="ticket")
    over = PlanMitigation(by=BEN, at=at(10), threat=TH1, title="Badge", due=date(2026, 1, 1))
    given(*THREATS).when(over).then_refused(Rejected, "1 January 2026 is in the past", field="due")


@pytest.mark.parametrize(
    "ticket", ["REFILL-123", "#412", "acme/shop#12", "AB#7", "!9", "https://tickets.example/7", " REFILL-1 "]
)
def test_a_ticket_is_a_key_or_an_address(ticket: str) -> None:
    planned = decide_all(
        PlanMitigation(by=BEN, at=at(10), threat=TH1, title="Badge", ticket=ticket), after=THREATS
    )
    assert replay(planned).mitigations[MI1].ticket == ticket.strip()


@pytest.mark.parametrize(
    "ticket", ["<!channel>-1", "=HYPERLINK(1)", "REFILL 123", "REFILL", "jira.example/1", "1" * 900 + "!"]
)
def test_anything_else_is_no_ticket(ticket: str) -> None:
    linked = PlanMitigation(by=BEN, at=at(10), threat=TH1, title="Badge", ticket=ticket)
    given(*THREATS).when(linked).then_refused(
        NotATicket, "The ticket is neither a key nor a URL", field="ticket"
    )


def test_a_ticket_has_a_thousand_characters_at_most() -> None:
    address = "https://tickets.example/"
    longest = PlanMitigation(
        by=BEN, at=at(10), threat=TH1, title="Badge", ticket=address + "x" * (1000 - len(address))
    )
    assert len(replay(decide_all(longest, after=THREATS)).mitigations[MI1].ticket) == 1000
    given(*THREATS).when(replace(longest, ticket=f"{longest.ticket}x")).then_refused(
        TooLong, "1,001", field="ticket"
    )


@pytest.mark.parametrize(("category", "control"), list(zip(Stride, ControlClass, strict=True)))
def test_each_category_has_its_class_of_control(category: Stride, control: ControlClass) -> None:
    one = Threat(id=TH1, title="One", stride=(category,))
    assert [found.control for found in suggest_controls(EMPTY, one)] == [control]


@pytest.mark.parametrize("category", list(Stride))
def test_a_reported_threat_gets_an_action_and_not_the_name_of_a_class(category: Stride) -> None:
    one = Threat(id=TH1, title="Curtains stay open", stride=(category,))
    (action,) = suggest_controls(EMPTY, one)
    assert action.control.value not in action.text.casefold()
    ((planned, threats),) = planned_controls(((one, (action,)),))
    assert planned.text == f"{action.text}: Curtains stay open"
    assert threats == (one,)


def test_the_classes_are_those_that_the_categories_are_known_for() -> None:
    words = {category.label: control.value for category, control in zip(Stride, ControlClass, strict=True)}
    assert words == {
        "Spoofing": "authentication",
        "Tampering": "integrity",
        "Repudiation": "non-repudiation",
        "Information disclosure": "confidentiality",
        "Denial of service": "availability",
        "Elevation of privilege": "authorization",
    }


def test_a_threat_that_a_rule_found_comes_with_the_controls_of_the_rule() -> None:
    model = replay(house())
    suggested_threat = next(one for one in apply_rules(model).suggested_threats if one.rule.id == "X02")
    confirm = ConfirmSuggestedThreats(
        by=model.facilitator, at=at(90), suggested_threats=(SuggestedThreatId(suggested_threat.id),)
    )
    threat = next(iter(replay(decide_all(confirm, after=house())).threats.values()))
    rule = suggested_threat.rule
    assert suggest_controls(model, threat)[0] == ControlSuggestion(
        control=rule.controls[0].control_class, text=rule.controls[0].text, rule="X02"
    )


def test_a_revised_element_is_described_again() -> None:
    revise = ReviseMitigation(
        by=ANA, at=at(11), mitigation=MI1, title="Ask for two badges", ticket="https://tickets.example/1"
    )
    revised = Mitigation(
        id=MI1,
        threat=TH1,
        title="Ask for two badges",
        control=ControlClass.AUTHENTICATION,
        owner=CHI,
        due=FRIDAY,
        ticket="https://tickets.example/1",
        owned_by=(CHI,),
    )
    given(*PLANNED).when(revise).then(recorded(MitigationRevised, mitigation=revised))
    given(*decide_all(revise, after=PLANNED)).when(revise).then_nothing_happens()


def test_it_changes_hands_and_days() -> None:
    given(*PLANNED).when(ReassignMitigation(by=BEN, at=at(11), mitigation=MI1, owner=DEE)).then(
        recorded(MitigationReassigned, mitigation=MI1, owner=DEE)
    )
    given(*PLANNED).when(
        ReassignMitigation(by=BEN, at=at(11), mitigation=MI1, owner=CHI)
    ).then_nothing_happens()
    given(*PLANNED).when(RescheduleMitigation(by=BEN, at=at(11), mitigation=MI1, due=SPRING)).then(
        recorded(MitigationRescheduled, mitigation=MI1, due=SPRING)
    )


def test_it_goes_from_planned_to_verified() -> None:
    given(*PLANNED).when(start()).then(recorded(MitigationStarted, mitigation=MI1))
    given(*STARTED).when(implement()).then(
        recorded(MitigationImplemented, mitigation=MI1, evidence="A sign at the door")
    )
    given(*IMPLEMENTED).when(verify()).then(recorded(MitigationVerified, mitigation=MI1))
    assert first(VERIFIED).state is MitigationState.VERIFIED
    assert (first(VERIFIED).implemented_by, first(VERIFIED).verified_by) == (CHI, BEN)


def test_done_can_be_said_of_what_no_one_said_was_started() -> None:
    assert first(decide_all(implement(), after=PLANNED)).state is MitigationState.IMPLEMENTED


def test_done_has_to_be_shown() -> None:
    bare = ImplementMitigation(by=CHI, at=at(30), mitigation=MI1)
    given(*STARTED).when(bare).then_refused(
        ContentMissing, "Enter a link, a test or a setting that shows the mitigation", field="evidence"
    )


def test_anyone_who_takes_up_what_no_one_owns_becomes_its_owner() -> None:
    unowned = decide_all(plan(owner=None), after=THREATS)
    given(*unowned).when(start(by=DEE)).then(
        recorded(MitigationReassigned, mitigation=MI1, owner=DEE),
        recorded(MitigationStarted, mitigation=MI1),
    )


def test_no_one_verifies_their_own_work_even_after_reassigning_it() -> None:
    given(*IMPLEMENTED).when(verify(by=CHI)).then_refused(OwnMitigation, "You own or implemented MI-1")
    given_away = decide_all(
        ReassignMitigation(by=CHI, at=at(35), mitigation=MI1, owner=DEE), after=IMPLEMENTED
    )
    given(*given_away).when(verify(by=CHI)).then_refused(OwnMitigation, "You own or implemented MI-1")
    given(*given_away).when(verify(by=DEE)).then_refused(OwnMitigation, "You own or implemented MI-1")


@pytest.mark.parametrize("events", [IMPLEMENTED, VERIFIED], ids=["implemented", "verified"])
def test_what_does_not_hold_goes_on(events: list[RecordedEvent]) -> None:
    refuse = RefuseVerification(by=ANA, at=at(50), mitigation=MI1, reason="The sign is gone")
    given(*events).when(refuse).then(recorded(VerificationRefused, mitigation=MI1, reason="The sign is gone"))
    after = first(decide_all(refuse, after=events))
    assert (after.state, after.reason, after.verified_by) == (
        MitigationState.STARTED,
        "The sign is gone",
        None,
    )
    given(*events).when(RefuseVerification(by=ANA, at=at(50), mitigation=MI1)).then_refused(
        ContentMissing, "Explain what the verification found", field="reason"
    )


def test_it_is_dropped_for_a_reason_and_planned_after_all() -> None:
    given(*STARTED).when(DropMitigation(by=BEN, at=at(25), mitigation=MI1, reason="Nobody comes")).then(
        recorded(MitigationDropped, mitigation=MI1, reason="Nobody comes")
    )
    given(*STARTED).when(DropMitigation(by=BEN, at=at(25), mitigation=MI1)).then_refused(
        ContentMissing, "Explain why the mitigation is dropped", field="reason"
    )
    given(*DROPPED).when(ResumeMitigation(by=BEN, at=at(26), mitigation=MI1)).then(
        recorded(MitigationResumed, mitigation=MI1)
    )


@pytest.mark.parametrize(
    ("events", "command", "sentence"),
    [
        (PLANNED, verify(), "MI-1 is planned and not implemented yet."),
        (STARTED, start(), "MI-1 is in progress and not implemented yet."),
        (
            IMPLEMENTED,
            implement(),
            "MI-1 is already implemented. Next, someone else must verify it.",
        ),
        (VERIFIED, implement(), "MI-1 is already implemented and verified."),
        (
            DROPPED,
            RescheduleMitigation(by=BEN, at=at(30), mitigation=MI1, due=SPRING),
            "MI-1 was dropped. Use “Restore” to restore it.",
        ),
        (
            PLANNED,
            ResumeMitigation(by=BEN, at=at(30), mitigation=MI1),
            "MI-1 is planned and not implemented yet.",
        ),
    ],
)
def test_what_does_not_fit_its_state_is_refused_with_how_far_it_has_come(
    events: list[RecordedEvent], command: Command, sentence: str
) -> None:
    given(*events).when(command).then_refused(WrongMitigationState, sentence)


def test_one_that_is_not_there_is_named() -> None:
    given(*PLANNED).when(StartMitigation(by=CHI, at=at(20), mitigation=MI2)).then_refused(
        NoSuchMitigation, "This model has no mitigation MI-2"
    )


def test_owners_see_to_their_own_though_they_take_no_part_in_the_rest() -> None:
    circle = decide_all(ChooseParticipants(by=ANA, at=at(6), participants=(ANA, BEN)), after=PLANNED)
    given(*circle).when(start()).then(recorded(MitigationStarted, mitigation=MI1))
    given(*circle).when(plan(TH2, by=CHI)).then_refused(
        NotAParticipant, "You are not a participant of this model"
    )
    given(*circle).when(start(by=STRANGER)).then_refused(
        NotAParticipant, "You are not a participant of this model"
    )


def test_mitigations_go_on_when_the_team_goes_back_or_closes() -> None:
    back = decide_all(ReturnToAnalysis(by=ANA, at=at(15)), after=PLANNED)
    assert first(decide_all(start(), after=back)).state is MitigationState.STARTED
    over = closed(PLANNED, minute=15)
    assert first(decide_all(start(), implement(), verify(), after=over)).state is MitigationState.VERIFIED


def test_a_plan_is_taken_back_together_with_the_response_it_brought() -> None:
    given(*PLANNED).when(Undo(by=BEN, at=at(60))).then(
        MitigationRemoved(by=BEN, at=at(60), answer=NEXT + 2, undoes=NEXT, mitigation=MI1),
        ResponseCleared(by=BEN, at=at(60), answer=NEXT + 2, undoes=NEXT, threat=TH1),
    )
    again = decide_all(Undo(by=BEN, at=at(60)), plan(minute=61), after=PLANNED)
    assert set(replay(again).mitigations) == {MI2}, "an id is never used again"


@pytest.mark.parametrize("command", [start(by=BEN), implement(by=BEN)])
def test_a_step_is_taken_back_to_the_one_before(command: Command) -> None:
    after = decide_all(command, after=PLANNED)
    given(*after).when(Undo(by=BEN, at=at(60))).then(
        MitigationRestored(
            by=BEN,
            at=at(60),
            answer=len(after) + 1,
            undoes=len(PLANNED) + 1,
            mitigation=replace(BADGE, owned_by=(CHI,)),
        )
    )


def test_history_tells_every_step() -> None:
    key = f"TM-1:{CHI}:due-soon:MI-1:2026-03-06-1"
    put_off = SnoozeReminder(by=CHI, at=at(60), key=key, until=at(90))
    told_of = [one.text for one in timeline(decide_all(put_off, after=VERIFIED))][-6:]
    assert told_of == [
        "chose to mitigate the threat “A plumber who is none” (TH-1)",
        "planned the mitigation “Ask for a badge” (MI-1) for TH-1, owned by @UCHI, due on 6 March 2026",
        "started the mitigation “Ask for a badge” (MI-1)",
        "marked the mitigation “Ask for a badge” (MI-1) as implemented. Evidence: A sign at the door",
        "verified the mitigation “Ask for a badge” (MI-1)",
        "snoozed the reminder about “Ask for a badge” (MI-1)",
    ]


def test_an_erased_plan_leaves_no_half_mitigation() -> None:
    model = replay([*THREATS, Erased(), Erased(), *STARTED[len(PLANNED) :]])
    assert not model.mitigations
    assert model.version == len(STARTED)


def test_an_earlier_owner_or_implementer_does_not_verify() -> None:
    handed_over = decide_all(
        ReassignMitigation(by=CHI, at=at(11), mitigation=MI1, owner=DEE),
        implement(by=DEE),
        RefuseVerification(by=BEN, at=at(31), mitigation=MI1, reason="It is not worn"),
        implement(by=ANA, minute=32),
        after=PLANNED,
    )
    for earlier in (CHI, DEE, ANA):
        given(*handed_over).when(verify(by=earlier)).then_refused(OwnMitigation, "You own or implemented")
    assert first(decide_all(verify(by=BEN), after=handed_over)).state is MitigationState.VERIFIED


def test_an_assignment_that_was_undone_was_never_made() -> None:
    by_mistake = decide_all(
        ReassignMitigation(by=BEN, at=at(11), mitigation=MI1, owner=DEE),
        Undo(by=BEN, at=at(12)),
        implement(),
        after=PLANNED,
    )
    assert first(by_mistake).owned_by == (CHI,)
    assert decide_all(verify(by=DEE), after=by_mistake)


def test_events_of_earlier_releases_tell_who_owned_a_mitigation() -> None:
    def as_earlier(event: RecordedEvent) -> RecordedEvent:
        match event:
            case MitigationRevised() | MitigationRestored():
                return replace(event, mitigation=replace(event.mitigation, owned_by=()))
            case _:
                return event

    revise = ReviseMitigation(by=ANA, at=at(13), mitigation=MI1, title="Ask for two badges")
    events = decide_all(
        ReassignMitigation(by=CHI, at=at(11), mitigation=MI1, owner=DEE),
        revise,
        Undo(by=ANA, at=at(14)),
        implement(by=DEE),
        after=PLANNED,
    )
    earlier = [as_earlier(one) for one in events]
    assert earlier != events
    assert first(earlier).owned_by == first(events).owned_by == (CHI, DEE)
    given(*earlier).when(verify(by=CHI)).then_refused(OwnMitigation, "You own or implemented")


def test_without_anyone_who_may_verify_the_digest_asks_for_a_verifier() -> None:
    taking_part = ChooseParticipants(by=ANA, at=at(12), participants=(CHI,))
    take_over = ReassignMitigation(by=ANA, at=at(13), mitigation=MI1, owner=ANA)
    back = ReassignMitigation(by=ANA, at=at(14), mitigation=MI1, owner=CHI)
    threat_is_theirs = decide_all(taking_part, take_over, back, implement(), after=PLANNED)
    model = replay(threat_is_theirs)
    (tracked,) = tracked_mitigations(model, None, utc_zone)
    assert tracked.verifiers == (), "ANA and CHI owned it, and BEN, who responded, no longer takes part"
    monday = date(2026, 3, 9)
    overdue = overdue_reviews(model, POLICIES[model.terms.reminders], monday, lambda _: Reachability())
    assert [(one.subject, one.expected) for one in overdue] == [(MI1, None)]
