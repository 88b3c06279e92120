"""Sample content for a workspace: the largest card, the web shop's report, and small files."""

import base64
import json
from datetime import UTC, datetime
from functools import cache
from typing import Final

import msgspec

from bot.demo import PEOPLE, STORIES
from bot.report.markdown_renderer import render_canvas
from bot.report.report_source import ReportSource
from bot.report.sections import report_of
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block, Message, json_size, message, section
from bot.slack.ui.messages.card_message import card_message
from domain.decide import decide
from domain.events import Event
from domain.history import timeline
from domain.kernel.elements import ChannelId, PersonId
from domain.register import register
from domain.replay import EMPTY, replay

_STREAM: Final = "T0/TM-1"
_CHANNEL: Final = ChannelId("C0")


class SampleContent(msgspec.Struct, frozen=True, kw_only=True):
    """The largest card, and a report as the Markdown of a canvas."""

    card: Message
    canvas: str


@cache
def build_sample_content() -> SampleContent:
    """Tell the web shop's story in memory, and draw its card and its report."""
    model, events = EMPTY, list[Event]()
    for step in STORIES["web-shop"](_CHANNEL, PEOPLE):
        decided = decide(step(model), model)
        events += decided
        model = replay(decided, model)
    known = register(model, now=_NOW)
    report = report_of(
        ReportSource(
            register=known, history=timeline(events), naming=_name, as_of=_NOW, day_of=lambda one: one.date()
        )
    )
    return SampleContent(card=_filled_up(card_message(_STREAM, known, _name)), canvas=render_canvas(report))


def _filled_up(small: Message) -> Message:
    """Return the card with rows added until nothing more may be in a message."""
    blocks: list[Block] = [*small.blocks]
    room = slack_limits.MESSAGE_BLOCKS - len(blocks)
    for left in range(room, 0, -1):
        missing = slack_limits.MESSAGE_CHARACTERS - json_size([*blocks, section("a")])
        if missing < 0:
            break
        length = min(slack_limits.SECTION, max(1, missing // left) + 1, missing + 1)
        blocks.append(section("a" * length))
    return message(small.text, blocks)


def _name(person: PersonId) -> str:
    return person.removeprefix("U").capitalize()


_NOW: Final = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

_PNG: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR4nGPQrqogCTGMahjVMHw1"
    "AAA3nB0QeNQmjgAAAABJRU5ErkJggg=="
)
_PDF: Final = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj
xref
0 4
0000000000 65535 f\x20
0000000009 00000 n\x20
0000000052 00000 n\x20
0000000101 00000 n\x20
trailer<</Size 4/Root 1 0 R>>
startxref
164
%%EOF
"""
SAMPLE_FILES: Final = {
    "png": base64.b64decode(_PNG),
    "pdf": _PDF,
    "json": json.dumps({"probe": [1, 2, 3]}, indent=2).encode(),
    "csv": b"number,word\n1,one\n2,two\n",
}
"""The smallest files of four kinds that their readers open."""
