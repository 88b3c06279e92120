"""Of several replicas one writes to a person, whichever of them is refused, frozen or ended meanwhile."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.metrics import Metrics
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.surfaces.bringing import Bringing
from bot.store import SqliteStore, StreamId, open_store
from bot.store.repositories.directs import Direct
from bot.store.work_queue import Claim, Item, Overtaken, Touch
from domain.kernel.elements import PersonId

WORK = Item("T1", "handovers", "TM-1")
STREAM = StreamId("T1/TM-1")
ASKED = Direct(stream=STREAM, about="7", person=PersonId("U1"))


class Slack(SlackApi):
    """One conversation; what happens before each call of a method, after the check of the worker."""

    def __init__(self) -> None:
        super().__init__(token="xoxb-1", base_url="http://127.0.0.1:9/api/")
        self.there: dict[str, Json] = {}
        self.before: dict[str, list[Callable[[], object]]] = {}
        self.calls: list[str] = []
        self.lost_answers = 0
        self.check: Callable[[], None] = lambda: None

    def call(self, method: str, **arguments: object) -> Json:
        self.check()
        if self.before.get(method):
            self.before[method].pop(0)()
        self.calls.append(method)
        match method:
            case "chat.postMessage":
                ts = f"{len(self.calls)}.0"
                self.there[ts] = {"ts": ts, "metadata": arguments["metadata"]}
                if self.lost_answers:
                    self.lost_answers -= 1
                    raise ApiUnreachable("timeout")
                return {"ts": ts}
            case "chat.delete":
                del self.there[str(arguments["ts"])]
                return {}
            case "conversations.history":
                return {"messages": list(self.there.values())}
            case _:
                return {"channel": {"id": "D1"}}


class Office:
    """As many replicas as one likes, each at work on the model of the messages when its turn comes."""

    def __init__(self, store: SqliteStore) -> None:
        self.slack = Slack()
        self.queue = store.work
        self.directs = store.unit("T1").handovers
        self.claims: list[Claim] = []

    def replica(self) -> Bringing:
        return Bringing(
            self.directs,
            self.slack,
            surface="handovers",
            metadata=lambda one: {"version": one.about},
            metrics=Metrics(),
        )

    @contextmanager
    def at_work(self) -> Generator[None]:
        """A block of work under a claim, as the worker does it."""
        self.queue.touch(Touch(item=WORK, lane="handovers"))
        claim = self.queue.claim(WORK.tenant, datetime.now(UTC))
        assert claim is not None
        self.claims.append(claim)
        with self.queue.guarding(lambda: claim):
            yield
        self.queue.settle(claim)

    def taken_over(self, other: Bringing) -> None:
        """Another replica takes the work over, and does it in a thread of its own."""

        def go_on() -> None:
            taken = self.queue.renew(self.claims[-1])
            assert taken is not None
            with self.queue.guarding(lambda: taken):
                other.go_on(self.noted, shown)

        thread = threading.Thread(target=go_on)
        thread.start()
        thread.join()

    @property
    def noted(self) -> Direct:
        return self.directs.of(STREAM)[(ASKED.about, ASKED.person)]


def shown() -> Message:
    return Message(text="Ana gave you a mitigation", blocks=[])


def refusing(fault: Exception) -> Callable[[], object]:
    def refuse() -> None:
        raise fault

    return refuse


@pytest.fixture
def office(tmp_path: Path) -> Generator[Office]:
    store = open_store(f"sqlite:///{tmp_path / 'threatmodel.db'}")
    yield Office(store)
    store.close()


@pytest.mark.parametrize("fault", [ApiUnreachable("HTTP 503"), ApiRefused("ratelimited")])
def test_a_message_that_slack_certainly_did_not_take_is_sent_without_a_look_for_it(
    office: Office, fault: Exception
) -> None:
    office.slack.before["chat.postMessage"] = [refusing(fault)]
    with pytest.raises(type(fault)):
        office.replica().begin(ASKED, shown)
    assert office.directs.waiting() == {STREAM}
    office.replica().go_on(office.noted, shown)
    assert list(office.slack.there) == [office.noted.ts]
    assert "conversations.history" not in office.slack.calls


def test_a_message_whose_answer_was_lost_is_found_and_not_sent_again(office: Office) -> None:
    office.slack.lost_answers = 1
    with pytest.raises(ApiUnreachable):
        office.replica().begin(ASKED, shown)
    assert office.directs.unclear() == {STREAM}
    office.replica().go_on(office.noted, shown)
    assert list(office.slack.there) == [office.noted.ts]


def test_a_message_that_did_not_reach_slack_is_looked_for_and_then_sent(office: Office) -> None:
    office.slack.before["chat.postMessage"] = [refusing(ApiUnreachable("URLError"))]
    with pytest.raises(ApiUnreachable):
        office.replica().begin(ASKED, shown)
    office.replica().go_on(office.noted, shown)
    assert list(office.slack.there) == [office.noted.ts]
    assert "conversations.history" in office.slack.calls


def test_nothing_is_sent_before_the_history_could_be_read(office: Office) -> None:
    office.slack.lost_answers = 1
    with pytest.raises(ApiUnreachable):
        office.replica().begin(ASKED, shown)
    office.slack.before["conversations.history"] = [refusing(ApiRefused("ratelimited"))]
    with pytest.raises(ApiRefused):
        office.replica().go_on(office.noted, shown)
    assert len(office.slack.there) == 1
    assert office.directs.unclear() == {STREAM}


def test_a_message_that_slack_never_takes_keeps_nobody_waiting(office: Office) -> None:
    office.slack.before["chat.postMessage"] = [refusing(ApiRefused("a_code_of_tomorrow"))]
    office.replica().begin(ASKED, shown)
    assert office.noted.over


def test_a_message_of_which_there_is_nothing_to_tell_when_it_is_due_is_not_sent(office: Office) -> None:
    office.replica().put_off(ASKED)
    office.replica().go_on(office.noted, lambda: None)
    assert office.noted.over
    assert not office.slack.there


def test_a_message_that_is_noted_already_is_not_begun_again(office: Office) -> None:
    office.replica().begin(ASKED, shown)
    office.replica().begin(ASKED, shown)
    assert len(office.slack.there) == 1


def test_a_mark_of_an_earlier_release_counts_as_an_attempt(office: Office) -> None:
    office.directs.keep(replace(ASKED, digest="6d1f0c5e"))
    office.replica().go_on(office.noted, shown)
    assert "conversations.history" in office.slack.calls
    assert list(office.slack.there) == [office.noted.ts]


def test_a_process_that_was_overtaken_before_the_post_does_not_post(office: Office) -> None:
    first, other = office.replica(), office.replica()

    def frozen() -> Message:
        office.taken_over(other)
        return shown()

    def check() -> None:
        if threading.current_thread() is threading.main_thread() and not office.queue.is_held(
            office.claims[0]
        ):
            raise Overtaken

    office.slack.check = check
    with pytest.raises(Overtaken), office.at_work():
        first.begin(ASKED, frozen)
    assert list(office.slack.there) == [office.noted.ts], "the other's"


def test_a_process_that_was_overtaken_just_before_the_post_takes_its_message_back(office: Office) -> None:
    first, other = office.replica(), office.replica()
    office.slack.before["chat.postMessage"] = [lambda: office.taken_over(other)]
    with pytest.raises(Overtaken), office.at_work():
        first.begin(ASKED, shown)
    assert len(office.slack.there) == 2, "nobody can prevent that"
    assert first.late() == {STREAM}
    first.take_back(STREAM)
    assert list(office.slack.there) == [office.noted.ts]
    assert not first.late()
