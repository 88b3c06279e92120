"""A bot of a page, to drive the sandbox with: it knows nothing of threat models."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any, TypeAlias
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from bot.sandbox import Sandbox

Json: TypeAlias = dict[str, Any]

MANIFEST: Json = {
    "display_information": {"name": "Small"},
    "features": {
        "bot_user": {"display_name": "small"},
        "slash_commands": [
            {"command": "/small", "description": "Does little", "usage_hint": "[form | hello]", "should_escape": True}
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
            "bot_events": ["app_home_opened", "app_mention", "member_joined_channel", "member_left_channel", "message.im"]
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
            field("Colour", "colour", {"type": "static_select", "action_id": "entry", "options": options}, optional=True),
            field("Owner", "owner", {"type": "users_select", "action_id": "entry"}, optional=True),
            field("Helpers", "helpers", {"type": "multi_users_select", "action_id": "entry"}, optional=True),
            field("Tags", "tags", {"type": "checkboxes", "action_id": "entry", "options": options}, optional=True),
            field("Day", "day", {"type": "datepicker", "action_id": "entry"}, optional=True),
            {"type": "actions", "block_id": "more", "elements": [button("Retitle", "retitle")]},
        ],
        **more,
    }


class SmallBot:
    """The bot, with what it heard."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.client = WebClient(token=sandbox.bot_token, base_url=sandbox.url)
        self.app = App(
            client=self.client, signing_secret=sandbox.signing_secret, process_before_response=True
        )
        self.heard: list[Json] = []
        self.bodies: list[Json] = []
        self.on_submit: Callable[[Ack, Json], object] = lambda ack, _: ack()
        self._listen()

    def _listen(self) -> None:
        self.app.command("/small")(self._command)
        self.app.view("form")(self._submitted)
        self.app.view_closed("form")(self._closed)
        self.app.action(re.compile(".*"))(self._pressed)
        self.app.shortcut("open_form")(self._shortcut)
        self.app.shortcut("quote")(self._quote)
        for name in ("app_home_opened", "app_mention", "member_joined_channel", "member_left_channel", "message"):
            self.app.event(name)(self._event)

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


@contextmanager
def small_bot(sandbox: Sandbox) -> Iterator[SmallBot]:
    """Connect a bot to a sandbox the way the sandbox delivers, for as long as the block runs."""
    bot = SmallBot(sandbox)
    if sandbox.delivery == "socket":
        # Closing waits for one ping interval.
        handler = SocketModeHandler(bot.app, sandbox.app_token, ping_interval=0.2)
        handler.connect()
        sandbox.wait_for_connection()
        try:
            yield bot
        finally:
            handler.close()
        return
    with _http_server(bot.app) as address:
        sandbox.deliver_to(f"{address}/slack/events")
        yield bot


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class calls it so)
        del format, args


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextmanager
def _http_server(app: App) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, SlackRequestHandler(app), server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
