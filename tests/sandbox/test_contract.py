"""The sandbox responds as Slack's reference states, except for reviewed differences."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.sandbox.block_kit.schemas import errors
from bot.sandbox.block_kit.validation import message_errors, view_errors
from tests.for_each import for_each
from tests.sandbox.contract_answers import EVENTS, answers, events, keys
from tests.sandbox.contract_differences import DIFFERENCES, Kind
from tests.sandbox.contract_limits import PROBES
from tests.sandbox.sandbox_methods import method_interfaces
from tests.sandbox.small_bot import Json, plain

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "slack"
Found = set[tuple[Kind, str, str]]

pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="Slack's reference is not beside the project (../shared/reference/slack)"
)


def test_every_difference_to_the_reference_is_reviewed() -> None:
    rows = {(row.kind, row.where, name) for row in DIFFERENCES for name in row.names}
    unlisted = [one for one in _all() if one not in rows and (one[0], "*", one[2]) not in rows]
    assert not unlisted, "list with a reason or mend: " + "; ".join(" ".join(one) for one in sorted(unlisted))


def test_the_table_lists_only_current_differences() -> None:
    found = _all()
    anywhere = {(kind, "*", name) for kind, _, name in found}
    rows = [(row.kind, row.where, name) for row in DIFFERENCES for name in row.names]
    assert [row for row in rows if row not in found and row not in anywhere] == []
    assert len(rows) == len(set(rows))


def test_every_difference_has_a_reason() -> None:
    assert all(len(row.reason.split()) > 2 for row in DIFFERENCES)


@for_each("name", PROBES)
def test_limits_are_those_of_slack(name: str) -> None:
    limit, takes = _limits()[name], PROBES[name]
    beyond = limit - 1 if "min" in name.rpartition(".")[2] else limit + 1
    assert (takes(limit), takes(beyond)) == (True, False)


def test_the_parts_of_a_response_are_distinguished() -> None:
    answer = {"ok": True, "members": [{"id": "U1", "profile": {"a": {"b": 1}}}]}
    assert set(keys(answer)) == {"ok", "members", "members[].id", "members[].profile"}


@cache
def _all() -> Found:
    return {*_of_methods(), *_of_answers(), *_of_events(), *_of_limits(), *_of_fixtures()}


# What the web layer sends before a method is reached.
_OF_EVERY_METHOD = {
    "not_authed", "invalid_auth", "not_allowed_token_type", "account_inactive", "token_revoked",
    "token_expired", "missing_scope", "ratelimited",
    "invalid_charset", "invalid_json", "json_not_object",
}  # fmt: skip


def _of_methods() -> Iterator[tuple[Kind, str, str]]:
    for method, offer in method_interfaces().items():
        page = _page(f"methods/{method}.json")
        if page is None:
            yield "not offered", method, "reference"
            continue
        published, arguments = set(page["errors"]), set(page["args"])
        for code in published - offer.errors - _OF_EVERY_METHOD:
            yield "error not sent", method, code
        for code in offer.errors - published:
            yield "error not published", method, code
        for name in arguments - offer.arguments:
            yield "argument not read", method, name
        for name in offer.arguments - arguments:
            yield "argument not published", method, name


def _of_answers() -> Iterator[tuple[Kind, str, str]]:
    given = answers()
    assert set(given) == set(method_interfaces()), "every method must be asked once"
    for method, answer in given.items():
        page = _page(f"methods/{method}.json")
        if page is not None:
            examples = [json.loads(example) for example in page["response"]["examples"]]
            yield from _keys_apart(method, [one for one in examples if one["ok"]], answer)


def _of_events() -> Iterator[tuple[Kind, str, str]]:
    sent = events()
    assert set(sent) == set(EVENTS)
    for name, event in sent.items():
        page = _page(f"events/{name}.json")
        if page is None:
            yield "not offered", name, "reference"
        elif page.get("example"):
            yield from _keys_apart(name, [page["example"]], event)


def _of_limits() -> Iterator[tuple[Kind, str, str]]:
    for name in set(_limits()) - set(PROBES):
        yield "limit not probed", "limits.json", name.partition(".")[0]


def _of_fixtures() -> Iterator[tuple[Kind, str, str]]:
    for path in sorted((REFERENCE / "limits" / "fixtures" / "valid").rglob("*.json")):
        body: Json = json.loads(path.read_text())
        if not _taken(path.parent.name, body):
            yield "fixture refused", "fixtures", f"{path.parent.name}/{path.name}"


def _taken(family: str, body: Json) -> bool:
    match family:
        case "blocks":
            form: Json = {"type": "modal", "title": plain("t"), "submit": plain("s"), "blocks": [body]}
            return not message_errors([body]) or not view_errors(form, kind="modal")
        case "elements":
            return not list(errors("kind element", body, ""))
        case "views":
            return not view_errors(body, kind=None)
        case "messages":
            return not message_errors(body.get("blocks"))
        case _:
            # Parts of blocks and attachments: no door of the sandbox takes them by themselves.
            return True


def _keys_apart(where: str, examples: list[Json], sent: Json) -> Iterator[tuple[Kind, str, str]]:
    published = {key for example in examples for key in keys(example)}
    for key in published - set(keys(sent)):
        yield "key missing", where, key
    for key in set(keys(sent)) - published:
        yield "key not published", where, key


def _page(path: str) -> Json | None:
    file = REFERENCE / path
    return json.loads(file.read_text()) if file.is_file() else None


@cache
def _limits() -> dict[str, int]:
    return dict(_leaves(json.loads((REFERENCE / "limits" / "limits.json").read_text()), ""))


def _leaves(branch: Json, path: str) -> Iterator[tuple[str, int]]:
    for name, value in branch.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}{name}.")  # pyright: ignore[reportUnknownArgumentType]  (JSON)
        else:
            yield f"{path}{name}", value
