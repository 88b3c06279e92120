"""Forms as Slack would hand them in: signed, each with an identity and words of its own."""

import hashlib
import hmac
import json
import time
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from bot.manifest import EVENTS_PATH
from bot.sandbox.place.installed_app import APP_ID
from bot.slack.forms import FORMS, Opening
from bot.slack.kit.triggers import FormName, Target
from bot.store import StreamId, open_store, tenant_of
from bot.workshop import Workshop
from domain.elements import Kind, PersonId
from domain.register import register
from tests.bench.material import DESCRIPTION, NOON

_NUMBER = "...."


class Forms:
    """Revisions of one asset, so that the model does not grow; every one changes something."""

    def __init__(self, database: Path, stream: StreamId, *, person: str, secret: str) -> None:
        self._secret = secret.encode()
        self._numbers = count(1)
        self._before, *self._between, self._after = _payload(database, stream, person).split(
            quote_plus(_NUMBER)
        )

    def request(self) -> bytes:
        """The next form as an HTTP request on a connection that stays open."""
        number = f"{next(self._numbers):08}"
        body = number.join((self._before, *self._between, self._after)).encode()
        now = str(int(time.time()))
        signed = hmac.new(self._secret, b"v0:" + now.encode() + b":" + body, hashlib.sha256).hexdigest()
        head = (
            f"POST {EVENTS_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"X-Slack-Request-Timestamp: {now}\r\nX-Slack-Signature: v0={signed}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def _payload(database: Path, stream: StreamId, person: str) -> str:
    payload: dict[str, Any] = {
        "type": "view_submission",
        "team": {"id": tenant_of(stream), "domain": "house"},
        "user": {"id": person, "username": "ana", "name": "ana", "team_id": tenant_of(stream)},
        "api_app_id": APP_ID,
        "token": "unused",
        "trigger_id": f"{_NUMBER}.1.1",
        "view": _submitted(_form(database, stream)),
        "response_urls": [],
        "is_enterprise_install": False,
        "enterprise": None,
    }
    return "payload=" + quote_plus(json.dumps(payload, ensure_ascii=False))


def _form(database: Path, stream: StreamId) -> dict[str, Any]:
    """The form that revises the first asset, as the bot opens it."""
    store = open_store(f"sqlite:///{database}")
    workshop = Workshop(store)
    known = register(workshop.model(stream), (), NOON)
    workshop.close()
    store.close()
    asset = known.items(Kind.ASSET)[0]
    target = Target(stream=stream, kind=Kind.ASSET, element=asset.id)
    return FORMS[FormName.ELEMENT].render(Opening(target=target, person=PersonId("U0"), register=known))


def _submitted(view: dict[str, Any]) -> dict[str, Any]:
    """The view as Slack sends it back, name and description filled in and the rest left as it was."""
    typed = {"name": f"Letters {_NUMBER}", "description": DESCRIPTION}
    state: dict[str, dict[str, Any]] = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element, key = block["element"], block["block_id"]
            answer: dict[str, Any] = {"type": element["type"]}
            match element["type"]:
                case "plain_text_input":
                    answer["value"] = typed.get(key)
                case "static_select":
                    answer["selected_option"] = element.get("initial_option")
                case _:
                    answer["selected_options"] = element.get("initial_options", [])
            state[key] = {element["action_id"]: answer}
    return {
        **view,
        "id": f"V{_NUMBER}",
        "hash": f"17.{_NUMBER}",
        "state": {"values": state},
        "root_view_id": f"V{_NUMBER}",
        "previous_view_id": None,
        "app_id": APP_ID,
        "bot_id": "B0BENCH",
    }
