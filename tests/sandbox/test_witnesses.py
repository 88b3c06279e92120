"""Slack's Python clients of every kind work against the sandbox."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio

from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient as BuiltinClient
from slack_sdk.socket_mode.aiohttp import SocketModeClient as AiohttpClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.api import Sandbox
from tests.sandbox.small_bot import Json, field, form
from tests.waiting import waiting_for_acks

FORM = form(blocks=[field("Name", "name", {"type": "plain_text_input", "action_id": "entry"})])
ROUND = ["apps.connections.open", "views.open", "chat.postMessage", "chat.update"]


def test_the_builtin_socket_client_works_with_the_web_client(quiet: Sandbox) -> None:
    web = WebClient(token=quiet.bot_token, base_url=quiet.url)

    def hear(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
        if request.type == "slash_commands":
            web.views_open(trigger_id=request.payload["trigger_id"], view=FORM)
        elif request.type == "interactive":
            channel, name = "C0HOUSE01", _entered(request.payload)
            posted = web.chat_postMessage(channel=channel, text=f"writing {name}")
            web.chat_update(channel=channel, ts=str(posted["ts"]), text=f"wrote {name}")

    client = BuiltinClient(
        app_token=quiet.app_token, web_client=WebClient(base_url=quiet.url), ping_interval=0.2
    )
    client.socket_mode_request_listeners.append(hear)
    client.connect()
    try:
        quiet.wait_for_connection()
        _play(quiet)
    finally:
        client.close()


def test_the_aiohttp_socket_client_works_with_the_async_web_client(quiet: Sandbox) -> None:
    web = AsyncWebClient(token=quiet.bot_token, base_url=quiet.url)

    async def hear(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
        if request.type == "slash_commands":
            await web.views_open(trigger_id=request.payload["trigger_id"], view=FORM)
        elif request.type == "interactive":
            channel, name = "C0HOUSE01", _entered(request.payload)
            posted = await web.chat_postMessage(channel=channel, text=f"writing {name}")
            await web.chat_update(channel=channel, ts=str(posted["ts"]), text=f"wrote {name}")

    async def live() -> None:
        client = AiohttpClient(app_token=quiet.app_token, web_client=AsyncWebClient(base_url=quiet.url))
        client.socket_mode_request_listeners.append(hear)
        await client.connect()
        try:
            await asyncio.to_thread(_play, quiet)
        finally:
            await client.close()

    asyncio.run(live())


def test_the_aiohttp_socket_client_reconnects_on_request_and_after_a_drop(
    quiet: Sandbox,
) -> None:
    async def hear(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    def opened(times: int) -> None:
        quiet.wait_until(lambda: len(quiet.calls_of("apps.connections.open")) >= times, 60)
        quiet.wait_for_connection()
        quiet.wait_until(lambda: quiet.person("ana").command("#house", "/small hello").acked)

    def play() -> None:
        opened(1)
        quiet.ask_to_reconnect()
        opened(2)
        quiet.drop_connections()
        with waiting_for_acks(quiet, 2.0):  # the sandbox may still send to the dropped one
            opened(3)

    async def live() -> None:
        web = AsyncWebClient(base_url=quiet.url)
        client = AiohttpClient(app_token=quiet.app_token, web_client=web, ping_interval=0.2)
        client.socket_mode_request_listeners.append(hear)
        await client.connect()
        try:
            await asyncio.to_thread(play)
        finally:
            await client.close()

    asyncio.run(live())


def _entered(payload: Json) -> str:
    return str(payload["view"]["state"]["values"]["name"]["entry"]["value"])


def _play(quiet: Sandbox) -> None:
    ana = quiet.person("ana")
    assert ana.command("#house", "/small form").acked
    quiet.wait_until(lambda: ana.modal is not None)
    ana.fill("Name", "Lamp")
    submitted = ana.submit()
    assert submitted is not None
    assert submitted.acked
    quiet.wait_until(lambda: [message.plain for message in ana.sees("#house")] == ["wrote Lamp"])
    assert [message.edited for message in ana.sees("#house")] == [True]
    assert [call.method for call in quiet.api_calls] == ROUND
    assert all(call.answer["ok"] for call in quiet.api_calls)
