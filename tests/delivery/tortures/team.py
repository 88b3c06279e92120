"""A team that works on several threat models, each in a channel of its own."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler, CommandResult
from bot.demo import house_story
from bot.sandbox.api import HOUSE, TEAM_ID, Sandbox
from bot.store import CommandKey, StreamId
from domain.commands import (
    AddAsset,
    BeginAnalysis,
    CastBallot,
    Command,
    OpenRound,
    RecordAssumption,
    ReportThreat,
    StartThreatModel,
)
from domain.dread.metrics import Metric, Numbers
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.threat import Stride
from domain.replay import EMPTY

STORY = 5
"""Steps of the demo model: with them it has components and data flows."""


class Team:
    """Ana and Ben; every method runs commands as one of them.

    They do not go through Slack: no request is lost with a process that is killed.
    """

    def __init__(self, slack: Sandbox, command_handler: CommandHandler, now: Callable[[], datetime]) -> None:
        self.streams: list[StreamId] = []
        self.channels: dict[StreamId, ChannelId] = {}
        self.assets: Counter[StreamId] = Counter()
        """How many assets were added to each model."""
        self.sittings: dict[StreamId, dict[str, int]] = {}
        """The assumption that begins each sitting of a model, and how many assets were added in it."""
        self.rounds: dict[StreamId, list[str]] = {}
        """The ids of the closed rounds, in their order; each was about one more threat."""
        self._slack = slack
        self._command_handler = command_handler
        self._now = now
        self._number = 0
        self._sitting: dict[StreamId, str] = {}
        self.ana, self.ben = (PersonId(slack.person(who).id) for who in ("ana", "ben"))

    def start_model(self, *, told: bool = False) -> StreamId:
        """Start a model in a new channel; with `told` it has components and data flows."""
        number = len(self.streams) + 1
        channel = ChannelId(f"C0MODEL{number:02}")
        self._slack.workspace.change_channel(replace(HOUSE, id=channel, name=f"model-{number}"))
        begin, *story = house_story(channel)[: STORY if told else 1]
        start = begin(EMPTY)
        assert isinstance(start, StartThreatModel)
        start = replace(start, name=f"Model {number}", by=self.ana, participants=(), at=self._now())
        done = self._command_handler.start(start, tenant=TEAM_ID, key=self._key())
        stream = done.stream
        self.streams.append(stream)
        self.channels[stream], self.sittings[stream], self.rounds[stream] = channel, {}, []
        for next_command in story:
            done = self._do(stream, replace(next_command(done.model), by=self.ana, at=self._now()))
        begun = BeginAnalysis(by=self.ana, at=self._now(), reason="the model is known well")
        self._do(stream, begun)
        return stream

    def add_asset(self, stream: StreamId) -> None:
        """Add an asset; the first one after a pause begins a sitting with an assumption of its own."""
        self._number += 1
        if stream not in self._sitting:
            self._sitting[stream] = f"Assumption {self._number:04}"
            self.sittings[stream][self._sitting[stream]] = 0
            self._do(stream, RecordAssumption(by=self.ana, at=self._now(), text=self._sitting[stream]))
        self._do(stream, AddAsset(by=self.ana, at=self._now(), name=f"Asset {self._number:04}"))
        self.assets[stream] += 1
        self.sittings[stream][self._sitting[stream]] += 1

    def pause(self) -> None:
        """End the sittings; the clock of the story must have moved on by more than half an hour."""
        self._sitting.clear()

    def close_round(self, stream: StreamId) -> None:
        """Report a threat, and vote on it until the round closes.

        A sitting begins with an asset: the message about it names only the first few of many changes.
        """
        if stream not in self._sitting:
            self.add_asset(stream)
        self._number += 1
        title = f"Threat {self._number:04}"
        ana, at = self.ana, self._now()
        report = ReportThreat(by=ana, at=at, title=title, stride=(Stride.SPOOFING,))
        model = self._do(stream, report).model
        threat = max(model.threats, key=lambda one: int(one.partition("-")[2]))
        voters = (self.ana, self.ben)
        opened = self._do(stream, OpenRound(by=ana, at=at, voters=voters, threats=(threat,))).model
        numbers = Numbers(**dict.fromkeys(Metric, 5))
        for voter in voters:
            ballot = CastBallot(
                by=voter, at=at, round=opened.open_rounds()[-1].id, threat=threat, numbers=numbers
            )
            self._do(stream, ballot)
        self.rounds[stream].append(opened.open_rounds()[-1].id)

    def _do(self, stream: StreamId, command: Command) -> CommandResult:
        return self._command_handler.execute(command, stream=stream, key=self._key())

    def _key(self) -> CommandKey:
        self._number += 1
        return CommandKey(f"torture {self._number}")
