"""Export to Threat Composer (.tc.json): threats, mitigations and assumptions with their links."""

from collections.abc import Sequence
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from bot.formats.exporters.export_source import ExportSource, Plain, json_text
from domain.dread.scoring import Band
from domain.kernel.elements import Kind
from domain.kernel.mitigation import Mitigation, MitigationState
from domain.kernel.threat import Threat
from domain.wording.voting import imported_score

TITLE: Final = "custom:title"
"""The key of a threat's title: the format has statements only."""

DESCRIPTION: Final = "custom:description"
"""The key of a threat's description."""

_STATEMENT: Final = 1_400
_FIELD: Final = 200
_CONTENT: Final = 1_000
_PAGE: Final = 100_000
"""Lengths that Threat Composer accepts."""

_PRIORITY: Final = {Band.LOW: "Low", Band.MEDIUM: "Medium", Band.HIGH: "High", Band.CRITICAL: "High"}
_STATUS: Final = {
    MitigationState.PLANNED: "mitigationIdentified",
    MitigationState.STARTED: "mitigationInProgress",
    MitigationState.IMPLEMENTED: "mitigationResolved",
    MitigationState.VERIFIED: "mitigationResolved",
    MitigationState.DROPPED: "mitigationResolvedWillNotAction",
}


def export_threat_composer(source: ExportSource) -> bytes:
    """Return a workspace; each part has an identifier that stays the same from one export to the next."""
    known = source.register
    return json_text(
        {
            "schema": 1,
            "applicationInfo": {
                "name": _cut(known.name, _FIELD),
                "description": _cut(source.description, _PAGE),
            },
            "architecture": {"description": _lines(source, Kind.COMPONENT)},
            "dataflow": {"description": _lines(source, Kind.DATA_FLOW)},
            "assumptions": [
                _numbered(source, one.id, number, {"content": _cut(one.text, _CONTENT)})
                for number, one in enumerate(known.assumptions, 1)
            ],
            "mitigations": [
                _numbered(source, one.id, number, _mitigation(one))
                for number, one in enumerate(source.every_mitigation, 1)
            ],
            "assumptionLinks": [],
            "mitigationLinks": [
                {"mitigationId": _identifier(source, one.id), "linkedId": _identifier(source, threat)}
                for one in source.every_mitigation
                for threat in one.threats
            ],
            "threats": [
                _numbered(source, one.id, number, _threat(source, one))
                for number, one in enumerate(known.threats, 1)
            ],
        }
    )


def _threat(source: ExportSource, threat: Threat) -> Plain:
    statements: Sequence[str] = source.register.statements.get(threat.id, ())
    metadata: list[Plain] = [
        {"key": "STRIDE", "value": [category.value for category in threat.stride]},
        {"key": TITLE, "value": threat.title},
    ]
    if threat.description:
        metadata.append({"key": DESCRIPTION, "value": threat.description})
    if threat.id in source.scores:
        metadata.append({"key": "Priority", "value": _PRIORITY[source.scores[threat.id].tally.band]})
    if threat.id in source.imported_scores:
        words = imported_score(source.imported_scores[threat.id])
        metadata.append({"key": "custom:imported-score", "value": words})
    if threat.cwe:
        metadata.append({"key": "custom:cwe", "value": [f"CWE-{weakness}" for weakness in threat.cwe]})
    return {
        "statement": _cut(" ".join(statements) or threat.title, _STATEMENT),
        "status": "threatIdentified" if source.is_open(threat) else "threatResolved",
        "metadata": metadata,
    }


def _mitigation(one: Mitigation) -> Plain:
    words = f"{one.title}\n\n{one.description}" if one.description else one.title
    return {"content": _cut(words, _CONTENT), "status": _STATUS[one.state]}


def _numbered(source: ExportSource, id: str, number: int, rest: Plain) -> Plain:
    return {"id": _identifier(source, id), "numericId": number, "displayOrder": number, **rest}


def _identifier(source: ExportSource, id: str) -> str:
    """Return the identifier of a part, derived from the key of the model and the ID."""
    return str(uuid5(NAMESPACE_URL, f"threatmodel:{source.register.key}/{id}"))


def _lines(source: ExportSource, kind: Kind) -> str:
    """Return the names of elements as a list in Markdown, without signs that it gives a meaning."""
    names = (item.name for item in source.register.items(kind))
    return _cut("\n".join(f"- {_plain(name)}" for name in names), _PAGE)


def _plain(name: str) -> str:
    return "".join(f"\\{one}" if one in "\\`*_[]<>#|!" else one for one in name)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
