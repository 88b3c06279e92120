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
from bot.version import installing

HERE: Final = Path(__file__).with_name("paper")

_ALWAYS: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""A fixed creation date, so that equal reports produce equal bytes."""

_ACCESSIBLE: Final = ["ua-1"]
"""PDF/UA-1 requires that the fonts contain all characters; otherwise a report is tagged without it."""

_REMEMBERED: Final = 10
"""Documents that the typesetter caches, a gigabyte of large ones; empty ones displace them."""


class PdfNotInstalled(Exception):
    """Error: the PDF package is not installed; the message says how to install it."""

    def __init__(self) -> None:
        super().__init__(
            f"Writing PDF needs a package that is not installed. {installing('pdf')}."
            " Markdown and HTML need none."
        )


def render_pdf(report: Report) -> bytes:
    """Return the PDF; equal reports produce equal bytes. Raises PdfNotInstalled without the extra."""
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
    # It is false by default. Poppler reports the stated default as an error.
    return made.replace(_SUSPECTS, b" " * len(_SUSPECTS), 1)


_SUSPECTS: Final = b"/Suspects false"
