"""Report as one self-contained HTML page: no scripts, no other files, no network."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Final, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.picture.font_metrics import FAMILY, Weight, font_file
from bot.report.column_widths import ACROSS, column_widths
from bot.report.document_parts import (
    Badge,
    Block,
    Meter,
    Picture,
    Report,
    ReportTable,
    Run,
    breakable_pieces,
    link_destination,
    section_ids,
    without_empty_sections,
    without_invisible,
)

HERE: Final = Path(__file__).with_name("page")

_WEIGHTS: Final[dict[Weight, int]] = {"Regular": 400, "Bold": 700}
_WIDE: Final = 620
"""Wider pictures, in pixels, scroll in their own box on a phone, so that they stay readable."""

_BAR: Final = 56
"""Length of a meter, in pixels."""


def render_html(report: Report) -> bytes:
    """Return the page in UTF-8; equal reports produce equal bytes."""
    shown = without_empty_sections(report)
    ids = section_ids(shown)
    style = _style(shown)
    page = (
        _environment()
        .get_template("report.html.jinja")
        .render(
            report=shown,
            style=Markup(style),  # noqa: S704 # our own: a file of the package, fonts and integers
            policy=_policy(style),
            href=partial(link_destination, ids=ids),
        )
    )
    return page.encode()


def _policy(style: str) -> str:
    """Return the content security policy of the page: only its own style and the fonts in it."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    allowed = f"style-src 'sha256-{digest}'; font-src data:; img-src data:"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    cast("dict[str, Callable[..., object]]", made.filters).update(_FILTERS)
    return made


def _part(part: Block | Run | Badge | Meter) -> str:
    """Return the type of a part, by which the template selects its macro."""
    return str(part.__struct_config__.tag)


def _user_text(text: str) -> Markup:
    """Return user text, escaped; words too long for a narrow column may break."""
    return Markup("<wbr>").join(breakable_pieces(without_invisible(text)))


def _drawn(svg: str) -> Markup:
    """Return a generated picture as HTML; all text in it is escaped."""
    return Markup(svg)  # noqa: S704  (generated, with all text escaped)


def _filled(meter: Meter) -> str:
    """Return the filled length of a meter, in pixels."""
    return f"{min(max(meter.value, 0.0), 10.0) / 10 * _BAR:g}"


def _percents(table: ReportTable) -> list[int]:
    """Return the width of each column as a percentage of the table, the same as on paper."""
    widths = column_widths(table, ACROSS)
    return [round(100 * width / sum(widths)) for width in widths]


def _style(report: Report) -> str:
    return "".join([*_faces(), (HERE / "report.css").read_text("utf-8"), *_widths(report)])


def _faces() -> Iterator[str]:
    """Yield the font faces, once for the whole page, because pictures are measured with them."""
    for weight, bold in _WEIGHTS.items():
        data = base64.b64encode(font_file(weight).read_bytes()).decode()
        where = f"url(data:font/ttf;base64,{data}) format('truetype')"
        yield f"@font-face{{font-family:'{FAMILY}';font-weight:{bold};src:{where}}}\n"


def _wide(picture: Picture) -> bool:
    return picture.width > _WIDE


def _widths(report: Report) -> Iterator[str]:
    """Yield a class for each column width, because the policy forbids inline styles."""
    tables = (
        block for _, section in report.walk() for block in section.blocks if isinstance(block, ReportTable)
    )
    for percent in sorted({one for table in tables for one in _percents(table)}):
        yield f".w{percent}{{width:{percent}%}}\n"


_FILTERS: Final[dict[str, Callable[..., object]]] = {
    "drawn": _drawn,
    "filled": _filled,
    "legible": without_invisible,
    "part": _part,
    "percents": _percents,
    "said": _user_text,
    "wide": _wide,
}
"""Filters of the templates."""
