"""Questions that require a person who clicks, submits and mentions the bot, heard over Socket Mode."""

import json
import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, cast

import msgspec
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin.client import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.probe.probe_channel import Artifact, ProbeChannel
from bot.probe.unattended_questions import open_small_view
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block, plain_text
from bot.slack.protocol.installation import Installation
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiUnreachable, classify_error
from bot.slack.transport.socket_connection import close_client

MINE: Final = "probe_"
"""The prefix of the ids of the probe's buttons and forms."""


_SILENT: Final = logging.getLogger("bot.probe.interactive_questions")
"""The SDK prints tracebacks where a connection is closed while something arrives."""
_SILENT.disabled = True


class ListenerFailed(Exception):
    """Socket Mode did not open; the message says why."""


class ReceivedInteraction(msgspec.Struct, frozen=True, kw_only=True):
    """One payload: `press` of a button, `submission` of a form, or `mention` in a channel."""

    kind: str
    payload: Json

    @property
    def person(self) -> str:
        """The id of the person."""
        user: Json = self.payload.get("user") or {}
        event: Json = self.payload.get("event") or {}
        return str(user.get("id") or event.get("user", ""))


class InteractionListener:
    """A connection to Slack; requests for others stay unacknowledged, so that Slack sends them again."""

    def __init__(self, *, app_token: str, api_url: str, connect_seconds: float) -> None:
        """Connect; raises ListenerFailed."""
        self.connections = 0
        """How many connections the app holds, this one included, as Slack says."""
        self._heard: queue.SimpleQueue[ReceivedInteraction] = queue.SimpleQueue()
        self._greeted = threading.Event()
        self._client = SocketModeClient(
            app_token=app_token,
            web_client=WebClient(base_url=api_url, retry_handlers=[]),
            logger=_SILENT,
            auto_reconnect_enabled=True,
        )
        self._client.on_message_listeners.append(self._greet)
        self._client.socket_mode_request_listeners.append(self._take)
        try:
            self._client.connect()
        except SlackApiError as refused:
            self.close()
            raise ListenerFailed(classify_error(refused).code) from refused
        except (SlackClientError, OSError) as fault:
            self.close()
            raise ListenerFailed(type(fault).__name__) from fault
        if not self._greeted.wait(connect_seconds):
            self.close()
            raise ListenerFailed("no greeting")

    def wait_for(
        self, wanted: Callable[[ReceivedInteraction], bool], seconds: float
    ) -> ReceivedInteraction | None:
        """Return the next payload of that kind, or None when the time is over; others are passed over."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                heard = self._heard.get(timeout=left)
            except queue.Empty:
                return None
            if wanted(heard):
                return heard
        return None

    def close(self) -> None:
        """Close the connection."""
        close_client(self._client)

    def _greet(self, message: str) -> None:
        try:
            said: Any = json.loads(message)
        except ValueError:
            return
        if isinstance(said, dict) and cast("Json", said).get("type") == "hello":
            self.connections = int(cast("Json", said).get("num_connections") or 1)
            self._greeted.set()

    def _take(self, client: Any, request: SocketModeRequest) -> None:
        heard = _read(cast("Json", request.payload))
        if heard is not None:
            client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
            self._heard.put(heard)


def _read(payload: Json) -> ReceivedInteraction | None:
    match payload.get("type"):
        case "block_actions" if str(payload["actions"][0].get("action_id")).startswith(MINE):
            return ReceivedInteraction(kind="press", payload=payload)
        case "view_submission" if str(payload["view"].get("callback_id")).startswith(MINE):
            return ReceivedInteraction(kind="submission", payload=payload)
        case "event_callback" if payload["event"].get("type") == "app_mention":
            return ReceivedInteraction(kind="mention", payload=payload)
        case _:
            return None


PLACES: Final = {
    "thread": "In this thread",
    "channel": "In the channel",
    "nowhere": "Not at all",
}
BEGIN: Final = "Take part"
OPEN: Final = "Open the form"


_MAX_USES: Final = 6
"""Uses of a response URL after which no further one is tried; Slack documents five."""


class NoResponse(Exception):
    """The person did not respond within the time."""


class ParticipantQuestions:
    """Questions to one person, step by step: the named one, or the first to press the button."""

    def __init__(
        self,
        site: ProbeChannel,
        listener: InteractionListener,
        root: Artifact,
        installed: Installation,
        person: str,
    ) -> None:
        self._site = site
        self._ear = listener
        self._root = root
        self._installed = installed
        self.person = person
        self._pressed: ReceivedInteraction | None = None
        self._pressed_at = 0.0

    def begin(self) -> None:
        """Wait for someone to take part; raises NoResponse."""
        words = "Can you help to test how Slack behaves here? It takes about a minute."
        self._pressed = self._ask(words, {"begin": BEGIN})
        self._pressed_at = self._site.pace.now()
        self.person = self.person or self._pressed.person
        self._site.scrubber.learn([self.person])

    def replies(self) -> Json:
        """Answer the press in two ways, and ask where each answer appeared; raises NoResponse.

        The pressed message is then replaced by the response URL until Slack refuses that.
        """
        response_url = str(self._last().payload["response_url"])
        self._site.reply_to(
            response_url,
            {"text": "*Answer one*", "response_type": "ephemeral", "replace_original": False},
        )
        first = self._where("one")
        self._site.api.call(
            "chat.postEphemeral",
            channel=self._root.channel,
            user=self.person,
            thread_ts=self._root.id,
            text="*Answer two*",
        )
        second = self._where("two")
        uses = 1
        with suppress(ApiUnreachable):  # so is a refusal without an answer of the Web API
            while uses < _MAX_USES:
                self._site.reply_to(response_url, {"text": "*Replaced*", "replace_original": True})
                uses += 1
        asked = "Does the message with the button that you pressed first now read *Replaced*?"
        seen = self._ask(asked, {"yes": "Yes", "no": "No"}).payload["actions"][0]["value"]
        return {"response_url": first, "ephemeral": second, "replaced": seen == "yes", "uses": uses}

    def expired_trigger(self) -> Json:
        """Open a form by the trigger of the first press, some seconds after it."""
        pressed = self._last()
        rest = self._site.pace.stale - (self._site.pace.now() - self._pressed_at)
        if rest > 0:
            self._site.pace.sleep(rest)
        return open_small_view(self._site, str(pressed.payload["trigger_id"]))

    def form(self) -> Json:
        """Have a form opened, change its initial values, and compare what is submitted; raises NoResponse."""
        pressed = self._ask("Open the form, change nothing, and submit it.", {"open": OPEN})
        opened = self._site.api.call(
            "views.open", trigger_id=str(pressed.payload["trigger_id"]), view=_form(_OLD, "renewed_1")
        )
        self._site.api.call("views.update", view_id=str(opened["view"]["id"]), view=_form(_NEW, "renewed_2"))
        submitted = self._hear(lambda one: one.kind == "submission")
        values: Json = submitted.payload["view"]["state"]["values"]
        return {
            "same_block_id": _handed_in(values, "kept"),
            "new_block_id": _handed_in(values, "renewed_2"),
        }

    def mention(self, where: Artifact) -> Json:
        """Have the bot mentioned in a channel, and return the teams of the event; raises NoResponse."""
        words = "Write a message in this channel that mentions me, and delete it afterwards."
        self._site.post(where.channel, words, thread=where.id)
        heard = self._ear.wait_for(
            lambda one: one.kind == "mention" and one.payload["event"].get("channel") == where.channel,
            self._site.pace.person,
        )
        if heard is None:
            raise NoResponse
        return teams_named(heard.payload, self._installed)

    def _where(self, which: str) -> str:
        words = f"Where do you see *Answer {which}*, which only you can see?"
        return str(self._ask(words, PLACES).payload["actions"][0]["value"])

    def _ask(self, words: str, buttons: dict[str, str]) -> ReceivedInteraction:
        message = self._site.post(
            self._root.channel, words, thread=self._root.id, blocks=_question(words, buttons)
        )
        return self._hear(
            lambda one: (
                one.kind == "press" and one.payload.get("container", {}).get("message_ts") == message.id
            )
        )

    def _hear(self, wanted: Callable[[ReceivedInteraction], bool]) -> ReceivedInteraction:
        def by_the_person(one: ReceivedInteraction) -> bool:
            return wanted(one) and self.person in ("", one.person)

        heard = self._ear.wait_for(by_the_person, self._site.pace.person)
        if heard is None:
            raise NoResponse
        return heard

    def _last(self) -> ReceivedInteraction:
        if self._pressed is None:
            raise NoResponse
        return self._pressed


def teams_named(payload: Json, installed: Installation) -> Json:
    """Return the teams of an event, each by its relation to the installation."""
    event: Json = payload.get("event") or {}
    authorizations = payload.get("authorizations")
    first: Json = authorizations[0] if authorizations else {}
    teams: Json = {
        "outer": payload.get("team_id"),
        "context": payload.get("context_team_id"),
        "authorization": first.get("team_id"),
        "actor": event.get("user_team") or event.get("source_team") or event.get("team"),
    }
    known = {installed.team: "installation", installed.enterprise or "": "enterprise"}
    relations = {name: known.get(team, "other") if team else "absent" for name, team in teams.items()}
    listed = "absent" if authorizations is None else "listed" if authorizations else "empty"
    return {**relations, "authorizations": listed}


_OLD, _NEW = "The first value", "The second value"


def _form(value: str, renewed: str) -> Json:
    return {
        "type": "modal",
        "callback_id": f"{MINE}form",
        "title": plain_text("Slack probe", slack_limits.MODAL_TITLE),
        "submit": plain_text("Submit", slack_limits.MODAL_TITLE),
        "blocks": [_field("kept", "First field", value), _field(renewed, "Second field", value)],
    }


def _field(block_id: str, label: str, value: str) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "optional": True,
        "label": plain_text(label, slack_limits.LABEL),
        "element": {"type": "plain_text_input", "action_id": "value", "initial_value": value},
    }


def _handed_in(values: Json, block_id: str) -> str:
    block: Json = values.get(block_id) or {}
    value = block.get("value", {}).get("value")
    return {"": "empty", _NEW: "new", _OLD: "old"}.get(value or "", "other")


def _question(words: str, buttons: dict[str, str]) -> list[Block]:
    elements = [
        {
            "type": "button",
            "action_id": f"{MINE}{value}",
            "text": plain_text(label, slack_limits.BUTTON),
            "value": value,
        }
        for value, label in buttons.items()
    ]
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": words}},
        {"type": "actions", "elements": elements},
    ]
