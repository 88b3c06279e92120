"""Questions that require no person who clicks: fields, sizes, files, a canvas, metadata."""

import json
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, cast

import msgspec

from bot.probe.probe_answers import (
    AnswerFields,
    Appeared,
    CanvasAnswer,
    DirectMessageAnswer,
    Edge,
    FieldDifferences,
    FileAnswers,
    Installed,
    LargestCard,
    Letters,
    Outcome,
    Shared,
    Texts,
    TriggerAnswer,
    WithAndWithout,
)
from bot.probe.probe_channel import EVENT_TYPE, Artifact, ProbeChannel
from bot.slack.protocol import slack_limits
from bot.slack.protocol.app_ids import SCOPES
from bot.slack.protocol.block_builders import Block, Message, plain_text
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused

RECORDED_FIELDS: Final = msgspec.json.decode(
    Path(__file__).with_name("recorded_fields.json").read_bytes(), type=dict[str, dict[str, str]]
)
"""Fields of three answers by their paths, with types; a union of recordings: no field is always there."""

_BESIDE: Final = {"ok", "error", "needed", "provided", "warning", "response_metadata"}
"""Fields that every answer has."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")
"""A name that Slack gave to a field; any other key is an id, as in maps of custom profile fields."""


def compare_fields(method: str, answer: Mapping[str, object]) -> FieldDifferences:
    """Return additional and missing fields of an answer, and those of another type.

    Of a branch that is missing or unknown only its root is listed.
    """
    known = RECORDED_FIELDS[method]
    seen = dict(_paths({key: value for key, value in answer.items() if key not in _BESIDE}))
    missing = [path for path in known if path not in seen and _could_be_there(path, seen)]
    unknown = {path: kind for path, kind in seen.items() if path not in known and _is_root(path, known)}
    other = {path: kind for path, kind in seen.items() if kind not in (known.get(path, kind), "null")}
    return FieldDifferences(
        missing=tuple(sorted(missing)),
        unknown=dict(sorted(unknown.items())),
        other_type=dict(sorted(other.items())),
    )


def _could_be_there(path: str, seen: Mapping[str, str]) -> bool:
    """Return whether the place of a field is there, so that the field itself is missing."""
    if path.endswith("[]"):
        return False  # an empty list says nothing
    parent = _parent(path)
    return parent == "" or seen.get(parent) == "object"


def _is_root(path: str, known: Mapping[str, str]) -> bool:
    parent = _parent(path)
    return parent == "" or known.get(parent) in ("object", "list")


def _parent(path: str) -> str:
    if path.endswith("[]"):
        return path.removesuffix("[]")
    return path.rpartition(".")[0]


def _paths(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if path:
        yield path, _kind(value)
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            name = key if _NAME.fullmatch(key) else "*"
            yield from _paths(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _paths(inner, f"{path}[]")


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list():
            return "list"
        case _:
            return "object"


_ASCII: Final = "a"
_ESCAPED: Final = "&amp;"
_AMPERSAND: Final = "&"
_ASTRAL: Final = "\N{SLIGHTLY SMILING FACE}"


def ask_about_characters(put: Callable[[str], Outcome], limit: int) -> Letters:
    """Put texts of each kind of character at the limit and one over it."""

    def edge(letter: str) -> Edge:
        at = letter * (limit // len(letter))
        return Edge(at=put(at + _ASCII * (limit - len(at))), over=put(at + _ASCII * (limit - len(at) + 1)))

    return Letters(
        ascii=edge(_ASCII), escaped=edge(_ESCAPED), ampersand=edge(_AMPERSAND), astral=edge(_ASTRAL)
    )


def ask_about_direct_message(site: ProbeChannel, person: str) -> DirectMessageAnswer:
    """Post with metadata, look for it, edit without metadata, look again; raises Refused and Unreachable."""
    channel = str(site.api.call("conversations.open", users=person)["channel"]["id"])
    site.scrubber.learn([channel])
    message = site.post(channel, "A check of the Slack probe. It is deleted in a moment.")
    found = found_by_metadata(site, message) == message.id
    edited = site.edit(message, text="A check of the Slack probe, edited. It is deleted in a moment.")
    kept = edited == Outcome() and found_by_metadata(site, message) == message.id
    return DirectMessageAnswer(
        info=site.outcome("conversations.info", channel=channel), metadata_found=found, metadata_kept=kept
    )


def found_by_metadata(site: ProbeChannel, message: Artifact) -> str | None:
    """Return the timestamp of the message with a note's metadata, or None; raises Refused and Unreachable."""
    where = {"ts": message.thread} if message.thread else {}
    told = site.api.call(
        "conversations.replies" if message.thread else "conversations.history",
        channel=message.channel,
        limit="200",
        include_all_metadata="true",
        **where,
    )
    for one in told.get("messages", ()):
        metadata: Json = one.get("metadata") or {}
        payload: Json = metadata.get("event_payload") or {}
        if metadata.get("event_type") == EVENT_TYPE and payload.get("number") == message.number:
            return str(one["ts"])
    return None


_ALT_TEXT: Final = "A sample of the Slack probe"


def ask_about_files(site: ProbeChannel, root: Artifact) -> FileAnswers:
    """Upload every sample twice, then look for up to a minute which of them are shown."""
    completed: dict[tuple[str, bool], Outcome] = {}
    appeared: dict[tuple[str, bool], Appeared] = {}
    waiting: dict[tuple[str, bool], Artifact] = {}
    for kind, content in sample_files().items():
        for described in (False, True):
            name = (kind, described)
            try:
                made = site.upload(
                    name=f"slack-probe.{kind}", content=content, alt_text=_ALT_TEXT if described else None
                )
            except ApiRefused as refused:
                completed[name] = site.refusal(refused)
                continue
            completed[name] = site.outcome(
                "files.completeUploadExternal",
                files=[{"id": made.id, "title": f"Slack probe ({kind})"}],
                channel_id=root.channel,
                thread_ts=root.id,
            )
            if completed[name] == Outcome():
                if file_shares(site, made):
                    appeared[name] = "immediately"
                else:
                    waiting[name] = made
    for shown in _seen(site, waiting):
        appeared[shown] = "later"

    def of(kind: str) -> WithAndWithout:
        plain, described = (
            Shared(completed=completed[kind, one], appeared=appeared.get((kind, one), "never"))
            for one in (False, True)
        )
        return WithAndWithout(plain=plain, alt_text=described)

    return FileAnswers(png=of("png"), pdf=of("pdf"), json=of("json"), csv=of("csv"))


def _seen(site: ProbeChannel, waiting: Mapping[tuple[str, bool], Artifact]) -> set[tuple[str, bool]]:
    """Return the files that appear within the time."""
    seen: set[tuple[str, bool]] = set()
    until = site.pace.now() + site.pace.shares
    while True:
        seen |= {name for name, made in waiting.items() if name not in seen and file_shares(site, made)}
        if len(seen) == len(waiting) or site.pace.now() >= until:
            return seen
        site.pace.sleep(site.pace.poll)


def file_shares(site: ProbeChannel, file: Artifact) -> list[tuple[str, str]]:
    """Return the messages that a file hangs on, each by its channel and timestamp; raises Unreachable."""
    try:
        told = site.api.call("files.info", file=file.id)
    except ApiRefused:
        return []
    kinds: Json = told["file"].get("shares") or {}
    places: Json = {**(kinds.get("public") or {}), **(kinds.get("private") or {})}
    return [(channel, str(one["ts"])) for channel, messages in places.items() for one in messages]


def sample_files() -> dict[str, bytes]:
    """Return the smallest files of four kinds that their readers open."""
    return {
        "png": _png(),
        "pdf": _pdf(),
        "json": json.dumps({"probe": [1, 2, 3]}, indent=2).encode(),
        "csv": b"number,word\n1,one\n2,two\n",
    }


def _png() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    width, height = 16, 16
    rows = b"".join(b"\0" + b"\x2b\x7a\x78" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def _pdf() -> bytes:
    drawn = b"BT /F1 18 Tf 20 50 Td (Slack probe) Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R"
            b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
        ),
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(drawn), drawn),
    )
    written, places = b"%PDF-1.4\n", list[int]()
    for number, one in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, len(written))
    )


EDIT: Final = 4_000
"""Characters of the text that `chat.update` takes."""

UNKNOWN_TRIGGER: Final = "1234567890.1234567890.0123456789abcdef0123456789abcdef"


def ask_about_installation(site: ProbeChannel) -> Installed:
    """Ask which scopes are granted, and whether the workspace is part of an organization."""
    answer, listed = site.api.call_for_header("auth.test", header="x-oauth-scopes")
    granted = {one.strip() for one in (listed or "").split(",") if one.strip()}
    return Installed(
        scopes_listed=listed is not None,
        missing_scopes=tuple(sorted(set(SCOPES) - granted)) if listed is not None else (),
        extra_scopes=tuple(sorted(granted - set(SCOPES))),
        enterprise=bool(answer.get("enterprise_id")),
        org_wide=bool(answer.get("is_enterprise_install")),
    )


def ask_about_fields(site: ProbeChannel, channel: str, person: str) -> AnswerFields:
    """Compare the fields of three answers with recorded ones."""
    asked: Mapping[str, Json] = {
        "conversations.info": site.api.call("conversations.info", channel=channel),
        "conversations.members": site.api.call("conversations.members", channel=channel),
        "users.info": site.api.call("users.info", user=person),
    }
    found = {method: compare_fields(method, answer) for method, answer in asked.items()}
    return AnswerFields(
        conversations_info=found["conversations.info"],
        conversations_members=found["conversations.members"],
        users_info=found["users.info"],
    )


def ask_about_largest_card(site: ProbeChannel, root: Artifact, card: Message) -> LargestCard:
    """Post the largest card in the thread, and edit it."""
    try:
        posted = site.post(root.channel, card.text, thread=root.id, blocks=card.blocks)
    except ApiRefused as refused:
        small = site.post(root.channel, "A small message, to be edited.", thread=root.id)
        return LargestCard(posted=site.refusal(refused), updated=_edited(site, small, card))
    return LargestCard(posted=Outcome(), updated=_edited(site, posted, card))


def _edited(site: ProbeChannel, message: Artifact, card: Message) -> Outcome:
    return site.edit(message, text=card.text, blocks=[*card.blocks[1:], card.blocks[0]])


def ask_about_texts(site: ProbeChannel, root: Artifact) -> Texts:
    """Edit one message to texts at each limit and one character over it."""
    message = site.post(root.channel, "Texts at their limits.", thread=root.id)

    def section(text: str) -> Outcome:
        block = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
        return site.edit(message, text="A section", blocks=[block])

    def header(text: str) -> Outcome:
        block: Block = {"type": "header", "text": {"type": "plain_text", "text": text}}
        return site.edit(message, text="A header", blocks=[block])

    def edit(text: str) -> Outcome:
        return site.edit(message, text=text, blocks=[])

    return Texts(
        section=ask_about_characters(section, slack_limits.SECTION),
        header=ask_about_characters(header, slack_limits.HEADER),
        edit=ask_about_characters(edit, EDIT),
    )


def ask_about_canvas(site: ProbeChannel, channel: str, markdown: str) -> CanvasAnswer:
    """Create a canvas from a report, write it again, and delete it."""
    content = {"type": "markdown", "markdown": markdown}
    try:
        made = site.create_canvas(content=content, channel=channel)
    except ApiRefused as refused:
        refusal = site.refusal(refused)
        return CanvasAnswer(created=refusal, replaced=_NO_CANVAS, deleted=_NO_CANVAS)
    changes = [{"operation": "replace", "document_content": content}]
    replaced = site.outcome("canvases.edit", canvas_id=made.id, changes=changes)
    deleted = site.outcome("canvases.delete", canvas_id=made.id)
    if deleted == Outcome():
        site.leftovers.record_deleted(made)
    return CanvasAnswer(created=Outcome(), replaced=replaced, deleted=deleted)


_NO_CANVAS: Final = Outcome(code="no_canvas")


def ask_about_unknown_trigger(site: ProbeChannel) -> TriggerAnswer:
    """Open a form by a trigger that Slack never gave out."""
    return TriggerAnswer(opened=site.outcome("views.open", trigger_id=UNKNOWN_TRIGGER, view=small_view()))


def small_view() -> Json:
    """Return the smallest form that Slack takes."""
    words = plain_text("Slack probe", slack_limits.MODAL_TITLE)
    return {"type": "modal", "title": words, "blocks": [{"type": "section", "text": words}]}
