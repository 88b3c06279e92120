"""Many rounds at once: cards and pages stay as small as Slack wants them, and nothing is out of reach."""

from datetime import timedelta

from bot.slack.handlers.modal_loading import load_form, load_page
from bot.slack.projectors.channel_contents import project_card
from bot.slack.protocol.targets import Action, ButtonKind, Target, VotingTarget
from bot.store import StreamId
from domain.commands import CastBallot, CloseRound, OpenRound, ReportThreat
from domain.dread.metrics import Numbers
from domain.kernel.elements import SYSTEM
from domain.kernel.threat import Stride, ThreatId
from domain.kernel.voting_round import RoundId
from tests.slack.access_harness import AccessHarness, person_id_of
from tests.slack.sealed_ballots import BallotContent
from tests.slack.view_contents import buttons_of, view_text
from tests.slack.voting_setup import VOTERS

ROUNDS, IN_A_ROUND = 12, 6
THREATS = [ThreatId(f"TH-{number}") for number in range(1, ROUNDS * IN_A_ROUND + 1)]


def test_all_of_ones_ballots_are_reached_page_by_page(harness: AccessHarness) -> None:
    stream = rounds_open(harness)
    for number, threat in enumerate(THREATS):
        ballot(harness, stream, "member", number, threat, reason="y" * 300)
    seen: list[str] = []
    for page in range(4):
        view = load_page(
            harness.services, Target(name="ballots", stream=stream, page=page), person_id_of("member")
        )
        seen += [button["text"]["text"] for button in buttons_of(view)]
        assert f"page {page + 1} of 4" in view_text(view)
    assert seen.count("Change") == len(THREATS)


def test_the_last_of_many_ballots_is_answered_with_what_one_voted(harness: AccessHarness) -> None:
    stream = rounds_open(harness)
    for number, threat in enumerate(THREATS[:-1]):
        ballot(harness, stream, "member", number, threat)
    last = VotingTarget(
        name="ballot", stream=stream, element=THREATS[-1], voting_round=RoundId(f"RD-{ROUNDS}")
    )
    said = harness.submit(
        "member", load_form(harness.services, last, person_id_of("member")), BallotContent().fill
    )
    assert "Your ballots are saved" in said


def test_the_card_shows_the_rounds_that_want_something_done_and_counts_the_others(
    harness: AccessHarness,
) -> None:
    stream = rounds_open(harness)
    for who in VOTERS[:3]:
        for threat in THREATS[30:36]:
            ballot(harness, stream, who, 30, threat)
    for days in (10, 20):
        harness.do(
            stream, CloseRound(by=SYSTEM, at=harness.now() + timedelta(days=days), round=RoundId("RD-9"))
        )
    services = harness.services
    shown = project_card(stream, services.register(stream), services.naming).content
    said = view_text(shown)
    assert "(RD-6) · 3 of 4 voted" in said, "the facilitator can close it"
    assert "without a quorum" in said, "the facilitator has to settle it"
    assert said.count("(RD-") == 4
    assert f"and {ROUNDS - 4} more rounds on {(ROUNDS - 4) * IN_A_ROUND} threats" in said
    opened = harness.press("guest", "public", ButtonKind.WORD, Target(name="vote", stream=stream))
    assert "TH-1" in opened, "whichever button is pressed, all of them follow"


def rounds_open(harness: AccessHarness) -> StreamId:
    """A model with a round on every six threats."""
    stream, ana = harness.begin("public"), person_id_of("facilitator")
    harness.move(stream, Action.BEGIN_ANALYSIS)
    titles = [f"Threat number {number}" for number in range(3, len(THREATS) + 1)]  # two are there already
    harness.do(
        stream,
        *(ReportThreat(by=ana, at=harness.now(), title=title, stride=(Stride.SPOOFING,)) for title in titles),
        *(
            OpenRound(
                by=ana,
                at=harness.now(),
                threats=tuple(THREATS[first : first + IN_A_ROUND]),
                voters=tuple(map(person_id_of, VOTERS)),
            )
            for first in range(0, len(THREATS), IN_A_ROUND)
        ),
    )
    return stream


def ballot(
    harness: AccessHarness, stream: StreamId, who: str, number: int, threat: ThreatId, reason: str = ""
) -> None:
    """Somebody's ballot on the threat of that number, counted from 0."""
    round_ = RoundId(f"RD-{number // IN_A_ROUND + 1}")
    cast = CastBallot(
        by=person_id_of(who),
        at=harness.now(),
        round=round_,
        threat=threat,
        numbers=Numbers(damage=3),
        reason=reason,
    )
    harness.do(stream, cast)
