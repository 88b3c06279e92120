"""Drift as SARIF 2.1.0 for code scanning, and as JUnit XML for lists of tests."""

import hashlib
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from bot.drafts.draft_drift import RULES_OF_DRIFT, Drift, DriftReport
from bot.formats.exporters.export_source import Plain, json_text, printable
from bot.formats.exporters.sarif_export import SARIF_SCHEMA, escape_message, release_properties
from bot.formats.exporters.sarif_rules import LEARN_MORE
from domain.drafts.draft import SourcePlace

_HELP: Final = (
    "The files describe something that is not part of what is known. If it is intended, add it to the model, "
    "and write what is known again: threatmodel draft FILE --known known.json."
)


def drift_sarif(report: DriftReport) -> bytes:
    """Return one result for each drift, at its line."""
    rules = list(dict.fromkeys(one.rule for one in report.drifts))
    driver: Plain = {
        "name": "threatmodel-bot",
        **release_properties(),
        "informationUri": LEARN_MORE,
        "rules": [_rule(id) for id in rules],
    }
    run: Plain = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "threatmodel/drift/"},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, rules.index(one.rule)) for one in report.drifts],
    }
    return json_text({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def drift_junit(report: DriftReport) -> bytes:
    """Return a failed test for each drift, and one that passed for all that is known."""
    suites = Element("testsuites", name="threatmodel draft")
    suite = SubElement(
        suites,
        "testsuite",
        name="Drift of the threat model",
        tests=str(len(report.drifts) + 1),
        failures=str(len(report.drifts)),
        errors="0",
    )
    SubElement(suite, "testcase", classname="known", name=f"{report.compared} elements compared")
    for one in report.drifts:
        case = SubElement(
            suite,
            "testcase",
            classname=one.rule,
            name=printable(f"{one.text} [{one.key}]"),
            file=printable(one.place.file),
            line=str(max(one.place.line, 1)),
        )
        failure = SubElement(case, "failure", type=one.rule, message=printable(one.text))
        failure.text = printable(f"{shown_place(one.place, one.key)}: {one.text}")
    indent(suites)
    return tostring(suites, encoding="utf-8", xml_declaration=True) + b"\n"


def drift_lines(drifts: Iterable[Drift]) -> list[str]:
    """Return a line for each drift, beginning with its place, as compilers write them."""
    return [f"{shown_place(one.place, one.key)}: {one.text}" for one in drifts]


def shown_place(place: SourcePlace, key: str) -> str:
    """Return a place in a file; without a line, with the name that the thing has in the file."""
    return place.text if place.line else f"{place.file} ({key.partition(':')[2]})"


def _rule(id: str) -> Plain:
    title = RULES_OF_DRIFT[id]
    return {
        "id": f"drift/{id}",
        "name": "".join(word.capitalize() for word in id.split("-")),
        "shortDescription": {"text": title},
        "fullDescription": {"text": f"{title}: it is not part of what is known of the system."},
        "help": {"text": _HELP, "markdown": _HELP},
        "helpUri": LEARN_MORE,
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["security", "threat-model", "drift"]},
    }


def _result(one: Drift, rule: int) -> Plain:
    name = f"{one.rule}:{one.key}:{one.text}"
    fingerprint = hashlib.sha256(name.encode()).hexdigest()[:16]
    return {
        "ruleId": f"drift/{one.rule}",
        "ruleIndex": rule,
        "level": "error" if one.severe else "warning",
        "message": {"text": escape_message(one.text)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(one.place.file),
                    "region": {"startLine": max(one.place.line, 1)},
                },
                "logicalLocations": [{"fullyQualifiedName": one.key}],
            }
        ],
        "partialFingerprints": {"draftKey/v1": name, "primaryLocationLineHash": f"{fingerprint}:1"},
        "properties": {"key": one.key},
    }


def _artifact(file: str) -> Plain:
    """Return the address of a file: below the root of the repository, unless it lies outside."""
    if file.startswith("/"):
        return {"uri": f"file://{quote(file)}"}
    return {"uri": quote(file), "uriBaseId": "%SRCROOT%"}
