"""Behavior of the workspace from a file with the answers of a real one."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from msgspec import DecodeError, Struct, ValidationError, convert
from msgspec.json import decode

from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.workspace_behavior import Behavior, FieldOverrides, LengthCounting, SlackRefusal

SOME_ENTERPRISE = "E0SANDBOX"
"""The file says only that there is an organization, not which one."""
SOME_SECONDS = 1.0
"""The file says only that files appear later, not when."""
_CANVAS = {"created": "canvases.create", "replaced": "canvases.edit", "deleted": "canvases.delete"}
_NOT_REFUSED = ("ok", "no_canvas")


class _Installation(Struct, frozen=True):
    missing_scopes: frozenset[str]
    extra_scopes: frozenset[str]
    enterprise: bool


def _installation(answer: Json) -> Json:
    observed = convert(answer, _Installation)
    return {
        "missing_scopes": observed.missing_scopes,
        "extra_scopes": observed.extra_scopes,
        "enterprise": SOME_ENTERPRISE if observed.enterprise else None,
    }


class _Fields(Struct, frozen=True):
    missing: tuple[str, ...]
    unknown: Mapping[str, str]
    other_type: Mapping[str, str]


def _fields(answer: Json) -> Json:
    observed = convert(answer, dict[str, _Fields])
    return {
        "fields": {
            method: FieldOverrides(missing=one.missing, present={**one.unknown, **one.other_type})
            for method, one in observed.items()
        }
    }


class _Outcome(Struct, frozen=True):
    code: str
    detail: str = ""


class _LargestCard(Struct, frozen=True):
    posted: _Outcome
    updated: _Outcome


def _largest_card(answer: Json) -> Json:
    observed = convert(answer, _LargestCard)
    return {"large_messages_taken": "ok" in (observed.posted.code, observed.updated.code)}


class _Edge(Struct, frozen=True):
    at: _Outcome
    over: _Outcome


class _Letters(Struct, frozen=True):
    ascii: _Edge
    escaped: _Edge
    ampersand: _Edge
    astral: _Edge


class _Texts(Struct, frozen=True):
    section: _Letters
    edit: _Letters


def _texts(answer: Json) -> Json:
    observed = convert(answer, _Texts)
    return {"blocks_counting": _counting(observed.section), "edits_counting": _counting(observed.edit)}


def _counting(observed: _Letters) -> LengthCounting:
    if observed.ascii.over.code == "ok":
        return LengthCounting(limited=False)
    if observed.ampersand.at.code != "ok":
        return LengthCounting(ampersand="escaped", astral_is_two=observed.astral.at.code != "ok")
    unescaped = observed.escaped.over.code == "ok"
    return LengthCounting(
        ampersand="unescaped" if unescaped else "as_written", astral_is_two=observed.astral.at.code != "ok"
    )


class _Shared(Struct, frozen=True):
    completed: _Outcome
    appeared: Literal["immediately", "later", "never"]


class _File(Struct, frozen=True):
    plain: _Shared
    alt_text: _Shared


def _files(answer: Json) -> Json:
    observed = convert(answer, dict[str, _File])
    uploads = [one for file in observed.values() for one in (file.plain, file.alt_text)]
    appeared = {one.appeared for one in uploads if one.completed.code == "ok"}
    if not appeared:
        return {}
    if appeared == {"never"}:
        return {"files_appear_after": None}  # then nothing is known about those with an alternative text
    return {**_hidden_files(observed), "files_appear_after": SOME_SECONDS if "later" in appeared else 0.0}


def _hidden_files(observed: Mapping[str, _File]) -> Json:
    hidden = frozenset(_hidden(observed))
    all_others = frozenset(f"{kind}+alt_txt" for kind in observed if kind != "png")
    hides = all_others <= hidden
    return {"alt_text_hides_files": hides, "hidden_files": hidden - all_others if hides else hidden}


def _hidden(observed: Mapping[str, _File]) -> Iterator[str]:
    for kind, file in observed.items():
        if file.plain.completed.code == "ok" and file.plain.appeared == "never":
            yield kind
        if file.alt_text.completed.code == "ok" and file.alt_text.appeared == "never":
            yield f"{kind}+alt_txt"


def _canvas(answer: Json) -> Json:
    observed = convert(answer, dict[str, _Outcome])
    refused = {
        method: SlackRefusal(code=observed[name].code, detail=observed[name].detail)
        for name, method in _CANVAS.items()
        if name in observed and observed[name].code not in _NOT_REFUSED
    }
    return {"canvas_refusals": refused}


class _Opened(Struct, frozen=True):
    opened: _Outcome


def _unknown_trigger(answer: Json) -> Json:
    observed = convert(answer, _Opened).opened
    return (
        {"unknown_trigger": SlackRefusal(code=observed.code, detail=observed.detail)}
        if observed.code != "ok"
        else {}
    )


class _Direct(Struct, frozen=True):
    info: _Outcome
    metadata_found: bool
    metadata_kept: bool


def _direct_message(answer: Json) -> Json:
    observed = convert(answer, _Direct)
    takes_scope: Json = {"direct_info_takes_scope": observed.info.code != "ok"}
    if not observed.metadata_found:
        return {**takes_scope, "metadata_in_history": False}  # whether an edit keeps it is unknown then
    return {**takes_scope, "metadata_in_history": True, "metadata_survives_edit": observed.metadata_kept}


_Place = Literal["thread", "channel", "nowhere"]


class _Replies(Struct, frozen=True):
    response_url: _Place
    ephemeral: _Place


def _replies(answer: Json) -> Json:
    observed = convert(answer, _Replies)
    return {
        "response_url_reaches_thread": observed.response_url == "thread",
        "ephemeral_reaches_thread": observed.ephemeral == "thread",
    }


def _expired_trigger(answer: Json) -> Json:
    observed = convert(answer, _Opened).opened
    if observed.code == "expired_trigger_id":
        return {"expired_trigger_in_detail": False}
    in_detail = observed.code == "invalid_arguments" and re.search("expired", observed.detail) is not None
    return {"expired_trigger_in_detail": True} if in_detail else {}


class _Form(Struct, frozen=True):
    same_block_id: Literal["new", "old", "empty", "other"]


def _form(answer: Json) -> Json:
    return {"update_hands_in_initial_values": convert(answer, _Form).same_block_id == "new"}


_Team = Literal["installation", "enterprise", "other", "absent"]


class _Mention(Struct, frozen=True):
    outer: _Team
    context: _Team
    authorizations: Literal["listed", "empty", "absent"]


def _mention(answer: Json) -> Json:
    observed = convert(answer, _Mention)
    return {
        "context_team_listed": observed.context != "absent",
        "authorizations_listed": observed.authorizations == "listed",
    }


def _mention_in_shared_channel(answer: Json) -> Json:
    observed = convert(answer, _Mention)
    return {"foreign_outer_team": observed.outer in ("other", "enterprise")}


POINTS: Mapping[str, Callable[[Json], Json]] = {
    "installation": _installation,
    "fields": _fields,
    "largest_card": _largest_card,
    "texts": _texts,
    "files": _files,
    "canvas": _canvas,
    "unknown_trigger": _unknown_trigger,
    "direct_message": _direct_message,
    "replies": _replies,
    "expired_trigger": _expired_trigger,
    "form": _form,
    "mention": _mention,
    "mention_in_shared_channel": _mention_in_shared_channel,
}
"""For each point in the file, the fields of `Behavior` that its answer determines."""


FORMAT, VERSION = "threatmodel-slack-probe", 1


class ProbeFileUnusable(Exception):
    """Error: the file cannot be used; the message gives the reason in one line."""


class _Point(Struct, frozen=True):
    status: Literal["answered", "failed", "skipped"]
    answer: Json = {}


class _Head(Struct, frozen=True):
    format: str
    version: int


class _AnswersFile(Struct, frozen=True):
    points: Mapping[str, _Point]


def read_answers(file: Path) -> Behavior:
    """Return the behavior that a file of answers describes; raises ProbeFileUnusable.

    A point without an answer keeps its default.
    """
    try:
        read: object = decode(file.read_bytes())
    except OSError as error:
        raise ProbeFileUnusable(f"{file} cannot be read ({error.strerror})") from None
    except (DecodeError, UnicodeDecodeError):
        raise ProbeFileUnusable(f"{file} is not JSON") from None
    try:
        head = convert(read, _Head)
        if (head.format, head.version) != (FORMAT, VERSION):
            raise ProbeFileUnusable(
                f"{file} is {head.format[:40]!r} version {head.version}, not {FORMAT!r} version {VERSION}"
            )
        points = convert(read, _AnswersFile).points
        behavior: Json = {}
        for name, behavior_of in POINTS.items():
            point = points.get(name)
            if point is not None and point.status == "answered":
                behavior |= behavior_of(point.answer)
    except ValidationError as wrong:
        raise ProbeFileUnusable(f"{file} was not written by `doctor --probe`: {wrong}") from None
    return Behavior(**behavior)
