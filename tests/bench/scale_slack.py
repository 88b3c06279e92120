"""A stand-in for Slack's Web API that answers at once: `python -m tests.bench.scale_slack`.

It has as many workspaces as are asked for, with one channel and one person each, and remembers when each
channel's card showed how many assets: `GET /record`.
"""

import re
import time
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from bot.server_process import listening_socket, running_server, stop_requests, wait_for_stop
from bot.slack.protocol.requests import Json
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead
from bot.slack.transport.http_server import Door
from bot.slack.transport.http_sites import LARGEST_BODY

_ASSETS: Final = re.compile(r"\*Assets\*\s+(\d+)")


class CardShown(msgspec.Struct, frozen=True, array_like=True):
    """A card that was written: the channel, the moment by the machine's clock, and its number of assets."""

    channel: str
    at: float
    assets: int


class Record(msgspec.Struct, frozen=True):
    """What was asked of Slack so far."""

    calls: int
    shown: list[CardShown]


def team(number: int) -> str:
    """The ID of a workspace."""
    return f"T{number:06}"


def channel_of(team: str) -> str:
    """The ID of a workspace's channel."""
    return f"C{team[1:]}"


def person_of(team: str) -> str:
    """The ID of a workspace's person."""
    return f"U{team[1:]}"


class WebApi:
    """Answers every method with what the bot needs of it."""

    def __init__(self) -> None:
        self._calls = 0
        self._shown: list[CardShown] = []

    def max_body_bytes(self, head: RequestHead) -> int:
        """Everything is read."""
        del head
        return LARGEST_BODY

    def admit(self, request: HttpRequest) -> HttpResponse:
        """Answer on the thread that reads: nothing here waits."""
        if request.head.path == "/record":
            return _json(Record(self._calls, self._shown))
        return _json(self._answer(request))

    def _answer(self, request: HttpRequest) -> Json:
        method = request.head.path.rpartition("/")[2]
        given = dict(parse_qsl(request.body.decode()))
        self._calls += 1
        number = self._calls
        channel, person = given.get("channel", ""), given.get("user", "")
        match method:
            case "chat.postMessage" | "chat.update":
                self._note(channel, given)
                ts = given.get("ts") or f"{time.time():.0f}.{number:06}"
                return {"ok": True, "channel": channel, "ts": ts, "message": {"ts": ts}}
            case "conversations.info":
                told = {"id": channel, "name": "house", "is_member": True, "is_channel": True}
                return {"ok": True, "channel": told}
            case "conversations.members":
                return {"ok": True, "members": [person_of(f"T{channel[1:]}")]}
            case "users.info":
                named = {"display_name": "Ana", "real_name": "Ana"}
                told = {
                    "id": person,
                    "name": "ana",
                    "team_id": f"T{person[1:]}",
                    "profile": named,
                    "tz": "UTC",
                }
                return {"ok": True, "user": told}
            case "users.list":
                return {"ok": True, "members": []}
            case "conversations.open":
                return {"ok": True, "channel": {"id": "D1"}}
            case "views.open" | "views.push" | "views.update" | "views.publish":
                return {"ok": True, "view": {"id": f"V{number}", "hash": str(number)}}
            case _:
                return {"ok": True, "messages": [], "channels": []}

    def _note(self, channel: str, given: dict[str, str]) -> None:
        if found := _ASSETS.search(given.get("blocks", "") + given.get("attachments", "")):
            self._shown.append(CardShown(channel, time.time(), int(found[1])))


def _json(told: object) -> HttpResponse:
    return HttpResponse(
        status=200,
        headers={"Content-Type": "application/json"},
        body=msgspec.json.encode(told),
        keep_alive=True,
    )


if __name__ == "__main__":
    with (
        stop_requests() as asked,
        listening_socket("127.0.0.1", 0) as place,
        running_server(Door(WebApi(), place)) as server,
    ):
        print("listening at", server.address, flush=True)
        wait_for_stop(asked, server)
