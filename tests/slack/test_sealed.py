"""Ballots are sealed: whatever is in them, everybody else is told the same, wherever they look."""

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from hypothesis import Phase, given
from hypothesis import strategies as st

from bot.slack.handlers.modal_loading import load_form
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.projectors.channel_contents import project_card
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import Action, ButtonKind, RatingTarget, Target, VotingTarget
from bot.slack.queries.home_overview import load_home
from bot.slack.ui.modals.modal_registry import FORMS, PAGES
from bot.store import StreamId
from domain.commands import CastBallot, OpenRound, ReportThreat
from domain.dread.metrics import Metric, Numbers
from domain.kernel.elements import Kind
from domain.kernel.threat import Stride, ThreatId
from domain.kernel.voting_round import RoundId
from tests.depth import deep_only, examples
from tests.slack.access_harness import TEAM, AccessHarness, channel_id_of, open_access_harness, person_id_of
from tests.slack.sealed_ballots import (
    BallotContent,
    captured_logs,
    command_outputs,
    comparable_metrics,
    contents,
)

BEGAN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
VOTERS = ("facilitator", "member", "administrator", "guest")
TH1, TH2, TH3 = (ThreatId(f"TH-{number}") for number in (1, 2, 3))
RD2, RD3 = RoundId("RD-2"), RoundId("RD-3")

CAST = (
    (RD2, TH1, "member"),
    (RD2, TH1, "guest"),
    (RD3, TH2, "member"),
    (RD3, TH2, "administrator"),
    (RD3, TH3, "administrator"),
)
"""Where ballots of any content lie: a second vote on what was contested, and a round of two threats.

The facilitator's own ballots are the same in every run, so that what they see may not differ at all.
"""

OWN = {
    f"{who} {act}"
    for who in {who for _, _, who in CAST}
    for act in ("say vote", "press vote", "open ballot", "show ballots 0", "show ballots 1")
}
"""Where voters meet their own ballots."""

READERS = ("facilitator", "member")
"""Somebody whose ballots are no secret here, and somebody whose are."""

USUAL = [BallotContent()] * len(CAST)


@cache
def usual() -> dict[str, str]:
    """What is told where all ballots are fives, also of their own to those who voted."""
    return told_of(USUAL)


# One example takes a second, so that a failing one is shown as it is instead of looking for a smaller one.
@examples(1, deep=40, phases=[Phase.generate])
@given(st.lists(contents, min_size=len(CAST), max_size=len(CAST)))
def test_whatever_is_in_open_ballots_everyone_else_is_told_the_same(contents: list[BallotContent]) -> None:
    told = told_of(contents)
    assert told.keys() == usual().keys()
    assert differing(told) <= OWN


@deep_only
def test_a_ballot_that_leaked_would_be_noticed() -> None:
    """The comparison above sees a single number: the voter, who may see it, is shown something else."""
    (first, *rest) = USUAL
    told = told_of([BallotContent(numbers=("6", *first.numbers[1:])), *rest])
    assert differing(told) == {
        "member show ballots 0",
        "member show ballots 1",
        "member open ballot",
    }


def differing(told: dict[str, str]) -> set[str]:
    """Where something else is told than usual."""
    return {where for where, one in told.items() if one != usual()[where]}


def told_of(contents: list[BallotContent]) -> dict[str, str]:
    """All that people and operators can read while these ballots lie in open rounds, by where it stands."""
    clock_stands = patch("bot.portfolio.portfolio_reader.time", SimpleNamespace(monotonic=lambda: 0.0))
    with tempfile.TemporaryDirectory() as folder, captured_logs() as log, forms_counted(), clock_stands:
        database = Path(folder) / "threatmodel.db"
        minutes = count()
        with open_access_harness(database, lambda: BEGAN + timedelta(minutes=next(minutes))) as harness:
            stream = rounds_open(harness)
            for (round_, threat, who), content in zip(CAST, contents, strict=True):
                cast(harness, stream, who, round_, threat, content)
            assert harness.command_handler.model(stream).open_rounds()
            told = dict(seen(harness, stream))
            told["metrics"] = "\n".join(comparable_metrics(harness.metrics.text().decode()))
        told |= command_outputs(
            database, stream.rpartition("/")[2], TEAM, (BEGAN + timedelta(days=1)).isoformat()
        )
        told["log"] = "\n".join(sorted(log()))  # the state machine's last word comes with the collector
    return told


def forms_counted() -> AbstractContextManager[object]:
    """Number the forms that are opened, which otherwise get an id by chance."""
    numbers = count()

    def numbered(size: int) -> str:
        del size
        return f"form-{next(numbers)}"

    return patch("secrets.token_urlsafe", numbered)


def rounds_open(harness: AccessHarness) -> StreamId:
    """A model with a first round that is over, a second vote on what was contested, and another round."""
    stream = harness.begin("public")
    harness.move(stream, Action.BEGIN_ANALYSIS)
    at, ana = harness.now(), person_id_of("facilitator")
    report = ReportThreat(by=ana, at=at, title="The glue is old", stride=(Stride.TAMPERING,))
    voters = tuple(map(person_id_of, VOTERS))
    harness.do(stream, report, OpenRound(by=ana, at=at, threats=(TH1,), voters=voters))
    for who, damage in zip(VOTERS, (2, 9, 4, 5), strict=True):
        ballot = Numbers(**{metric.value: damage if metric is Metric.DAMAGE else 5 for metric in Metric})
        harness.do(
            stream, CastBallot(by=person_id_of(who), at=at, round=RoundId("RD-1"), threat=TH1, numbers=ballot)
        )
    harness.do(stream, OpenRound(by=ana, at=at, threats=(TH2, TH3), voters=voters))
    cast(harness, stream, "facilitator", RD3, TH3, BallotContent())
    return stream


def cast(
    harness: AccessHarness,
    stream: StreamId,
    who: str,
    round_: RoundId,
    threat: ThreatId,
    content: BallotContent,
) -> None:
    """Vote in the form as people do, first with fives and then with this; once in vain by a stranger.

    Whether the second ballot is another one than the first must not be told either.
    """
    before, form = harness.version(stream), ballot_form(harness, stream, who, round_, threat)
    harness.submit("stranger", form, content.fill)
    assert harness.version(stream) == before
    harness.submit(who, form, BallotContent().fill)
    harness.submit(who, form, content.fill)
    assert harness.version(stream) == before + 2, "both are kept, the last one counts"


def ballot_form(
    harness: AccessHarness, stream: StreamId, who: str, round_: RoundId, threat: ThreatId
) -> View:
    target = VotingTarget(name="ballot", stream=stream, element=threat, voting_round=round_)
    return load_form(harness.services, target, person_id_of(who))


def seen(harness: AccessHarness, stream: StreamId) -> Iterator[tuple[str, str]]:
    """What is shown to readers, by who they are and what they did."""
    for who in READERS:
        for word in SLASH_WORDS:
            if word == "undo":
                continue  # it does something; what there is to take back, the history says
            target = Target(name=word, stream=stream, channel=channel_id_of("public"))
            yield f"{who} say {word}", harness.say(who, "public", word)
            yield f"{who} press {word}", harness.press(who, "public", ButtonKind.WORD, target)
        for page in PAGES:
            for number in range(2):
                target = Target(name=page, stream=stream, kind=Kind.ASSET, page=number)
                yield f"{who} show {page} {number}", harness.press(who, "public", ButtonKind.SHOW, target)
        for form in FORMS:
            yield f"{who} open {form}", harness.press(who, "public", ButtonKind.OPEN, about(form, stream))
        yield f"{who} home", str(load_home(harness.services, person_id_of(who)))
    yield "card", str(project_card(stream, harness.services.register(stream), harness.services.naming))


def about(form: str, stream: StreamId) -> Target:
    """What a form is opened for, where it says something of a vote."""
    match form:
        case "ballot":
            return VotingTarget(name=form, stream=stream, element=TH1, voting_round=RD2)
        case "explain":
            return RatingTarget(name=form, stream=stream, element=TH1, rating=f"RD-1/{Metric.DAMAGE}")
        case "settle_round":
            return VotingTarget(name=form, stream=stream, voting_round=RD3)
        case "start":
            return Target(name=form, channel=channel_id_of("public"))
        case _:
            return Target(name=form, stream=stream, element=TH1)
