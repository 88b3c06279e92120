"""Questions about files: which uploads appear, with and without alternative text?"""

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Final

from bot.probe.artifact_log import Artifact
from bot.probe.probe_answers import Appeared, FileAnswers, Outcome, Shared, WithAndWithout
from bot.probe.probe_channel import ProbeChannel
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused

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
