"""Of several replicas one writes to somebody, whichever of them is refused, stopped or ended meanwhile."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from bot.slack.asking.requests import Json
from bot.slack.connection.slack_api import Refused, SlackApi, Unreachable
from bot.slack.kit.blocks import Message
from bot.slack.surfaces.bringing import Bringing
from bot.slack.upkeep.metrics import Metrics
from bot.store import SqliteStore, StreamId, open_store
from bot.store.repositories.directs import Direct
from domain.elements import PersonId

LEASE = 60.0
STREAM = StreamId("T1/TM-1")
ASKED = Direct(stream=STREAM, about="7", person=PersonId("U1"))


class Watch:
    """Stands in for the clock that every process has for itself."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


class Slack(SlackApi):
    """One conversation, and what happens before each call of a method is carried out."""

    def __init__(self) -> None:
        super().__init__(token="xoxb-1", base_url="http://127.0.0.1:9/api/")
        self.there: dict[str, Json] = {}
        self.before: dict[str, list[Callable[[], object]]] = {}
        self.calls: list[str] = []

    def call(self, method: str, **arguments: object) -> Json:
        if self.before.get(method):
            self.before[method].pop(0)()
        self.calls.append(method)
        match method:
            case "chat.postMessage":
                ts = f"{len(self.calls)}.0"
                self.there[ts] = {"ts": ts, "metadata": arguments["metadata"]}
                return {"ts": ts}
            case "chat.delete":
                del self.there[str(arguments["ts"])]
                return {}
            case "conversations.history":
                return {"messages": list(self.there.values())}
            case _:
                return {"channel": {"id": "D1"}}


class Office:
    """As many replicas as one likes."""

    def __init__(self, store: SqliteStore, watch: Watch) -> None:
        self.slack = Slack()
        self.watch = watch
        self.directs = store.unit("T1").handovers

    def replica(self) -> Bringing:
        return Bringing(
            self.directs,
            self.slack,
            surface="handovers",
            metadata=lambda one: {"version": one.about},
            lease=LEASE,
            metrics=Metrics(),
        )

    @property
    def noted(self) -> Direct:
        return self.directs.of(STREAM)[(ASKED.about, ASKED.person)]

    def a_lease_passes(self, other: Bringing) -> None:
        """Another replica ticks on, as it does every few seconds."""
        for _ in range(int(LEASE // 5) + 2):
            self.watch.seconds += 5
            if not self.noted.ts and not self.noted.over:
                other.go_on(self.noted, shown)


def shown() -> Message:
    return Message(text="Ana gave you a mitigation", blocks=[])


def refusing(fault: Exception) -> Callable[[], object]:
    def refuse() -> None:
        raise fault

    return refuse


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Office]:
    store = open_store(f"sqlite:///{tmp_path / 'threatmodel.db'}")
    watch = Watch()
    monkeypatch.setattr("bot.slack.surfaces.bringing.time", watch)
    yield Office(store, watch)
    store.close()


def test_what_slack_did_not_take_is_there_for_the_others_who_passed_it_over(office: Office) -> None:
    first, other = office.replica(), office.replica()

    def passed_over() -> None:
        other.begin(ASKED, shown)
        raise Unreachable("HTTP 503")

    office.slack.before["chat.postMessage"] = [passed_over, refusing(Refused("ratelimited"))]
    with pytest.raises(Unreachable):
        first.begin(ASKED, shown)
    assert office.directs.waiting() == {STREAM}
    with pytest.raises(Refused):
        other.go_on(office.noted, shown)
    first.go_on(office.noted, shown)
    assert list(office.slack.there) == [office.noted.ts], "at once: nobody is at it"


def test_what_slack_was_too_busy_for_is_told_without_a_look_for_it(office: Office) -> None:
    first = office.replica()
    office.slack.before["chat.postMessage"] = [refusing(Refused("ratelimited"))]
    with pytest.raises(Refused):
        first.begin(ASKED, shown)
    first.go_on(office.noted, shown)
    assert list(office.slack.there) == [office.noted.ts]
    assert "conversations.history" not in office.slack.calls


def test_who_is_refused_after_another_has_told_them_takes_nothing_back(office: Office) -> None:
    first, other = office.replica(), office.replica()
    office.slack.before["chat.postMessage"] = [
        lambda: (office.a_lease_passes(other), refusing(Refused("ratelimited"))())
    ]
    with pytest.raises(Refused):
        first.begin(ASKED, shown)
    assert list(office.slack.there) == [office.noted.ts]
    first.begin(ASKED, shown)
    assert len(office.slack.there) == 1


def test_whom_slack_never_lets_write_keeps_nobody_waiting(office: Office) -> None:
    office.slack.before["chat.postMessage"] = [refusing(Refused("a_code_of_tomorrow"))]
    office.replica().begin(ASKED, shown)
    assert office.noted.over


@pytest.mark.parametrize("taken_over", [False, True], ids=["too slow", "its own watch stood still"])
def test_who_was_stopped_before_the_last_look_does_not_post(office: Office, taken_over: bool) -> None:
    def stopped() -> Message:
        if taken_over:
            assert office.directs.take_over(office.noted, "another's mark")
        else:
            office.watch.seconds += LEASE / 2 + 1
        return shown()

    office.replica().begin(ASKED, stopped)
    assert not office.slack.there
    assert office.directs.unclear() == {STREAM}


def test_whose_call_was_slow_lets_the_lease_begin_anew(office: Office) -> None:
    first, other = office.replica(), office.replica()

    def slow() -> None:
        other.go_on(office.noted, shown)
        office.watch.seconds += LEASE / 2
        other.go_on(office.noted, shown)

    office.slack.before = {"conversations.open": [slow], "chat.postMessage": [slow]}
    first.begin(ASKED, shown)
    assert list(office.slack.there) == [office.noted.ts]
    assert "conversations.history" not in office.slack.calls


def test_who_was_stopped_just_before_the_post_takes_its_message_back(office: Office) -> None:
    first, other = office.replica(), office.replica()
    office.slack.before["chat.postMessage"] = [lambda: office.a_lease_passes(other)]
    first.begin(ASKED, shown)
    assert len(office.slack.there) == 2, "nobody can prevent that"
    assert first.late == {STREAM}
    first.take_back(STREAM)
    assert list(office.slack.there) == [office.noted.ts]
    assert not first.late


def test_where_the_whole_machine_was_stopped_whoever_claimed_may_go_on_first(office: Office) -> None:
    first, other = office.replica(), office.replica()

    def all_stopped() -> None:
        other.go_on(office.noted, shown)
        office.watch.seconds += 10 * LEASE
        other.go_on(office.noted, shown)

    office.slack.before["chat.postMessage"] = [all_stopped]
    first.begin(ASKED, shown)
    assert list(office.slack.there) == [office.noted.ts]
