"""The message about several things of one command: most urgent first, within Slack's limits, in one piece."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.slack.protocol.block_builders import Message
from bot.slack.screens.handover_details import (
    HandoverGroup,
    HandoverSources,
    handover_for,
    handover_groups,
    handovers_after,
)
from bot.slack.ui.messages.handover_message import joined_handover_message
from domain.commands import (
    ApproveAcceptances,
    Command,
    MergeThreats,
    PlanSuggestedMitigations,
    ProposeAcceptance,
    ReassignAll,
    RescheduleMitigation,
    StartMitigation,
)
from domain.events import Erased, Event, MitigationPlanned, RecordedEvent, ThreatReported
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import SeenProposal, ThreatId
from domain.register import register
from domain.replay import replay
from tests.depth import examples
from tests.domain.remediation_story import FRIDAY, MI1, MI2, SPRING, TH1, TH2, TH3, THREATS, plan
from tests.domain.voting_story import VOTERS, ballot_of, open_round_command
from tests.examples import BEN, CHI, DEE, at, decide_all
from tests.slack.hostile_models import texts
from tests.slack.limit_checks import message_faults
from tests.slack.view_contents import first_lines

PLAN = PlanSuggestedMitigations(by=BEN, at=at(10), threats=(TH1, TH2, TH3), owner=CHI, due=FRIDAY)
PROPOSE = ProposeAcceptance(
    by=BEN, at=at(10), threat=TH1, also=(TH2, TH3), expires=SPRING, reason="We move out", approver=CHI
)
APPROVE = ApproveAcceptances(
    by=CHI,
    at=at(12),
    proposals=tuple(SeenProposal(threat=one, proposed_at=at(10)) for one in (TH1, TH2)),
)
NUMBERS = st.sampled_from((2, 20, 21, 40, 100))


def groups(events: list[RecordedEvent]) -> list[HandoverGroup]:
    return handover_groups(events, handovers_after(events, len(THREATS)))


def message(events: list[RecordedEvent], *, number: int = 0) -> Message:
    """The message about one of the groups."""
    group = groups(events)[number]
    model = replay(events)
    seen = HandoverSources(
        stream="T/TM-1", events=events, model=model, register=register(model, at(60)), naming=str
    )
    found = [handover_for(seen, version, group.person) for version in group.versions]
    return joined_handover_message([one for one in found if one is not None], str)


def words(events: list[RecordedEvent], *, number: int = 0) -> list[str]:
    return [line for line in message(events, number=number).text.split("\n") if line]


def sizes(*said: Command) -> list[tuple[str, int]]:
    """Who is told by each message, and of how many events."""
    return [(group.person, len(group.versions)) for group in groups(decide_all(*said, after=THREATS))]


def test_what_one_command_gives_to_one_person_is_together_and_no_more_than_that() -> None:
    assert sizes(PLAN) == [(CHI, 3)]
    assert sizes(plan(), replace(PLAN, at=at(11))) == [(CHI, 1), (CHI, 3)]
    assert sizes(PLAN, replace(PLAN, at=at(11), owner=DEE)) == [(CHI, 3), (DEE, 3)]
    assert sizes(PROPOSE, APPROVE) == [(CHI, 3), (BEN, 2)]


def test_what_a_person_takes_over_is_one_message_for_mitigations_and_one_for_approvals() -> None:
    taken = ReassignAll(by=BEN, at=at(20), of=CHI, person=DEE)
    others = (replace(PLAN, threats=(TH1, TH2)), replace(PROPOSE, threat=TH3, also=()))
    assert sizes(*others, taken)[-2:] == [(DEE, 2), (DEE, 1)]
    mitigations = words(decide_all(PLAN, taken, after=THREATS), number=1)
    assert (
        mitigations[0] == "UBEN assigned you 3 mitigations in *The House* (TM-1). All are due 6 March 2026."
    )
    approvals = message(decide_all(PROPOSE, taken, after=THREATS), number=1)
    assert first_lines(approvals)[0] == (
        "UBEN requests your approval: accept the risk of 3 threats in *The House* (TM-1)."
    )
    assert "Approve several risks…" in str(approvals.blocks)


def test_what_is_due_first_comes_first_and_then_the_highest_risk() -> None:
    votes = [ballot_of(voter, 9, on=TH3, minute=6) for voter in VOTERS]
    later = RescheduleMitigation(by=BEN, at=at(20), mitigation=MI2, due=FRIDAY + timedelta(days=1))
    given = decide_all(open_round_command(TH3), *votes, PLAN, later, after=THREATS)
    assert words(given)[0] == (
        "UBEN assigned you 3 mitigations in *The House* (TM-1). The first is due 6 March 2026."
    )
    assert words(given)[1] == (
        "• *Limit load, and prepare a fallback: Glue in the lock* (MI-3) · due 6 March 2026 · TH-3 · Critical"
    )
    assert [line.partition(" · ")[0][-6:] for line in words(given)[1:]] == ["(MI-3)", "(MI-1)", "(MI-2)"]
    assert first_lines(message(given)) == words(given)


def test_the_same_due_date_is_said_once_and_none_is_not_mentioned() -> None:
    assert words(decide_all(PLAN, after=THREATS))[0].endswith("(TM-1). All are due 6 March 2026.")
    events = decide_all(PLAN, after=THREATS)
    bare = [
        replace(event, mitigation=replace(event.mitigation, due=None))
        if isinstance(event, MitigationPlanned)
        else event
        for event in events
    ]
    assert words(bare)[0].endswith("(TM-1).")
    assert not any("due" in line for line in words(bare))


def test_work_that_was_started_stays_in_its_line_and_a_merged_threat_is_named_by_the_one_that_stays() -> None:
    start = StartMitigation(by=CHI, at=at(20), mitigation=MI1)
    merge = MergeThreats(by=BEN, at=at(21), kept=TH2, merged=TH1)
    shown = words(decide_all(PLAN, start, merge, after=THREATS))
    assert len(shown) == 4
    assert any("(MI-1)" in line and line.endswith("Curtains left open (TH-2)") for line in shown)
    assert any("(MI-2)" in line and line.endswith("· TH-2") for line in shown), "its title says the rest"


def test_an_erased_one_is_left_out_and_the_last_one_has_a_message_of_its_own() -> None:
    events: list[RecordedEvent] = [*decide_all(PLAN, after=THREATS)]
    (group,) = groups(events)
    for version in group.versions[1:]:
        events[version - 1] = Erased()
    model = replay(events)
    seen = HandoverSources(
        stream="T/TM-1", events=events, model=model, register=register(model, at(60)), naming=str
    )
    left = [one for version in group.versions if (one := handover_for(seen, version, CHI)) is not None]
    assert joined_handover_message(left, str).text.startswith("UBEN assigned you the mitigation *Verify")


def test_requests_say_the_common_reason_once_and_answers_say_until_when() -> None:
    proposed = decide_all(PROPOSE, after=THREATS)
    assert words(proposed) == [
        "UBEN requests your approval: accept the risk of 3 threats in *The House* (TM-1) until 29 May 2026.",
        "“We move out”",
        "• *A plumber who is none* (TH-1)",
        "• *Curtains left open* (TH-2)",
        "• *Glue in the lock* (TH-3)",
    ]
    approved = decide_all(APPROVE, after=proposed)
    assert words(approved)[2] == "• *Glue in the lock* (TH-3)"
    assert words(approved)[3] == ("• ~*A plumber who is none* (TH-1)~ ✓ Approved by you until 29 May 2026.")
    third = replace(APPROVE, proposals=(SeenProposal(threat=ThreatId("TH-3"), proposed_at=at(10)),))
    assert words(decide_all(third, after=approved))[1:] == ["✓ Approved by you until 29 May 2026."]
    assert words(approved, number=1)[1] == "• *A plumber who is none* (TH-1) · until 29 May 2026"


def test_what_does_not_fit_is_counted() -> None:
    shown = words(many("Ask for a badge", 40))
    assert len(shown) == 22
    assert shown[-1] == "and 20 more"


@examples(40)
@given(texts, NUMBERS)
def test_any_number_of_mitigations_of_any_name_is_one_message(title: str, count: int) -> None:
    shown = message(many(title, count))
    assert message_faults(shown) == []
    assert [one["text"]["text"] for one in shown.blocks[-1]["elements"]] == ["Open plan"]


def test_forty_of_the_longest_names_that_look_like_mentions_keep_to_the_limits() -> None:
    for title in ("<!channel>" * 300, "&" * 3000, '\\"' * 1500, "😀" * 3000):
        shown = message(many(title, 40))
        assert message_faults(shown) == []
        lines = "\n".join(block["text"]["text"] for block in shown.blocks[:-1]).split("\n")
        assert len([line for line in lines if line.startswith("• ")]) >= 8
        assert lines[-1].startswith("and ")


def many(title: str, count: int) -> list[RecordedEvent]:
    """A model in which one command planned so many mitigations, each of a threat of this title."""
    first = next(threat for threat in THREATS if isinstance(threat, ThreatReported))
    reported: list[Event] = [
        replace(first, threat=replace(first.threat, id=ThreatId(f"TH-{4 + number}"), title=title))
        for number in range(count)
    ]
    example = next(one for one in decide_all(PLAN, after=THREATS) if isinstance(one, MitigationPlanned))
    planned: list[Event] = [
        replace(
            example,
            mitigation=replace(
                example.mitigation,
                id=MitigationId(f"MI-{1 + number}"),
                threat=ThreatId(f"TH-{4 + number}"),
                title=title,
                due=date(2026, 3, 6) + timedelta(days=number),
            ),
        )
        for number in range(count)
    ]
    return [*THREATS, *reported, *planned]
