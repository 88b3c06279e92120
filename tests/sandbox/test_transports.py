"""Socket Mode and signed HTTP follow Slack's rules."""

# slack_sdk and slack_bolt leave many of their types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import http.client
import json
from urllib.parse import urlsplit

from slack_sdk.signature import SignatureVerifier
from starlette.datastructures import QueryParams
from starlette.websockets import WebSocketDisconnect

from bot.sandbox.api import Sandbox
from tests.sandbox.small_bot import MANIFEST, small_bot
from tests.waiting import patient_sandbox


def test_each_payload_goes_to_exactly_one_connection(quiet: Sandbox) -> None:
    with small_bot(quiet) as one, small_bot(quiet) as two:
        quiet.wait_until(lambda: quiet.socket_mode.connections == 2)
        for _ in range(4):
            assert quiet.person("ana").command("#house", "/small hello").acked
        assert (len(one.bodies), len(two.bodies)) == (2, 2)


def test_a_refreshed_connection_is_opened_again(quiet: Sandbox) -> None:
    with small_bot(quiet):
        quiet.socket_mode.disconnect()
        quiet.wait_until(lambda: len(quiet.calls_of("apps.connections.open")) == 2)
        # Until the old one is closed a payload may go there.
        quiet.wait_until(lambda: quiet.person("ana").command("#house", "/small hello").acked)


def test_http_requests_are_signed_with_the_secret() -> None:
    with patient_sandbox(manifest=MANIFEST, delivery="http") as sandbox:
        body = b'{"type":"event_callback"}'
        headers = sandbox.http.signed(body)
        assert SignatureVerifier(sandbox.signing_secret).is_valid_request(body, headers)
        assert not SignatureVerifier("another").is_valid_request(body, headers)
        assert not SignatureVerifier(sandbox.signing_secret).is_valid_request(body + b" ", headers)


def test_a_bot_with_another_secret_refuses_and_the_person_is_notified() -> None:
    with (
        patient_sandbox(manifest=MANIFEST, delivery="http") as sandbox,
        patient_sandbox(manifest=MANIFEST, delivery="http") as other,
        small_bot(other) as stranger,
    ):
        sandbox.deliver_to(other.http.bot_url or "")
        delivery = sandbox.person("ana").command("#house", "/small hello")
        assert delivery.error == '/small failed with the error "dispatch_failed"'
        assert stranger.bodies == []


def test_a_link_needs_a_ticket(quiet: Sandbox) -> None:
    connection = http.client.HTTPConnection(urlsplit(quiet.url).netloc, timeout=30)
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    connection.request("GET", "/link/?ticket=forged", headers=upgrade)
    assert connection.getresponse().status == http.client.FORBIDDEN
    connection.close()


def test_a_greeted_bot_can_receive_payloads_immediately(quiet: Sandbox) -> None:
    """A slash command is sent once only: it must not fail because the greeting was read too quickly."""
    greeted: list[tuple[str, int]] = []

    class Greeted:
        """A connection that ends after the greeting."""

        query_params = QueryParams(urlsplit(quiet.socket_mode.address()).query)

        async def accept(self) -> None:
            pass

        async def send_text(self, text: str) -> None:
            greeted.append((json.loads(text)["type"], quiet.socket_mode.connections))

        async def receive_text(self) -> str:
            raise WebSocketDisconnect

    (route,) = quiet.socket_mode.routes()
    asyncio.run(route.endpoint(Greeted()))
    assert greeted == [("hello", 1)]
    assert quiet.socket_mode.connections == 0


def test_an_envelope_reads_as_slacks(quiet: Sandbox) -> None:
    with small_bot(quiet):
        delivery = quiet.person("ana").command("#house", "/small hello")
    fields = set(delivery.payload)
    assert fields == {
        "token", "team_id", "team_domain", "channel_id", "channel_name", "user_id", "user_name", "command",
        "text", "api_app_id", "is_enterprise_install", "response_url", "trigger_id",
    }  # fmt: skip
    json.dumps(delivery.payload)
