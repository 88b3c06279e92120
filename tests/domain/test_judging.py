"""Suggested threats that people confirm or dismiss, threats that they report or merge."""

from typing import Any

import pytest
from msgspec.structs import replace

from domain.analysis.rule_findings import apply_rules
from domain.analysis.suggested_threats import DismissalState, placements_of, sort_suggested_threats
from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    AddAsset,
    AddEntryPoint,
    BeginAnalysis,
    BeginRemediation,
    MergeThreats,
    PlaceComponents,
    Placement,
    RemoveElement,
    ReopenSuggestedThreat,
    ReportThreat,
    ReviseDataFlow,
    ReviseEntryPoint,
    ReviseThreat,
    Undo,
    WithdrawThreat,
)
from domain.events import (
    SuggestedThreatConfirmed,
    SuggestedThreatDismissed,
    SuggestedThreatReopened,
    ThreatReported,
    ThreatRevised,
    ThreatsMerged,
    ThreatWithdrawn,
)
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, ElementId, Kind
from domain.kernel.length_limits import LINK as LONGEST_LINK
from domain.kernel.length_limits import NAME, TEXT
from domain.kernel.threat import (
    AnswerAtDecision,
    AnswerChange,
    Dismissal,
    MergedThreat,
    Stride,
    SuggestedThreatId,
    Threat,
    ThreatId,
)
from domain.register import register
from domain.rejections import (
    AlreadyConfirmed,
    AlreadyReported,
    ContentMissing,
    MergedWithItself,
    NameMissing,
    NoSuchElement,
    NoSuchSuggestedThreat,
    NoSuchThreat,
    NotALink,
    NotDismissed,
    ThreatGone,
    ThreatMerged,
    TooLong,
    UndoBlocked,
)
from domain.replay import replay
from tests.domain.suggested_threats import (
    AMINA,
    BENJI,
    CHIYO,
    FRONT,
    GARAGE,
    GARAGE_ROOM,
    HOME,
    HOUSE,
    HOUSE_IN_LOCKS,
    MODEL,
    NOBODY_ASKS,
    RESIDENT_LEVEL,
    RESIDENT_OUTSIDE,
    TH1,
    TH2,
    TH3,
    THROUGH_THE_FRONT,
    VISITOR_LEVEL,
    VISITORS,
    answer,
    confirm,
    dismiss,
    open_suggested_threat_ids,
    register_of,
)
from tests.examples import ANA, BEN, at, decide_all, element_named, given, id_of_element, recorded, started


def test_a_confirmed_suggested_threat_becomes_a_threat_with_what_it_was_decided_on() -> None:
    rule = next(one for one in BUILT_IN.rules if one.id == "S01")
    flow = next(
        one.element_name for one in register_of(HOUSE).suggested_threats if one.id == THROUGH_THE_FRONT
    )
    given(*HOUSE).when(confirm(THROUGH_THE_FRONT)).then(
        recorded(
            SuggestedThreatConfirmed,
            suggested_threat=THROUGH_THE_FRONT,
            threat=Threat(
                id=TH1,
                title=f"{rule.title}: {flow}",
                stride=(Stride.SPOOFING,),
                description=rule.explanation,
                element=ElementId("DF-1"),
                suggested_threats=(THROUGH_THE_FRONT,),
                cwe=rule.cwe,
            ),
            rule_version=rule.version,
            facts=(NOBODY_ASKS,),
        )
    )


def test_a_confirmed_suggested_threat_is_a_threat_and_no_suggested_threat_any_more() -> None:
    before = open_suggested_threat_ids(HOUSE)
    after = decide_all(confirm(THROUGH_THE_FRONT, GARAGE), after=HOUSE)
    assert open_suggested_threat_ids(after) == before - {THROUGH_THE_FRONT, GARAGE}
    assert [threat.suggested_threats for threat in register_of(after).threats] == [
        (THROUGH_THE_FRONT,),
        (GARAGE,),
    ]
    assert "suggested as “No boundary between different trust levels”" in timeline(after)[-1].text


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


def test_a_confirmed_suggested_threat_tells_what_it_follows_from_until_the_rule_is_silent() -> None:
    after = decide_all(confirm(THROUGH_THE_FRONT), after=HOUSE)
    (still,) = register_of(after).confirmed
    assert (still.id, [fact.answer for fact in still.facts]) == (THROUGH_THE_FRONT, [Answer.NO])
    assert register_of(decide_all(answer(Answer.YES, 101), after=after)).confirmed == ()


def test_a_suggested_threat_is_confirmed_once() -> None:
    confirmed = decide_all(confirm(THROUGH_THE_FRONT), after=HOUSE)
    given(*confirmed).when(confirm(THROUGH_THE_FRONT)).then_refused(AlreadyConfirmed, "as TH-1")
    given(*confirmed).when(dismiss(THROUGH_THE_FRONT)).then_refused(AlreadyConfirmed, "as TH-1")


def test_of_several_at_once_those_that_someone_confirmed_meanwhile_are_passed_over() -> None:
    confirmed = decide_all(confirm(THROUGH_THE_FRONT), after=HOUSE)
    both = decide_all(confirm(THROUGH_THE_FRONT, VISITORS, minute=101), after=confirmed)
    assert [threat.suggested_threats for threat in register_of(both).threats] == [
        (THROUGH_THE_FRONT,),
        (VISITORS,),
    ]


def test_what_no_rule_brings_up_cannot_be_decided() -> None:
    for command in (confirm(SuggestedThreatId("S01@DF-99")), dismiss(SuggestedThreatId("nonsense"))):
        given(*HOUSE).when(command).then_refused(
            NoSuchSuggestedThreat, "no longer applies, because the model has changed."
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
    assert [threat.id for threat in orphaned.threats] == [TH1]
    (warning,) = (one.text for one in orphaned.warnings if one.id == "orphan@TH-1")
    assert warning == (
        "TH-1 “No boundary between different trust levels: Garage → House: Valuables” refers to the "
        "data flow “Garage → House: Valuables” (DF-5), which was removed."
    )
    assert [(one.state, one.element_name) for one in orphaned.dismissed] == [
        (DismissalState.ORPHAN, "Resident → House: Valuables, Important papers")
    ]


def test_withdrawing_a_confirmed_threat_puts_its_suggested_threat_up_again() -> None:
    withdrawn = decide_all(
        confirm(THROUGH_THE_FRONT), WithdrawThreat(by=CHIYO, at=at(101), threat=TH1), after=HOUSE
    )
    assert open_suggested_threat_ids(withdrawn) == open_suggested_threat_ids(HOUSE)


@pytest.mark.parametrize(
    "command", [confirm(THROUGH_THE_FRONT, GARAGE), dismiss(THROUGH_THE_FRONT, VISITORS)], ids=["yes", "no"]
)
def test_decisions_are_taken_back_all_at_once(command: Any) -> None:
    undone = decide_all(command, Undo(by=BENJI, at=at(101)), after=HOUSE)
    assert register_of(undone).suggested_threats == register_of(HOUSE).suggested_threats
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
    assert (threat.title, threat.suggested_threats, threat.cwe) == (
        "Burglars",
        (THROUGH_THE_FRONT,),
        (306, 290),
    )


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
    for suggested_threat in register_of(HOUSE).suggested_threats:
        assert {used.fact for used in suggested_threat.facts} <= set(BUILT_IN.facts)


def test_a_dismissal_needs_a_reason_and_keeps_what_it_was_decided_on() -> None:
    given(*HOUSE).when(dismiss(THROUGH_THE_FRONT, reason=" ")).then_refused(
        ContentMissing, "Explain why this threat does not apply", field="reason"
    )
    given(*HOUSE).when(dismiss(THROUGH_THE_FRONT)).then(
        recorded(
            SuggestedThreatDismissed,
            dismissal=Dismissal(
                suggested_threat=THROUGH_THE_FRONT,
                reason="We know them all",
                rule_version=3,
                facts=(NOBODY_ASKS,),
                by=BENJI,
                at=at(100),
                places=(RESIDENT_OUTSIDE, HOUSE_IN_LOCKS),
            ),
        )
    )


def test_a_dismissed_suggested_threat_stays_away_however_often_it_is_computed() -> None:
    after = decide_all(dismiss(THROUGH_THE_FRONT), after=HOUSE)
    # Another answer, about another door, makes the rules look again.
    later = decide_all(
        answer(Answer.NO, 101, id_of_element(MODEL, Kind.ENTRY_POINT, "Back door")), after=after
    )
    assert THROUGH_THE_FRONT not in open_suggested_threat_ids(after)
    assert THROUGH_THE_FRONT not in open_suggested_threat_ids(later)
    assert [(one.state, one.dismissal.reason) for one in register_of(later).dismissed] == [
        (DismissalState.HOLDS, "We know them all")
    ]
    given(*after).when(dismiss(THROUGH_THE_FRONT, minute=110)).then_nothing_happens()


def test_a_dismissal_survives_a_new_version_of_the_rule() -> None:
    model = replay(decide_all(dismiss(THROUGH_THE_FRONT), after=HOUSE))
    newer = replace(BUILT_IN, rules=tuple(replace(rule, version=rule.version + 1) for rule in BUILT_IN.rules))
    updated = replace(model, catalog=newer)
    sorted_suggested_threats = sort_suggested_threats(updated, apply_rules(updated).suggested_threats)
    assert THROUGH_THE_FRONT not in {one.id for one in sorted_suggested_threats.undecided}
    assert [(one.state, one.rule_changed) for one in sorted_suggested_threats.dismissed] == [
        (DismissalState.HOLDS, True)
    ]


def test_a_dismissal_survives_a_rule_that_is_gone() -> None:
    model = replay(decide_all(dismiss(THROUGH_THE_FRONT), after=HOUSE))
    (kept,) = sort_suggested_threats(replace(model, catalog=replace(BUILT_IN, rules=())), ()).dismissed
    assert (kept.state, kept.rule, kept.title) == (DismissalState.SILENT, None, "S01")


def test_a_dismissed_suggested_threat_comes_back_marked_when_one_of_its_facts_changes() -> None:
    back = id_of_element(MODEL, Kind.ENTRY_POINT, "Back door")
    asked = decide_all(answer(Answer.NO, 99, back), dismiss(SuggestedThreatId("S01@DF-2")), after=HOUSE)
    assert "S01@DF-2" not in open_suggested_threat_ids(asked)
    dismissed = replay(asked).dismissals[SuggestedThreatId("S01@DF-2")]
    # The same rule on other grounds: the door is not answered for, the flow is.
    facts = (AnswerAtDecision(element=back, fact="caller_authenticated", answer=Answer.YES),)
    changed = replace(dismissed, facts=facts)
    model = replay(asked)
    model = replace(model, dismissals=model.dismissals.insert(changed.suggested_threat, changed))
    came_back = next(
        suggested_threat
        for suggested_threat in register(model).suggested_threats
        if suggested_threat.id == "S01@DF-2"
    )
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


def test_a_dismissed_suggested_threat_comes_back_marked_when_what_it_is_about_has_another_place() -> None:
    guests = id_of_element(MODEL, Kind.TRUST_LEVEL, "Guests")
    dismissed = decide_all(dismiss(GARAGE, reason="It is bricked up"), after=HOUSE)
    moved = decide_all(place(GARAGE_ROOM, guests, "Locks", 101), after=dismissed)
    came_back = next(
        suggested_threat
        for suggested_threat in register_of(moved).suggested_threats
        if suggested_threat.id == GARAGE
    )
    assert came_back.returned is not None
    assert came_back.returned.changes == ()
    (change,) = came_back.returned.moved
    assert (change.before.trust_level, change.now.trust_level) == (VISITOR_LEVEL, guests)
    assert [one.state for one in register_of(moved).dismissed] == [DismissalState.RETURNED]
    # Who still thinks so says so once more, and then it goes by the new place.
    again = decide_all(dismiss(GARAGE, reason="It is bricked up", minute=102), after=moved)
    assert GARAGE not in open_suggested_threat_ids(again)
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
    (resident, house, visitor) = placements_of(MODEL, SuggestedThreatId(f"D01@{FRONT}"))
    assert (resident, house) == (RESIDENT_OUTSIDE, HOUSE_IN_LOCKS)
    assert visitor.trust_level == VISITOR_LEVEL
    assert placements_of(MODEL, SuggestedThreatId(f"E03@{HOME}")) == (HOUSE_IN_LOCKS,)
    assert placements_of(MODEL, SuggestedThreatId("D03@XD-1")) == ()


def test_what_an_entry_point_is_said_to_lead_to_counts_without_a_flow_through_it() -> None:
    hatch = AddEntryPoint(by=CHIYO, at=at(100), name="Hatch", component=HOME)
    model = replay(decide_all(hatch, after=HOUSE))
    hatch_id = id_of_element(model, Kind.ENTRY_POINT, "Hatch")
    assert placements_of(model, SuggestedThreatId(f"D01@{hatch_id}")) == (HOUSE_IN_LOCKS,)


def test_a_name_that_was_revised_is_no_change_of_a_fact() -> None:
    rename = ReviseEntryPoint(by=CHIYO, at=at(101), element=FRONT, name="Main door")
    after = decide_all(dismiss(THROUGH_THE_FRONT), rename, after=HOUSE)
    assert THROUGH_THE_FRONT not in open_suggested_threat_ids(after)


def test_another_look_at_a_dismissed_suggested_threat_can_be_asked_for() -> None:
    dismissed = decide_all(dismiss(THROUGH_THE_FRONT), after=HOUSE)
    reopen = ReopenSuggestedThreat(by=CHIYO, at=at(101), suggested_threat=THROUGH_THE_FRONT)
    given(*dismissed).when(reopen).then(recorded(SuggestedThreatReopened, suggested_threat=THROUGH_THE_FRONT))
    reopened = decide_all(reopen, after=dismissed)
    assert open_suggested_threat_ids(reopened) == open_suggested_threat_ids(HOUSE)
    given(*reopened).when(reopen).then_refused(NotDismissed, "is not dismissed")


def test_a_dismissed_suggested_threat_may_be_confirmed_after_all() -> None:
    both = decide_all(dismiss(THROUGH_THE_FRONT), confirm(THROUGH_THE_FRONT, minute=101), after=HOUSE)
    assert register_of(both).dismissed == ()
    assert [threat.id for threat in register_of(both).threats] == [TH1]


def test_taking_back_a_second_dismissal_leaves_the_first_with_its_author() -> None:
    first = decide_all(dismiss(THROUGH_THE_FRONT), after=HOUSE)
    second = dismiss(THROUGH_THE_FRONT, minute=101, by=CHIYO, reason="It is a wall")
    undone = decide_all(second, Undo(by=CHIYO, at=at(102)), after=first)
    assert register_of(undone).dismissed == register_of(first).dismissed


PLUMBER = ReportThreat(
    by=CHIYO,
    at=at(110),
    title="The plumber is none",
    stride=(Stride.ELEVATION_OF_PRIVILEGE, Stride.SPOOFING),
    description="Nobody called him",
    element=FRONT,
    link="https://house.example.org/archives/C1/p17",
)
TWO = decide_all(confirm(THROUGH_THE_FRONT), PLUMBER, after=HOUSE)


def merge(kept: ThreatId, merged: ThreatId, minute: int = 120) -> MergeThreats:
    return MergeThreats(by=CHIYO, at=at(minute), kept=kept, merged=merged)


def test_a_merged_threat_is_part_of_the_other_one() -> None:
    one = replay(TWO).threats[TH1]
    richer = replace(one, stride=(Stride.SPOOFING, Stride.ELEVATION_OF_PRIVILEGE), link=PLUMBER.link)
    given(*TWO).when(merge(TH1, TH2)).then(recorded(ThreatsMerged, kept=richer, merged=TH2))
    after = decide_all(merge(TH1, TH2), after=TWO)
    assert register_of(after).threats == (richer,)
    assert register_of(after).merged == (MergedThreat(threat=replay(TWO).threats[TH2], into=TH1),)
    assert timeline(after)[-1].text.startswith("merged the threat “The plumber is none” (TH-2) into “")


def test_a_suggested_threat_goes_with_the_threat_that_it_was_confirmed_as() -> None:
    after = decide_all(merge(TH2, TH1), after=TWO)
    assert replay(after).threats[TH2].suggested_threats == (THROUGH_THE_FRONT,)
    assert replay(after).threats[TH2].cwe == (306, 290)
    assert THROUGH_THE_FRONT not in open_suggested_threat_ids(after)


def test_merged_and_withdrawn_threats_are_refused_in_words() -> None:
    merged = decide_all(merge(TH1, TH2), after=TWO)
    withdrawn = decide_all(WithdrawThreat(by=CHIYO, at=at(120), threat=TH2), after=TWO)
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
    undone = decide_all(merge(TH1, TH2), Undo(by=CHIYO, at=at(121)), after=TWO)
    assert register_of(undone).threats == register_of(TWO).threats
    assert register_of(undone).merged == ()


KEY = ElementId("AS-1")
WITH_KEY = decide_all(AddAsset(by=ANA, at=at(1), name="Key"), after=[started()])
LINK = "https://house.example.org/archives/C1/p17"
COPIED = ReportThreat(
    by=BEN,
    at=at(2),
    title="The key is copied",
    description="The locksmith keeps a list",
    element=KEY,
    stride=(Stride.INFORMATION_DISCLOSURE, Stride.SPOOFING),
    link=LINK,
)
REPORTED = decide_all(COPIED, after=WITH_KEY)
THREAT = Threat(
    id=TH1,
    title="The key is copied",
    description="The locksmith keeps a list",
    element=KEY,
    # In the order of STRIDE, whatever the order of ticking.
    stride=(Stride.SPOOFING, Stride.INFORMATION_DISCLOSURE),
    link=LINK,
)


def _report(**fields: Any) -> ReportThreat:
    said: dict[str, Any] = {"by": BEN, "at": at(2), "title": "Fire", "stride": (Stride.TAMPERING,)}
    return ReportThreat(**{**said, **fields})


def test_a_reported_threat_is_kept_with_its_categories() -> None:
    given(*WITH_KEY).when(COPIED).then(recorded(ThreatReported, threat=THREAT))
    assert register(replay(REPORTED)).threats == (THREAT,)


def test_a_threat_needs_a_title_and_a_category() -> None:
    given(*WITH_KEY).when(_report(title=" ")).then_refused(
        NameMissing, "The name of the threat is missing", field="title"
    )
    given(*WITH_KEY).when(_report(stride=())).then_refused(ContentMissing, "at least one", field="stride")
    given(*WITH_KEY).when(_report(title="x" * (NAME + 1))).then_refused(TooLong, "151", field="title")


def test_a_threat_speaks_of_an_element_that_is_there() -> None:
    given(*WITH_KEY).when(_report(element=ElementId("AS-9"))).then_refused(
        NoSuchElement, "AS-9", field="element"
    )


def test_only_an_address_of_the_web_is_a_link() -> None:
    for link in ("javascript:alert(1)", "https://a b", "https://x|y>", "file:///etc/passwd"):
        given(*WITH_KEY).when(_report(link=link)).then_refused(NotALink, "https://", field="link")


def test_a_text_as_long_as_it_may_be_is_kept() -> None:
    link = f"{LINK}?{'x' * (LONGEST_LINK - len(LINK) - 1)}"
    longest = _report(title="x" * NAME, description="x" * TEXT, link=link)
    (threat,) = register(replay(decide_all(longest, after=WITH_KEY))).threats
    assert (len(threat.title), len(threat.description), len(threat.link)) == (NAME, TEXT, LONGEST_LINK)
    given(*WITH_KEY).when(_report(description="x" * (TEXT + 1))).then_refused(
        TooLong, "3,001", field="description"
    )
    given(*WITH_KEY).when(_report(link=f"{link}x")).then_refused(TooLong, "1,001", field="link")


def test_a_revised_threat_keeps_its_link_and_its_id() -> None:
    revise = ReviseThreat(by=ANA, at=at(3), threat=TH1, title="Copied key", stride=(Stride.SPOOFING,))
    after = Threat(id=TH1, title="Copied key", stride=(Stride.SPOOFING,), link=LINK)
    given(*REPORTED).when(revise).then(recorded(ThreatRevised, threat=after))
    given(*decide_all(revise, after=REPORTED)).when(revise).then_nothing_happens()


def test_a_threat_outlives_its_element() -> None:
    gone = decide_all(RemoveElement(by=ANA, at=at(3), element=KEY), after=REPORTED)
    revise = ReviseThreat(
        by=ANA, at=at(4), threat=TH1, title="Copied", element=KEY, stride=(Stride.SPOOFING,)
    )
    assert register(replay(decide_all(revise, after=gone))).threats[0].element == KEY


def test_a_withdrawn_threat_is_gone_and_its_id_is_not_used_again() -> None:
    withdraw = WithdrawThreat(by=ANA, at=at(3), threat=TH1)
    given(*REPORTED).when(withdraw).then(recorded(ThreatWithdrawn, threat=TH1))
    after = decide_all(withdraw, COPIED, after=REPORTED)
    assert [threat.id for threat in register(replay(after)).threats] == ["TH-2"]
    given(*decide_all(withdraw, after=REPORTED)).when(withdraw).then_refused(ThreatGone, "TH-1 was withdrawn")


def test_a_report_can_be_taken_back() -> None:
    assert register(replay(decide_all(Undo(by=BEN, at=at(3)), after=REPORTED))).threats == ()
    revise = ReviseThreat(by=BEN, at=at(3), threat=TH1, title="Copied", stride=(Stride.SPOOFING,))
    undone = decide_all(revise, Undo(by=BEN, at=at(4)), after=REPORTED)
    assert register(replay(undone)).threats == (THREAT,)
    withdrawn = decide_all(
        WithdrawThreat(by=BEN, at=at(3), threat=TH1), Undo(by=BEN, at=at(4)), after=REPORTED
    )
    assert register(replay(withdrawn)).threats == (THREAT,)


def test_an_element_is_not_taken_back_under_a_threat() -> None:
    given(*REPORTED).when(Undo(by=ANA, at=at(3))).then_refused(UndoBlocked, "reported the threat")


def test_the_history_tells_of_threats() -> None:
    withdrawn = decide_all(WithdrawThreat(by=ANA, at=at(3), threat=TH1), after=REPORTED)
    assert [one.text for one in timeline(withdrawn)][2:] == [
        "reported the threat “The key is copied” (TH-1)",
        "withdrew the threat “The key is copied” (TH-1)",
    ]


def test_the_same_threat_is_not_reported_twice() -> None:
    again = _report(title=COPIED.title.upper(), element=KEY, description=COPIED.description)
    given(*REPORTED).when(again).then_refused(
        AlreadyReported, "TH-1 says the same: “The key is copied”", field="title"
    )
    elsewhere = decide_all(_report(title=COPIED.title), after=REPORTED)
    assert len(replay(elsewhere).threats) == 2, "the whole system is another element"
    otherwise = decide_all(_report(title=COPIED.title, element=KEY), after=REPORTED)
    assert len(replay(otherwise).threats) == 2, "its description differs"
