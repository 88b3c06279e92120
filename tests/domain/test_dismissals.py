"""Dismissed candidates: they stay away for as long as what was decided on holds."""

from msgspec.structs import replace

from domain.analysis.candidates import DismissalState, placements_of, sort_candidates
from domain.analysis.rule_findings import apply_rules
from domain.built_in_catalog import BUILT_IN
from domain.commands import AddEntryPoint, PlaceComponents, Placement, ReopenCandidate, ReviseEntryPoint, Undo
from domain.events import CandidateDismissed, CandidateReopened
from domain.kernel.answer import Answer
from domain.kernel.candidate_decisions import AnswerAtDecision, AnswerChange, CandidateId, Dismissal
from domain.kernel.elements import ComponentKind, ElementId, Kind
from domain.register import register
from domain.rejections import ContentMissing, NotDismissed
from domain.replay import replay
from tests.domain.suggested_threats import (
    BENJI,
    CHIYO,
    FRONT,
    GARAGE,
    GARAGE_ROOM,
    HOME,
    HOUSE,
    HOUSE_IN_LOCKS,
    MODEL,
    NEXT,
    NOBODY_ASKS,
    RESIDENT_LEVEL,
    RESIDENT_OUTSIDE,
    TH1,
    THROUGH_THE_FRONT,
    VISITOR_LEVEL,
    answer,
    confirm,
    dismiss,
    open_candidate_ids,
    register_of,
)
from tests.examples import at, decide_all, element_named, given, id_of_element


def test_a_dismissal_needs_a_reason_and_keeps_what_it_was_decided_on() -> None:
    given(*HOUSE).when(dismiss(THROUGH_THE_FRONT, reason=" ")).then_refused(
        ContentMissing, "Explain why this threat does not apply", field="reason"
    )
    given(*HOUSE).when(dismiss(THROUGH_THE_FRONT)).then(
        CandidateDismissed(
            by=BENJI,
            at=at(100),
            answer=NEXT,
            dismissal=Dismissal(
                candidate=THROUGH_THE_FRONT,
                reason="We know them all",
                rule_version=3,
                facts=(NOBODY_ASKS,),
                by=BENJI,
                at=at(100),
                places=(RESIDENT_OUTSIDE, HOUSE_IN_LOCKS),
            ),
        )
    )


def test_a_dismissed_candidate_stays_away_however_often_it_is_computed() -> None:
    after = decide_all(dismiss(THROUGH_THE_FRONT), after=HOUSE)
    # Another answer, about another door, makes the rules look again.
    later = decide_all(
        answer(Answer.NO, 101, id_of_element(MODEL, Kind.ENTRY_POINT, "Back door")), after=after
    )
    assert THROUGH_THE_FRONT not in open_candidate_ids(after)
    assert THROUGH_THE_FRONT not in open_candidate_ids(later)
    assert [(one.state, one.dismissal.reason) for one in register_of(later).dismissed] == [
        (DismissalState.HOLDS, "We know them all")
    ]
    given(*after).when(dismiss(THROUGH_THE_FRONT, minute=110)).then_nothing_happens()


def test_a_dismissal_survives_a_new_version_of_the_rule() -> None:
    model = replay(decide_all(dismiss(THROUGH_THE_FRONT), after=HOUSE))
    newer = replace(BUILT_IN, rules=tuple(replace(one, version=one.version + 1) for one in BUILT_IN.rules))
    updated = replace(model, catalog=newer)
    sorted_candidates = sort_candidates(updated, apply_rules(updated).candidates)
    assert THROUGH_THE_FRONT not in {one.id for one in sorted_candidates.undecided}
    assert [(one.state, one.rule_changed) for one in sorted_candidates.dismissed] == [
        (DismissalState.HOLDS, True)
    ]


def test_a_dismissal_survives_a_rule_that_is_gone() -> None:
    model = replay(decide_all(dismiss(THROUGH_THE_FRONT), after=HOUSE))
    (kept,) = sort_candidates(replace(model, catalog=replace(BUILT_IN, rules=())), ()).dismissed
    assert (kept.state, kept.rule, kept.title) == (DismissalState.SILENT, None, "S01")


def test_a_dismissed_candidate_comes_back_marked_when_one_of_its_facts_changes() -> None:
    back = id_of_element(MODEL, Kind.ENTRY_POINT, "Back door")
    asked = decide_all(answer(Answer.NO, 99, back), dismiss(CandidateId("S01@DF-2")), after=HOUSE)
    assert "S01@DF-2" not in open_candidate_ids(asked)
    dismissed = replay(asked).dismissals[CandidateId("S01@DF-2")]
    # The same rule on other grounds: the door is not answered for, the flow is.
    facts = (AnswerAtDecision(element=back, fact="caller_authenticated", answer=Answer.YES),)
    changed = replace(dismissed, facts=facts)
    model = replay(asked)
    model = replace(model, dismissals=model.dismissals.insert(changed.candidate, changed))
    came_back = next(one for one in register(model).candidates if one.id == "S01@DF-2")
    assert came_back.returned is not None
    assert came_back.returned.dismissal == changed
    assert came_back.returned.changes == (
        AnswerChange(element=back, fact="caller_authenticated", before=Answer.YES, now=Answer.NO),
    )
    assert [one.state for one in register(model).dismissed] == [DismissalState.RETURNED]


def test_a_fact_that_changes_and_changes_back_leaves_the_dismissal_as_it_was() -> None:
    there_and_back = decide_all(
        dismiss(THROUGH_THE_FRONT),
        answer(Answer.YES, 101),
        after=HOUSE,
    )
    assert [one.state for one in register_of(there_and_back).dismissed] == [DismissalState.SILENT]
    again = decide_all(answer(Answer.NO, 102), after=there_and_back)
    assert [one.state for one in register_of(again).dismissed] == [DismissalState.HOLDS]


def place(element: ElementId, level: ElementId, boundary: str, minute: int) -> PlaceComponents:
    placement = Placement(component=element, sort=ComponentKind.PROCESS, trust_level=level, boundary=boundary)
    return PlaceComponents(by=CHIYO, at=at(minute), placements=(placement,))


def test_a_dismissed_candidate_comes_back_marked_when_what_it_is_about_has_another_place() -> None:
    guests = id_of_element(MODEL, Kind.TRUST_LEVEL, "Guests")
    dismissed = decide_all(dismiss(GARAGE, reason="It is bricked up"), after=HOUSE)
    moved = decide_all(place(GARAGE_ROOM, guests, "Locks", 101), after=dismissed)
    came_back = next(one for one in register_of(moved).candidates if one.id == GARAGE)
    assert came_back.returned is not None
    assert came_back.returned.changes == ()
    (change,) = came_back.returned.moved
    assert (change.before.trust_level, change.now.trust_level) == (VISITOR_LEVEL, guests)
    assert [one.state for one in register_of(moved).dismissed] == [DismissalState.RETURNED]
    # Who still thinks so says so once more, and then it goes by the new place.
    again = decide_all(dismiss(GARAGE, reason="It is bricked up", minute=102), after=moved)
    assert GARAGE not in open_candidate_ids(again)
    assert [one.state for one in register_of(again).dismissed] == [DismissalState.HOLDS]
    back = decide_all(place(GARAGE_ROOM, VISITOR_LEVEL, "Locks", 103), after=dismissed)
    assert [one.state for one in register_of(back).dismissed] == [DismissalState.HOLDS]


def test_a_dismissal_from_before_places_were_kept_goes_by_its_facts_alone() -> None:
    dismissed = replay(decide_all(dismiss(GARAGE), after=HOUSE))
    old = replace(dismissed.dismissals[GARAGE], places=())
    model = replace(dismissed, dismissals=dismissed.dismissals.insert(GARAGE, old))
    garage = replace(
        element_named(model, Kind.COMPONENT, "Garage"), trust_level=RESIDENT_LEVEL, boundary=None
    )
    moved = replace(model, elements=model.elements.insert(garage.id, garage))
    assert DismissalState.RETURNED not in {one.state for one in register(moved).dismissed}


def test_what_lies_before_and_behind_an_entry_point_counts_too() -> None:
    (resident, house, visitor) = placements_of(MODEL, CandidateId(f"D01@{FRONT}"))
    assert (resident, house) == (RESIDENT_OUTSIDE, HOUSE_IN_LOCKS)
    assert visitor.trust_level == VISITOR_LEVEL
    assert placements_of(MODEL, CandidateId(f"E03@{HOME}")) == (HOUSE_IN_LOCKS,)
    assert placements_of(MODEL, CandidateId("D03@XD-1")) == ()


def test_what_an_entry_point_is_said_to_lead_to_counts_without_a_flow_through_it() -> None:
    hatch = AddEntryPoint(by=CHIYO, at=at(100), name="Hatch", component=HOME)
    model = replay(decide_all(hatch, after=HOUSE))
    hatch_id = id_of_element(model, Kind.ENTRY_POINT, "Hatch")
    assert placements_of(model, CandidateId(f"D01@{hatch_id}")) == (HOUSE_IN_LOCKS,)


def test_a_name_that_was_revised_is_no_change_of_a_fact() -> None:
    rename = ReviseEntryPoint(by=CHIYO, at=at(101), element=FRONT, name="Main door")
    after = decide_all(dismiss(THROUGH_THE_FRONT), rename, after=HOUSE)
    assert THROUGH_THE_FRONT not in open_candidate_ids(after)


def test_another_look_at_a_dismissed_candidate_can_be_asked_for() -> None:
    dismissed = decide_all(dismiss(THROUGH_THE_FRONT), after=HOUSE)
    reopen = ReopenCandidate(by=CHIYO, at=at(101), candidate=THROUGH_THE_FRONT)
    given(*dismissed).when(reopen).then(
        CandidateReopened(by=CHIYO, at=at(101), answer=NEXT + 1, candidate=THROUGH_THE_FRONT)
    )
    reopened = decide_all(reopen, after=dismissed)
    assert open_candidate_ids(reopened) == open_candidate_ids(HOUSE)
    given(*reopened).when(reopen).then_refused(NotDismissed, "is not dismissed")


def test_a_dismissed_candidate_may_be_confirmed_after_all() -> None:
    both = decide_all(dismiss(THROUGH_THE_FRONT), confirm(THROUGH_THE_FRONT, minute=101), after=HOUSE)
    assert register_of(both).dismissed == ()
    assert [one.id for one in register_of(both).threats] == [TH1]


def test_taking_back_a_second_dismissal_leaves_the_first_with_its_author() -> None:
    first = decide_all(dismiss(THROUGH_THE_FRONT), after=HOUSE)
    second = dismiss(THROUGH_THE_FRONT, minute=101, by=CHIYO, reason="It is a wall")
    undone = decide_all(second, Undo(by=CHIYO, at=at(102)), after=first)
    assert register_of(undone).dismissed == register_of(first).dismissed
