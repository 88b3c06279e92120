"""Export to SARIF 2.1.0: a result for each threat, a rule for each kind."""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from bot.formats.exporters.export_source import ExportSource, Plain, json_text
from bot.formats.exporters.extension_data import places_extension, score_extension
from bot.version import UNRELEASED, version
from domain.built_in_catalog import BUILT_IN
from domain.dread.scoring import BANDS_FROM, Band
from domain.kernel.elements import ElementId
from domain.kernel.standards import ASVS_VERSION, section_reference, section_words
from domain.kernel.threat import Stride, Threat, places_of, rule_of

LEARN_MORE: Final = "https://owasp.org/www-community/Threat_Modeling_Process"
"""A page that explains the process behind such results."""

_CATEGORIES: Final = {
    Stride.SPOOFING: (
        "A user, service or device impersonates another one.",
        (
            "Authenticate users and services",
            "Use multi-factor authentication",
            "Protect credentials and sessions",
        ),
    ),
    Stride.TAMPERING: (
        "Data or code is changed without authorization.",
        (
            "Validate input",
            "Restrict write access",
            "Protect integrity with signatures or message authentication",
        ),
    ),
    Stride.REPUDIATION: (
        "A user can deny an action because there is no proof.",
        ("Log security-relevant actions", "Protect the audit log against changes", "Avoid shared accounts"),
    ),
    Stride.INFORMATION_DISCLOSURE: (
        "Data is disclosed to someone who is not authorized to see it.",
        (
            "Restrict read access",
            "Encrypt data in transit and at rest",
            "Collect and return only what is needed",
        ),
    ),
    Stride.DENIAL_OF_SERVICE: (
        "The system becomes unavailable or too slow for its users.",
        ("Limit rates and sizes", "Set timeouts", "Provide redundancy and tested backups"),
    ),
    Stride.ELEVATION_OF_PRIVILEGE: (
        "An attacker gains rights that were not granted.",
        ("Check authorization on the server for each request", "Grant least privilege", "Isolate workloads"),
    ),
}

_RANGES: Final = {
    Band.LOW: (0.1, 3.9),
    Band.MEDIUM: (4.0, 6.9),
    Band.HIGH: (7.0, 8.9),
    Band.CRITICAL: (9.1, 10.0),
}
"""The range that GitHub's code scanning shows as each band (over 9.0 is critical there)."""


def rule_id(threat: Threat) -> str:
    """Return the catalog rule of a confirmed threat, else its first category."""
    known = [rule_of(one) for one in threat.suggested_threats if rule_of(one) in BUILT_IN.rules_by_id]
    return known[0] if known else f"STRIDE/{threat.stride[0].value}"


def rule_descriptor(id: str) -> Plain:
    """Return the description of a rule, independent of its results."""
    rule = BUILT_IN.rules_by_id.get(id)
    if rule is None:
        category = Stride(id.rpartition("/")[2])
        why, usual = _CATEGORIES[category]
        return _described(id, category.label, why, usual)
    more = f"https://cwe.mitre.org/data/definitions/{rule.cwe[0]}.html" if rule.cwe else LEARN_MORE
    sections = [f"ASVS {ASVS_VERSION} {section_words(asv)}" for asv in rule.asvs]
    return _described(
        rule.id, rule.title, rule.explanation, [control.text for control in rule.controls], sections, more
    )


def rule_sections(id: str) -> list[str]:
    """Return references to the sections of OWASP ASVS that ask for the controls of a rule."""
    rule = BUILT_IN.rules_by_id.get(id)
    return [section_reference(asv) for asv in rule.asvs] if rule else []


def rule_properties(id: str) -> Plain:
    """Return the tags of a rule, its weaknesses in GitHub's notation, and its sections of OWASP ASVS."""
    rule = BUILT_IN.rules_by_id.get(id)
    category = rule.category if rule else Stride(id.rpartition("/")[2])
    weaknesses = [f"external/cwe/cwe-{one:03}" for one in (rule.cwe if rule else ())]
    privacy = ["privacy", f"LINDDUN: {rule.linddun}"] if rule and rule.linddun else []
    sections = rule_sections(id)
    return {
        "tags": ["security", category.label, *privacy, *weaknesses],
        **({"asvs": sections} if sections else {}),
    }


def severity(band: Band, mean: float) -> str:
    """Return a DREAD mean as `security-severity`: within the range that is shown as the band."""
    edges = (0, *BANDS_FROM, 10)
    start, end = edges[band.order], edges[band.order + 1]
    low, high = _RANGES[band]
    share = (min(max(mean, start), end) - start) / (end - start)
    return f"{low + share * (high - low):.1f}"


def _described(
    id: str,
    title: str,
    why: str,
    controls: Sequence[str],
    sections: Sequence[str] = (),
    more: str = LEARN_MORE,
) -> Plain:
    lists = {"Usual controls": controls, "Verification": sections}
    listed = {name: "\n".join(f"- {line}" for line in lines) for name, lines in lists.items() if lines}
    return {
        "id": id,
        "name": "".join(one[:1].upper() + one[1:] for one in _NAME_PARTS.findall(title)),
        "shortDescription": {"text": title},
        "fullDescription": {"text": why},
        "help": {
            "text": "\n\n".join([why, *(f"{name}:\n{lines}" for name, lines in listed.items())]),
            "markdown": "\n\n".join([why, *(f"**{name}**\n\n{lines}" for name, lines in listed.items())]),
        },
        "helpUri": more,
        "properties": rule_properties(id),
    }


_NAME_PARTS = re.compile(r"[A-Za-z0-9]{2,}")


SARIF_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {Band.LOW: "note", Band.MEDIUM: "warning", Band.HIGH: "error", Band.CRITICAL: "error"}
_UNSCORED: Final = "warning"


def export_sarif(source: ExportSource) -> bytes:
    """Return the open threats, worst first, under the rule that found them or else under their category.

    With an anchor each result is located at the first line of that file, without which GitHub accepts none.
    """
    threats = [threat.threat for threat in source.register.ranked if source.is_open(threat.threat)]
    by_rule: dict[str, list[Threat]] = {}
    for threat in threats:
        by_rule.setdefault(rule_id(threat), []).append(threat)
    rules = list(by_rule)
    return sarif_log(
        f"threatmodel/{source.register.key}/",
        [_rule(source, id, some) for id, some in by_rule.items()],
        [_result(source, threat, rules.index(rule_id(threat))) for threat in threats],
        _run_properties(source),
    )


def sarif_log(id: str, rules: Sequence[Plain], results: Sequence[Plain], properties: Plain) -> bytes:
    """Return a file with one run of this tool; `id` tells runs of another kind or model apart."""
    release = version()
    versions = (
        {"version": release} if release == UNRELEASED else {"version": release, "semanticVersion": release}
    )
    driver = {"name": "threatmodel-bot", **versions, "informationUri": LEARN_MORE, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": id},
        "columnKind": "unicodeCodePoints",
        **({"properties": properties} if properties else {}),
        "results": results,
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


def _run_properties(source: ExportSource) -> Plain:
    result: Plain = {"tags": list(source.register.labels)} if source.register.labels else {}
    return result | ({"imported": source.imported} if source.imported else {})


def _rule(source: ExportSource, id: str, threats: Sequence[Threat]) -> Plain:
    """Return a rule with the severity of its worst threat, because viewers know severities of rules only."""
    result: Plain = rule_descriptor(id)
    scores = [source.scores[threat.id] for threat in threats if threat.id in source.scores]
    if not scores:
        return result | {"defaultConfiguration": {"level": _UNSCORED}}
    worst = max(scores, key=lambda score: (score.tally.band.order, score.tally.mean)).tally
    properties = rule_properties(id) | {"security-severity": severity(worst.band, worst.mean)}
    return result | {"defaultConfiguration": {"level": _LEVELS[worst.band]}, "properties": properties}


def _result(source: ExportSource, threat: Threat, rule: int) -> Plain:
    known = source.register
    score = source.scores.get(threat.id)
    name = f"{known.key}/{threat.id}"
    statements = known.statements.get(threat.id, ())
    properties: Plain = {
        "tags": [category.label for category in threat.stride],
        "threat": threat.id,
        "state": known.statuses[threat.id].state,
        "cwe": [f"CWE-{weakness}" for weakness in threat.cwe],
        "asvs": rule_sections(rule_id(threat)),
        "places": places_extension(source, threat),
    }
    result: Plain = {
        "ruleId": rule_id(threat),
        "ruleIndex": rule,
        "level": _LEVELS[score.tally.band] if score else _UNSCORED,
        "message": {
            "text": escape_message(
                "\n\n".join(one for one in (threat.title, *statements, threat.description) if one)
            )
        },
        "partialFingerprints": {"threatId/v1": name, "primaryLocationLineHash": line_hash(name)},
        "properties": properties,
    }
    if score:
        result["rank"] = round(score.tally.mean * 10, 1)
        properties["security-severity"] = severity(score.tally.band, score.tally.mean)
        properties["dread"] = score_extension(score)
    if imported := source.imported_scores.get(threat.id):
        properties["importedScore"] = score_extension(imported)
    if where := _locations(source, threat):
        result["locations"] = where
    if threat.link:
        result["hostedViewerUri"] = threat.link
    return result


def line_hash(name: str) -> str:
    """Return the fingerprint by which GitHub recognizes a result, derived from its name."""
    return f"{hashlib.sha256(name.encode()).hexdigest()[:16]}:1"


def _locations(source: ExportSource, threat: Threat) -> list[Plain]:
    """Return a location for each place: the result holds until all of them are changed."""
    places = [_location(source, place) for place in places_of(threat)]
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
