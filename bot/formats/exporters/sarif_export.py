"""Export to SARIF 2.1.0: one result for each open threat."""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from bot.formats.exporters.export_source import ExportSource, Plain, json_text
from bot.formats.exporters.extension_data import places_extension, score_extension
from bot.formats.exporters.sarif_rules import (
    LEARN_MORE,
    rule_descriptor,
    rule_id,
    rule_properties,
    rule_sections,
    severity,
)
from bot.version import UNRELEASED, version
from domain.dread.scoring import Band
from domain.kernel.elements import ElementId
from domain.kernel.threat import Threat, places_of

SARIF_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {Band.LOW: "note", Band.MEDIUM: "warning", Band.HIGH: "error", Band.CRITICAL: "error"}
_UNSCORED: Final = "warning"


def export_sarif(source: ExportSource) -> bytes:
    """Return the open threats, worst first, under the rule that found them or else under their category.

    With an anchor each result is located at the first line of that file, without which GitHub accepts none.
    """
    threats = [one.threat for one in source.register.ranked if source.is_open(one.threat)]
    by_rule: dict[str, list[Threat]] = {}
    for one in threats:
        by_rule.setdefault(rule_id(one), []).append(one)
    rules = list(by_rule)
    driver = {
        "name": "threatmodel-bot",
        **release_properties(),
        "informationUri": LEARN_MORE,
        "rules": [_rule(source, id, some) for id, some in by_rule.items()],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"threatmodel/{source.register.key}/"},
        "columnKind": "unicodeCodePoints",
        **({"properties": properties} if (properties := _run_properties(source)) else {}),
        "results": [_result(source, one, rules.index(rule_id(one))) for one in threats],
    }
    return json_text({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def escape_message(text: str) -> str:
    """Escape users' text as a plain SARIF message.

    Braces mark arguments (SARIF 2.1.0, 3.11.5), and brackets before parentheses a link (3.11.6), which could
    lead readers of an alert anywhere. Brackets are escaped only if they could form a link, because many
    viewers display the backslash.
    """
    plain = text.replace("{", "{{").replace("}", "}}")
    return _IN_LINKS.sub(r"\\\g<0>", plain) if "](" in plain else plain


_IN_LINKS: Final = re.compile(r"[\\\[\]]")


def release_properties() -> Plain:
    """Return the version of the tool, as its driver states it."""
    release = version()
    return {"version": release} if release == UNRELEASED else {"version": release, "semanticVersion": release}


def _run_properties(source: ExportSource) -> Plain:
    told: Plain = {"tags": list(source.register.labels)} if source.register.labels else {}
    return told | ({"imported": source.imported} if source.imported else {})


def _rule(source: ExportSource, id: str, threats: Sequence[Threat]) -> Plain:
    """Return a rule with the severity of its worst threat, because viewers know severities of rules only."""
    told: Plain = rule_descriptor(id)
    scores = [source.scores[one.id] for one in threats if one.id in source.scores]
    if not scores:
        return told | {"defaultConfiguration": {"level": _UNSCORED}}
    worst = max(scores, key=lambda one: (one.tally.band.order, one.tally.mean)).tally
    properties = rule_properties(id) | {"security-severity": severity(worst.band, worst.mean)}
    return told | {"defaultConfiguration": {"level": _LEVELS[worst.band]}, "properties": properties}


def _result(source: ExportSource, threat: Threat, rule: int) -> Plain:
    known = source.register
    score = source.scores.get(threat.id)
    name = f"{known.key}/{threat.id}"
    statements = known.statements.get(threat.id, ())
    properties: Plain = {
        "tags": [one.label for one in threat.stride],
        "threat": threat.id,
        "state": known.statuses[threat.id].state,
        "cwe": [f"CWE-{one}" for one in threat.cwe],
        "asvs": rule_sections(rule_id(threat)),
        "places": places_extension(source, threat),
    }
    told: Plain = {
        "ruleId": rule_id(threat),
        "ruleIndex": rule,
        "level": _LEVELS[score.tally.band] if score else _UNSCORED,
        "message": {
            "text": escape_message(
                "\n\n".join(one for one in (threat.title, *statements, threat.description) if one)
            )
        },
        "partialFingerprints": {"threatId/v1": name, "primaryLocationLineHash": _fingerprint(name)},
        "properties": properties,
    }
    if score:
        told["rank"] = round(score.tally.mean * 10, 1)
        properties["security-severity"] = severity(score.tally.band, score.tally.mean)
        properties["dread"] = score_extension(score)
    if imported := source.imported_scores.get(threat.id):
        properties["importedScore"] = score_extension(imported)
    if where := _locations(source, threat):
        told["locations"] = where
    if threat.link:
        told["hostedViewerUri"] = threat.link
    return told


def _fingerprint(name: str) -> str:
    """Return the fingerprint by which GitHub recognizes a result, derived from the threat."""
    return f"{hashlib.sha256(name.encode()).hexdigest()[:16]}:1"


def _locations(source: ExportSource, threat: Threat) -> list[Plain]:
    """Return a location for each place: the result holds until all of them are changed."""
    places = [_location(source, one) for one in places_of(threat)]
    anchor = _location(source, None)
    return places or ([anchor] if anchor else [])


def _location(source: ExportSource, element: ElementId | None) -> Plain:
    where: Plain = {}
    if source.anchor:
        at = {"uri": source.anchor, "uriBaseId": "%SRCROOT%"}
        where["physicalLocation"] = {"artifactLocation": at, "region": {"startLine": 1}}
    if element is not None:
        qualified = f"{source.register.key}/{element}"
        where["logicalLocations"] = [
            {"name": source.names.get(element, element), "fullyQualifiedName": qualified}
        ]
    return where
