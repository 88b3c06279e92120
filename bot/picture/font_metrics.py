"""Metrics of the bundled font: available characters, widths, wrapping and clipping."""

import struct
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate, takewhile
from pathlib import Path
from typing import Final, Literal
from xml.sax.saxutils import escape

Weight = Literal["Regular", "Bold"]

FAMILY: Final = "Noto Sans"
FONTS: Final = Path(__file__).with_name("fonts")

ELLIPSIS: Final = "…"

_LEGIBLE = 0.7
"""Minimum share of a title's characters that the font must have; otherwise it is not drawn."""


def font_file(weight: Weight) -> Path:
    """Return the file of a font weight."""
    return FONTS / f"NotoSans-{weight}.ttf"


def drawable_text(text: str) -> str:
    """Return the part of a text that the font can draw, on one line; empty if too little is left.

    Emoji can be dropped; a title in a script that the font lacks is left to the text beside the picture. The
    arrows in the name of a flow, which the font lacks, are replaced by others.
    """
    known = _widths("Regular")
    line = visible_text(text).replace("\N{RIGHTWARDS ARROW}", ">").replace("\N{LEFT RIGHT ARROW}", "<>")
    kept = "".join(one for one in line if one in known)
    letters = [one for one in line if one.isalnum()]
    if letters and sum(letter in known for letter in letters) < _LEGIBLE * len(letters):
        return ""
    return " ".join(kept.split())


def picture_title(name: str, key: str) -> str:
    """Return the title of a model's picture, or its key if the font cannot draw its name."""
    return " · ".join(one for one in (drawable_text(name), key) if one)


def visible_text(text: str) -> str:
    """Return the text on one line, without control characters and lone surrogates."""
    return " ".join("".join(_visible(one) for one in text).split())


def text_width(text: str, size: float, weight: Weight = "Regular") -> float:
    """Return the drawn width of a text, in the units of `size`."""
    known = _widths(weight)
    return sum(known.get(one, 1.0) for one in text) * size


def wrap_text(text: str, size: float, room: float, weight: Weight = "Regular", *, most: int = 2) -> list[str]:
    """Wrap the text to a number of lines of that width, clipping the last one."""
    lines = wrapped(text.split(), size, room, weight)
    whole = list(takewhile(lambda one: text_width(one, size, weight) <= room, lines[: most - 1]))
    rest = " ".join(lines[len(whole) :])
    return [*whole, clip_text(rest, size, room, weight)] if rest else whole


def fit_text(
    text: str, sizes: Sequence[tuple[float, int]], room: float, weight: Weight = "Regular"
) -> tuple[float, list[str]]:
    """Wrap the whole text into a width: first at a large size, then at smaller ones; nothing is cut.

    `sizes` are font sizes, each with its maximum number of lines. At the last one there is no maximum, and
    words that are too long are broken.
    """
    for size, most in sizes:
        lines = wrapped(text.split(), size, room, weight)
        if len(lines) <= most and all(text_width(line, size, weight) <= room for line in lines):
            return size, lines
    size = sizes[-1][0]
    words = broken(text, size, room, weight)
    return size, wrapped(words, size, room, weight)


def clip_text(text: str, size: float, room: float, weight: Weight = "Regular") -> str:
    """Return the text clipped to a width, ending in “…” if it was cut."""
    if text_width(text, size, weight) <= room:
        return text
    room -= text_width(ELLIPSIS, size, weight)
    ends = accumulate(text_width(one, size, weight) for one in text)
    return "".join(one for one, end in zip(text, ends, strict=True) if end <= room).rstrip() + ELLIPSIS


def escape_xml(text: str) -> str:
    """Return the text escaped for an XML element."""
    return escape(text)


def wrapped(words: Sequence[str], size: float, room: float, weight: Weight = "Regular") -> list[str]:
    """Return words in lines of at most a width; a longer word has a line of its own."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else ""
        if longer and text_width(longer, size, weight) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def broken(text: str, size: float, room: float, weight: Weight = "Regular") -> list[str]:
    """Return the words of a text, in pieces of at most a width."""
    pieces: list[str] = []
    for word in text.split():
        pieces.append("")
        for one in word:
            if pieces[-1] and text_width(pieces[-1] + one, size, weight) > room:
                pieces.append("")
            pieces[-1] += one
    return pieces


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character).startswith("C") else character


@cache
def _widths(weight: Weight) -> Mapping[str, float]:
    """Return the width of each character in units of the font's size, read from the font itself."""
    data = font_file(weight).read_bytes()
    tables = {
        data[at : at + 4]: struct.unpack(">II", data[at + 8 : at + 16])
        for at in range(12, 12 + 16 * _short(data, 4), 16)
    }
    per_em = _short(data, tables[b"head"][0] + 18)
    metrics, last = tables[b"hmtx"][0], _short(data, tables[b"hhea"][0] + 34) - 1
    return {
        chr(code): _short(data, metrics + 4 * min(glyph, last)) / per_em
        for code, glyph in _glyphs(data, tables[b"cmap"][0]).items()
    }


def _glyphs(data: bytes, cmap: int) -> dict[int, int]:
    """Return the glyph of each character; the bundled files contain only tables of format 4."""
    table = cmap + struct.unpack_from(">I", data, cmap + 8)[0]
    count = _short(data, table + 6) // 2
    ends, starts = table + 14, table + 16 + 2 * count
    deltas, ranges = starts + 2 * count, starts + 4 * count
    glyphs: dict[int, int] = {}
    for one in range(count):
        place = ranges + 2 * one
        offset, delta, start = (
            _short(data, place),
            _short(data, deltas + 2 * one),
            _short(data, starts + 2 * one),
        )
        for code in range(start, min(_short(data, ends + 2 * one), 0xFFFE) + 1):
            glyph = code if not offset else _short(data, place + offset + 2 * (code - start))
            if glyph or not offset:
                glyph = (glyph + delta) & 0xFFFF
            if glyph:
                glyphs[code] = glyph
    return glyphs


def _short(data: bytes, at: int) -> int:
    return int(struct.unpack_from(">H", data, at)[0])
