"""A bot of a page, to drive the sandbox with: it knows nothing of threat models."""

# slack_sdk and slack_bolt leave many of their types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import re
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any, TypeAlias
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from bot.sandbox.api import Sandbox

Json: TypeAlias = dict[str, Any]
HOUSE = "C0HOUSE01"

MANIFEST: Json = {
    "display_information": {"name": "Small"},
    "features": {
        "bot_user": {"display_name": "small"},
        "slash_commands": [
            {
                "command": "/small",
                "description": "Does little",
                "usage_hint": "[form | hello]",
                "should_escape": True,
            }
        ],
        "shortcuts": [
            {"name": "Open the form", "type": "global", "callback_id": "open_form", "description": "Form"},
            {"name": "Quote", "type": "message", "callback_id": "quote", "description": "Quotes it"},
        ],
    },
    "oauth_config": {
        "scopes": {"bot": ["chat:write", "channels:read", "users:read", "im:write", "im:history", "commands"]}
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": [
                "app_home_opened",
                "app_mention",
                "member_joined_channel",
                "member_left_channel",
                "message.im",
            ]
        }
    },
}


def plain(text: str) -> Json:
    """Return a plain_text object."""
    return {"type": "plain_text", "text": text}


def button(text: str, action_id: str, **more: str) -> Json:
    """Return a button."""
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def field(label: str, block_id: str, element: Json, **more: object) -> Json:
    """Return an input block."""
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


def form(title: str = "A form", **more: object) -> Json:
    """Return a modal with one field of several kinds."""
    options = [{"text": plain(word), "value": word.lower()} for word in ("Red", "Green", "Blue")]
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain(title),
        "submit": plain("Save"),
        "private_metadata": "kept",
        "blocks": [
            field("Name", "name", {"type": "plain_text_input", "action_id": "entry"}),
            field(
                "Colour",
                "colour",
                {"type": "static_select", "action_id": "entry", "options": options},
                optional=True,
            ),
            field("Owner", "owner", {"type": "users_select", "action_id": "entry"}, optional=True),
            field("Helpers", "helpers", {"type": "multi_users_select", "action_id": "entry"}, optional=True),
            field(
                "Tags",
                "tags",
                {"type": "checkboxes", "action_id": "entry", "options": options},
                optional=True,
            ),
            field("Day", "day", {"type": "datepicker", "action_id": "entry"}, optional=True),
            {"type": "actions", "block_id": "more", "elements": [button("Retitle", "retitle")]},
        ],
        **more,
    }


class SmallBot:
    """The bot, with what it heard."""

    def __init__(self, slack: Sandbox) -> None:
        self.client = WebClient(token=slack.bot_token, base_url=slack.url)
        self.app = App(client=self.client, signing_secret=slack.signing_secret, process_before_response=True)
        self.heard: list[Json] = []
        self.bodies: list[Json] = []
        self.on_submit: Callable[[Ack, Json], object] = lambda ack, _: ack()
        self._listen()

    def post_card(self, ack: Ack, view: Json) -> None:
        """Refuse the name `taken`; post any other with a button, a reply and a word to its writer alone."""
        name = str(view["state"]["values"]["name"]["entry"]["value"])
        if name == "taken":
            ack(response_action="errors", errors={"name": "That name is taken."})
            return
        ack()
        blocks: list[Json] = [
            {"type": "header", "text": plain(name)},
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": "*Bold* and &lt;b&gt;not&lt;/b&gt; for <@U0BEN0002>"},
            },
            {"type": "actions", "elements": [button("Press me", "press")]},
        ]
        card = self.client.chat_postMessage(channel="C0HOUSE01", text=name, blocks=blocks)
        self.client.chat_postMessage(channel="C0HOUSE01", text="in the thread", thread_ts=str(card["ts"]))
        self.client.chat_postEphemeral(channel="C0HOUSE01", user="U0ANA0001", text="for Ana alone")

    def _listen(self) -> None:
        self.app.command("/small")(self._command)
        self.app.view("form")(self._submitted)
        self.app.view_closed("form")(self._closed)
        self.app.action(re.compile(".*"))(self._pressed)
        self.app.shortcut("open_form")(self._shortcut)
        self.app.shortcut("quote")(self._quote)
        for name in (
            "app_home_opened",
            "app_mention",
            "member_joined_channel",
            "member_left_channel",
            "message",
        ):
            self.app.event(name)(self._event)
        # Without a listener, Bolt acknowledges nothing over Socket Mode, and the sandbox waits for it.
        self.app.event(re.compile("."))(_let_pass)

    def _command(self, ack: Ack, command: Json) -> None:
        self.bodies.append(command)
        match str(command["text"]).split():
            case ["form"]:
                ack()
                self.client.views_open(trigger_id=command["trigger_id"], view=form(notify_on_close=True))
            case ["slow"]:
                time.sleep(0.8)
                ack()
            case ["silent"]:
                return
            case ["aloud"]:
                ack(text="said aloud", response_type="in_channel")
            case _:
                ack(f"you said {command['text']}")

    def _submitted(self, ack: Ack, body: Json) -> None:
        self.bodies.append(body)
        self.on_submit(ack, body["view"])

    def _closed(self, ack: Ack, body: Json) -> None:
        self.bodies.append(body)
        ack()

    def _pressed(self, ack: Ack, body: Json) -> None:
        self.bodies.append(body)
        ack()
        if body["actions"][0]["action_id"] == "press":
            self.client.chat_postMessage(channel="C0HOUSE01", text=f"pressed by <@{body['user']['id']}>")
        if body["actions"][0]["action_id"] == "retitle":
            self.client.views_update(
                view_id=body["view"]["id"], hash=body["view"]["hash"], view=form("Another title")
            )

    def _shortcut(self, ack: Ack, body: Json) -> None:
        self.bodies.append(body)
        ack()
        self.client.views_open(trigger_id=body["trigger_id"], view=form())

    def _quote(self, ack: Ack, body: Json) -> None:
        self.bodies.append(body)
        ack()

    def _event(self, event: Json) -> None:
        self.heard.append(event)
        if event["type"] == "app_home_opened":
            home: Json = {"type": "home", "blocks": [{"type": "header", "text": plain("Your things")}]}
            self.client.views_publish(user_id=event["user"], view=home)


def _let_pass() -> None:
    """Acknowledge an event."""


@contextmanager
def small_bot(sandbox: Sandbox) -> Generator[SmallBot]:
    """Connect a bot to a sandbox the way the sandbox delivers, for as long as the block runs."""
    bot = SmallBot(sandbox)
    if sandbox.delivery == "socket":
        handler = SocketModeHandler(bot.app, sandbox.app_token)
        handler.connect()
        sandbox.wait_for_connection()
        try:
            yield bot
        finally:
            _let_go(handler)
        return
    with _http_server(bot.app) as address:
        sandbox.deliver_to(f"{address}/slack/events")
        yield bot


def _let_go(handler: SocketModeHandler) -> None:
    # The client's own close() waits three seconds for a read to end. Its threads are daemons: they are told
    # to end, and the connection ends with the sandbox.
    client = handler.client
    client.closed = True
    client.auto_reconnect_enabled = False
    client.current_session_state.terminated = True
    for runner in (client.current_session_runner, client.current_app_monitor, client.message_processor):
        runner.event.set()
    client.message_workers.shutdown(wait=False)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class calls it so)
        del format, args


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


@contextmanager
def _http_server(app: App) -> Generator[str]:
    server = make_server("127.0.0.1", 0, SlackRequestHandler(app), server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
