"""Matching of typed arguments to formats, charts, kinds and keys, allowing misspellings."""

import difflib
import re

import msgspec

from bot.formats import FORMATS
from bot.report import REPORT_FORMATS
from bot.slack.ui.messages.files.chart_messages import CHARTS
from domain.kernel.elements import PLURAL, SINGULAR, Kind


def match_format(word: str) -> str | None:
    """Return the export format for a word, allowing misspellings; None if there is no match."""
    typed_word = word.strip().lower().replace(" ", "-").replace("_", "-").replace(".", "")
    known = {name: one.word for one in FORMATS.values() for name in (one.word, *one.aliases)}
    near = difflib.get_close_matches(typed_word, known, n=1, cutoff=0.8) if typed_word else []
    return known[near[0]] if near else None


def match_chart(word: str) -> str | None:
    """Return the chart for a word, allowing misspellings; None if there is no match."""
    typed_word = word.strip().lower().replace(" ", "-").replace("_", "-")
    known = {**{one: one for one in CHARTS}, **_CHARTS_ALSO_CALLED}
    near = difflib.get_close_matches(typed_word, known, n=1, cutoff=0.75) if typed_word else []
    return known[near[0]] if near else None


class ReportArguments(msgspec.Struct, frozen=True):
    """Arguments of a report: its format and the two days as typed, empty if missing; `full` if it says so."""

    form: str
    since: str
    as_of: str
    full: bool


def parse_report_arguments(rest: str) -> ReportArguments:
    """Parse the text after `report`; the days may come in either order."""
    parts = _OF_REPORT.split(f" {rest}")
    days = {
        one.lower().replace(" ", "-"): day.strip() for one, day in zip(parts[1::2], parts[2::2], strict=True)
    }
    words = parts[0].split()
    form = " ".join(one for one in words if one.lower() not in _FULL)
    return ReportArguments(form, days.get("since", ""), days.get("as-of", ""), len(form.split()) < len(words))


_OF_REPORT = re.compile(r"(?<=\s)(since|as[- ]of)\s", re.IGNORECASE)


_FULL = ("full", "--full", "complete")


def match_report_format(word: str) -> str | None:
    """Return the report format for a word; None without a match. `threat` stands for reporting a threat."""
    typed_word = word.strip().lower().removeprefix(".")
    if typed_word.removeprefix("a ").startswith("threat"):
        return "threat"
    known = {name: one.word for one in REPORT_FORMATS.values() for name in (one.word, *one.aliases)}
    return known.get(typed_word)


def nearest_key(key: str, keys: list[str]) -> str | None:
    """Return the most similar key of a model."""
    near = difflib.get_close_matches(key, keys, n=1, cutoff=0.6)
    return near[0] if near else None


_CHARTS_ALSO_CALLED = {
    "score": "scores",
    "ranking": "scores",
    "threats": "scores",
    "stride": "coverage",
    "grid": "coverage",
    "open": "open-threats",
    "trend": "open-threats",
    "over-time": "open-threats",
}

_SHORT: dict[Kind, tuple[str, ...]] = {
    Kind.EXTERNAL_DEPENDENCY: ("dependency", "dependencies"),
    Kind.ENTRY_POINT: ("entry", "entries"),
    Kind.TRUST_LEVEL: ("level", "levels"),
    Kind.DATA_FLOW: ("flow", "flows"),
    Kind.TRUST_BOUNDARY: ("boundary", "boundaries"),
}

KIND_NAMES: dict[str, Kind] = {
    name: kind for kind in Kind for name in (SINGULAR[kind], PLURAL[kind], *_SHORT.get(kind, ()))
}
"""The names of each kind of element after `add`."""
