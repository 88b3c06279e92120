"""Of several replicas one writes to a person, whichever of them is refused, frozen or ended meanwhile."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.delivery.call_budget import TooEarly
from bot.delivery.reconciler import Reconciler
from bot.delivery.slot_kinds import Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.slack.projectors.direct_messages import desired_message, direct_slot
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.sinks.posted_messages import DirectMessages
from bot.store import SqliteStore, StreamId, open_store
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Claim, Item, Overtaken, Touch
from domain.kernel.elements import PersonId
from tests.fresh_database import copy_fresh_file
from tests.queue_rows import claim_one, take_over

WORK = Item("T1", "handover", "TM-1/7/U1")
STREAM = StreamId("T1/TM-1")
ASKED = direct_slot("handover", STREAM, "7", PersonId("U1"))


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
    """As many replicas as one likes, each at work on the message when its turn comes."""

    def __init__(self, store: SqliteStore) -> None:
        self.slack = Slack()
        self.queue = store.work
        self.deliveries = store.unit("T1").deliveries
        self.deliveries.add_missing(ASKED)
        self.claims: list[Claim] = []
        self.looks: list[Callable[[], object]] = []
        self.tells = True

    def replica(self) -> Reconciler:
        kind = SlotKind(
            name="handover",
            sink=DirectMessages(self.slack),
            desired=self.look,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
        )
        return Reconciler(self.deliveries, [kind], touch=lambda _: None)

    def look(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        if self.looks:
            self.looks.pop(0)()
        if self.tells:
            return desired_message(Message(text="Ana assigned you a mitigation", blocks=[]))
        over = Message(text="It is over", blocks=[])
        return desired_message(over, update_only=True) if record.attempt or record.external_id else Gone()

    @contextmanager
    def at_work(self) -> Generator[None]:
        """A block of work under a claim, as the worker does it."""
        self.queue.touch(Touch(item=WORK, lane="person/U1"))
        claim = claim_one(self.queue, WORK.tenant, datetime.now(UTC))
        assert claim is not None
        self.claims.append(claim)
        with self.queue.guarding(claim):
            yield
        self.queue.settle(claim)

    def taken_over(self, other: Reconciler) -> None:
        """Another replica takes the work over, and does it in a thread of its own."""

        def go_on() -> None:
            with self.queue.guarding(take_over(self.queue, self.claims[-1])):
                other.reconcile(ASKED.slot)

        thread = threading.Thread(target=go_on)
        thread.start()
        thread.join()

    @property
    def noted(self) -> DeliveryRecord:
        record = self.deliveries.find(ASKED.slot)
        assert record is not None
        return record


def refusing(fault: Exception) -> Callable[[], object]:
    def refuse() -> None:
        raise fault

    return refuse


@pytest.fixture
def office(tmp_path: Path) -> Generator[Office]:
    copy_fresh_file(tmp_path / "threatmodel.db")
    store = open_store(f"sqlite:///{tmp_path / 'threatmodel.db'}")
    yield Office(store)
    store.close()


@pytest.mark.parametrize("fault", [ApiUnreachable("HTTP 503"), ApiRefused("ratelimited")])
def test_a_message_that_slack_certainly_did_not_take_is_sent_without_a_look_for_it(
    office: Office, fault: Exception
) -> None:
    office.slack.before["chat.postMessage"] = [refusing(fault)]
    with pytest.raises(type(fault)):
        office.replica().reconcile(ASKED.slot)
    assert not office.noted.attempt
    office.replica().reconcile(ASKED.slot)
    assert list(office.slack.there) == [office.noted.external_id]
    assert "conversations.history" not in office.slack.calls


def test_a_message_whose_answer_was_lost_is_found_and_not_sent_again(office: Office) -> None:
    office.slack.lost_answers = 1
    with pytest.raises(ApiUnreachable):
        office.replica().reconcile(ASKED.slot)
    assert office.noted.is_uncertain
    office.replica().reconcile(ASKED.slot)
    assert list(office.slack.there) == [office.noted.external_id]


def test_a_message_that_did_not_reach_slack_is_looked_for_and_then_sent(office: Office) -> None:
    office.slack.before["chat.postMessage"] = [refusing(ApiUnreachable("URLError"))]
    with pytest.raises(ApiUnreachable):
        office.replica().reconcile(ASKED.slot)
    office.replica().reconcile(ASKED.slot)
    assert list(office.slack.there) == [office.noted.external_id]
    assert "conversations.history" in office.slack.calls


def test_an_update_for_which_the_workspace_must_wait_is_made_later(office: Office) -> None:
    office.replica().reconcile(ASKED.slot)
    office.tells = False
    office.slack.before["chat.update"] = [refusing(TooEarly(1.5))]
    with pytest.raises(TooEarly):
        office.replica().reconcile(ASKED.slot)
    assert not office.noted.final
    office.replica().reconcile(ASKED.slot)
    assert office.slack.calls.count("chat.update") == 1


def test_nothing_is_sent_before_the_history_could_be_read(office: Office) -> None:
    office.slack.lost_answers = 1
    with pytest.raises(ApiUnreachable):
        office.replica().reconcile(ASKED.slot)
    office.slack.before["conversations.history"] = [refusing(ApiRefused("ratelimited"))]
    with pytest.raises(ApiRefused):
        office.replica().reconcile(ASKED.slot)
    assert len(office.slack.there) == 1
    assert office.noted.is_uncertain


def test_a_message_that_slack_never_takes_keeps_no_one_waiting(office: Office) -> None:
    office.slack.before["chat.postMessage"] = [refusing(ApiRefused("a_code_of_tomorrow"))]
    office.replica().reconcile(ASKED.slot)
    assert office.noted.final


def test_a_message_of_which_there_is_nothing_to_tell_when_it_is_due_is_not_sent(office: Office) -> None:
    office.tells = False
    office.replica().reconcile(ASKED.slot)
    assert office.deliveries.find(ASKED.slot) is None
    assert not office.slack.there


@pytest.mark.parametrize("present", [True, False], ids=["that is there", "that is not there"])
def test_a_message_that_may_exist_is_looked_for_though_there_is_nothing_to_tell(
    office: Office, *, present: bool
) -> None:
    office.slack.lost_answers = 1
    with pytest.raises(ApiUnreachable):
        office.replica().reconcile(ASKED.slot)
    if not present:
        office.slack.there.clear()
    office.tells = False
    office.replica().reconcile(ASKED.slot)
    assert office.slack.calls.count("chat.postMessage") == 1
    assert (office.slack.calls.count("chat.update"), office.noted.final) == (
        (1, False) if present else (0, True)
    )


def test_a_message_that_is_noted_already_is_not_sent_again(office: Office) -> None:
    office.replica().reconcile(ASKED.slot)
    assert office.deliveries.add_missing(ASKED) == []
    office.replica().reconcile(ASKED.slot)
    assert len(office.slack.there) == 1


def test_a_process_that_was_overtaken_before_the_post_does_not_post(office: Office) -> None:
    first, other = office.replica(), office.replica()
    office.looks = [lambda: office.taken_over(other)]

    def check() -> None:
        if threading.current_thread() is threading.main_thread() and not office.queue.is_held(
            office.claims[0]
        ):
            raise Overtaken

    office.slack.check = check
    with pytest.raises(Overtaken), office.at_work():
        first.reconcile(ASKED.slot)
    assert list(office.slack.there) == [office.noted.external_id], "the other's"


def test_a_process_that_was_overtaken_just_before_the_post_takes_its_message_back(office: Office) -> None:
    first, other = office.replica(), office.replica()
    office.slack.before["chat.postMessage"] = [lambda: office.taken_over(other)]
    with pytest.raises(Overtaken), office.at_work():
        first.reconcile(ASKED.slot)
    assert len(office.slack.there) == 2, "nobody can prevent that"
    first.delete_late_posts()
    assert list(office.slack.there) == [office.noted.external_id]
