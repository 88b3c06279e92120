"""Report as an accessible, tagged PDF in the bundled font: links resolved, columns measured."""

import re
from collections.abc import Mapping, Set
from datetime import UTC, datetime
from importlib import import_module
from math import isfinite
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from bot.picture.font_metrics import FONTS
from bot.report.column_widths import ACROSS, column_widths
from bot.report.document_parts import (
    Meter,
    Picture,
    Report,
    ReportTable,
    Section,
    breakable_pieces,
    link_destination,
    section_ids,
    without_empty_sections,
    without_invisible,
)
from bot.version import installing

_TALLEST: Final = 640.0
"""Maximum height of a picture, so that its heading and title fit on its page."""
_POINTS: Final = 0.75
"""Points per pixel."""
_EMOJI: Final = re.compile("[\U0001f000-\U0001faff\ufe0e\ufe0f\u200d]")
_UNWRITTEN: Final = re.compile(
    "[\u0700-\u08ff\u0980-\u0e7f\u0f00-\u107f\u1100-\u137f\u1400-\u1cff\u2d00-\ua6ff\ua800-\uab6f"
    "\uabc0-\ud7ff\uf900-\ufaff\uff00-\uffef\U00010300-\U0001d3ff\U0001e000-\U0001edff"
    "\U0001fb00-\U0010ffff]"
)
"""Scripts that neither our font nor those of the typesetter contain; they would leave a gap."""

_MAY_BREAK: Final = "\u200b"
"""A zero-width space."""

AUTHOR: Final = "Threat model bot"


def template_data(report: Report) -> dict[str, Any]:
    """Return the data of the template as lists, numbers and texts."""
    shown = without_empty_sections(report)
    ids = section_ids(shown)
    title, day = without_invisible(report.title), without_invisible(report.day)
    return {
        "across": ACROSS,
        "author": AUTHOR,
        "name": title,
        "title": _user_text(title),
        "key": report.key,
        "day": day,
        "subtitle": _user_text(report.subtitle),
        "notice": _user_text(report.notice),
        "footer": f"{title} · {report.key} · {day}",
        "figures": _data(report.figures, ids),
        "sections": _data(shown.sections, ids),
    }


def _data(part: Any, ids: Set[str]) -> Any:
    """Return a part of a report with its content."""
    match part:
        case str():
            return _user_text(part)
        case tuple():
            return [_data(one, ids) for one in cast("tuple[Any, ...]", part)]
        case msgspec.Struct():
            tag = part.__struct_config__.tag
            fields = {name: _data(getattr(part, name), ids) for name in part.__struct_fields__}
            return fields | _measured(part, ids) | ({"type": tag} if tag else {})
        case _:
            return part


def _measured(part: msgspec.Struct, ids: Set[str]) -> dict[str, Any]:
    """Return the additional data of a part: measures, and fields that are no text."""
    match part:
        case Section():
            return {"id": part.id}
        case ReportTable():
            return {"widths": column_widths(part, ACROSS)}
        case Meter(value=value):
            return {"value": min(max(value, 0.0), 10.0) if isfinite(value) else 0.0}
        case Picture():
            scale = min(_POINTS, ACROSS / part.width, _TALLEST / part.height)
            return {"svg": part.svg, "dark": "", "width": part.width * scale, "height": part.height * scale}
        case _ if (link := getattr(part, "link", None)) is not None:
            return {"link": link_destination(link, ids)}
        case _:
            return {}


def _user_text(text: str) -> str:
    """Return user text in the characters of the fonts; emoji are dropped, gaps are marked."""
    return _MAY_BREAK.join(
        breakable_pieces(_UNWRITTEN.sub("\ufffd", _EMOJI.sub("", without_invisible(text))))
    )


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
