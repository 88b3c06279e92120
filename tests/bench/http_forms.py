"""Forms as Slack would hand them in: signed, each with an identity and words of its own."""

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from bot.commands.command_handler import CommandHandler
from bot.sandbox.api import APP_ID
from bot.slack.protocol.app_ids import EVENTS_PATH
from bot.slack.protocol.targets import Target
from bot.slack.queries.form_snapshots import FormSnapshot, stored_form
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import ShownValue, field_key, shown_values
from bot.slack.ui.modals.modal_registry import FORMS
from bot.store import SqliteStore, StreamId, open_store, tenant_of
from domain.kernel.elements import Kind, PersonId
from domain.register import register
from tests.bench.benchmark_models import DESCRIPTION, NOW

NUMBER = "...."
_MAX_FORMS = 50_000
"""Forms of one run."""


class Forms:
    """Revisions of the assets in turn, so that the model does not grow; every one changes a name.

    There are more assets than forms under way at a time, so that each form shows what is there now.
    """

    def __init__(self, database: Path, stream: StreamId, *, person: str, secret: str) -> None:
        self._secret = secret.encode()
        self._next = 1
        views = _views(database, stream)
        self._payloads = [form_payload(view, stream, person).split(quote_plus(NUMBER)) for view in views]

    def requests(self, many: int) -> list[bytes]:
        """The next forms, the first of them last."""
        return [self.request() for _ in range(many)][::-1]

    def give_back(self, many: int) -> None:
        """The last forms were not handed in: they come again."""
        self._next -= many

    def request(self) -> bytes:
        """The next form as an HTTP request on a connection that stays open."""
        number, payload = f"{self._next:08}", self._payloads[(self._next - 1) % len(self._payloads)]
        self._next += 1
        return signed_request(number.join(payload).encode(), self._secret)


def signed_request(body: bytes, secret: bytes) -> bytes:
    """A form as an HTTP request of Slack, on a connection that stays open."""
    now = str(int(time.time()))
    signed = hmac.new(secret, b"v0:" + now.encode() + b":" + body, hashlib.sha256).hexdigest()
    head = (
        f"POST {EVENTS_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {now}\r\nX-Slack-Signature: v0={signed}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def form_payload(view: dict[str, Any], stream: StreamId, person: str) -> str:
    """A rendered view as it is handed in; `NUMBER` in it stands for a number of its own."""
    payload: dict[str, Any] = {
        "type": "view_submission",
        "team": {"id": tenant_of(stream), "domain": "house"},
        "user": {"id": person, "username": "ana", "name": "ana", "team_id": tenant_of(stream)},
        "api_app_id": APP_ID,
        "token": "unused",
        "trigger_id": f"{NUMBER}.1.1",
        "view": _submitted(view),
        "response_urls": [],
        "is_enterprise_install": False,
        "enterprise": None,
    }
    return "payload=" + quote_plus(json.dumps(payload, ensure_ascii=False))


def _views(database: Path, stream: StreamId) -> list[dict[str, Any]]:
    """The form that revises each asset, as the bot opens it and remembers what it showed."""
    store = open_store(f"sqlite:///{database}")
    command_handler = CommandHandler(store)
    known = register(command_handler.model(stream), NOW)
    form, views, shown = FORMS["element"], list[dict[str, Any]](), list[dict[str, ShownValue]]()
    for asset in known.items(Kind.ASSET):
        target = Target(stream=stream, kind=Kind.ASSET, element=asset.id, opened=NUMBER)
        opening = FormContext(target=target, person=PersonId("U0"), register=known)
        parts = form.parts(opening)
        views.append(form.render(opening, parts))
        shown.append(shown_values(parts))
    _remember(store, stream, known.version, shown)
    store.close()
    return views


def _remember(store: SqliteStore, stream: StreamId, version: int, shown: list[dict[str, ShownValue]]) -> None:
    """What each form showed: its asset as the form before it left it."""
    rows = (
        FormSnapshot(
            token=f"{number:08}",
            stream=stream,
            version=version + number - 1,
            shown=_shown(number, shown),
            at=NOW,
        )
        for number in range(1, _MAX_FORMS + 1)
    )
    store.unit(tenant_of(stream)).open_forms.save(*(stored_form(row) for row in rows))


def _shown(number: int, shown: list[dict[str, ShownValue]]) -> dict[str, ShownValue]:
    first = shown[(number - 1) % len(shown)]
    if number <= len(shown):
        return first
    before = f"Letters {number - len(shown):08}"
    told = ShownValue(value=DESCRIPTION, stored=DESCRIPTION)
    return {
        **first,
        "name": ShownValue(value=before, stored=before),
        "description": told,
    }


def _submitted(view: dict[str, Any]) -> dict[str, Any]:
    """The view as Slack sends it back, name and description filled in and the rest left as it was."""
    typed = {"name": f"Letters {NUMBER}", "description": DESCRIPTION}
    state: dict[str, dict[str, Any]] = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element, key = block["element"], block["block_id"]
            answer: dict[str, Any] = {"type": element["type"]}
            match element["type"]:
                case "plain_text_input":
                    answer["value"] = typed.get(field_key(key), element.get("initial_value"))
                case "static_select":
                    answer["selected_option"] = element.get("initial_option")
                case _:
                    answer["selected_options"] = element.get("initial_options", [])
            state[key] = {element["action_id"]: answer}
    return {
        **view,
        "id": f"V{NUMBER}",
        "hash": f"17.{NUMBER}",
        "state": {"values": state},
        "root_view_id": f"V{NUMBER}",
        "previous_view_id": None,
        "app_id": APP_ID,
        "bot_id": "B0BENCH",
    }
