"""Steps of voting tests: threats, rounds and ballots in the House."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.manifest import build_manifest
from bot.sandbox.api import VisibleMessage, VisibleView
from bot.slack.slots.work_scheduler import Pace
from bot.slack.ui.forms.form_fields import field_key
from domain.commands import BeginAnalysis, OpenRound, ReportThreat
from domain.dread.metrics import Metric
from domain.kernel.elements import PersonId
from domain.kernel.threat import Stride
from domain.kernel.voting_round import RoundId
from tests.slack.slack_team import QUICK, SlackTeam, run_bot
from tests.waiting import patient_sandbox

METRICS = tuple(metric.label for metric in Metric)
SOME = (5, 5, 5, 5, 5)
VOTERS = ("ana", "ben", "chi", "dee")
MAX_PAGES = 60
"""More pages than any test has: the loop ends if a page stays."""


def begin_analysis_with(team: SlackTeam, *titles: str) -> None:
    """Create a model in analysis with threats of these titles; Ana is the facilitator."""
    team.start()
    team.person("ana").close()
    report_threats(team, *titles)


def report_threats(team: SlackTeam, *titles: str) -> None:
    """Begin the analysis of the started model, and report threats of these titles."""
    ana, at = person_id(team, "ana"), team.now()
    team.command_handler.execute(
        BeginAnalysis(by=ana, at=at, reason="we know it well"), stream=team.streams[0], key=team.key()
    )
    for title in titles:
        report = ReportThreat(by=ana, at=at, title=title, stride=(Stride.SPOOFING,))
        team.command_handler.execute(report, stream=team.streams[0], key=team.key())
    team.card("Analysis")


def open_round_for(team: SlackTeam, *voters: str, **more: object) -> RoundId:
    """Open a round by Ana for these voters, by default on all threats; return its ID."""
    every = {"threats": tuple(sorted(team.model().threats))}
    command = OpenRound(
        by=person_id(team, "ana"),
        at=team.now(),
        voters=tuple(person_id(team, voter) for voter in voters),
        **(every | more),  # pyright: ignore[reportArgumentType]  (fields of the command)
    )
    done = team.command_handler.execute(command, stream=team.streams[0], key=team.key())
    return done.model.open_rounds()[-1].id


def person_id(team: SlackTeam, who: str) -> PersonId:
    return PersonId(team.person(who).id)


def open_ballot(team: SlackTeam, who: str) -> VisibleView:
    """Run `/threatmodel vote`, and return the form of the first missing ballot."""
    team.command(who, "/threatmodel vote")
    return team.modal(who, "Vote")


def fill_ballot_page(team: SlackTeam, who: str, numbers: Sequence[int | str], *, reason: str = "") -> None:
    """Fill in a person's open ballot page; numbers of metrics that it does not ask for are ignored."""
    person = team.person(who)
    view = person.modal
    assert view is not None
    asked = [label for label in METRICS if label in view.labels]
    for label, number in zip(asked, numbers, strict=False):
        person.choose(label, str(number))
    if reason:
        person.fill("Reason", reason)


def fields_of(view: VisibleView, metric: Metric) -> list[str]:
    """Return the block IDs of the fields for a metric, one for each threat of the page."""
    ids = [str(block["block_id"]) for block in view.blocks if block["type"] == "input"]
    return [id for id in ids if field_key(id).startswith(f"{metric}/")]


def cast_ballots(team: SlackTeam, who: str, ballots: Mapping[str, Sequence[int | str]]) -> VisibleView:
    """Cast all missing ballots, by threat ID; return the last page, which is closed then."""
    open_ballot(team, who)
    end = submit_ballot_pages(team, who, ballots)
    team.person(who).close()
    return end


def submit_ballot_pages(team: SlackTeam, who: str, ballots: Mapping[str, Sequence[int | str]]) -> VisibleView:
    """Submit ballot pages until there is none left; return the last page."""
    person = team.person(who)
    for _ in range(MAX_PAGES):
        if (view := person.modal) is None or view.callback_id != "ballot":
            break
        threat = next(id for id in ballots if f"· {id}" in view.plain)
        fill_ballot_page(team, who, ballots[threat])
        team.submit(who)
        after = person.modal
        assert after is not None
        assert not after.errors, after.errors
    return team.modal(who, "My ballots")


def direct_messages_of(team: SlackTeam, who: str) -> list[VisibleMessage]:
    """Return the bot's direct messages to a person."""
    return [message for message in team.person(who).direct_messages() if message.blocks]


def published_results(team: SlackTeam, reader: str = "ben") -> list[VisibleMessage]:
    """Return the results of rounds in the channel."""
    return [one for one in team.person(reader).sees("#house") if "has ended" in one.plain and one.thread]


def recorded_event_types(team: SlackTeam) -> list[str]:
    """Return the type names of all events of the model."""
    return [type(event.event).__name__ for event in team.command_handler.events(team.streams[0])]


@contextmanager
def run_bot_on_workspace_clock(path: Path, pace: Pace = QUICK) -> Generator[SlackTeam]:
    """Run a bot on its workspace's adjustable clock."""
    with (
        patient_sandbox(manifest=build_manifest("socket"), delivery="socket") as sandbox,
        run_bot(path, sandbox=sandbox, clock=sandbox.clock.moment, pace=pace) as team,
    ):
        yield team
