"""Suggested threats of one rule are one group; confirmed together they are one threat with several places."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from domain.built_in_catalog import BUILT_IN
from domain.changes import Change, ChangeGroup, difference
from domain.commands import (
    BeginAnalysis,
    BeginRemediation,
    MergeThreats,
    OpenRound,
    ProposeAcceptance,
    RemoveElement,
    RemovePlaces,
    ReopenSuggestedThreat,
    ReviseThreat,
    Undo,
    WithdrawThreat,
)
from domain.events import PlacesAdded, RecordedEvent, SuggestedThreatConfirmed, SuggestedThreatDismissed
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId
from domain.kernel.threat import (
    AnswerAtDecision,
    ConfirmedPlace,
    PlaceId,
    Stride,
    SuggestedThreatId,
    Threat,
    ThreatId,
)
from domain.model.mitigation_links import live_places
from domain.rejections import (
    AlreadyConfirmed,
    AlreadyDismissed,
    ContentMissing,
    LastPlace,
    NotAPlace,
    OtherRule,
    PlacesSettled,
    UndoBlocked,
)
from domain.remediation.status import PlaceState
from domain.replay import replay
from domain.wording import summarize_answer
from tests.domain.grouped_story import (
    FLOWS,
    PLAIN,
    TH1,
    TH2,
    UNPROTECTED,
    answers,
    climbing,
    confirm,
    decide_group,
    dismiss,
    gateway,
    known,
)
from tests.domain.remediation_story import SPRING
from tests.examples import ANA, BEN, CHI, at, decide_all, given, reasons_for_conditions

GATEWAY = gateway()
RULE = next(rule for rule in BUILT_IN.rules if rule.id == "I01")


def grouped(events: Any) -> dict[str, list[str]]:
    return {
        group.id: [suggested_threat.id for suggested_threat in group.suggested_threats]
        for group in known(events).groups
    }


def test_a_rule_that_holds_at_eight_flows_is_one_group_with_eight_places() -> None:
    assert grouped(GATEWAY) == {"I01": list(PLAIN)}


def test_what_is_decided_leaves_the_group() -> None:
    decided = decide_all(confirm(PLAIN[0]), dismiss(PLAIN[1]), after=GATEWAY)
    assert grouped(decided) == {"I01": list(PLAIN[2:])}


def test_confirmed_together_they_are_one_threat_that_keeps_every_suggested_threat() -> None:
    (event,) = decide_all(confirm(*PLAIN), after=GATEWAY)[len(GATEWAY) :]
    assert isinstance(event, SuggestedThreatConfirmed)
    assert event.threat == Threat(
        id=TH1,
        title="Unencrypted data in transit at 8 data flows",
        stride=(Stride.INFORMATION_DISCLOSURE,),
        description=RULE.explanation,
        element=FLOWS[0],
        suggested_threats=PLAIN,
        cwe=RULE.cwe,
    )
    assert event.suggested_threats == PLAIN
    flow = FLOWS[1]
    assert event.others[0] == ConfirmedPlace(
        suggested_threat=PLAIN[1],
        rule_version=RULE.version,
        facts=tuple(
            AnswerAtDecision(element=fact.element, fact=fact.fact, answer=fact.answer)
            for fact in next(one for one in known(GATEWAY).suggested_threats if one.element == flow).facts
        ),
    )


def test_some_of_a_group_can_be_confirmed_and_others_dismissed_in_one_answer() -> None:
    decided = decide_all(decide_group(PLAIN[:5], PLAIN[5:7]), after=GATEWAY)
    now = known(decided)
    assert [threat.suggested_threats for threat in now.threats] == [PLAIN[:5]]
    assert {one.dismissal.suggested_threat: one.dismissal.reason for one in now.dismissed} == dict.fromkeys(
        PLAIN[5:7], "The mesh encrypts it"
    )
    assert grouped(decided) == {"I01": [PLAIN[7]]}
    undone = decide_all(Undo(by=BEN, at=at(101)), after=decided)
    assert (grouped(undone), known(undone).threats, known(undone).dismissed) == (grouped(GATEWAY), (), ())


def test_a_dismissal_of_several_needs_a_reason_and_a_decision_needs_a_place() -> None:
    given(*GATEWAY).when(decide_group((), PLAIN, reason=" ")).then_refused(
        ContentMissing, "Explain why", field="reason"
    )
    given(*GATEWAY).when(decide_group()).then_refused(ContentMissing, "at least one", field="places")


def test_two_people_who_decide_a_group_at_the_same_time_lose_nothing() -> None:
    by_ben = decide_all(decide_group(PLAIN[:3], PLAIN[3:5]), after=GATEWAY)
    both = decide_all(decide_group(PLAIN[3:], PLAIN[:3], by=CHI, minute=101), after=by_ben)
    now = known(both)
    assert [threat.suggested_threats for threat in now.threats] == [PLAIN[:3], PLAIN[5:]]
    assert {one.dismissal.suggested_threat: one.dismissal.by for one in now.dismissed} == dict.fromkeys(
        PLAIN[3:5], BEN
    )
    all_at_once = decide_all(confirm(*PLAIN, by=CHI, minute=101), after=by_ben)
    assert [threat.suggested_threats for threat in known(all_at_once).threats] == [PLAIN[:3], PLAIN[5:]]
    dismissed = decide_all(dismiss(*PLAIN, by=CHI, minute=101), after=by_ben)
    assert [one.dismissal.by for one in known(dismissed).dismissed] == [CHI, CHI, CHI, BEN, BEN]


def test_who_decides_what_another_person_has_decided_is_told() -> None:
    confirmed = decide_all(confirm(*PLAIN[:4]), dismiss(*PLAIN[4:]), after=GATEWAY)
    given(*confirmed).when(confirm(*PLAIN)).then_refused(AlreadyConfirmed, "as TH-1")
    given(*confirmed).when(decide_group(PLAIN[4:5])).then_refused(AlreadyDismissed, "was dismissed already")


def test_a_bulk_decision_is_told_in_one_line() -> None:
    (confirmed,) = timeline(decide_all(confirm(*PLAIN), after=GATEWAY))[len(GATEWAY) :]
    assert confirmed.text == (
        "confirmed the threat “Unencrypted data in transit at 8 data flows” "
        "(TH-1), suggested as “Unencrypted data in transit” at Gateway → Service 1: Orders (DF-1), "
        "Gateway → Service 2: Orders (DF-2), Gateway → Service 3: Orders (DF-3) and 5 more"
    )
    (dismissed,) = timeline(decide_all(dismiss(*PLAIN), after=GATEWAY))[len(GATEWAY) :]
    assert dismissed.text == (
        "dismissed 8 suggested threats of “Unencrypted data in transit”: Gateway → Service 1: Orders (DF-1), "
        "Gateway → Service 2: Orders (DF-2), Gateway → Service 3: Orders (DF-3) and 5 more, because: "
        "The mesh encrypts it"
    )
    taken_back = timeline(decide_all(dismiss(*PLAIN), Undo(by=BEN, at=at(101)), after=GATEWAY))
    assert len(taken_back) == len(GATEWAY) + 2
    assert taken_back[-1].text.startswith("undid: reopened 8 suggested threats of")


def test_an_answer_with_several_decisions_counts_the_places() -> None:
    events: Any = decide_all(decide_group(PLAIN[:5], PLAIN[5:]), after=GATEWAY)[len(GATEWAY) :]
    summary = summarize_answer(events, replay(GATEWAY))
    assert summary == (
        "confirmed 5 suggested threats and dismissed 3 suggested threats, because: The mesh encrypts it"
    )


def test_undo_of_a_bulk_dismissal_restores_the_earlier_ones() -> None:
    dismissed = decide_all(dismiss(PLAIN[1], by=CHI), after=GATEWAY)
    old = replay(dismissed).dismissals[PLAIN[1]]
    # An answer on which it was based has changed since: it needs a decision again.
    stale = SuggestedThreatDismissed(
        by=CHI, at=at(101), answer=len(dismissed) + 1, dismissal=replace(old, facts=old.facts[:0], places=())
    )
    returned = [*dismissed, stale]
    again = decide_all(dismiss(*PLAIN[:2], minute=102), after=returned)
    assert {dismissal.by for dismissal in replay(again).dismissals.values()} == {BEN}
    undone = decide_all(Undo(by=BEN, at=at(103)), after=again)
    assert replay(undone).dismissals == replay(returned).dismissals


def test_undo_of_a_bulk_decision_is_refused_once_someone_built_on_a_part_of_it() -> None:
    dismissed = decide_all(
        dismiss(*PLAIN), ReopenSuggestedThreat(by=CHI, at=at(101), suggested_threat=PLAIN[3]), after=GATEWAY
    )
    given(*dismissed).when(Undo(by=BEN, at=at(102))).then_refused(UndoBlocked, "I01@DF-4")
    extended = decide_all(
        confirm(*PLAIN[:7]), confirm(PLAIN[7], by=CHI, threat=TH1, minute=101), after=GATEWAY
    )
    given(*extended).when(Undo(by=BEN, at=at(102))).then_refused(UndoBlocked, "added 1 place")


def test_a_new_place_of_a_known_threat_is_a_suggested_threat_that_can_be_added_to_it() -> None:
    some = decide_all(confirm(*PLAIN[:7]), after=GATEWAY)
    (group,) = known(some).groups
    assert group.threats == (TH1,)
    (event,) = decide_all(confirm(PLAIN[7], threat=TH1), after=some)[len(some) :]
    assert isinstance(event, PlacesAdded)
    assert event.threat.suggested_threats == PLAIN
    assert event.threat.title == "Unencrypted data in transit at 8 data flows"
    assert grouped([*some, event]) == {}
    assert timeline([*some, event])[-1].text == (
        "added 1 place (Gateway → Service 8: Orders (DF-8)) to "
        "“Unencrypted data in transit at 8 data flows” (TH-1)"
    )


def test_undoing_the_addition_of_places_leaves_the_threat_as_it_was() -> None:
    some = decide_all(confirm(*PLAIN[:6]), after=GATEWAY)
    undone = decide_all(
        confirm(*PLAIN[6:], by=CHI, threat=TH1, minute=101), Undo(by=CHI, at=at(102)), after=some
    )
    assert known(undone).threats == known(some).threats
    assert grouped(undone) == grouped(some)


def test_a_title_that_a_person_wrote_stays_when_places_are_added() -> None:
    revise = ReviseThreat(
        by=ANA,
        at=at(101),
        threat=TH1,
        title="No TLS",
        stride=(Stride.INFORMATION_DISCLOSURE,),
        element=FLOWS[0],
    )
    added = decide_all(confirm(PLAIN[0]), revise, confirm(PLAIN[1], threat=TH1, minute=102), after=GATEWAY)
    (threat,) = known(added).threats
    assert (threat.title, threat.suggested_threats) == ("No TLS", PLAIN[:2])


def test_a_suggested_threat_of_another_rule_is_no_place_of_a_threat() -> None:
    both = decide_all(answers("integrity_protected", FLOWS), confirm(*PLAIN), after=GATEWAY)
    given(*both).when(confirm(UNPROTECTED[0], threat=TH1)).then_refused(
        OtherRule, "another rule than TH-1", field="decision"
    )
    (group,) = known(both).groups
    assert group.threats == ()


def test_groups_with_a_common_remedy_say_so_and_stay_separate() -> None:
    both = decide_all(answers("integrity_protected", FLOWS), after=GATEWAY)
    assert {group.id: (group.remedy, len(group.suggested_threats)) for group in known(both).groups} == {
        "T07": ("TLS", 8),
        "I01": ("TLS", 8),
    }
    confirmed = decide_all(confirm(*UNPROTECTED, *PLAIN), after=both)
    assert [threat.suggested_threats for threat in known(confirmed).threats] == [UNPROTECTED, PLAIN]


def test_places_cannot_be_added_to_a_risk_that_was_accepted_without_them() -> None:
    proposed = decide_all(
        confirm(*PLAIN[:4]),
        lambda _: ProposeAcceptance(by=ANA, at=at(105), threat=TH1, expires=SPRING, reason="Soon gone"),
        after=_in_remediation(),
    )
    given(*proposed).when(confirm(PLAIN[4], threat=TH1, minute=106)).then_refused(
        PlacesSettled, "waiting for approval", field="decision"
    )
    (group,) = known(proposed).groups
    assert group.threats == ()


def _in_remediation() -> Any:
    from domain.commands import BeginAnalysis
    from tests.examples import reasons_for_conditions

    return decide_all(
        BeginAnalysis(by=ANA, at=at(90), reasons=reasons_for_conditions()),
        BeginRemediation(by=ANA, at=at(91), reasons=reasons_for_conditions()),
        after=GATEWAY,
    )


def test_a_place_can_be_removed_and_needs_a_decision_again() -> None:
    confirmed = decide_all(confirm(*PLAIN), after=GATEWAY)
    removed = decide_all(
        RemovePlaces(by=CHI, at=at(101), threat=TH1, suggested_threats=(PLAIN[0], PLAIN[7])), after=confirmed
    )
    (threat,) = known(removed).threats
    assert (threat.suggested_threats, threat.element) == (PLAIN[1:7], FLOWS[1])
    assert threat.title == "Unencrypted data in transit at 6 data flows"
    assert grouped(removed) == {"I01": [PLAIN[0], PLAIN[7]]}
    assert timeline(removed)[-1].text.startswith("removed 2 places (")
    undone = decide_all(Undo(by=CHI, at=at(102)), after=removed)
    assert known(undone).threats == known(confirmed).threats


def test_the_last_place_cannot_be_removed() -> None:
    confirmed = decide_all(confirm(*PLAIN[:2]), after=GATEWAY)
    for gone, refusal, words, field in (
        (PLAIN[:2], LastPlace, "withdraw it", "places"),
        (PLAIN[2:3], NotAPlace, "no longer a place of TH-1", None),
        ((), ContentMissing, "at least one place", "places"),
    ):
        command = RemovePlaces(by=CHI, at=at(101), threat=TH1, suggested_threats=gone)
        given(*confirmed).when(command).then_refused(refusal, words, field=field)


@pytest.mark.parametrize(("count", "groups"), [(3, 3), (4, 1)])
def test_missing_boundaries_stay_single_until_more_than_three_are_within_one_boundary(
    count: int, groups: int
) -> None:
    events = climbing(count)
    assert len(known(events).groups) == groups
    every = tuple(
        SuggestedThreatId(suggested_threat.id) for suggested_threat in known(events).suggested_threats
    )
    assert len(known(decide_all(confirm(*every), after=events)).threats) == groups


def test_what_is_left_of_a_large_group_at_a_boundary_remains_one() -> None:
    events = climbing(5)
    every = tuple(
        SuggestedThreatId(suggested_threat.id) for suggested_threat in known(events).suggested_threats
    )
    left = decide_all(confirm(*every[:3]), after=events)
    (group,) = known(left).groups
    assert (group.id, len(group.suggested_threats), group.threats) == ("X02@TB-1", 2, (TH1,))


def test_every_place_counts_in_the_coverage_also_where_the_rule_no_longer_holds() -> None:
    confirmed = decide_all(confirm(*PLAIN), answers("encrypted", FLOWS[:4], Answer.YES), after=GATEWAY)
    cells = {
        row.element: cell.threats
        for row in known(confirmed).coverage.rows
        for cell in row.cells
        if cell.category is Stride.INFORMATION_DISCLOSURE and row.element in FLOWS
    }
    assert cells == dict.fromkeys(FLOWS, (TH1,))


def test_the_places_of_a_threat_are_its_suggested_threats_and_what_a_person_named() -> None:
    threat = Threat(id=TH1, title="", stride=(Stride.SPOOFING,))
    assert threat.places == ("",)
    assert replace(threat, element=ElementId("EP-1")).places == ("EP-1",)
    peers = replace(
        threat, element=ElementId("AS-2"), suggested_threats=(SuggestedThreatId("X01@EP-1@AS-2"),)
    )
    assert peers.places == ("X01@EP-1@AS-2",)
    assert replace(peers, element=ElementId("EP-9")).places == ("X01@EP-1@AS-2", "EP-9")


def test_a_place_whose_element_was_removed_is_told_and_no_longer_counts() -> None:
    confirmed = decide_all(confirm(*PLAIN), after=GATEWAY)
    model = replay(decide_all(RemoveElement(by=ANA, at=at(101), element=FLOWS[7]), after=confirmed))
    assert live_places(model, model.threats[TH1]) == PLAIN[:7]
    assert model.threats[TH1].places == tuple(map(PlaceId, PLAIN))
    (warning,) = (
        one.text
        for one in known(
            decide_all(RemoveElement(by=ANA, at=at(101), element=FLOWS[7]), after=confirmed)
        ).warnings
        if one.id == "orphan@TH-1"
    )
    assert "(DF-8), which was removed" in warning


def test_merging_unites_the_places() -> None:
    merged = decide_all(
        confirm(*PLAIN[:2]),
        confirm(*PLAIN[2:4], minute=101),
        MergeThreats(by=ANA, at=at(102), kept=TH1, merged=TH2),
        after=GATEWAY,
    )
    (threat,) = known(merged).threats
    assert threat.places == PLAIN[:4]


def test_withdrawing_the_threat_puts_every_place_up_for_decision() -> None:
    withdrawn = decide_all(confirm(*PLAIN), WithdrawThreat(by=CHI, at=at(101), threat=TH1), after=GATEWAY)
    assert grouped(withdrawn) == grouped(GATEWAY)


def test_places_added_after_the_vote_are_told() -> None:
    voting = decide_all(
        confirm(*PLAIN[:7]),
        BeginAnalysis(by=ANA, at=at(101), reasons=reasons_for_conditions()),
        OpenRound(by=ANA, at=at(102), threats=(TH1,), voters=(ANA, BEN, CHI)),
        after=GATEWAY,
    )
    added = decide_all(confirm(PLAIN[7], threat=TH1, minute=110), after=voting)
    assert not [one for one in known(voting).warnings if one.id == "places@TH-1"]
    (warning,) = (one.text for one in known(added).warnings if one.id == "places@TH-1")
    assert "got more places after it was put to the vote" in warning


def test_ids_of_threats_that_are_grouped_are_not_reused() -> None:
    undone = decide_all(
        confirm(*PLAIN[:2]), Undo(by=BEN, at=at(101)), confirm(*PLAIN, minute=102), after=GATEWAY
    )
    assert [threat.id for threat in known(undone).threats] == [ThreatId("TH-2")]


def test_the_report_of_changes_tells_bulk_decisions_in_one_line() -> None:
    dismissed = decide_all(dismiss(*PLAIN), after=GATEWAY)
    (change,) = (one for one in _changes(GATEWAY, dismissed) if one.group is ChangeGroup.DISMISSALS)
    assert change.how == "dismissed"
    assert change.called == (
        "Unencrypted data in transit, Gateway → Service 1: Orders, Gateway → Service 2: Orders, "
        "Gateway → Service 3: Orders, Gateway → Service 4: Orders and 4 more (8 data flows)"
    )
    assert [detail.text for detail in change.details] == ["reason: The mesh encrypts it"]
    confirmed = decide_all(confirm(*PLAIN[:6]), after=GATEWAY)
    (change,) = (one for one in _changes(GATEWAY, confirmed) if one.group is ChangeGroup.THREATS)
    assert (change.called, change.how) == ("Unencrypted data in transit at 6 data flows (TH-1)", "confirmed")
    added = decide_all(confirm(*PLAIN[6:], minute=101, threat=TH1), after=confirmed)
    (change,) = (one for one in _changes(confirmed, added) if one.group is ChangeGroup.THREATS)
    assert [detail.text for detail in change.details] == [
        "title: Unencrypted data in transit at 6 data flows → Unencrypted data in transit at 8 data flows",
        "places: 6 → 8 (+ I01@DF-7, + I01@DF-8)",
    ]


def _changes(before: list[RecordedEvent], after: list[RecordedEvent]) -> Sequence[Change]:
    return difference(known(before), known(after), after)


def test_threats_that_were_confirmed_one_by_one_stay_separate() -> None:
    one_by_one = decide_all(*(confirm(one, minute=100) for one in PLAIN[:3]), after=GATEWAY)
    now = known(one_by_one)
    assert [threat.suggested_threats for threat in now.threats] == [(one,) for one in PLAIN[:3]]
    assert now.threats[0].title == "Unencrypted data in transit: Gateway → Service 1: Orders"
    (group,) = now.groups
    assert group.threats == ("TH-1", "TH-2", "TH-3")
    extended = decide_all(confirm(*PLAIN[3:], minute=101, threat=TH2), after=one_by_one)
    assert known(extended).threats[1].title == "Unencrypted data in transit at 6 data flows"


def test_each_place_has_a_state() -> None:
    confirmed = decide_all(
        confirm(*PLAIN[:3]),
        answers("encrypted", FLOWS[1:2], Answer.YES),
        RemoveElement(by=ANA, at=at(101), element=FLOWS[2]),
        after=GATEWAY,
    )
    assert [(place.elements, place.state) for place in known(confirmed).places[TH1]] == [
        (("DF-1",), PlaceState.OPEN),
        (("DF-2",), PlaceState.SILENT),
        (("DF-3",), PlaceState.REMOVED),
    ]
