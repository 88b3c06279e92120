"""Faults occur when they are configured, are listed as text, and end when they are cleared."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import threading
import time

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient

from bot.sandbox.api import Sandbox
from tests.depth import deep_only
from tests.sandbox.small_bot import SmallBot

CALLS = 200
FIRST = ("apps.connections.open", "auth.test", "url_verification")
"""Exchanges before the first action of a person."""


def test_a_share_of_calls_fails_and_the_same_ones_for_the_same_seed(quiet: Sandbox) -> None:
    client = WebClient(token=quiet.bot_token, base_url=quiet.url, retry_handlers=[])
    print(f"seed {quiet.faults.seed}")

    def failed() -> list[int]:
        quiet.faults.share("ratelimited", of=0.3, seed=quiet.faults.seed)
        return [number for number in range(CALLS) if not _answers(client)]

    first = failed()
    assert CALLS * 0.1 < len(first) < CALLS * 0.5
    assert failed() == first
    quiet.faults.share("ratelimited", of=0)
    assert all(_answers(client) for _ in range(20))


def test_held_calls_do_nothing_until_they_are_released(quiet: Sandbox) -> None:
    client = WebClient(token=quiet.bot_token, base_url=quiet.url, retry_handlers=[])
    words = [f"word {number}" for number in range(3)]
    posting = threading.Thread(
        target=lambda: [client.chat_postMessage(channel="#house", text=word) for word in words]
    )
    with quiet.faults.holding("chat.postMessage"):
        posting.start()
        assert _answers(client)
        assert quiet.calls_of("chat.postMessage") == []
    posting.join(30)
    assert [message.text for message in quiet.person("ana").sees("#house")] == words


def test_a_delivery_is_overtaken_by_the_one_after_it(sandbox: Sandbox, bot: SmallBot) -> None:
    sandbox.faults.reorder = 1
    eve = sandbox.person("eve")
    sandbox.invite("eve", "#house")
    sandbox.remove("eve", "#house")
    sandbox.wait_until(lambda: len(bot.heard) == 2)
    assert [one["type"] for one in bot.heard] == ["member_left_channel", "member_joined_channel"]
    assert eve.id not in sandbox.workspace.channel("#house").members


def test_without_a_fault_events_come_in_order(sandbox: Sandbox, bot: SmallBot) -> None:
    for _ in range(10):
        sandbox.invite("eve", "#house")
        sandbox.remove("eve", "#house")
    sandbox.wait_until(lambda: len(bot.heard) == 20)
    joined_and_left = ["member_joined_channel", "member_left_channel"]
    assert [one["type"] for one in bot.heard] == joined_and_left * 10


def test_late_deliveries_are_acknowledged(sandbox: Sandbox, bot: SmallBot) -> None:
    sandbox.faults.delay_deliveries = 0.7
    began = time.monotonic()
    assert sandbox.person("ana").command("#house", "/small hello").acked
    assert time.monotonic() - began > 0.7
    assert bot.bodies


@deep_only
def test_dropped_connections_are_opened_again(quiet: Sandbox) -> None:
    client = SocketModeClient(
        app_token=quiet.app_token, web_client=WebClient(base_url=quiet.url), ping_interval=0.2
    )
    client.connect()
    try:
        quiet.wait_for_connection()
        quiet.drop_connections()
        quiet.wait_until(lambda: len(quiet.calls_of("apps.connections.open")) == 2)
        quiet.wait_for_connection()
    finally:
        client.close()


def test_active_faults_are_listed_until_cleared(quiet: Sandbox) -> None:
    faults = quiet.faults
    assert faults.active == []
    faults.latency, faults.delay_deliveries = 0.5, 2
    faults.lost_acks, faults.repeats, faults.reorder = 1, 2, 1
    faults.fail_next("chat.update", "ratelimited", times=3)
    faults.share("server_error", of=0.05, seed=7)
    assert faults.active == [
        "Every call to Slack takes 0.5 s longer.",
        "Every delivery is delayed by 2 s.",
        "The next ack is lost.",
        "The next 2 deliveries are delivered twice.",
        "The next delivery is delivered out of order.",
        "The next calls of chat.update are refused with 429: 3 pending.",
        "5% of all calls to Slack fail with 503 (seed 7).",
    ]
    faults.clear()
    assert faults.active == []


def test_exchanges_list_both_directions_in_order_without_tokens(sandbox: Sandbox, bot: SmallBot) -> None:
    sandbox.person("ana").command("#house", "/small form")
    sandbox.wait_until(lambda: len(sandbox.exchanges) >= 2)
    told = [exchange for exchange in sandbox.exchanges if exchange.title not in FIRST]
    assert {(one.kind, one.title) for one in told} == {("delivery", "/small form"), ("call", "views.open")}
    assert all(one.ok for one in told)
    numbers = [exchange.number for exchange in sandbox.exchanges]
    assert numbers == sorted(numbers)
    record = repr(sandbox.exchanges)
    assert not [token for token in (sandbox.bot_token, sandbox.app_token, "ticket=") if token in record]
    assert bot.bodies


@deep_only
def test_only_the_last_five_hundred_exchanges_are_kept(quiet: Sandbox) -> None:
    client = WebClient(token=quiet.bot_token, base_url=quiet.url)
    for _ in range(510):
        client.auth_test()
    assert (len(quiet.exchanges), quiet.exchanges[-1].number) == (500, 510)


def _answers(client: WebClient) -> bool:
    try:
        client.auth_test()
    except SlackApiError:
        return False
    return True
