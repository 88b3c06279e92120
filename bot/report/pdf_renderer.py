"""Report as an accessible, tagged PDF in the bundled font."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import msgspec

from bot.picture.font_metrics import FONTS
from bot.report.document_parts import Report
from bot.report.pdf_template_data import template_data

HERE: Final = Path(__file__).with_name("paper")

_ALWAYS: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Whenever it is made, so that the same report gives the same bytes."""

_ACCESSIBLE: Final = ["ua-1"]
"""PDF/UA-1 allows no letter that the fonts lack; a report with such a letter is tagged without it."""

_REMEMBERED: Final = 10
"""So many documents the typesetter keeps in its mind, a gigabyte of large ones; empty ones push them out."""


class PdfNotInstalled(Exception):
    """The package that makes PDF is not here; the message says how to get it."""

    def __init__(self) -> None:
        super().__init__(
            "Writing PDF needs a package that is not installed: pip install 'threatmodel-bot[pdf]'."
            " Markdown and HTML need none."
        )


def render_pdf(report: Report) -> bytes:
    """Return the document; the same report gives the same bytes. Raises PdfNotInstalled without the extra."""
    try:
        typst: Any = import_module("typst")
    except ModuleNotFoundError:
        raise PdfNotInstalled from None
    data = {"report": msgspec.json.encode(template_data(report)).decode()}
    try:
        return _typeset(typst, data, pdf_standards=_ACCESSIBLE)
    except typst.TypstError:
        return _typeset(typst, data)
    finally:
        for _ in range(_REMEMBERED):
            typst.compile(b"", format="pdf", ignore_system_fonts=True)


def _typeset(typst: Any, data: Mapping[str, str], **more: Any) -> bytes:
    made: bytes = typst.compile(
        (HERE / "report.typ").read_bytes(),
        root=HERE,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs=data,
        format="pdf",
        timestamp=_ALWAYS,
        **more,
    )
    return made
