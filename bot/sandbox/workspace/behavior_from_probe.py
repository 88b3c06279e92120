"""Behavior of the workspace from a file with the answers of a real one."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import DecodeError, Struct, ValidationError, convert
from msgspec.json import decode

from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.workspace_behavior import Behavior, FieldOverrides, LengthCounting, SlackRefusal

SOME_ENTERPRISE = "E0SANDBOX"
"""The file says only that there is an organization, not which one."""
SOME_SECONDS = 1.0
"""The file says only that files appear later, not when."""
_CANVAS = {"created": "canvases.create", "replaced": "canvases.edit", "deleted": "canvases.delete"}


class _Outcome(Struct, frozen=True):
    code: str
    detail: str = ""

    @property
    def ok(self) -> bool:
        return self.code == "ok"

    @property
    def refusal(self) -> SlackRefusal:
        return SlackRefusal(code=self.code, detail=self.detail)


class _Installation(Struct, frozen=True):
    missing_scopes: frozenset[str]
    extra_scopes: frozenset[str]
    enterprise: bool

    def behavior(self) -> Json:
        enterprise = SOME_ENTERPRISE if self.enterprise else None
        return {
            "missing_scopes": self.missing_scopes,
            "extra_scopes": self.extra_scopes,
            "enterprise": enterprise,
        }


class _Fields(Struct, frozen=True):
    missing: tuple[str, ...]
    unknown: Mapping[str, str]
    other_type: Mapping[str, str]


def _fields(observed: Mapping[str, _Fields]) -> Json:
    return {
        "fields": {
            method: FieldOverrides(missing=one.missing, present={**one.unknown, **one.other_type})
            for method, one in observed.items()
        }
    }


class _LargestCard(Struct, frozen=True):
    posted: _Outcome
    updated: _Outcome

    def behavior(self) -> Json:
        return {"large_messages_taken": self.posted.ok or self.updated.ok}


class _Edge(Struct, frozen=True):
    at: _Outcome
    over: _Outcome


class _Letters(Struct, frozen=True):
    ascii: _Edge
    escaped: _Edge
    ampersand: _Edge
    astral: _Edge

    def counting(self) -> LengthCounting:
        if self.ascii.over.ok:
            return LengthCounting(limited=False)
        astral = not self.astral.at.ok
        if not self.ampersand.at.ok:
            return LengthCounting(ampersand="escaped", astral_is_two=astral)
        how = "unescaped" if self.escaped.over.ok else "as_written"
        return LengthCounting(ampersand=how, astral_is_two=astral)


class _Texts(Struct, frozen=True):
    section: _Letters
    edit: _Letters

    def behavior(self) -> Json:
        return {"blocks_counting": self.section.counting(), "edits_counting": self.edit.counting()}


class _Shared(Struct, frozen=True):
    completed: _Outcome
    appeared: Literal["immediately", "later", "never"]


class _File(Struct, frozen=True):
    plain: _Shared
    alt_text: _Shared


def _files(observed: Mapping[str, _File]) -> Json:
    uploads = {
        f"{kind}{suffix}": upload
        for kind, file in observed.items()
        for suffix, upload in (("", file.plain), ("+alt_txt", file.alt_text))
        if upload.completed.ok
    }
    appeared = {upload.appeared for upload in uploads.values()}
    if not appeared:
        return {}
    if appeared == {"never"}:
        return {"files_appear_after": None}  # then nothing is known about those with an alternative text
    hidden = frozenset(kind for kind, upload in uploads.items() if upload.appeared == "never")
    all_others = frozenset(f"{kind}+alt_txt" for kind in observed if kind != "png")
    hides = all_others <= hidden
    return {
        "alt_text_hides_files": hides,
        "hidden_files": hidden - all_others if hides else hidden,
        "files_appear_after": SOME_SECONDS if "later" in appeared else 0.0,
    }


def _canvas(observed: Mapping[str, _Outcome]) -> Json:
    refused = {
        method: observed[name].refusal
        for name, method in _CANVAS.items()
        if name in observed and observed[name].code not in ("ok", "no_canvas")
    }
    return {"canvas_refusals": refused}


class _Opened(Struct, frozen=True):
    opened: _Outcome


def _unknown_trigger(observed: _Opened) -> Json:
    return {} if observed.opened.ok else {"unknown_trigger": observed.opened.refusal}


def _expired_trigger(observed: _Opened) -> Json:
    if observed.opened.code == "expired_trigger_id":
        return {"expired_trigger_in_detail": False}
    in_detail = observed.opened.code == "invalid_arguments" and "expired" in observed.opened.detail
    return {"expired_trigger_in_detail": True} if in_detail else {}


class _Direct(Struct, frozen=True):
    info: _Outcome
    metadata_found: bool
    metadata_kept: bool

    def behavior(self) -> Json:
        known: Json = {
            "direct_info_takes_scope": not self.info.ok,
            "metadata_in_history": self.metadata_found,
        }
        # Without any in the history, whether an edit keeps it is unknown.
        return {**known, "metadata_survives_edit": self.metadata_kept} if self.metadata_found else known


_Place = Literal["thread", "channel", "nowhere"]


class _Replies(Struct, frozen=True):
    response_url: _Place
    ephemeral: _Place
    replaced: bool = True
    uses: int = Behavior().response_url_uses

    def behavior(self) -> Json:
        return {
            "response_url_replaces": self.replaced,
            "response_url_uses": self.uses,
            "response_url_reaches_thread": self.response_url == "thread",
            "ephemeral_reaches_thread": self.ephemeral == "thread",
        }


class _Form(Struct, frozen=True):
    same_block_id: Literal["new", "old", "empty", "other"]

    def behavior(self) -> Json:
        return {"update_hands_in_initial_values": self.same_block_id == "new"}


_Team = Literal["installation", "enterprise", "other", "absent"]


class _Mention(Struct, frozen=True):
    outer: _Team
    context: _Team
    authorizations: Literal["listed", "empty", "absent"]

    def behavior(self) -> Json:
        return {
            "context_team_listed": self.context != "absent",
            "authorizations_listed": self.authorizations == "listed",
        }

    def in_shared_channel(self) -> Json:
        return {"foreign_outer_team": self.outer in ("other", "enterprise")}


POINTS: Mapping[str, tuple[Any, Callable[[Any], Json]]] = {
    "installation": (_Installation, _Installation.behavior),
    "fields": (dict[str, _Fields], _fields),
    "largest_card": (_LargestCard, _LargestCard.behavior),
    "texts": (_Texts, _Texts.behavior),
    "files": (dict[str, _File], _files),
    "canvas": (dict[str, _Outcome], _canvas),
    "unknown_trigger": (_Opened, _unknown_trigger),
    "direct_message": (_Direct, _Direct.behavior),
    "replies": (_Replies, _Replies.behavior),
    "expired_trigger": (_Opened, _expired_trigger),
    "form": (_Form, _Form.behavior),
    "mention": (_Mention, _Mention.behavior),
    "mention_in_shared_channel": (_Mention, _Mention.in_shared_channel),
}
"""For each point in the file, the type of its answer, and the fields of `Behavior` that it determines."""


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
        for name, (shape, behavior_of) in POINTS.items():
            point = points.get(name)
            if point is not None and point.status == "answered":
                behavior |= behavior_of(convert(point.answer, shape))
    except ValidationError as wrong:
        raise ProbeFileUnusable(f"{file} was not written by `doctor --probe`: {wrong}") from None
    return Behavior(**behavior)
