"""A report as PDF for paper and archives: tagged, with bookmarks, in the bundled font."""

from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import msgspec

from bot.picture.lettering import FONTS
from bot.report.parts import Report
from bot.report.sheet import sheet

HERE: Final = Path(__file__).with_name("paper")

_ALWAYS: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Whenever it is made, so that the same report gives the same bytes."""


class NotInstalled(Exception):
    """The package that makes PDF is not here; the message says how to get it."""

    def __init__(self) -> None:
        super().__init__(
            "Writing PDF needs a package that is not installed: pip install 'threatmodel-bot[pdf]'."
            " Markdown and HTML need none."
        )


def pdf(report: Report) -> bytes:
    """The document; the same report gives the same bytes. Raises NotInstalled without the extra `pdf`."""
    try:
        typst: Any = import_module("typst")
    except ModuleNotFoundError:
        raise NotInstalled from None
    made: bytes = typst.compile(
        (HERE / "report.typ").read_bytes(),
        root=HERE,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"report": msgspec.json.encode(sheet(report)).decode()},
        format="pdf",
        timestamp=_ALWAYS,
    )
    return made
