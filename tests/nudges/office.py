"""A model whose owners are reminded by as many replicas as one likes, and the moments around a post."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.commands.command_handler import Workshop
from bot.nudges.courier import Found, Letter, Nothing, Posted
from bot.nudges.looking import Looking
from bot.nudges.nudging import NudgePace, Nudging, nudging_of
from bot.sandbox.api import TEAM_ID
from bot.store import CommandKey, SqliteStore, StreamId
from domain.commands import DropMitigation, PlanMitigation
from domain.deliveries import DeliveryState, NudgeKey
from domain.elements import PersonId
from domain.mitigations import MitigationId
from domain.own_threats import ThreatId
from domain.reminders import Reach
from tests.nudges.story import DUE, FIRST, MODEL, MORNING, story

LEASE = 60.0
BEN = PersonId("U0BEN")
NOW = FIRST + timedelta(hours=1)
"""Ben works, and what he owns is due today."""


class Watch:
    """Stands in for the clock that every process has for itself."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


class Slack:
    """Direct messages to Ben, and what happens in the moments around a post."""

    def __init__(self) -> None:
        self.there: dict[str, tuple[NudgeKey, ...]] = {}
        self.posted = 0
        self.looked = 0

    def post(self, letter: Letter) -> Posted:
        self.posted += 1
        self.there[f"{self.posted}.0"] = tuple(one.key for one in letter.nudges)
        return Posted(channel="D1", ts=f"{self.posted}.0")


class Ended(BaseException):
    """The process is killed."""


def nothing() -> None:
    pass


class Desk:
    """One replica's way to Slack; `before_last_look` and `after_last_look` happen around each post."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self.before_last_look = self.after_last_look = self.before_find = nothing

    def where(self, to: PersonId, place: str) -> str:
        del to, place
        return "D1"

    def post(self, channel: str, place: str, letter: Letter, *, mine: Callable[[], bool]) -> Posted | None:
        del channel, place
        self.before_last_look()
        if not mine():
            return None
        self.after_last_look()
        return self._slack.post(letter)

    def find(self, channel: str, place: str, keys: Sequence[NudgeKey]) -> Found | Nothing:
        del channel, place
        self.before_find()
        self._slack.looked += 1
        for ts, there in self._slack.there.items():
            if carried := frozenset(keys) & frozenset(there):
                return Found(channel="D1", ts=ts, keys=carried)
        return Nothing()

    def take_back(self, channel: str, ts: str) -> bool:
        del channel
        del self._slack.there[ts]
        return True


class Office:
    """A model in which Ben owns one thing, and as many replicas as one likes."""

    def __init__(self, store: SqliteStore) -> None:
        self.slack = Slack()
        self.nudges = store.unit(TEAM_ID).nudges
        self._store = store
        self._workshop = Workshop(store)
        story(store, self._workshop, [BEN], each=1)

    def replica(self) -> tuple[Nudging, Desk]:
        desk = Desk(self.slack)
        nudging = nudging_of(
            self._workshop,
            self.nudges,
            desk,
            people=lambda _: lambda _: Reach(),
            rests=lambda _: False,
            tenant=TEAM_ID,
            now=lambda: NOW,
            pace=NudgePace(between=0.0, longest=1e9, lease=LEASE),
        )
        return nudging, desk

    def looking(self) -> Looking:
        return Looking(self._workshop, self.nudges, people=lambda _: lambda _: Reach(), rests=lambda _: False)

    def also(self, owner: str) -> None:
        """Somebody else owns something, too."""
        plan = PlanMitigation(
            by=BEN,
            at=MORNING,
            threat=ThreatId("TH-1"),
            title="Another control",
            owner=PersonId(owner),
            due=DUE,
        )
        self._workshop.execute(plan, stream=StreamId(f"{TEAM_ID}/{MODEL}"), key=CommandKey(owner))

    def drop(self, mitigation: str) -> None:
        """Nothing is to be done about something any more."""
        drop = DropMitigation(by=BEN, at=NOW, mitigation=MitigationId(mitigation), reason="A better one")
        self._workshop.execute(drop, stream=StreamId(f"{TEAM_ID}/{MODEL}"), key=CommandKey(mitigation))

    def states(self) -> list[DeliveryState]:
        return [one.state for one in self.nudges.of(MODEL).values()]


def a_lease_passes(watch: Watch, nudging: Nudging) -> None:
    """The others tick on, as they do every few seconds."""
    for _ in range(int(LEASE // 5) + 2):
        watch.seconds += 5
        nudging.tick()
