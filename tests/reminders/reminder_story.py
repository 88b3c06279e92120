"""A house in which many people own mitigations that are due on one day."""

from datetime import UTC, date, datetime, timedelta

from bot.commands.command_handler import CommandHandler
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.slack.directory.member_directory import Directory
from bot.store import CommandKey, Store, StreamId
from bot.store.repositories.workspace_directory import Channel, Person
from domain.commands import (
    BeginAnalysis,
    BeginRemediation,
    Command,
    PlanMitigation,
    ReportThreat,
    SnoozeReminder,
    StartThreatModel,
)
from domain.kernel.elements import SYSTEM, ChannelId, ModelKey, PersonId
from domain.kernel.threat import Stride, ThreatId
from domain.reminder_deliveries import ReminderKey
from domain.reminders import Reachability, plan_reminders

MODEL = ModelKey("TM-1")
DUE = date(2027, 1, 13)
"""A Wednesday."""
MORNING = datetime(2027, 1, 13, 8, 0, tzinfo=UTC)
FIRST = datetime(2027, 1, 13, 9, 10, tzinfo=UTC)
"""When the first reminders are due; one a minute for everybody from then on."""
BEGIN = datetime(2027, 1, 13, 9, 9, 30, tzinfo=UTC)


def person(slack: Sandbox, number: int) -> PersonId:
    return PersonId(slack.add_person(f"owner{number}", "#house", tz="Europe/London").id)


def create_due_mitigations(
    store: Store, command_handler: CommandHandler, people: list[PersonId], *, each: int
) -> StreamId:
    """A model in which everybody owns so many mitigations, all due on one day."""
    channel, ana = ChannelId("C0HOUSE01"), people[0]
    directory = Directory(store.unit(TEAM_ID))
    directory.records.learn_channel(Channel(id=channel, name="house"), MORNING)
    directory.records.learn_members(channel, people)
    for one in people:
        directory.records.learn_person(Person(id=one, name=one, zone="Europe/London"), MORNING)
    before = MORNING - timedelta(days=30)
    start = StartThreatModel(by=ana, at=before, name="The House", channel=channel)
    stream = command_handler.start(start, tenant=TEAM_ID, key=CommandKey("start")).stream
    commands: list[Command] = [
        BeginAnalysis(by=ana, at=before, reason="a test"),
        ReportThreat(by=ana, at=before, title="Curtains left open", stride=(Stride.SPOOFING,)),
        BeginRemediation(by=ana, at=before, reason="a test"),
        *(
            PlanMitigation(
                by=ana,
                at=MORNING,
                threat=ThreatId("TH-1"),
                title=f"Control {number}",
                owner=one,
                due=DUE,
            )
            for number in range(each)
            for one in people
        ),
    ]
    for number, command in enumerate(commands):
        command_handler.execute(command, stream=stream, key=CommandKey(f"story {number}"))
    return stream


def snooze_each(
    command_handler: CommandHandler, stream: StreamId, *, each: int
) -> dict[ReminderKey, datetime]:
    """Put each off to one minute after the other, of each person; gives for when each is due then."""
    known = sorted(
        command_handler.model(stream).mitigations.values(), key=lambda one: (one.owner or "", one.id)
    )
    for place, one in enumerate(known):
        key = f"TM-1:{one.owner}:due-today:{one.id}:{DUE}+0"
        until = FIRST + timedelta(minutes=place % each)
        snooze = SnoozeReminder(by=one.owner or SYSTEM, at=MORNING, key=key, until=until)
        command_handler.execute(snooze, stream=stream, key=CommandKey(f"snooze {place}"))
    model = command_handler.model(stream)
    planned = plan_reminders(model, {}, BEGIN, lambda _: Reachability()).coming
    due = {one.key: one.due for one in planned if one.due < FIRST + timedelta(hours=6)}
    assert len(due) == len(known), "the story has as many reminders as the trial says"
    return due
