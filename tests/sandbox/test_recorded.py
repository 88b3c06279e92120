"""The sandbox sends only fields recorded from Slack, with the same types."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest

from bot.sandbox.api import Sandbox
from bot.sandbox.workspace.seed_data import PARTNER_TEAM_ID, SISTER_TEAM_ID
from bot.sandbox.workspace.workspace_behavior import Behavior
from tests.sandbox.contract_answers import answers
from tests.sandbox.contract_answers import events as bare_events
from tests.sandbox.payload_differences import DIFFERENT, LEFT_OUT, NOT_OFFERED
from tests.sandbox.small_bot import Json, button, small_bot
from tests.waiting import patient_sandbox

RECORDED = Path(__file__).parents[3] / "shared" / "reference" / "slack" / "recorded-shapes.json"

pytestmark = pytest.mark.skipif(
    not RECORDED.is_file(), reason="recorded shapes are not beside the project (../shared/reference/slack)"
)

_TYPES = {"bool": "boolean", "str": "string", "int": "number", "float": "number"}
_SKIPPED: tuple[object, ...] = ("…", "object", [], {}, ["object"])
"""Parts without recordings: blocks, attachments, and deeper fields."""


@cache
def recorded() -> Json:
    return json.loads(RECORDED.read_text(encoding="utf-8"))


def differences(sent: Any, shape: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each field that was not recorded so; nulls and what was blanked are not compared."""
    kind = type(sent).__name__
    if sent is None or shape in _SKIPPED:
        return
    if isinstance(sent, dict) and isinstance(shape, dict):
        fields = cast("Json", shape)
        anything = next((one for name, one in fields.items() if name[1:].isdigit()), None)
        for name, inner in cast("Json", sent).items():
            if name in fields or anything is not None:
                yield from differences(inner, fields.get(name, anything), f"{path}.{name}")
            else:
                yield f"{path}.{name}".removeprefix(".")
    elif isinstance(sent, list) and isinstance(shape, list):
        for inner in cast("list[object]", sent):
            yield from differences(inner, cast("list[object]", shape)[0], f"{path}[]")
    elif _TYPES.get(kind) != shape:
        yield path.removeprefix(".")


@cache
def sent() -> dict[str, list[Json]]:
    """Return what the sandbox sends and answers, by family and kind."""
    found: dict[str, list[Json]] = {}
    for behavior in (Behavior(), Behavior(enterprise="E0ESTATE1")):
        for kind, payload in _payloads(behavior):
            found.setdefault(kind, []).append(payload)
    for method, answer in answers().items():
        found.setdefault(f"methods {method}", []).append(answer)
    for name, event in bare_events().items():
        found.setdefault(f"events {name}", []).append({"event": event})
    return found


def _payloads(behavior: Behavior) -> Iterator[tuple[str, Json]]:
    """Yield what a bot is brought in a shared channel, by a person of a sister workspace too."""
    with patient_sandbox(behavior=behavior) as sandbox, small_bot(sandbox) as bot:
        sandbox.add_person("pat", "#house", team=PARTNER_TEAM_ID)
        sandbox.add_person("sue", "#house", team=SISTER_TEAM_ID)
        sandbox.change_channel("#house", is_ext_shared=True)
        ana = sandbox.person("ana")
        group = sandbox.open_group("ana", "ben", "chi")
        yield _SLASH, ana.command(group, "/small hello").payload
        yield _SLASH, ana.command("#house", "/small form").payload
        sandbox.wait_until(lambda: ana.modal is not None)
        modal = ana.modal
        assert modal is not None
        yield _CLICK, ana.click(modal, "Retitle").payload
        ana.fill("Name", "The door")
        submitted = ana.submit()
        assert submitted is not None
        yield _SUBMISSION, submitted.payload
        blocks = [{"type": "actions", "elements": [button("Press", "press", value="1")]}]
        bot.client.chat_postMessage(channel="C0HOUSE01", text="A card", blocks=blocks)
        card = next(message for message in ana.sees("#house") if message.buttons)
        yield _CLICK, ana.click(card, card.buttons[0].label).payload
        yield _SHORTCUT, ana.message_shortcut(card, "quote").payload
        ana.command("#house", "/small form")
        sandbox.wait_until(lambda: ana.modal is not None)
        view = sandbox.client.parts.views.top(ana.id)
        assert view is not None
        view.body["notify_on_close"] = True
        closed = ana.close()
        assert closed is not None
        yield _CLOSED, closed.payload
        for who in ("ana", "pat", "sue"):
            sandbox.person(who).say("#house", "@Bot hello")
        sandbox.person("sue").join("#general")
        sandbox.wait_until(
            lambda: len([one for one in sandbox.deliveries if one.title == "app_mention"]) >= 3
        )
        for delivery in list(sandbox.deliveries):
            if delivery.kind == "events_api":
                yield f"events {delivery.payload['event']['type']}", delivery.payload


_SLASH = "interactive slash-commands/SlashCommandPayload"
_CLICK = "interactive interactive-components/BlockActionPayload"
_SHORTCUT = "interactive interactive-components/MessageShortcutPayload"
_SUBMISSION = "interactive views/ViewSubmissionPayload"
_CLOSED = "interactive views/ViewClosedPayload"


def shape_of(kind: str) -> Json | None:
    family, _, name = kind.partition(" ")
    return recorded()[family].get(name)


@cache
def found() -> frozenset[str]:
    return frozenset(
        f"{kind} {path}"
        for kind, payloads in sent().items()
        if (shape := shape_of(kind)) is not None
        for payload in payloads
        for path in differences(payload, shape)
    )


def anywhere(row: str) -> str:
    """Return a difference as it is listed where it holds for every event."""
    family, _, path = row.split(" ", 2)
    return f"{family} * {path}"


def test_payloads_match_the_recordings_except_for_listed_differences() -> None:
    assert [one for one in sorted(found()) if one not in DIFFERENT and anywhere(one) not in DIFFERENT] == []


def test_the_list_has_only_current_differences() -> None:
    assert set(DIFFERENT) <= found() | {anywhere(one) for one in found()}


def test_unsupported_payloads_are_listed() -> None:
    every = {f"{family} {name}" for family, kinds in recorded().items() for name in kinds}
    assert every - set(sent()) == set(NOT_OFFERED)


def test_omitted_outer_fields_are_listed() -> None:
    outer: Mapping[str, set[str]] = {
        kind: set(shape) - {name for payload in payloads for name in payload}
        for kind, payloads in sent().items()
        if not kind.startswith("methods") and len(payloads) > 1 and (shape := shape_of(kind)) is not None
    }
    missing = {name for names in outer.values() for name in names}
    assert missing - _ELSEWHERE == set(LEFT_OUT)


_ELSEWHERE = {"is_cleared", "view", "message", "response_url", "channel", "enterprise_id", "response_urls"}
"""Fields that some payloads of a kind have and others do not."""


def test_recently_supported_payloads_are_sent() -> None:
    told = json.dumps(sent())
    for words in ('"enterprise_id": "E0ESTATE1"', "mpdm-ana--ben--chi-1", f'"team_id": "{PARTNER_TEAM_ID}"'):
        assert words in told
    with Sandbox(behavior=Behavior(enterprise="E0ESTATE1")).start() as sandbox:
        sandbox.change_channel("#house", is_ext_shared=True)
        sandbox.restrict("#house", is_read_only=True)
        sandbox.add_person("sue", "#house", team=SISTER_TEAM_ID)
        with small_bot(sandbox) as bot:
            bot.client.conversations_info(channel="C0HOUSE01")
            bot.client.users_info(user=sandbox.person("sue").id)
    channel = sandbox.calls_of("conversations.info")[-1].answer["channel"]
    person = sandbox.calls_of("users.info")[-1].answer["user"]
    assert channel["conversation_host_id"] == PARTNER_TEAM_ID
    assert channel["is_read_only"]
    assert person["enterprise_user"]["teams"] == [SISTER_TEAM_ID, "T0SANDBOX"]
    assert list(differences({"channel": channel}, recorded()["methods"]["conversations.info"])) == [
        "channel.is_frozen"
    ]
    assert list(differences({"user": person}, recorded()["methods"]["users.info"])) == []
