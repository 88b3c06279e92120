"""Sources of reports: the examples, a model in remediation, and random models."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from msgspec.structs import replace

from bot.demo import PEOPLE, STORIES
from bot.report.document_parts import Report
from bot.report.report_source import ReportSource
from bot.report.sections import report_of
from domain.commands import PlanMitigation, ProposeAcceptance
from domain.events import RecordedEvent
from domain.history import timeline
from domain.register import register
from domain.replay import replay
from tests.domain.remediation_story import FRIDAY, SPRING, TH1, TH2, THREATS, implement, plan, respond, start
from tests.domain.voting_story import DAY
from tests.examples import ANA, BEN, CHI, DEE, HOUSE_CHANNEL, at, decide_all, story_events

NAMES = {ANA: "Ana", BEN: "Ben", CHI: "Chi", DEE: "Dee"}
NOW = at(2 * DAY)

REMEDIED = decide_all(
    respond(TH1),
    plan(TH1),
    start(),
    implement(),
    PlanMitigation(
        by=BEN,
        at=at(31),
        threat=TH1,
        title="A chain on the door",
        owner=DEE,
        due=FRIDAY,
        ticket="https://tickets.example/7",
    ),
    ProposeAcceptance(by=BEN, at=at(32), threat=TH2, reason="Nobody looks", expires=SPRING),
    after=THREATS,
)
"""One threat is being mitigated, one proposed to be accepted; of the third nobody has said anything."""


def report_source_of(
    past: Sequence[RecordedEvent], now: datetime = NOW, *, been: bool = False
) -> ReportSource:
    """What a report is made from; `been` if there was more after it."""
    return ReportSource(
        register=register(replay(past), now=now),
        history=timeline(past),
        naming=lambda person: NAMES.get(person, person),
        as_of=now,
        day_of=lambda moment: moment.date(),
        past=been,
    )


@cache
def example_story_events(name: str) -> tuple[RecordedEvent, ...]:
    """The events of an example."""
    return tuple(story_events(STORIES[name](HOUSE_CHANNEL, PEOPLE)))


@cache
def example_report(name: str) -> Report:
    """The report of an example."""
    return report_of(replace(report_source_of(example_story_events(name)), full=True))


def report_of_events(past: Sequence[RecordedEvent], now: datetime = NOW) -> Report:
    """The report of a past."""
    return report_of(replace(report_source_of(past, now), full=True))
