"""The channel in which the probe works: every call, and a log on disk of what it creates."""

import fcntl
import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final, Literal

import msgspec

from bot.probe.probe_answers import Outcome
from bot.slack.protocol.block_builders import Block
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi, post_content

_MAX_LENGTH: Final = 300
_SHORTEST: Final = 3

_PATTERNS: Final = (
    re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+"),
    re.compile(r"https?://\S+"),
    re.compile(r"(?<![\w.+-])[\w.+-]++@[\w.-]{1,255}"),
    re.compile(r"\b\d{9,}(?:\.\d+)?\b"),
    re.compile(r"\b(?=\w*\d|[A-Z]{9})[A-Z][a-z]?[A-Z0-9]{5,}\b"),
)


class Redactor:
    """Redactor of the words that must not be written down."""

    def __init__(self) -> None:
        self._words: set[str] = set()

    def learn(self, words: Iterable[object]) -> None:
        """Take in names, ids and tokens, which are left out from now on."""
        self._words |= {word for word in words if isinstance(word, str) and len(word) >= _SHORTEST}

    def redact(self, text: str) -> str:
        """Return a sentence without them."""
        for word in sorted(self._words, key=len, reverse=True):
            text = text.replace(word, "…")
        for pattern in _PATTERNS:
            text = pattern.sub("…", text)
        return text[:_MAX_LENGTH]


def code_word(code: str) -> str:
    """Return Slack's code for a refusal, or a placeholder for an invalid one."""
    return code if _CODE.fullmatch(code) else "unreadable"


_CODE: Final = re.compile(r"[A-Za-z0-9_ ]{1,80}")


Kind = Literal["message", "file", "canvas"]


class ArtifactLogUnusable(Exception):
    """The file cannot be used; the message names it."""


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing made in the workspace; without `id` it is unknown whether it was made at all.

    `id` is a message's timestamp, or the id of a file or canvas. `thread` is set for a reply.
    """

    number: int
    kind: Kind
    channel: str = ""
    thread: str = ""
    id: str = ""
    gone: bool = False


class ArtifactLog:
    """The notes, each on disk before the call that it is about; the file is removed when all is gone."""

    def __init__(self, file: Path) -> None:
        """Open the notes; raises ArtifactLogUnusable where they cannot be, or another process uses them."""
        self._file = file
        try:
            self._opened = os.open(file, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        except OSError as error:
            raise ArtifactLogUnusable(f"{file} cannot be written ({error.strerror})") from None
        try:
            fcntl.flock(self._opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._opened)
            raise ArtifactLogUnusable(f"{file} is in use: another probe is running") from None
        self._made = _read(file)

    def record_intent(self, kind: Kind, *, channel: str = "", thread: str = "") -> Artifact:
        """Note that something is about to be made."""
        number = max(self._made, default=0) + 1
        return self._note(Artifact(number=number, kind=kind, channel=channel, thread=thread))

    def record_created(self, one: Artifact, id: str) -> Artifact:
        """Note under which id it was made."""
        return self._note(msgspec.structs.replace(one, id=id))

    def record_deleted(self, one: Artifact) -> None:
        """Note that it is not there, or no longer."""
        self._note(msgspec.structs.replace(one, gone=True))

    def remaining(self) -> list[Artifact]:
        """Return the artifacts to delete, the newest first, so that replies precede their parents."""
        return [one for _, one in sorted(self._made.items(), reverse=True) if not one.gone]

    def close(self) -> None:
        """Close the notes; where nothing is left, the file is removed."""
        if not self.remaining():
            self._file.unlink(missing_ok=True)
        os.close(self._opened)

    def _note(self, one: Artifact) -> Artifact:
        os.write(self._opened, msgspec.json.encode(one) + b"\n")
        os.fsync(self._opened)
        self._made[one.number] = one
        return one


def _read(file: Path) -> dict[int, Artifact]:
    made: dict[int, Artifact] = {}
    for line in file.read_bytes().splitlines():
        try:
            one = msgspec.json.decode(line, type=Artifact)
        except msgspec.DecodeError:
            continue  # the last line of a process that was killed while it wrote
        made[one.number] = one
    return made


EVENT_TYPE: Final = "threatmodel_probe"
"""Of the metadata by which a message of the probe is found again."""


class ProbePace(msgspec.Struct, frozen=True, kw_only=True):
    """Waiting times, and the function that waits."""

    between: float = 1.1
    """Between two posts or edits in a channel."""
    shares: float = 60.0
    """For files to appear."""
    poll: float = 3.0
    """Between two polls for files."""
    stale: float = 4.0
    """Until a trigger has expired."""
    person: float = 120.0
    """For each thing that a person is asked to do."""
    connect: float = 10.0
    """For Socket Mode to open."""
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic


class ProbeChannel:
    """One channel of a workspace, in which the probe posts and edits, and takes everything away again."""

    def __init__(self, api: SlackApi, leftovers: ArtifactLog, pace: ProbePace, scrubber: Redactor) -> None:
        self.api = api
        self.leftovers = leftovers
        self.pace = pace
        self.scrubber = scrubber

    def outcome(self, method: str, **arguments: object) -> Outcome:
        """Call a method and return what became of it; raises Unreachable."""
        try:
            self.api.call(method, **arguments)
        except ApiRefused as refused:
            return self.refusal(refused)
        return Outcome()

    def refusal(self, refused: ApiRefused) -> Outcome:
        """Return a refusal in Slack's own words, as far as they may be written down."""
        said: Any = getattr(getattr(refused.__cause__, "response", None), "data", {})
        metadata: Json = said.get("response_metadata") or {}
        sentences: list[object] = [said.get("detail"), *metadata.get("messages", ())]
        words = "; ".join(str(sentence) for sentence in sentences if sentence)
        return Outcome(
            code=code_word(str(said.get("error") or refused.code)), detail=self.scrubber.redact(words)
        )

    def post(
        self, channel: str, text: str, *, thread: str = "", blocks: list[Block] | None = None
    ) -> Artifact:
        """Post a message that will be deleted; raises Refused and Unreachable."""
        self.pace.sleep(self.pace.between)
        with _to_the_end():
            one = self.leftovers.record_intent("message", channel=channel, thread=thread)
            with self._unless_refused(one):
                posted = self.api.call(
                    "chat.postMessage",
                    channel=channel,
                    thread_ts=thread or None,
                    text=text,
                    blocks=blocks,
                    metadata={"event_type": EVENT_TYPE, "event_payload": {"number": one.number}},
                    unfurl_links=False,
                    unfurl_media=False,
                )
            return self.leftovers.record_created(one, str(posted["ts"]))

    def edit(self, message: Artifact, **arguments: object) -> Outcome:
        """Edit a message and return what became of that; raises Unreachable."""
        self.pace.sleep(self.pace.between)
        return self.outcome("chat.update", channel=message.channel, ts=message.id, **arguments)

    def upload(self, *, name: str, content: bytes, alt_text: str | None) -> Artifact:
        """Upload a file that will be deleted; raises Refused and Unreachable."""
        with _to_the_end():
            one = self.leftovers.record_intent("file")
            with self._unless_refused(one):
                told = self.api.call(
                    "files.getUploadURLExternal", filename=name, length=str(len(content)), alt_txt=alt_text
                )
            one = self.leftovers.record_created(one, str(told["file_id"]))
        post_content(str(told["upload_url"]), content)
        return one

    def create_canvas(self, *, content: Json, channel: str) -> Artifact:
        """Create a canvas that will be deleted; raises Refused and Unreachable."""
        with _to_the_end():
            one = self.leftovers.record_intent("canvas", channel=channel)
            with self._unless_refused(one):
                told = self.api.call(
                    "canvases.create", title="Slack probe", document_content=content, channel_id=channel
                )
            return self.leftovers.record_created(one, str(told["canvas_id"]))

    def reply_to(self, response_url: str, sent: Json) -> Outcome:
        """Answer by a response URL and return what became of it; raises Unreachable."""
        post_content(response_url, json.dumps(sent).encode(), content_type="application/json")
        return Outcome()

    @contextmanager
    def _unless_refused(self, one: Artifact) -> Generator[None]:
        """Note that nothing was made where Slack says so; where it does not answer, that stays unknown."""
        try:
            yield
        except ApiRefused:
            self.leftovers.record_deleted(one)
            raise


@contextmanager
def _to_the_end() -> Generator[None]:
    """Defer interrupts until the created artifact is recorded."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def later(number: int, frame: FrameType | None) -> None:
        del frame
        came.append(number)

    before = {one: signal.signal(one, later) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    if came:
        signal.raise_signal(came[0])
