"""Candidates that people confirm or dismiss, and threats that turn out to be the same."""

from typing import Any

import pytest
from msgspec.structs import replace

from domain.candidates import Fate, places_of, sift
from domain.commands import (
    AnswerQuestions,
    BeginAnalysis,
    BeginRemediation,
    ConfirmCandidates,
    DismissCandidates,
    MergeThreats,
    PlaceComponents,
    Placement,
    RemoveElement,
    ReopenCandidate,
    Reply,
    ReportThreat,
    ReviseDataFlow,
    ReviseEntryPoint,
    ReviseThreat,
    Undo,
    WithdrawThreat,
)
from domain.elements import ComponentKind, ElementId, Kind, PersonId
from domain.events import CandidateConfirmed, CandidateDismissed, CandidateReopened, Past, ThreatsMerged
from domain.facts import FACTS, Answer
from domain.history import timeline
from domain.judgements import CandidateId, Dismissal, FactChange, FactThen, PlaceThen
from domain.limits import NAME
from domain.model import replay
from domain.own_threats import MergedThreat, Threat, ThreatId
from domain.register import ThreatRegister, register
from domain.rejections import (
    AlreadyConfirmed,
    MergedWithItself,
    NoSuchCandidate,
    NoSuchThreat,
    NotDismissed,
    NothingSaid,
    ThreatGone,
    ThreatMerged,
    UndoBlocked,
)
from domain.rules import RULES
from domain.stride import Stride
from domain.threats import analyse
from tests.examples import at, called, given, house, id_called, told

AMINA, BENJI, CHIYO = (PersonId(f"U{one}") for one in ("AMINA", "BENJI", "CHIYO"))
HOUSE = house()
MODEL = replay(HOUSE)
FRONT = id_called(MODEL, Kind.ENTRY_POINT, "Front door")
THROUGH_THE_FRONT = CandidateId("S01@DF-1")
VISITORS = CandidateId("S01@DF-3")
GARAGE = CandidateId("X02@DF-5")
NOBODY_ASKS = FactThen(element=FRONT, fact="caller_authenticated", answer=Answer.NO)
RESIDENT, HOME, GARAGE_ROOM = (
    id_called(MODEL, Kind.COMPONENT, name) for name in ("Resident", "House", "Garage")
)
VISITOR_LEVEL, RESIDENT_LEVEL = (id_called(MODEL, Kind.TRUST_LEVEL, one) for one in ("Visitors", "Residents"))
LOCKS = id_called(MODEL, Kind.TRUST_BOUNDARY, "Locks")
RESIDENT_OUTSIDE = PlaceThen(element=RESIDENT, trust_level=RESIDENT_LEVEL)
HOUSE_IN_LOCKS = PlaceThen(element=HOME, trust_level=RESIDENT_LEVEL, boundaries=(LOCKS,))
TH1, TH2, TH3 = (ThreatId(f"TH-{number}") for number in (1, 2, 3))
NEXT = len(HOUSE) + 1


def seen(events: list[Past]) -> ThreatRegister:
    return register(replay(events))


def open_ids(events: list[Past]) -> set[str]:
    return {one.id for one in seen(events).candidates}


def confirm(*ids: CandidateId, minute: int = 100) -> ConfirmCandidates:
    return ConfirmCandidates(by=BENJI, at=at(minute), candidates=ids)


def dismiss(
    *ids: CandidateId, minute: int = 100, by: PersonId = BENJI, reason: str = "We know them all"
) -> DismissCandidates:
    return DismissCandidates(by=by, at=at(minute), candidates=ids, reason=reason)


def answer(answer: Answer, minute: int, element: ElementId = FRONT) -> AnswerQuestions:
    reply = Reply(element=element, fact="caller_authenticated", answer=answer)
    return AnswerQuestions(by=CHIYO, at=at(minute), replies=(reply,))


def test_a_confirmed_candidate_becomes_a_threat_with_what_it_was_decided_on() -> None:
    rule = next(one for one in RULES if one.id == "S01")
    flow = next(one.element_name for one in seen(HOUSE).candidates if one.id == THROUGH_THE_FRONT)
    given(*HOUSE).when(confirm(THROUGH_THE_FRONT)).then(
        CandidateConfirmed(
            by=BENJI,
            at=at(100),
            answer=NEXT,
            candidate=THROUGH_THE_FRONT,
            threat=Threat(
                id=TH1,
                title=f"{rule.title}: {flow}",
                stride=(Stride.SPOOFING,),
                description=rule.why,
                element=ElementId("DF-1"),
                candidates=(THROUGH_THE_FRONT,),
                cwe=rule.cwe,
            ),
            rule_version=rule.version,
            facts=(NOBODY_ASKS,),
        )
    )


def test_a_confirmed_candidate_is_a_threat_and_no_candidate_any_more() -> None:
    before = open_ids(HOUSE)
    after = told(confirm(THROUGH_THE_FRONT, GARAGE), after=HOUSE)
    assert open_ids(after) == before - {THROUGH_THE_FRONT, GARAGE}
    assert [one.candidates for one in seen(after).threats] == [(THROUGH_THE_FRONT,), (GARAGE,)]
    assert "from X02@DF-5" in timeline(after)[-1].text


def test_the_title_of_a_threat_is_never_longer_than_a_name_may_be() -> None:
    carried = told(*_long_names(), after=HOUSE)
    threat = replay(told(confirm(THROUGH_THE_FRONT), after=carried)).threats[TH1]
    assert len(threat.title) == NAME
    assert threat.title.endswith("…")


def _long_names() -> list[Any]:
    flow: Any = MODEL.elements[ElementId("DF-1")]
    return [
        ReviseDataFlow(
            by=BENJI,
            at=at(90),
            element=flow.id,
            source=flow.source,
            target=flow.target,
            assets=flow.assets,
            entry_point=flow.entry_point,
            name="x" * NAME,
        )
    ]


def test_a_confirmed_candidate_tells_what_it_follows_from_until_the_rule_is_silent() -> None:
    after = told(confirm(THROUGH_THE_FRONT), after=HOUSE)
    (still,) = seen(after).confirmed
    assert (still.id, [one.answer for one in still.facts]) == (THROUGH_THE_FRONT, [Answer.NO])
    assert seen(told(answer(Answer.YES, 101), after=after)).confirmed == ()


def test_a_candidate_is_confirmed_once() -> None:
    confirmed = told(confirm(THROUGH_THE_FRONT), after=HOUSE)
    given(*confirmed).when(confirm(THROUGH_THE_FRONT)).then_refused(AlreadyConfirmed, "as TH-1")
    given(*confirmed).when(dismiss(THROUGH_THE_FRONT)).then_refused(AlreadyConfirmed, "as TH-1")


def test_of_several_at_once_those_that_somebody_confirmed_meanwhile_are_passed_over() -> None:
    confirmed = told(confirm(THROUGH_THE_FRONT), after=HOUSE)
    both = told(confirm(THROUGH_THE_FRONT, VISITORS, minute=101), after=confirmed)
    assert [one.candidates for one in seen(both).threats] == [(THROUGH_THE_FRONT,), (VISITORS,)]


def test_what_no_rule_brings_up_cannot_be_decided() -> None:
    for command in (confirm(CandidateId("S01@DF-99")), dismiss(CandidateId("nonsense"))):
        given(*HOUSE).when(command).then_refused(NoSuchCandidate, "does not come up any more")
    given(*HOUSE).when(confirm()).then_refused(NothingSaid, "at least one candidate")


def test_a_dismissal_needs_a_reason_and_keeps_what_it_was_decided_on() -> None:
    given(*HOUSE).when(dismiss(THROUGH_THE_FRONT, reason=" ")).then_refused(
        NothingSaid, "say why", field="reason"
    )
    given(*HOUSE).when(dismiss(THROUGH_THE_FRONT)).then(
        CandidateDismissed(
            by=BENJI,
            at=at(100),
            answer=NEXT,
            dismissal=Dismissal(
                candidate=THROUGH_THE_FRONT,
                reason="We know them all",
                rule_version=2,
                facts=(NOBODY_ASKS,),
                by=BENJI,
                at=at(100),
                places=(RESIDENT_OUTSIDE, HOUSE_IN_LOCKS),
            ),
        )
    )


def test_a_dismissed_candidate_stays_away_however_often_it_is_computed() -> None:
    after = told(dismiss(THROUGH_THE_FRONT), after=HOUSE)
    # Another answer, about another door, makes the rules look again.
    later = told(answer(Answer.NO, 101, id_called(MODEL, Kind.ENTRY_POINT, "Back door")), after=after)
    assert THROUGH_THE_FRONT not in open_ids(after)
    assert THROUGH_THE_FRONT not in open_ids(later)
    assert [(one.fate, one.dismissal.reason) for one in seen(later).dismissed] == [
        (Fate.HOLDS, "We know them all")
    ]
    given(*after).when(dismiss(THROUGH_THE_FRONT, minute=110)).then_nothing_happens()


def test_a_dismissal_survives_a_new_version_of_the_rule() -> None:
    model = replay(told(dismiss(THROUGH_THE_FRONT), after=HOUSE))
    newer = tuple(replace(rule, version=rule.version + 1) for rule in RULES)
    sifted = sift(model, analyse(model, newer).candidates, newer)
    assert THROUGH_THE_FRONT not in {one.id for one in sifted.undecided}
    assert [(one.fate, one.rule_changed) for one in sifted.dismissed] == [(Fate.HOLDS, True)]


def test_a_dismissal_survives_a_rule_that_is_gone() -> None:
    model = replay(told(dismiss(THROUGH_THE_FRONT), after=HOUSE))
    (kept,) = sift(model, (), ()).dismissed
    assert (kept.fate, kept.rule, kept.title) == (Fate.SILENT, None, "S01")


def test_a_dismissed_candidate_comes_back_marked_when_one_of_its_facts_changes() -> None:
    back = id_called(MODEL, Kind.ENTRY_POINT, "Back door")
    asked = told(answer(Answer.NO, 99, back), dismiss(CandidateId("S01@DF-2")), after=HOUSE)
    assert "S01@DF-2" not in open_ids(asked)
    dismissed = replay(asked).dismissals[CandidateId("S01@DF-2")]
    # The same rule on other grounds: the door is not answered for, the flow is.
    facts = (FactThen(element=back, fact="caller_authenticated", answer=Answer.YES),)
    changed = replace(dismissed, facts=facts)
    model = replay(asked)
    model = replace(model, dismissals=model.dismissals.insert(changed.candidate, changed))
    came_back = next(one for one in register(model).candidates if one.id == "S01@DF-2")
    assert came_back.returned is not None
    assert came_back.returned.dismissal == changed
    assert came_back.returned.changes == (
        FactChange(element=back, fact="caller_authenticated", before=Answer.YES, now=Answer.NO),
    )
    assert [one.fate for one in register(model).dismissed] == [Fate.RETURNED]


def test_a_fact_that_changes_and_changes_back_leaves_the_dismissal_as_it_was() -> None:
    there_and_back = told(
        dismiss(THROUGH_THE_FRONT),
        answer(Answer.YES, 101),
        after=HOUSE,
    )
    assert [one.fate for one in seen(there_and_back).dismissed] == [Fate.SILENT]
    again = told(answer(Answer.NO, 102), after=there_and_back)
    assert [one.fate for one in seen(again).dismissed] == [Fate.HOLDS]


def place(element: ElementId, level: ElementId, boundary: str, minute: int) -> PlaceComponents:
    placement = Placement(component=element, sort=ComponentKind.PROCESS, trust_level=level, boundary=boundary)
    return PlaceComponents(by=CHIYO, at=at(minute), placements=(placement,))


def test_a_dismissed_candidate_comes_back_marked_when_what_it_is_about_has_another_place() -> None:
    guests = id_called(MODEL, Kind.TRUST_LEVEL, "Guests")
    dismissed = told(dismiss(GARAGE, reason="It is bricked up"), after=HOUSE)
    moved = told(place(GARAGE_ROOM, guests, "Locks", 101), after=dismissed)
    came_back = next(one for one in seen(moved).candidates if one.id == GARAGE)
    assert came_back.returned is not None
    assert came_back.returned.changes == ()
    (change,) = came_back.returned.moved
    assert (change.before.trust_level, change.now.trust_level) == (VISITOR_LEVEL, guests)
    assert [one.fate for one in seen(moved).dismissed] == [Fate.RETURNED]
    # Who still thinks so says so once more, and then it goes by the new place.
    again = told(dismiss(GARAGE, reason="It is bricked up", minute=102), after=moved)
    assert GARAGE not in open_ids(again)
    assert [one.fate for one in seen(again).dismissed] == [Fate.HOLDS]
    back = told(place(GARAGE_ROOM, VISITOR_LEVEL, "Locks", 103), after=dismissed)
    assert [one.fate for one in seen(back).dismissed] == [Fate.HOLDS]


def test_a_dismissal_from_before_places_were_kept_goes_by_its_facts_alone() -> None:
    dismissed = replay(told(dismiss(GARAGE), after=HOUSE))
    old = replace(dismissed.dismissals[GARAGE], places=())
    model = replace(dismissed, dismissals=dismissed.dismissals.insert(GARAGE, old))
    garage = replace(called(model, Kind.COMPONENT, "Garage"), trust_level=RESIDENT_LEVEL, boundary=None)
    moved = replace(model, elements=model.elements.insert(garage.id, garage))
    assert Fate.RETURNED not in {one.fate for one in register(moved).dismissed}


def test_what_lies_before_and_behind_an_entry_point_counts_too() -> None:
    (resident, house, visitor) = places_of(MODEL, CandidateId(f"D01@{FRONT}"))
    assert (resident, house) == (RESIDENT_OUTSIDE, HOUSE_IN_LOCKS)
    assert visitor.trust_level == VISITOR_LEVEL
    assert places_of(MODEL, CandidateId(f"E03@{HOME}")) == (HOUSE_IN_LOCKS,)
    assert places_of(MODEL, CandidateId("D03@XD-1")) == ()


def test_decisions_about_a_removed_element_are_shown_and_not_lost() -> None:
    decided = told(confirm(GARAGE), dismiss(THROUGH_THE_FRONT, minute=101), after=HOUSE)
    removed = told(
        RemoveElement(by=AMINA, at=at(102), element=ElementId("DF-5")),
        RemoveElement(by=AMINA, at=at(103), element=ElementId("DF-1")),
        after=decided,
    )
    orphaned = seen(removed)
    assert [one.id for one in orphaned.threats] == [TH1]
    (warning,) = (one.text for one in orphaned.warnings if one.id == "orphan@TH-1")
    assert warning == (
        "TH-1 “No boundary between different trust: Garage → House: Valuables” is about the data flow "
        "“Garage → House: Valuables” (DF-5), which was removed. It is kept."
    )
    assert [(one.fate, one.element_name) for one in orphaned.dismissed] == [
        (Fate.ORPHAN, "Resident → House: Valuables, Important papers")
    ]


def test_another_look_at_a_dismissed_candidate_can_be_asked_for() -> None:
    dismissed = told(dismiss(THROUGH_THE_FRONT), after=HOUSE)
    reopen = ReopenCandidate(by=CHIYO, at=at(101), candidate=THROUGH_THE_FRONT)
    given(*dismissed).when(reopen).then(
        CandidateReopened(by=CHIYO, at=at(101), answer=NEXT + 1, candidate=THROUGH_THE_FRONT)
    )
    reopened = told(reopen, after=dismissed)
    assert open_ids(reopened) == open_ids(HOUSE)
    given(*reopened).when(reopen).then_refused(NotDismissed, "is not dismissed")


def test_a_dismissed_candidate_may_be_confirmed_after_all() -> None:
    both = told(dismiss(THROUGH_THE_FRONT), confirm(THROUGH_THE_FRONT, minute=101), after=HOUSE)
    assert seen(both).dismissed == ()
    assert [one.id for one in seen(both).threats] == [TH1]


def test_withdrawing_a_confirmed_threat_puts_its_candidate_up_again() -> None:
    withdrawn = told(
        confirm(THROUGH_THE_FRONT), WithdrawThreat(by=CHIYO, at=at(101), threat=TH1), after=HOUSE
    )
    assert open_ids(withdrawn) == open_ids(HOUSE)


@pytest.mark.parametrize(
    "command", [confirm(THROUGH_THE_FRONT, GARAGE), dismiss(THROUGH_THE_FRONT, VISITORS)], ids=["yes", "no"]
)
def test_decisions_are_taken_back_all_at_once(command: Any) -> None:
    undone = told(command, Undo(by=BENJI, at=at(101)), after=HOUSE)
    assert seen(undone).candidates == seen(HOUSE).candidates
    assert (seen(undone).threats, seen(undone).dismissed) == ((), ())
    assert timeline(undone)[-1].text.startswith("took back: ")


def test_taking_back_a_second_dismissal_leaves_the_first_with_its_author() -> None:
    first = told(dismiss(THROUGH_THE_FRONT), after=HOUSE)
    second = dismiss(THROUGH_THE_FRONT, minute=101, by=CHIYO, reason="It is a wall")
    undone = told(second, Undo(by=CHIYO, at=at(102)), after=first)
    assert seen(undone).dismissed == seen(first).dismissed


def test_a_threat_that_somebody_revised_is_not_taken_back_under_them() -> None:
    revise = ReviseThreat(by=CHIYO, at=at(101), threat=TH1, title="Burglars", stride=(Stride.SPOOFING,))
    given(*told(confirm(THROUGH_THE_FRONT), revise, after=HOUSE)).when(
        Undo(by=BENJI, at=at(102))
    ).then_refused(UndoBlocked, "revised the threat “Burglars”")


def test_revising_a_confirmed_threat_keeps_where_it_came_from() -> None:
    revise = ReviseThreat(by=CHIYO, at=at(101), threat=TH1, title="Burglars", stride=(Stride.SPOOFING,))
    threat = replay(told(confirm(THROUGH_THE_FRONT), revise, after=HOUSE)).threats[TH1]
    assert (threat.title, threat.candidates, threat.cwe) == ("Burglars", (THROUGH_THE_FRONT,), (306,))


def test_a_threat_is_enough_to_move_on_to_remediation() -> None:
    for threat in (
        confirm(GARAGE),
        ReportThreat(by=BENJI, at=at(100), title="Fire", stride=(Stride.DENIAL_OF_SERVICE,)),
    ):
        analysing = told(threat, BeginAnalysis(by=AMINA, at=at(101)), after=HOUSE)
        assert seen(told(BeginRemediation(by=AMINA, at=at(102)), after=analysing)).phase == "remediation"


PLUMBER = ReportThreat(
    by=CHIYO,
    at=at(110),
    title="The plumber is none",
    stride=(Stride.ELEVATION_OF_PRIVILEGE, Stride.SPOOFING),
    description="Nobody called him",
    element=FRONT,
    link="https://house.example.org/archives/C1/p17",
)
TWO = told(confirm(THROUGH_THE_FRONT), PLUMBER, after=HOUSE)


def merge(kept: ThreatId, merged: ThreatId, minute: int = 120) -> MergeThreats:
    return MergeThreats(by=CHIYO, at=at(minute), kept=kept, merged=merged)


def test_a_merged_threat_lives_on_in_the_other_one() -> None:
    one = replay(TWO).threats[TH1]
    richer = replace(one, stride=(Stride.SPOOFING, Stride.ELEVATION_OF_PRIVILEGE), link=PLUMBER.link)
    given(*TWO).when(merge(TH1, TH2)).then(
        ThreatsMerged(by=CHIYO, at=at(120), answer=NEXT + 2, kept=richer, merged=TH2)
    )
    after = told(merge(TH1, TH2), after=TWO)
    assert seen(after).threats == (richer,)
    assert seen(after).merged == (MergedThreat(threat=replay(TWO).threats[TH2], into=TH1),)
    assert timeline(after)[-1].text.startswith("merged the threat “The plumber is none” (TH-2) into “")


def test_a_candidate_goes_with_the_threat_that_it_was_confirmed_as() -> None:
    after = told(merge(TH2, TH1), after=TWO)
    assert replay(after).threats[TH2].candidates == (THROUGH_THE_FRONT,)
    assert replay(after).threats[TH2].cwe == (306,)
    assert THROUGH_THE_FRONT not in open_ids(after)


def test_merged_and_withdrawn_threats_are_refused_in_words() -> None:
    merged = told(merge(TH1, TH2), after=TWO)
    withdrawn = told(WithdrawThreat(by=CHIYO, at=at(120), threat=TH2), after=TWO)
    for command in (
        merge(TH1, TH2, 121),
        merge(TH2, TH1, 121),
        WithdrawThreat(by=BENJI, at=at(121), threat=TH2),
        ReviseThreat(by=BENJI, at=at(121), threat=TH2, title="Fire", stride=(Stride.SPOOFING,)),
    ):
        given(*merged).when(command).then_refused(ThreatMerged, "TH-2 was merged into TH-1")
        given(*withdrawn).when(command).then_refused(ThreatGone, "TH-2 was withdrawn")
    given(*TWO).when(merge(TH1, TH3)).then_refused(NoSuchThreat, "TH-3")
    given(*TWO).when(merge(TH1, TH1)).then_refused(MergedWithItself, "into itself", field="kept")


def test_a_merging_can_be_taken_back() -> None:
    undone = told(merge(TH1, TH2), Undo(by=CHIYO, at=at(121)), after=TWO)
    assert seen(undone).threats == seen(TWO).threats
    assert seen(undone).merged == ()


def test_every_fact_that_a_decision_keeps_is_one_that_can_be_asked_for() -> None:
    for candidate in seen(HOUSE).candidates:
        assert {used.fact for used in candidate.facts} <= set(FACTS)


def test_a_name_that_was_revised_is_no_change_of_a_fact() -> None:
    rename = ReviseEntryPoint(by=CHIYO, at=at(101), element=FRONT, name="Main door")
    after = told(dismiss(THROUGH_THE_FRONT), rename, after=HOUSE)
    assert THROUGH_THE_FRONT not in open_ids(after)
