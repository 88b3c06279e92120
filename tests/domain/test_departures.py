"""People who have left: their mitigations are marked, and the facilitator is asked for the next step."""

from msgspec.structs import replace

from domain.commands import ProposeAcceptance
from domain.departures import with_departures
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ResponseKind
from domain.next_step.next_step_choice import NextStepKind
from domain.register import register
from domain.replay import replay
from tests.domain.remediation_story import FRIDAY, TH1, TH2, TH3, THREATS, VERIFIED, plan, respond
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all

REST = (respond(TH2, ResponseKind.AVOID), respond(TH3, ResponseKind.AVOID))
OWNED = register(replay(decide_all(*REST, plan(), after=THREATS)))
"""CHI owns MI-1; ANA is the facilitator."""


def test_the_mitigation_of_an_owner_who_left_waits_for_the_facilitator() -> None:
    seen = with_departures(OWNED, lambda person: person == CHI)
    assert (seen.next.text, seen.next.waits_for) == (
        "Reassign “Ask for a badge” (MI-1): its owner has left",
        ANA,
    )
    assert seen.next.about == MitigationId("MI-1")
    assert [one.gone for one in seen.mitigations] == [(CHI,)]
    assert [one.gone for one in seen.statuses[TH1].mitigations] == [(CHI,)]


def test_nothing_changes_while_everyone_is_there_or_the_work_is_done() -> None:
    assert with_departures(OWNED, lambda person: person == DEE) is OWNED
    verified = register(replay(VERIFIED))
    assert with_departures(verified, lambda person: person == CHI) is verified


def test_whoever_may_not_take_the_step_is_not_asked_for_it() -> None:
    proposed = ProposeAcceptance(
        by=ANA, at=at(11), threat=TH1, reason="It is rare", expires=FRIDAY, approver=CHI
    )
    asked = register(replay(decide_all(*REST, proposed, after=THREATS)))
    assert (asked.next.act, asked.next.waits_for) == (NextStepKind.APPROVE, CHI)
    seen = with_departures(asked, lambda person: person == CHI).next
    assert seen == replace(asked.next, text=f"{asked.next.text}; the person asked has left", waits_for=None)
    by_ben = register(replay(decide_all(*REST, replace(proposed, by=BEN), after=THREATS)))
    assert with_departures(by_ben, lambda person: person == CHI).next.waits_for == ANA
