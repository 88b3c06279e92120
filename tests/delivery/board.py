"""Processes with a reconciler each, over one store and one board on which posts stand."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from itertools import count

from bot.delivery.reconciler import Reconciler
from bot.delivery.slot_kinds import (
    Deleted,
    Desired,
    Gone,
    NoPost,
    PostPlace,
    SinkOutcome,
    SlotKind,
    Uncertain,
    Unchanged,
    UnknownYet,
)
from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from tests.fresh_database import fresh_store

SLOT = "card/TM-1"
LATER = datetime(2027, 3, 1, 12, tzinfo=UTC)


class Killed(BaseException):
    """The process ends here; nothing after this runs."""


class When(Enum):
    """At which moment of a call something happens."""

    BEFORE = "before"
    AFTER = "after"


class Fails(Exception):
    """A failed call of the place where posts stand."""

    def __init__(self, outcome: SinkOutcome) -> None:
        super().__init__(outcome.name)
        self.outcome = outcome


class Board:
    """Where posts stand: id to content and attempt. It outlives every process."""

    def __init__(self) -> None:
        self.posts: dict[str, tuple[str, str]] = {}
        self.calls: list[str] = []
        self.ids = count(1)
        self.happens: dict[tuple[str, When], list[Callable[[], object]]] = {}
        self.hidden = False

    @property
    def contents(self) -> list[str]:
        return [content for content, _ in self.posts.values()]

    def on(self, call: str, when: When, what: Callable[[], object]) -> None:
        """Have something happen at the next such call."""
        self.happens.setdefault((call, when), []).append(what)

    def fail(self, call: str, outcome: SinkOutcome, when: When = When.BEFORE) -> None:
        def failing() -> None:
            raise Fails(outcome)

        self.on(call, when, failing)

    def kill(self, call: str, when: When) -> None:
        def killing() -> None:
            raise Killed

        self.on(call, when, killing)

    def happen(self, call: str, when: When) -> None:
        if when is When.BEFORE:
            self.calls.append(call)
        if waiting := self.happens.get((call, when)):
            waiting.pop(0)()


class BoardSink:
    """Posts to the board."""

    faults = (Fails,)

    def __init__(self, board: Board, *, longest: int = 99) -> None:
        self._board = board
        self._longest = longest

    def post(self, record: DeliveryRecord, content: str) -> PostPlace:
        self._board.happen("post", When.BEFORE)
        self._fit(content)
        place = str(next(self._board.ids))
        self._board.posts[place] = content, record.attempt
        self._board.happen("post", When.AFTER)
        return PostPlace(external_id=place, place="C1")

    def update(self, record: DeliveryRecord, content: str) -> PostPlace | None:
        self._board.happen("update", When.BEFORE)
        self._fit(content)
        if record.external_id not in self._board.posts:
            raise Fails(SinkOutcome.GONE)
        self._board.posts[record.external_id] = content, record.attempt
        self._board.happen("update", When.AFTER)

    def delete_post(self, record: DeliveryRecord) -> None:
        self._board.happen("delete_post", When.BEFORE)
        if self._board.posts.pop(record.external_id, None) is None:
            raise Fails(SinkOutcome.GONE)
        self._board.happen("delete_post", When.AFTER)

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost | UnknownYet:
        self._board.happen("find", When.BEFORE)
        if self._board.hidden:
            return UnknownYet(seconds=5.0)
        for place, (_, attempt) in self._board.posts.items():
            if attempt == record.attempt:
                return PostPlace(external_id=place, place="C1")
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        assert isinstance(fault, Fails)
        return fault.outcome

    def _fit(self, content: str) -> None:
        if len(content) > self._longest:
            raise Fails(SinkOutcome.TOO_LONG)


class Site:
    """Processes with a reconciler each, over one store and one board."""

    def __init__(self) -> None:
        self.store = fresh_store()
        self.deliveries = self.store.unit("T1").deliveries
        self.board = Board()
        self.wanted: Desired[str] | Gone | Unchanged = Desired(content="one")
        self.told: list[tuple[str, str]] = []
        self.touched: list[str] = []
        self.deliveries.add_missing(
            DeliveryRecord(slot=SLOT, sink="board", stream=StreamId("T1/TM-1"), place="C1")
        )

    def process(
        self,
        uncertain: Uncertain = Uncertain.POST_AGAIN,
        deleted: Deleted = Deleted.POST_AGAIN,
        *,
        longest: int = 99,
        confirmed: bool = False,
        over: bool = True,
    ) -> Reconciler:
        kind = SlotKind[str](
            name="card",
            sink=BoardSink(self.board, longest=longest),
            desired=lambda _: self.wanted,
            uncertain=uncertain,
            deleted=deleted,
            edited=not confirmed,
            confirmed=confirmed,
            suspended=lambda record, _: self.told.append(("suspended", record.slot)),
            refused=lambda record, _: self.told.append(("refused", record.slot)) or over,
            unthreaded=lambda record: self.told.append(("unthreaded", record.slot)),
            missing=lambda record: self.told.append(("missing", record.slot)),
            written=lambda record: self.told.append(("written", record.external_id)),
            settled=lambda record: self.told.append(("settled", record.external_id)),
        )
        return Reconciler(self.deliveries, [kind], touch=self.touched.append)

    def want(self, content: str, *, shorter: str | None = None, last: bool = False) -> None:
        self.wanted = Desired(content=content, shorter=shorter, last=last)

    @property
    def record(self) -> DeliveryRecord:
        found = self.deliveries.find(SLOT)
        assert found is not None
        return found
