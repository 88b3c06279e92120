"""SARIF 2.1.0, which code scanners and dashboards read: one result for each open threat."""

from bot.formats.source import Plain, Source, written
from domain.dread.scoring import Band
from domain.judgements import rule_of
from domain.own_threats import Threat
from domain.rules import RULES
from domain.rules.rule import Rule
from domain.stride import Stride

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Band.LOW: "note", Band.MEDIUM: "warning", Band.HIGH: "error", Band.CRITICAL: "error"}
_RULES = {rule.id: rule for rule in RULES}


def sarif(source: Source) -> bytes:
    """The open threats, the worst first, under the rule that found them or else under their category."""
    threats = [one.threat for one in source.register.ranked if source.is_open(one.threat)]
    rules = list(dict.fromkeys(_rule_id(one) for one in threats))
    driver = {"name": "threatmodel-bot", "rules": [_rule(one) for one in rules]}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"threatmodel/{source.register.key}/"},
        "columnKind": "unicodeCodePoints",
        "results": [_result(source, one, rules.index(_rule_id(one))) for one in threats],
    }
    return written({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule_id(threat: Threat) -> str:
    known = [rule_of(one) for one in threat.candidates if rule_of(one) in _RULES]
    return known[0] if known else f"STRIDE/{threat.stride[0].value}"


def _rule(id: str) -> Plain:
    rule = _RULES.get(id)
    return _of_catalogue(rule) if rule else _of_stride(Stride(id.rpartition("/")[2]))


def _of_catalogue(rule: Rule) -> Plain:
    tags = ["security", rule.category.words, *(f"external/cwe/cwe-{one:03}" for one in rule.cwe)]
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": " ".join(one.text for one in rule.controls) or rule.why},
        "properties": {"tags": tags},
    }


def _of_stride(category: Stride) -> Plain:
    return {
        "id": f"STRIDE/{category.value}",
        "shortDescription": {"text": category.words},
        "properties": {"tags": ["security", category.words]},
    }


def _result(source: Source, threat: Threat, rule: int) -> Plain:
    known = source.register
    score = source.scores.get(threat.id)
    told: Plain = {
        "ruleId": _rule_id(threat),
        "ruleIndex": rule,
        "level": _LEVELS[score.tally.band] if score else "warning",
        "message": {"text": "\n\n".join(one for one in (threat.title, threat.description) if one)},
        "partialFingerprints": {"threatId/v1": f"{known.key}/{threat.id}"},
        "properties": {
            "tags": [one.words for one in threat.stride],
            "threat": threat.id,
            "state": known.standings[threat.id].state,
            "cwe": [f"CWE-{one}" for one in threat.cwe],
        },
    }
    if score:
        told["rank"] = round(score.tally.mean * 10, 1)
    if threat.element is not None:
        name = source.names.get(threat.element, threat.element)
        where = {"name": name, "fullyQualifiedName": f"{known.key}/{threat.element}"}
        told["locations"] = [{"logicalLocations": [where]}]
    if threat.link:
        told["hostedViewerUri"] = threat.link
    return told
