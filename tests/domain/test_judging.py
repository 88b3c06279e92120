"""Candidates that people confirm or dismiss, and what becomes of the threats."""

from typing import Any

import pytest

from domain.analysis.candidates import DismissalState
from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    BeginAnalysis,
    BeginRemediation,
    RemoveElement,
    ReportThreat,
    ReviseDataFlow,
    ReviseThreat,
    Undo,
    WithdrawThreat,
)
from domain.events import CandidateConfirmed
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.elements import ElementId
from domain.kernel.length_limits import NAME
from domain.kernel.stride import Stride
from domain.kernel.threat import Threat
from domain.rejections import AlreadyConfirmed, ContentMissing, NoSuchCandidate, UndoBlocked
from domain.replay import replay
from tests.domain.suggested_threats import (
    AMINA,
    BENJI,
    CHIYO,
    GARAGE,
    HOUSE,
    MODEL,
    NEXT,
    NOBODY_ASKS,
    TH1,
    THROUGH_THE_FRONT,
    VISITORS,
    answer,
    confirm,
    dismiss,
    open_candidate_ids,
    register_of,
)
from tests.examples import at, decide_all, given


def test_a_confirmed_candidate_becomes_a_threat_with_what_it_was_decided_on() -> None:
    rule = next(one for one in BUILT_IN.rules if one.id == "S01")
    flow = next(one.element_name for one in register_of(HOUSE).candidates if one.id == THROUGH_THE_FRONT)
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
                description=rule.explanation,
                element=ElementId("DF-1"),
                candidates=(THROUGH_THE_FRONT,),
                cwe=rule.cwe,
            ),
            rule_version=rule.version,
            facts=(NOBODY_ASKS,),
        )
    )


def test_a_confirmed_candidate_is_a_threat_and_no_candidate_any_more() -> None:
    before = open_candidate_ids(HOUSE)
    after = decide_all(confirm(THROUGH_THE_FRONT, GARAGE), after=HOUSE)
    assert open_candidate_ids(after) == before - {THROUGH_THE_FRONT, GARAGE}
    assert [one.candidates for one in register_of(after).threats] == [(THROUGH_THE_FRONT,), (GARAGE,)]
    assert "from X02@DF-5" in timeline(after)[-1].text


def test_the_title_of_a_threat_is_never_longer_than_a_name_may_be() -> None:
    carried = decide_all(*_long_names(), after=HOUSE)
    threat = replay(decide_all(confirm(THROUGH_THE_FRONT), after=carried)).threats[TH1]
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
    after = decide_all(confirm(THROUGH_THE_FRONT), after=HOUSE)
    (still,) = register_of(after).confirmed
    assert (still.id, [one.answer for one in still.facts]) == (THROUGH_THE_FRONT, [Answer.NO])
    assert register_of(decide_all(answer(Answer.YES, 101), after=after)).confirmed == ()


def test_a_candidate_is_confirmed_once() -> None:
    confirmed = decide_all(confirm(THROUGH_THE_FRONT), after=HOUSE)
    given(*confirmed).when(confirm(THROUGH_THE_FRONT)).then_refused(AlreadyConfirmed, "as TH-1")
    given(*confirmed).when(dismiss(THROUGH_THE_FRONT)).then_refused(AlreadyConfirmed, "as TH-1")


def test_of_several_at_once_those_that_someone_confirmed_meanwhile_are_passed_over() -> None:
    confirmed = decide_all(confirm(THROUGH_THE_FRONT), after=HOUSE)
    both = decide_all(confirm(THROUGH_THE_FRONT, VISITORS, minute=101), after=confirmed)
    assert [one.candidates for one in register_of(both).threats] == [(THROUGH_THE_FRONT,), (VISITORS,)]


def test_what_no_rule_brings_up_cannot_be_decided() -> None:
    for command in (confirm(CandidateId("S01@DF-99")), dismiss(CandidateId("nonsense"))):
        given(*HOUSE).when(command).then_refused(
            NoSuchCandidate, "no longer applies, because the model has changed."
        )
    given(*HOUSE).when(confirm()).then_refused(ContentMissing, "at least one.")


def test_decisions_about_a_removed_element_are_shown_and_not_lost() -> None:
    decided = decide_all(confirm(GARAGE), dismiss(THROUGH_THE_FRONT, minute=101), after=HOUSE)
    removed = decide_all(
        RemoveElement(by=AMINA, at=at(102), element=ElementId("DF-5")),
        RemoveElement(by=AMINA, at=at(103), element=ElementId("DF-1")),
        after=decided,
    )
    orphaned = register_of(removed)
    assert [one.id for one in orphaned.threats] == [TH1]
    (warning,) = (one.text for one in orphaned.warnings if one.id == "orphan@TH-1")
    assert warning == (
        "TH-1 “No boundary between different trust levels: Garage → House: Valuables” refers to the "
        "data flow “Garage → House: Valuables” (DF-5), which was removed."
    )
    assert [(one.state, one.element_name) for one in orphaned.dismissed] == [
        (DismissalState.ORPHAN, "Resident → House: Valuables, Important papers")
    ]


def test_withdrawing_a_confirmed_threat_puts_its_candidate_up_again() -> None:
    withdrawn = decide_all(
        confirm(THROUGH_THE_FRONT), WithdrawThreat(by=CHIYO, at=at(101), threat=TH1), after=HOUSE
    )
    assert open_candidate_ids(withdrawn) == open_candidate_ids(HOUSE)


@pytest.mark.parametrize(
    "command", [confirm(THROUGH_THE_FRONT, GARAGE), dismiss(THROUGH_THE_FRONT, VISITORS)], ids=["yes", "no"]
)
def test_decisions_are_taken_back_all_at_once(command: Any) -> None:
    undone = decide_all(command, Undo(by=BENJI, at=at(101)), after=HOUSE)
    assert register_of(undone).candidates == register_of(HOUSE).candidates
    assert (register_of(undone).threats, register_of(undone).dismissed) == ((), ())
    assert timeline(undone)[-1].text.startswith("undid: ")


def test_a_threat_that_someone_revised_is_not_taken_back_under_them() -> None:
    revise = ReviseThreat(by=CHIYO, at=at(101), threat=TH1, title="Burglars", stride=(Stride.SPOOFING,))
    given(*decide_all(confirm(THROUGH_THE_FRONT), revise, after=HOUSE)).when(
        Undo(by=BENJI, at=at(102))
    ).then_refused(UndoBlocked, "revised the threat “Burglars”")


def test_revising_a_confirmed_threat_keeps_where_it_came_from() -> None:
    revise = ReviseThreat(by=CHIYO, at=at(101), threat=TH1, title="Burglars", stride=(Stride.SPOOFING,))
    threat = replay(decide_all(confirm(THROUGH_THE_FRONT), revise, after=HOUSE)).threats[TH1]
    assert (threat.title, threat.candidates, threat.cwe) == ("Burglars", (THROUGH_THE_FRONT,), (306, 290))


def test_a_threat_is_enough_to_move_on_to_remediation() -> None:
    for threat in (
        confirm(GARAGE),
        ReportThreat(by=BENJI, at=at(100), title="Fire", stride=(Stride.DENIAL_OF_SERVICE,)),
    ):
        analysing = decide_all(threat, BeginAnalysis(by=AMINA, at=at(101)), after=HOUSE)
        assert (
            register_of(
                decide_all(
                    BeginRemediation(by=AMINA, at=at(102), reason="one is bad enough"), after=analysing
                )
            ).phase
            == "remediation"
        )


def test_every_fact_that_a_decision_keeps_is_one_that_can_be_asked_for() -> None:
    for candidate in register_of(HOUSE).candidates:
        assert {used.fact for used in candidate.facts} <= set(BUILT_IN.facts)
