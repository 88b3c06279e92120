"""The difference between two moments, who said what, and the model as of a moment."""

from collections.abc import Sequence
from typing import Any, get_args

from bot.demo import PEOPLE, scored_house_story
from domain.changes import Change, difference
from domain.commands import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddTrustLevel,
    AnswerQuestions,
    AnswerRetrospective,
    ApproveAcceptance,
    BeginAnalysis,
    ChooseParticipants,
    CloseThreatModel,
    CompleteRegister,
    ConfirmClosing,
    ConfirmSuggestedThreats,
    ConsiderRow,
    DismissSuggestedThreats,
    HandOver,
    MarkReferenceThreat,
    MergeThreats,
    NameElements,
    OrderTrustLevels,
    ProposeAcceptance,
    ReassignApproval,
    RecordAssumption,
    RemoveElement,
    Reply,
    RescheduleMitigation,
    ReviseAsset,
    ReviseAssumption,
    ReviseDataFlow,
    ReviseEntryPoint,
    ReviseMitigation,
    ReviseScope,
    ReviseTrustLevel,
    Undo,
    WithdrawThreat,
)
from domain.events import EVENT_TYPES, Erased, Event, FactAnswered, RecordedEvent
from domain.history import as_of, timeline
from domain.kernel.answer import Answer
from domain.kernel.closing import RetrospectiveAnswer, RetrospectiveQuestion
from domain.kernel.elements import SYSTEM, AssumptionId, ElementId, Kind, Rating
from domain.kernel.threat import SuggestedThreatId
from domain.kernel.voting_round import RoundKind
from domain.model import id_order
from domain.model.evolution import EVOLVE
from domain.register import register
from domain.replay import EMPTY, replay
from domain.wording import changed_subjects
from tests.domain.remediation_story import (
    MI1,
    SPRING,
    TH1,
    TH2,
    TH3,
    THREATS,
    implement,
    plan,
    respond,
    start,
    verify,
)
from tests.domain.voting_story import OPENED, RD2, VOTERS, ballot_of, open_round_command
from tests.examples import (
    ANA,
    BEN,
    CHI,
    HOUSE_CHANNEL,
    at,
    closed,
    decide_all,
    house,
    id_of_element,
    reasons_for_conditions,
    started,
    story_events,
)
from tests.sample_events import ONE_OF_EACH

AS1, AS2 = ElementId("AS-1"), ElementId("AS-2")
EP1, TL1 = ElementId("EP-1"), ElementId("TL-1")
LATE = at(60 * 24 * 30)
COLLECTED = decide_all(
    NameElements(
        by=CHI, at=at(0), entry_points=("Door",), assets=("Key", "Purse"), trust_levels=("Low", "High")
    ),
    RecordAssumption(by=ANA, at=at(0), text="The windows are nailed shut"),
    after=[started()],
)


def test_elements_come_change_and_go() -> None:
    after = decide_all(
        ReviseAsset(by=ANA, at=at(2), element=AS1, name="Spare key", confidentiality=Rating.HIGH),
        RemoveElement(by=BEN, at=at(3), element=AS2),
        AddAsset(by=ANA, at=at(4), name="Photos"),
        after=COLLECTED,
    )
    assert lines(COLLECTED, after) == [
        "Assets: Spare key (AS-1) revised by UANA: name: Key → Spare key; confidentiality: high",
        "Assets: Purse (AS-2) removed by UBEN",
        "Assets: Photos (AS-3) added by UANA",
    ]


def test_a_flow_that_carries_something_else_is_told_by_the_names_of_the_assets() -> None:
    ends: dict[str, Any] = {"source": ElementId("CO-1"), "target": ElementId("CO-2")}
    before = decide_all(
        AddComponent(by=ANA, at=at(1), name="Guest"),
        AddComponent(by=ANA, at=at(1), name="House"),
        AddDataFlow(by=ANA, at=at(1), name="Entering", assets=(AS1,), **ends),
        after=COLLECTED,
    )
    revise = ReviseDataFlow(
        by=BEN, at=at(2), element=ElementId("DF-1"), name="Entering", assets=(AS1, AS2), **ends
    )
    assert lines(before, decide_all(revise, after=before)) == [
        "Data flows: Entering (DF-1) revised by UBEN: assets: Key → Key, Purse"
    ]


def test_what_came_and_went_in_between_and_what_was_changed_back_is_not_told() -> None:
    after = decide_all(
        AddAsset(by=BEN, at=at(1), name="Cat"),
        RemoveElement(by=ANA, at=at(2), element=ElementId("AS-3")),
        ReviseAsset(by=BEN, at=at(3), element=AS1, name="Spare key"),
        ReviseAsset(by=ANA, at=at(4), element=AS1, name="Key"),
        after=COLLECTED,
    )
    assert lines(COLLECTED, after) == []


def test_everyone_who_changed_a_thing_is_named_and_when_that_was_last() -> None:
    after = decide_all(
        ReviseAsset(by=BEN, at=at(3), element=AS1, name="Spare key"),
        ReviseAsset(by=ANA, at=at(4), element=AS1, name="Old key"),
        ReviseAsset(by=BEN, at=at(5), element=AS1, name="Very old key"),
        after=COLLECTED,
    )
    (change,) = between(COLLECTED, after)
    assert (change.by, change.at) == ((BEN, ANA), at(5))


def test_who_took_back_what_they_said_changed_nothing() -> None:
    after = decide_all(
        ReviseAsset(by=BEN, at=at(3), element=AS1, name="Spare key"),
        Undo(by=BEN, at=at(4)),
        ReviseAsset(by=ANA, at=at(5), element=AS1, name="Old key"),
        after=COLLECTED,
    )
    (change,) = between(COLLECTED, after)
    assert (change.by, change.at) == ((ANA,), at(5))


def test_what_was_said_before_and_taken_back_since_was_changed_by_who_took_it_back() -> None:
    before = decide_all(AddAsset(by=BEN, at=at(1), name="Cat"), after=COLLECTED)
    after = decide_all(Undo(by=BEN, at=at(9)), after=before)
    assert lines(before, after) == ["Assets: Cat (AS-3) removed by UBEN"]


def test_an_answer_that_a_moment_cut_in_two_is_taken_back_by_someone_as_well() -> None:
    whole = decide_all(NameElements(by=BEN, at=at(1), assets=("Cat", "Dog")), after=COLLECTED)
    assert len(whole) == len(COLLECTED) + 2
    after = decide_all(Undo(by=BEN, at=at(9)), after=whole)
    assert lines(whole[:-1], after) == ["Assets: Cat (AS-3) removed by UBEN"]


def test_no_one_is_named_for_what_was_erased() -> None:
    after = decide_all(
        AddAsset(by=BEN, at=at(1), name="Cat"),
        ReviseAsset(by=ANA, at=at(2), element=ElementId("AS-3"), name="The cat"),
        after=COLLECTED,
    )
    erased: list[RecordedEvent] = [*after[:-2], Erased(), after[-1]]
    assert lines(COLLECTED, erased) == ["Assets: The cat (AS-3) added by UANA"]
    assert lines(COLLECTED, [*erased[:-1], Erased()]) == []


def test_answers_are_told_element_by_element_and_levels_by_their_order() -> None:
    before = decide_all(answer("public", Answer.UNKNOWN), after=COLLECTED)
    after = decide_all(
        answer("public", Answer.YES),
        answer("logged", Answer.NO),
        OrderTrustLevels(by=ANA, at=at(3), order=(ElementId("TL-2"), ElementId("TL-1"))),
        CompleteRegister(by=ANA, at=at(4), register=Kind.TRUST_LEVEL),
        after=before,
    )
    assert lines(before, after) == [
        "Trust levels: Register marked complete by UANA",
        "Trust levels: Order, least trusted first: changed by UANA: Low < High → High < Low",
        (
            "Answers: Door (EP-1) answered by UBEN:"
            " Is it reachable by the public, for example from the internet? don't know → yes;"
            " Are actions recorded in an audit log (who, what, when)? no"
        ),
    ]


def test_an_answer_to_a_question_of_a_later_release_is_told_by_its_own_word() -> None:
    said = FactAnswered(
        by=BEN, at=at(2), answer=len(COLLECTED) + 1, element=EP1, fact="can_fly", reply=Answer.YES
    )
    assert lines(COLLECTED, [*COLLECTED, said]) == ["Answers: Door (EP-1) answered by UBEN: can_fly: yes"]


def test_threats_are_reported_withdrawn_merged_and_scored() -> None:
    after = decide_all(
        MergeThreats(by=CHI, at=at(6), kept=TH2, merged=TH3),
        WithdrawThreat(by=BEN, at=at(7), threat=TH1),
        after=THREATS,
    )
    assert lines(THREATS, after) == [
        "Threats: A plumber who is none (TH-1) withdrawn by UBEN: status: no longer open",
        (
            "Threats: Curtains left open (TH-2) revised by UCHI: categories: Information disclosure"
            " → Information disclosure, Denial of service"
        ),
        "Threats: Glue in the lock (TH-3) merged into TH-2 by UCHI: status: no longer open",
    ]
    assert lines(after, THREATS)[0] == (
        "Threats: A plumber who is none (TH-1) restored by UBEN: status: open"
    )


def test_a_vote_is_told_by_what_it_came_to_and_by_no_one() -> None:
    after = decide_all(*(ballot_of(voter, 7) for voter in VOTERS), after=OPENED)
    (change,) = between(OPENED, after)
    assert line_of(change) == "Threats: The plumber (TH-1) scored: score: high, mean 7.0"
    assert change.at == at(10)


def test_ballots_of_an_open_round_change_nothing() -> None:
    assert lines(OPENED, decide_all(ballot_of(ANA, 7, reason="zebra"), after=OPENED)) == []


def test_a_vote_on_what_remains_is_told_by_what_it_came_to() -> None:
    scored = decide_all(open_round_command(TH1), *(ballot_of(voter, 7) for voter in VOTERS), after=THREATS)
    verified = decide_all(plan(minute=11), start(), implement(), verify(), after=scored)
    remains = open_round_command(TH1, at=at(45), kind=RoundKind.RESIDUAL)
    after = decide_all(remains, *(ballot_of(one, 3, round=RD2, minute=46) for one in VOTERS), after=verified)
    assert lines(verified, after) == [
        "Threats: A plumber who is none (TH-1) scored: residual score: low, mean 3.0"
    ]


def test_a_threat_becomes_a_reference_threat_and_is_one_no_longer() -> None:
    before = decide_all(*(ballot_of(voter, 7) for voter in VOTERS), after=OPENED)
    after = decide_all(MarkReferenceThreat(by=ANA, at=at(40), threat=TH1), after=before)
    assert lines(before, after) == ["Threats: The plumber (TH-1) revised by UANA: reference threat: yes"]
    assert lines(after, before) == [
        "Threats: The plumber (TH-1) revised by UANA: reference threat: no longer yes"
    ]


def test_a_row_that_was_considered_before_is_passed_over_and_the_next_one_told() -> None:
    model = replay(house())
    first, second = (id_of_element(model, Kind.ENTRY_POINT, name) for name in ("Front door", "Back door"))
    assert id_order(first) < id_order(second)
    who = model.facilitator
    before = decide_all(ConsiderRow(by=who, at=LATE, element=first, reason="All seen"), after=house())
    after = decide_all(ConsiderRow(by=who, at=LATE, element=second, reason="Bricked up"), after=before)
    assert lines(before, after) == [
        (f"Elements without further threats: Back door ({second}) considered by {who}: reason: Bricked up")
    ]


def test_a_proposal_to_close_is_told_until_the_model_is_closed() -> None:
    close = CloseThreatModel(by=ANA, at=at(60), reasons=reasons_for_conditions())
    proposed = decide_all(close, after=THREATS)
    assert lines(THREATS, proposed) == ["The model: Closing proposed by UANA: proposed by @UANA"]
    assert lines(proposed, decide_all(ConfirmClosing(by=BEN, at=at(61)), after=proposed)) == [
        "The model: Phase moved by UBEN: remediation → closed"
    ]


def test_a_level_with_the_name_of_an_earlier_one_is_told_apart_by_its_id() -> None:
    door = ReviseEntryPoint(by=BEN, at=at(1), element=EP1, name="Door", lowest_trust_level=TL1)
    before = decide_all(door, after=COLLECTED)
    after = decide_all(
        ReviseTrustLevel(by=BEN, at=at(2), element=TL1, name="Lowest"),
        AddTrustLevel(by=BEN, at=at(3), name="Low"),
        ReviseEntryPoint(by=BEN, at=at(4), element=EP1, name="Door", lowest_trust_level=ElementId("TL-3")),
        after=before,
    )
    assert "Entry points: Door (EP-1) revised by UBEN: minimum trust level: Low (TL-1) → Low (TL-3)" in (
        lines(before, after)
    )
    other = ReviseEntryPoint(by=BEN, at=at(4), element=EP1, name="Door", lowest_trust_level=ElementId("TL-2"))
    assert lines(before, decide_all(other, after=before)) == [
        "Entry points: Door (EP-1) revised by UBEN: minimum trust level: Low → High"
    ]


def test_who_looks_back_and_takes_it_back_is_told() -> None:
    over = closed(THREATS, minute=60)
    slow = RetrospectiveAnswer(question=RetrospectiveQuestion.SLOW, text="Voting")
    after = decide_all(AnswerRetrospective(by=BEN, at=at(70), answers=(slow,)), after=over)
    question = RetrospectiveQuestion.SLOW.text
    assert lines(over, after) == [f"Retrospective: @UBEN answered by UBEN: {question} Voting"]
    assert lines(after, over) == [f"Retrospective: @UBEN removed by UBEN: {question} no longer Voting"]


def test_suggested_threats_are_dismissed_and_confirmed_and_rows_considered() -> None:
    before = house()
    who = replay(before).facilitator
    found = register(replay(before)).suggested_threats[0]
    one, title, where = SuggestedThreatId(found.id), found.rule.title, found.element_name
    dismissed = decide_all(
        DismissSuggestedThreats(by=who, at=LATE, suggested_threats=(one,), reason="Old"), after=before
    )
    assert lines(before, dismissed) == [
        f"Dismissed suggested threats: {title}, {where} ({one}) dismissed by {who}: reason: Old"
    ]
    other = DismissSuggestedThreats(by=who, at=LATE, suggested_threats=(one,), reason="We know them")
    (again,) = lines(dismissed, decide_all(other, after=dismissed))
    assert again.startswith(f"Dismissed suggested threats: {title}, {where} ({one}) dismissed again by {who}")
    assert again.endswith(": reason: Old → We know them")
    confirmed = decide_all(
        ConfirmSuggestedThreats(by=who, at=LATE, suggested_threats=(one,)),
        ConsiderRow(by=who, at=LATE, element=found.element, reason="All seen"),
        after=dismissed,
    )
    threat, *rest = lines(dismissed, confirmed)
    assert threat.endswith(f"(TH-1) confirmed by {who}: status: open")
    assert rest == [
        f"Dismissed suggested threats: {title}, {where} ({one}) reopened by {who}: reason: no longer Old",
        f"Elements without further threats: {where} ({found.element}) considered by {who}: reason: All seen",
    ]


def test_responses_and_mitigations_tell_state_owner_and_date() -> None:
    planned = decide_all(respond(TH1), plan(), after=THREATS)
    assert lines(THREATS, planned) == [
        (
            "Responses: A plumber who is none (TH-1) decided by UBEN: status: open → to be mitigated;"
            " response: mitigate; owner: @UBEN; reason: It is so"
        ),
        (
            "Mitigations: Ask for a badge (MI-1) planned by UBEN:"
            " for: TH-1; state: planned; owner: @UCHI; due: 2026-03-06"
        ),
    ]
    after = decide_all(
        start(),
        RescheduleMitigation(by=ANA, at=at(25), mitigation=MI1, due=SPRING),
        implement(),
        verify(),
        after=planned,
    )
    assert lines(planned, after) == [
        (
            "Responses: A plumber who is none (TH-1) progressed by UCHI, UANA, UBEN:"
            " status: to be mitigated → mitigated"
        ),
        (
            "Mitigations: Ask for a badge (MI-1) changed by UCHI, UANA, UBEN: state: planned → verified;"
            " due: 2026-03-06 → 2026-05-29; evidence: A sign at the door"
        ),
    ]


def test_a_risk_is_accepted_and_open_again_when_its_day_is_over() -> None:
    proposed = decide_all(
        ProposeAcceptance(by=BEN, at=at(6), threat=TH1, expires=SPRING, reason="It is rare"), after=THREATS
    )
    assert lines(THREATS, proposed) == [
        (
            "Accepted risks: A plumber who is none (TH-1) decided by UBEN:"
            " status: open → waiting for approval;"
            " proposed acceptance: until 2026-05-29, by @UBEN, because: It is rare"
        )
    ]
    asked = decide_all(ReassignApproval(by=CHI, at=at(7), threat=TH1, approver=CHI), after=proposed)
    (change,) = between(proposed, asked)
    assert line_of(change).endswith(" → until 2026-05-29, by @UBEN, approver @UCHI, because: It is rare")
    assert (change.by, change.people) == ((CHI,), (BEN, CHI))
    accepted = decide_all(ApproveAcceptance(by=CHI, at=at(7), threat=TH1), after=proposed)
    (change,) = between(proposed, accepted)
    assert "; approved by: @UCHI; " in line_of(change)
    assert (change.by, change.people) == ((CHI,), (BEN, CHI))
    over = register(replay(accepted), at(60 * 24 * 200))
    (expired,) = difference(register(replay(accepted), at(8)), over, accepted)
    assert line_of(expired) == (
        "Accepted risks: A plumber who is none (TH-1) expired: status: accepted → open again"
    )


def test_phase_scope_people_and_assumptions_are_told() -> None:
    after = decide_all(
        ReviseScope(by=ANA, at=at(1), name="The Hut", out_of_scope="The shed"),
        HandOver(by=ANA, at=at(2), facilitator=BEN),
        ChooseParticipants(by=BEN, at=at(3), participants=(ANA, BEN)),
        ReviseAssumption(by=ANA, at=at(4), assumption=AssumptionId("AU-1"), text="They are open"),
        BeginAnalysis(by=BEN, at=at(5), reason="for a story"),
        after=COLLECTED,
    )
    assert lines(COLLECTED, after) == [
        "The model: Phase moved by UBEN: collection → analysis",
        "The model: Scope revised by UANA: name: The House → The Hut; out of scope: The shed",
        "People: Facilitator changed by UANA: @UANA → @UBEN",
        "People: Participants changed by UBEN: all channel members → @UANA, @UBEN",
        (
            "Assumptions: They are open (AU-1) reworded by UANA:"
            " text: The windows are nailed shut → They are open"
        ),
    ]


def test_who_holds_an_assumption_is_among_the_people_of_its_change() -> None:
    held = RecordAssumption(by=ANA, at=at(1), text="The key is safe", held_by=BEN)
    after = decide_all(held, after=COLLECTED)
    assert [one.people for one in between(COLLECTED, after)] == [(BEN,)]
    assert [one.people for one in between(after, COLLECTED)] == [(BEN,)]


def test_a_mitigation_with_another_title_is_told_so() -> None:
    before = decide_all(plan(), after=THREATS)
    renamed = ReviseMitigation(by=BEN, at=at(11), mitigation=MI1, title="Ask for two badges")
    (change,) = between(before, decide_all(renamed, after=before))
    assert "title: Ask for a badge → Ask for two badges" in line_of(change)


def test_every_event_says_what_it_is_about_or_that_it_changes_nothing() -> None:
    silent = {type(event).__name__ for event in ONE_OF_EACH if not list(changed_subjects(event))}
    assert silent == {
        "BallotCast",
        "BallotExplained",
        "DraftReopened",
        "DraftSettled",
        "ReminderSnoozed",
        "PersonAsked",
        "RoundExtended",
        "RoundFellShort",
        "RoundOpened",
        "VoterLeft",
    }


def answer(fact: str, reply: Answer) -> AnswerQuestions:
    said = Reply(element=ElementId("EP-1"), fact=fact, answer=reply)
    return AnswerQuestions(by=BEN, at=at(1), replies=(said,))


def between(before: Sequence[RecordedEvent], after: Sequence[RecordedEvent]) -> tuple[Change, ...]:
    longer = max(before, after, key=len)
    return difference(register(replay(before)), register(replay(after)), longer)


def lines(before: Sequence[RecordedEvent], after: Sequence[RecordedEvent]) -> list[str]:
    return [line_of(one) for one in between(before, after)]


def line_of(change: Change) -> str:
    by = f" by {', '.join(change.by)}" if change.by else ""
    details = f": {'; '.join(detail.text for detail in change.details)}" if change.details else ""
    return f"{change.group.label}: {change.called} {change.how}{by}{details}"


def test_the_timeline_tells_who_said_what() -> None:
    events = decide_all(
        AddAsset(by=BEN, at=at(1), name="Key"),
        ReviseAsset(by=ANA, at=at(2), element=AS1, name="Spare key"),
        Undo(by=ANA, at=at(3)),
        after=[started()],
    )
    entries = timeline(events)
    assert [(entry.by, entry.text) for entry in entries] == [
        (ANA, "started “The House” (TM-1)"),
        (BEN, "added the asset “Key” (AS-1)"),
        (ANA, "revised the asset “Spare key” (AS-1), formerly “Key”"),
        (ANA, "undid: revised the asset “Key” (AS-1), formerly “Spare key”"),
    ]
    assert [entry.undone for entry in entries] == [False, False, True, False]


def test_the_timeline_knows_what_settled_something() -> None:
    entries = timeline(story_events(scored_house_story(HOUSE_CHANNEL)))
    amina, benji, *_ = PEOPLE
    found = "“No boundary between different trust levels: Garage → House: Valuables”"
    rule, flow = "“No boundary between different trust levels”", "Garage → House: Valuables"
    assert [(entry.by, entry.text) for entry in entries if entry.decides] == [
        (amina, "started “The House” (TM-1)"),
        (amina, "moved to analysis"),
        (benji, f"confirmed the threat {found} (TH-6), suggested as {rule} at {flow} (DF-5)"),
        (SYSTEM, "closed the round RD-1: all ballots were cast"),
    ]


def test_an_erased_event_keeps_its_place() -> None:
    entries = timeline([*decide_all(AddAsset(by=BEN, at=at(1), name="Key"), after=[started()]), Erased()])
    assert (entries[2].version, entries[2].text) == (3, "(erased)")


def test_as_of_is_the_model_at_that_moment() -> None:
    events = decide_all(
        AddAsset(by=BEN, at=at(1), name="Key"),
        AddAsset(by=BEN, at=at(5), name="Purse"),
        after=[started()],
    )
    assert as_of(events, at(-1)) == EMPTY
    assert as_of(events, at(1)) == replay(events[:2])
    assert as_of(events, at(4)) == replay(events[:2])
    assert as_of(events, at(60)) == replay(events)


def test_what_was_recorded_after_something_later_is_not_part_of_the_moment_before() -> None:
    """The clock of another server may be behind."""
    events = decide_all(
        AddAsset(by=BEN, at=at(5), name="Key"), AddAsset(by=BEN, at=at(4), name="Purse"), after=[started()]
    )
    assert as_of(events, at(4)) == replay(events[:1])


def test_the_fold_visits_every_type_of_event() -> None:
    assert set(EVOLVE) == {*EVENT_TYPES, Erased}
    assert set(get_args(Event)) == set(EVENT_TYPES)
