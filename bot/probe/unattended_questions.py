"""Questions that require no person who clicks: fields, sizes, files, a canvas, metadata."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, cast

import msgspec

from bot.probe.probe_answers import Outcome
from bot.probe.probe_channel import EVENT_TYPE, Artifact, ProbeChannel
from bot.probe.sample_content import SAMPLE_FILES, SampleContent
from bot.slack.protocol import slack_limits
from bot.slack.protocol.app_ids import SCOPES
from bot.slack.protocol.block_builders import Message, plain_text
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

_KINDS: Final[dict[type, str]] = {
    bool: "boolean",
    str: "string",
    int: "number",
    float: "number",
    list: "list",
    dict: "object",
}


def compare_fields(method: str, answer: Mapping[str, object]) -> Json:
    """Return additional and missing fields of an answer, and those of another type; never values.

    Of a branch that is missing or unknown only its root is listed.
    """
    known = {"": "object", **RECORDED_FIELDS[method]}
    seen = {"": "object", **dict(_paths({key: value for key, value in answer.items() if key not in _BESIDE}))}
    return {
        # An empty list says nothing of its items.
        "missing": sorted(
            path
            for path in known.keys() - seen.keys()
            if not path.endswith("[]") and seen.get(_parent(path)) == "object"
        ),
        "unknown": {
            path: seen[path]
            for path in sorted(seen.keys() - known.keys())
            if known.get(_parent(path)) in ("object", "list")
        },
        "other_type": {
            path: kind for path, kind in sorted(seen.items()) if kind not in (known.get(path, kind), "null")
        },
    }


def _parent(path: str) -> str:
    return path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]


def _paths(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if path:
        yield path, _KINDS.get(value.__class__, "null")
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            name = key if _NAME.fullmatch(key) else "*"
            yield from _paths(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _paths(inner, f"{path}[]")


_LETTERS: Final = {
    "ascii": "a",
    "escaped": "&amp;",
    "ampersand": "&",
    "astral": "\N{SLIGHTLY SMILING FACE}",  # outside the basic plane
}


def ask_about_characters(put: Callable[[str], Outcome], limit: int) -> Json:
    """Put texts of each kind of character at the limit and one over it."""
    answers: Json = {}
    for name, letter in _LETTERS.items():
        at = (letter * (limit // len(letter))).ljust(limit, "a")
        answers[name] = {"at": put(at), "over": put(f"{at}a")}
    return answers


def ask_about_direct_message(site: ProbeChannel, person: str) -> Json:
    """Post with metadata, look for it, edit without metadata, look again; raises Refused and Unreachable."""
    channel = str(site.api.call("conversations.open", users=person)["channel"]["id"])
    site.scrubber.learn([channel])
    message = site.post(channel, "A check of the Slack probe. It is deleted in a moment.")
    found = found_by_metadata(site, message) == message.id
    edited = site.edit(message, text="A check of the Slack probe, edited. It is deleted in a moment.")
    kept = edited == Outcome() and found_by_metadata(site, message) == message.id
    info = site.outcome("conversations.info", channel=channel)
    return {"info": info, "metadata_found": found, "metadata_kept": kept}


def found_by_metadata(site: ProbeChannel, message: Artifact) -> str | None:
    """Return the timestamp of the message with a note's metadata, or None; raises Refused and Unreachable."""
    where = {"ts": message.thread} if message.thread else {}
    method = "conversations.replies" if message.thread else "conversations.history"
    answer = site.api.call(method, channel=message.channel, limit="200", include_all_metadata="true", **where)
    for found in answer.get("messages", ()):
        metadata: Json = found.get("metadata") or {}
        payload: Json = metadata.get("event_payload") or {}
        if metadata.get("event_type") == EVENT_TYPE and payload.get("number") == message.number:
            return str(found["ts"])
    return None


def ask_about_files(site: ProbeChannel, root: Artifact) -> Json:
    """Upload every sample without and with an alternative text, and look for up to a minute which are shown.

    `later` is within that minute.
    """
    answers: Json = {kind: {} for kind in SAMPLE_FILES}
    waiting: list[tuple[Json, Artifact]] = []
    for kind, content in SAMPLE_FILES.items():
        for name, alt_text in (("plain", None), ("alt_text", "A sample of the Slack probe")):
            answer = answers[kind][name] = {"completed": Outcome(), "appeared": "never"}
            try:
                made = site.upload(name=f"slack-probe.{kind}", content=content, alt_text=alt_text)
            except ApiRefused as refused:
                answer["completed"] = site.refusal(refused)
                continue
            answer["completed"] = site.outcome(
                "files.completeUploadExternal",
                files=[{"id": made.id, "title": f"Slack probe ({kind})"}],
                channel_id=root.channel,
                thread_ts=root.id,
            )
            if answer["completed"] != Outcome():
                continue
            if file_shares(site, made):
                answer["appeared"] = "immediately"
            else:
                waiting.append((answer, made))
    _wait_for_files(site, waiting)
    return answers


def _wait_for_files(site: ProbeChannel, waiting: list[tuple[Json, Artifact]]) -> None:
    until = site.pace.now() + site.pace.shares
    while True:
        for answer, made in waiting:
            if file_shares(site, made):
                answer["appeared"] = "later"
        waiting = [(answer, made) for answer, made in waiting if answer["appeared"] == "never"]
        if not waiting or site.pace.now() >= until:
            return
        site.pace.sleep(site.pace.poll)


def file_shares(site: ProbeChannel, file: Artifact) -> list[tuple[str, str]]:
    """Return the messages that a file hangs on, each by its channel and timestamp; raises Unreachable."""
    try:
        answer = site.api.call("files.info", file=file.id)
    except ApiRefused:
        return []
    kinds: Json = answer["file"].get("shares") or {}
    places: Json = {**(kinds.get("public") or {}), **(kinds.get("private") or {})}
    return [(channel, str(share["ts"])) for channel, shares in places.items() for share in shares]


EDIT: Final = 4_000
"""Characters of the text that `chat.update` takes."""

UNKNOWN_TRIGGER: Final = "1234567890.1234567890.0123456789abcdef0123456789abcdef"


def ask_about_installation(site: ProbeChannel) -> Json:
    """Ask which scopes are granted, if Slack names them, and whether there is an organization."""
    answer, listed = site.api.call_for_header("auth.test", header="x-oauth-scopes")
    granted = {scope.strip() for scope in (listed or "").split(",") if scope.strip()}
    return {
        "scopes_listed": listed is not None,
        "missing_scopes": sorted(set(SCOPES) - granted) if listed is not None else [],
        "extra_scopes": sorted(granted - set(SCOPES)),
        "enterprise": bool(answer.get("enterprise_id")),
        "org_wide": bool(answer.get("is_enterprise_install")),
    }


def ask_about_fields(site: ProbeChannel, channel: str, person: str) -> Json:
    """Compare the fields of three answers with recorded ones."""
    asked: Mapping[str, Json] = {
        "conversations.info": {"channel": channel},
        "conversations.members": {"channel": channel},
        "users.info": {"user": person},
    }
    answers = {method: site.api.call(method, **arguments) for method, arguments in asked.items()}
    return {method: compare_fields(method, answer) for method, answer in answers.items()}


def ask_about_largest_card(site: ProbeChannel, root: Artifact, card: Message) -> Json:
    """Post the largest card in the thread, and edit it."""
    posted = Outcome()
    try:
        message = site.post(root.channel, card.text, thread=root.id, blocks=card.blocks)
    except ApiRefused as refused:
        posted = site.refusal(refused)
        message = site.post(root.channel, "A small message, to be edited.", thread=root.id)
    updated = site.edit(message, text=card.text, blocks=[*card.blocks[1:], card.blocks[0]])
    return {"posted": posted, "updated": updated}


def ask_about_texts(site: ProbeChannel, root: Artifact) -> Json:
    """Edit one message to texts at each limit and one character over it."""
    message = site.post(root.channel, "Texts at their limits.", thread=root.id)

    def section(text: str) -> Outcome:
        block = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
        return site.edit(message, text="A section", blocks=[block])

    def header(text: str) -> Outcome:
        block = {"type": "header", "text": {"type": "plain_text", "text": text}}
        return site.edit(message, text="A header", blocks=[block])

    def edit(text: str) -> Outcome:
        return site.edit(message, text=text, blocks=[])

    return {
        "section": ask_about_characters(section, slack_limits.SECTION),
        "header": ask_about_characters(header, slack_limits.HEADER),
        "edit": ask_about_characters(edit, EDIT),
    }


def ask_about_canvas(site: ProbeChannel, channel: str, markdown: str) -> Json:
    """Create a canvas from a report, write it again, and delete it."""
    content = {"type": "markdown", "markdown": markdown}
    try:
        made = site.create_canvas(content=content, channel=channel)
    except ApiRefused as refused:
        none = Outcome(code="no_canvas")
        return {"created": site.refusal(refused), "replaced": none, "deleted": none}
    changes = [{"operation": "replace", "document_content": content}]
    replaced = site.outcome("canvases.edit", canvas_id=made.id, changes=changes)
    deleted = site.outcome("canvases.delete", canvas_id=made.id)
    if deleted == Outcome():
        site.leftovers.record_deleted(made)
    return {"created": Outcome(), "replaced": replaced, "deleted": deleted}


def open_small_view(site: ProbeChannel, trigger: str) -> Json:
    """Open the smallest form that Slack takes by a trigger that cannot be used."""
    words = plain_text("Slack probe", slack_limits.MODAL_TITLE)
    view = {"type": "modal", "title": words, "blocks": [{"type": "section", "text": words}]}
    return {"opened": site.outcome("views.open", trigger_id=trigger, view=view)}


def unattended(site: ProbeChannel, root: Artifact, sample: SampleContent) -> Mapping[str, Callable[[], Json]]:
    """Return the questions that are put in a thread without a person, by their points."""
    return {
        "largest_card": lambda: ask_about_largest_card(site, root, sample.card),
        "texts": lambda: ask_about_texts(site, root),
        "files": lambda: ask_about_files(site, root),
        "canvas": lambda: ask_about_canvas(site, root.channel, sample.canvas),
        "unknown_trigger": lambda: open_small_view(site, UNKNOWN_TRIGGER),
    }
