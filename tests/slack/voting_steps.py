"""A house with threats, and people who vote on them."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.manifest import build_manifest
from bot.sandbox.api import VisibleMessage, VisibleView
from bot.slack.slots.delivery_pace import Pace
from domain.commands import BeginAnalysis, OpenRound, ReportThreat
from domain.dread.metrics import Metric
from domain.kernel.elements import PersonId
from domain.kernel.stride import Stride
from domain.kernel.voting_round import RoundId
from tests.slack.slack_team import QUICK, RunningBot, run_bot
from tests.waiting import patient_sandbox

METRICS = tuple(metric.words for metric in Metric)
SOME = (5, 5, 5, 5, 5)
VOTERS = ("ana", "ben", "chi", "dee")


def begin_analysis_with(there: RunningBot, *titles: str) -> None:
    """A model in analysis with threats of these titles; Ana is the facilitator."""
    there.start()
    there.person("ana").close()
    report_threats(there, *titles)


def report_threats(there: RunningBot, *titles: str) -> None:
    """The same where the model was started already."""
    ana, at = person_id(there, "ana"), there.now()
    there.command_handler.execute(
        BeginAnalysis(by=ana, at=at, reason="we know it well"), stream=there.streams[0], key=there.key()
    )
    for title in titles:
        report = ReportThreat(by=ana, at=at, title=title, stride=(Stride.SPOOFING,))
        there.command_handler.execute(report, stream=there.streams[0], key=there.key())
    there.card("Analysis")


def open_round_for(there: RunningBot, *voters: str, **more: object) -> RoundId:
    """A round that Ana opened for these people, on all threats unless others are told; gives its id."""
    every = {"threats": tuple(sorted(there.model().threats))}
    command = OpenRound(
        by=person_id(there, "ana"),
        at=there.now(),
        voters=tuple(person_id(there, one) for one in voters),
        **(every | more),  # pyright: ignore[reportArgumentType]  (fields of the command)
    )
    done = there.command_handler.execute(command, stream=there.streams[0], key=there.key())
    return done.model.open_rounds()[-1].id


def person_id(there: RunningBot, who: str) -> PersonId:
    return PersonId(there.person(who).id)


def open_ballot(there: RunningBot, who: str) -> VisibleView:
    """Type the word, and have the form of the first ballot that is owed."""
    there.command(who, "/threatmodel vote")
    return there.modal(who, "Vote")


def fill_ballot_page(there: RunningBot, who: str, numbers: Sequence[int | str], *, reason: str = "") -> None:
    """Fill in the page in front of somebody; asked for less, only as much is filled in."""
    person = there.person(who)
    view = person.modal
    assert view is not None
    asked = [label for label in METRICS if label in view.labels]
    for label, number in zip(asked, numbers, strict=False):
        person.choose(label, str(number))
    if reason:
        person.fill("Why?", reason)


def cast_ballots(there: RunningBot, who: str, ballots: Mapping[str, Sequence[int | str]]) -> VisibleView:
    """Vote on everything that is owed, by threat id; gives the page at the end, which is closed then."""
    open_ballot(there, who)
    end = submit_ballot_pages(there, who, ballots)
    there.person(who).close()
    return end


def submit_ballot_pages(
    there: RunningBot, who: str, ballots: Mapping[str, Sequence[int | str]]
) -> VisibleView:
    """Hand in page after page, until there is none; gives the page at the end."""
    person = there.person(who)
    while (view := person.modal) is not None and view.callback_id == "ballot":
        threat = next(id for id in ballots if f"· {id}" in view.plain)
        fill_ballot_page(there, who, ballots[threat])
        there.submit(who)
        after = person.modal
        assert after is not None
        assert not after.errors, after.errors
    return there.modal(who, "My ballots")


def direct_messages_of(there: RunningBot, who: str) -> list[VisibleMessage]:
    """What the bot told somebody by direct message."""
    return [one for one in there.person(who).direct_messages() if one.blocks]


def published_results(there: RunningBot, reader: str = "ben") -> list[VisibleMessage]:
    """The results that everybody in the channel sees."""
    return [one for one in there.person(reader).sees("#house") if "is over" in one.plain and one.thread]


def recorded_event_types(there: RunningBot) -> list[str]:
    """The kinds of everything that was said."""
    return [type(one.event).__name__ for one in there.command_handler.events(there.streams[0])]


@contextmanager
def run_bot_on_workspace_clock(path: Path, pace: Pace = QUICK) -> Generator[RunningBot]:
    """A bot that lives by the clock of its workspace, which can be moved."""
    with (
        patient_sandbox(manifest=build_manifest("socket"), delivery="socket") as sandbox,
        run_bot(path, sandbox=sandbox, clock=sandbox.clock.moment, pace=pace) as there,
    ):
        yield there
