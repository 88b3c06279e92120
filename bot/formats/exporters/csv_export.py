"""Export to CSV, with formulas in cells escaped."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import cast

import msgspec

from bot.formats.exporters.export_source import ExportSource, printable
from domain.analysis.rule_findings import ControlInPlace
from domain.dread.metrics import Metric
from domain.kernel.elements import Element, ElementId, Kind
from domain.kernel.threat import Threat
from domain.register import RegisterItem, ThreatRegister
from domain.remediation.status import PlaceStatus
from domain.wording.controls import control_lines
from domain.wording.voting import imported_score


def export_threats_csv(source: ExportSource) -> bytes:
    """Return the threats with scores and responses, worst first, then those that a control prevents."""
    known = source.register
    rows = [
        *(_threat(source, one.threat, one.rank) for one in known.ranked),
        *(_prevented(source, one) for one in known.prevented),
    ]
    return _table(_THREAT_COLUMNS, rows)


def export_registers_csv(source: ExportSource) -> bytes:
    """Return the elements of every kind with their facts, one row each."""
    known = source.register
    rows = (
        [
            item.id,
            item.kind.value.replace("_", " "),
            item.name,
            item.element.description,
            _attributes(source, item.element),
            "; ".join(f"{fact}: {item.answer_text(fact)}" for fact in item.facts),
            _assumed(item),
            _linked(known, item),
            source.imported,
        ]
        for kind in Kind
        for item in known.items(kind)
    )
    columns = ("Id", "Kind", "Name", "Description", "Attributes", "Facts", "Assumed", "Same as", "Imported")
    return _table(columns, rows)


_THREAT_COLUMNS = (
    "Rank",
    "Id",
    "Title",
    "Description",
    "Statement",
    "Element",
    "Element name",
    "Places",
    "STRIDE",
    "CWE",
    "Band",
    "Mean",
    *(metric.label for metric in Metric),
    "Derived metrics",
    "Response",
    "State",
    "Owner",
    "Due",
    "Mitigations",
    "Controls in place",
    "Basis",
    "Link",
    "Imported",
    "Imported score",
)


def _threat(source: ExportSource, threat: Threat, rank: int | None) -> list[object]:
    status = source.register.statuses[threat.id]
    score = source.scores.get(threat.id)
    mitigations = source.mitigations(threat.id)
    answered = status.response
    dues: list[date] = [mitigation.due for mitigation in mitigations if mitigation.due]
    numbers = {**score.tally.derived, **score.tally.medians} if score else {}
    derived = score.tally.derived if score else {}
    return [
        rank,
        threat.id,
        threat.title,
        threat.description,
        " ".join(source.register.statements.get(threat.id, ())),
        threat.element,
        source.names.get(threat.element, "") if threat.element else "",
        "; ".join(_place(place) for place in source.register.places.get(threat.id, ()) if place.place),
        ", ".join(category.label for category in threat.stride),
        ", ".join(f"CWE-{weakness}" for weakness in threat.cwe),
        score.tally.band if score else "",
        round(score.tally.mean, 2) if score else "",
        *(numbers.get(metric, "") for metric in Metric),
        ", ".join(metric.label for metric in derived),
        answered.kind if answered else "",
        status.state.replace("_", " "),
        answered.owner if answered else "",
        (answered.due if answered and answered.due else min(dues, default="")),
        "; ".join(f"{mitigation.id} {mitigation.title} ({mitigation.state})" for mitigation in mitigations),
        "",
        "",
        threat.link,
        source.imported,
        imported_score(imported) if (imported := source.imported_scores.get(threat.id)) else "",
    ]


def _prevented(source: ExportSource, one: ControlInPlace) -> list[object]:
    """Return the row of a threat that a control prevents; as elsewhere, it names only owners."""
    filled = {
        "Id": one.id,
        "Title": one.rule.title,
        "Description": one.rule.explanation,
        "Element": one.element,
        "Element name": one.about,
        "STRIDE": one.rule.category.label,
        "CWE": ", ".join(f"CWE-{weakness}" for weakness in one.rule.cwe),
        "State": "prevented",
        "Controls in place": "; ".join(control_lines(one, None)),
        "Basis": one.basis.label,
        "Imported": source.imported,
    }
    return [filled.get(column, "") for column in _THREAT_COLUMNS]


def _place(one: PlaceStatus) -> str:
    """Return a place with its elements and its state."""
    return f"{' '.join(one.elements)} {one.name} ({one.state})"


def _linked(known: ThreatRegister, item: RegisterItem) -> str:
    """Return the elements of another kind that are the same thing, by name and ID."""
    pairs = ((link.dependency, link.component) for link in known.links if link.same)
    others = (pair[1] if item.id == pair[0] else pair[0] for pair in pairs if item.id in pair)
    return "; ".join(f"{known.name_of(id)} ({id})" for id in others)


def _assumed(item: RegisterItem) -> str:
    """Return the assumed facts without an answer, with their reasons."""
    facts = item.assumptions.facts if item.assumptions else ()
    return "; ".join(f"{fact.fact}: {fact.reason}" for fact in facts if fact.fact not in item.facts)


def _attributes(source: ExportSource, element: Element) -> str:
    """Return the attributes that are set, with names instead of IDs."""
    plain: dict[str, object] = msgspec.to_builtins(element)
    shown = ((name, value) for name, value in plain.items() if name not in ("id", "name", "description"))
    return "; ".join(f"{name.replace('_', ' ')}: {_named(source, value)}" for name, value in shown)


def _named(source: ExportSource, value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_named(source, one) for one in cast("Sequence[object]", value))
    text = str(value)
    return source.names.get(ElementId(text), text)


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a CSV table: quoted cells, line ends of RFC 4180, and a byte order mark for Excel."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([escape_formula(one) for one in row])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def escape_formula(value: object) -> str:
    """Escape a cell that a spreadsheet would evaluate; return an empty text for None."""
    if value is None:
        return ""
    text = printable(str(value))
    return f"'{text}" if not isinstance(value, int | float) and _FORMULA.match(text) else text


_FORMULA = re.compile(r"[\s'\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\n]")
"""How formulas start, including full-width signs; programs may drop characters before it."""
