"""The channel in which the probe works: every call, and a log of what it creates."""

import json
import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import msgspec

from bot.probe.artifact_log import Artifact, ArtifactLog
from bot.probe.probe_answers import Outcome
from bot.probe.redaction import Redactor, code_word
from bot.slack.protocol.block_builders import Block
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi, post_content

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
        words = "; ".join(str(one) for one in sentences if one)
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
