"""The end of a Socket Mode connection leaves no request unanswered while another connection is open."""

import threading
from collections.abc import Callable, Generator

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.manifest import build_manifest
from bot.sandbox.api import Delivery, Sandbox
from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.transport.socket_connection import SocketConnection
from tests.waiting import patient_sandbox, waiting_for_acks


@pytest.fixture
def sandbox() -> Generator[Sandbox]:
    with patient_sandbox(manifest=build_manifest("socket"), delivery="socket") as made:
        yield made


def connect(sandbox: Sandbox, answer: Callable[[Ack], object]) -> SocketConnection:
    app = App(client=WebClient(token=sandbox.bot_token, base_url=sandbox.url), process_before_response=True)
    app.command("/threatmodel")(answer)  # pyright: ignore[reportUnknownMemberType]  Bolt leaves patterns open
    connected = threading.Event()
    link = SocketConnection(app, sandbox.app_token, DeferredWork(), connected=connected.set)
    link.connect()
    assert connected.wait(60)
    return link


class Asked:
    """A command that is on its way."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._delivery: Delivery | None = None

        def ask() -> None:
            self._delivery = sandbox.person("dee").command("#house", "/threatmodel help")

        self._thread = threading.Thread(target=ask)
        self._thread.start()

    @property
    def delivery(self) -> Delivery:
        self._thread.join(60)
        assert self._delivery is not None
        return self._delivery


class SlowAnswer:
    """Holds each answer until the test lets it go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may_go = threading.Event()

    def __call__(self, ack: Ack) -> None:
        self.begun.release()
        assert self.may_go.wait(60)
        ack()


def test_what_arrives_while_a_request_is_still_being_answered_is_answered_too(sandbox: Sandbox) -> None:
    slow = SlowAnswer()
    link = connect(sandbox, slow)
    first = Asked(sandbox)
    assert slow.begun.acquire(timeout=60)

    stopping = threading.Thread(target=link.stop, args=(60,))
    stopping.start()
    sandbox.wait_until(lambda: link.problem != "")
    second = Asked(sandbox)
    assert slow.begun.acquire(timeout=60)
    slow.may_go.set()
    stopping.join(60)

    assert (first.delivery.acked, second.delivery.acked) == (True, True)
    assert Asked(sandbox).delivery.failure == "dispatch_failed", "Slack was not told of the end"


def test_what_a_closed_connection_has_not_answered_goes_to_another(sandbox: Sandbox) -> None:
    slow, quick = SlowAnswer(), SlowAnswer()
    quick.may_go.set()
    ending = connect(sandbox, slow)
    asked = Asked(sandbox)
    assert slow.begun.acquire(timeout=60)
    staying = connect(sandbox, quick)

    stopping = threading.Thread(target=ending.stop, args=(0.1,))
    stopping.start()
    assert asked.delivery.acked
    assert quick.begun.acquire(timeout=60)

    slow.may_go.set()
    stopping.join(60)
    staying.stop(10)


def test_what_a_connection_that_breaks_off_has_not_answered_stays_unanswered(sandbox: Sandbox) -> None:
    """Whether the bot has recorded it, nobody can know: Slack tells the person that it failed."""
    slow = SlowAnswer()
    link = connect(sandbox, slow)
    with waiting_for_acks(sandbox, 1.0):
        asked = Asked(sandbox)
        assert slow.begun.acquire(timeout=60)

        sandbox.drop_connections()
        sandbox.wait_until(lambda: link.problem)
        slow.may_go.set()

        assert asked.delivery.failure == "operation_timeout"
    link.stop(10)
