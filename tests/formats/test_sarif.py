"""SARIF files meet the requirements of code scanning, with escaped user text."""

import json
import re
from typing import Any, cast

import pytest
from msgspec.structs import replace

from bot.formats import FORMATS, ExportSource
from bot.formats.exporters.sarif_export import escape_message, rule_descriptor, severity
from domain.built_in_catalog import BUILT_IN
from domain.commands import ReportThreat
from domain.dread.scoring import Band
from domain.kernel.threat import Stride
from domain.replay import replay
from tests.examples import ANA, at, decide_all, started
from tests.for_each import for_each
from tests.formats.export_sources import KINDS, export_source_named, export_source_of_model
from tests.formats.format_schemas import schema_errors

ANCHOR = "docs/threat%20model.md"


def run(known: ExportSource) -> dict[str, Any]:
    (one,) = json.loads(FORMATS["sarif"].write(known))["runs"]
    return cast("dict[str, Any]", one)


def anchored(which: str | int) -> dict[str, Any]:
    return run(replace(export_source_named(which), anchor=ANCHOR))


def test_the_tool_has_its_release_and_a_link() -> None:
    driver = run(export_source_named("house"))["tool"]["driver"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", driver["version"])
    assert driver["semanticVersion"] == driver["version"]
    assert driver["informationUri"].startswith("https://")


@for_each("id", [*(rule.id for rule in BUILT_IN.rules), *(f"STRIDE/{category.value}" for category in Stride)])
def test_every_rule_has_a_description_and_help(id: str) -> None:
    rule = cast("dict[str, Any]", rule_descriptor(id))
    assert rule["shortDescription"]["text"]
    assert rule["fullDescription"]["text"]
    assert rule["fullDescription"]["text"] != rule["shortDescription"]["text"]
    lines = rule["help"]["text"].split("\n")
    assert lines[0] == rule["fullDescription"]["text"]
    assert [line for line in lines if line.startswith("- ")]
    marked = rule["help"]["markdown"].split("\n")
    assert [line for line in marked if line.startswith("- ")] == [
        line for line in lines if line.startswith("- ")
    ]
    assert rule["helpUri"].startswith("https://")
    assert re.fullmatch(r"([A-Z0-9][A-Za-z0-9]+)+", rule["name"])
    assert "security" in rule["properties"]["tags"]
    words = [rule["shortDescription"]["text"], *lines]
    assert all(escape_message(word) == word for word in words), "our own words need no escapes"


def test_rules_and_results_refer_to_the_verification_standard() -> None:
    descriptor = cast("dict[str, Any]", rule_descriptor("S07"))
    assert descriptor["properties"]["asvs"] == ["v5.0.0-3.5"]
    assert "- ASVS 5.0.0 V3.5 Browser Origin Separation" in descriptor["help"]["text"].split("\n")
    assert "asvs" not in cast("dict[str, Any]", rule_descriptor("X02"))["properties"]
    found = {one["ruleId"]: one for one in run(export_source_named("web-shop"))["results"]}
    assert found["T01"]["properties"]["asvs"] == ["v5.0.0-1.2"]


def test_a_result_states_the_threat() -> None:
    (injection,) = [one for one in run(export_source_named("web-shop"))["results"] if one["ruleId"] == "T01"]
    assert (
        "can inject database commands through Shop pages because queries are not parameterized, leading to"
    ) in injection["message"]["text"]


@pytest.mark.parametrize("which", KINDS)
def test_a_rule_has_the_severity_of_its_worst_threat(which: str | int) -> None:
    found = run(export_source_named(which))
    for number, rule in enumerate(found["tool"]["driver"]["rules"]):
        given = [
            float(one["properties"]["security-severity"])
            for one in found["results"]
            if one["ruleIndex"] == number and "security-severity" in one["properties"]
        ]
        said = rule["properties"].get("security-severity")
        assert said is None or isinstance(said, str), "GitHub wants a text"
        assert (float(said) if said else None) == max(given, default=None)


def test_the_worst_threat_of_a_rule_determines_its_severity() -> None:
    reports = [
        ReportThreat(title=title, stride=(Stride.SPOOFING,), by=ANA, at=at(1)) for title in ("One", "Other")
    ]
    scores = sorted(
        [*export_source_named("house").scores.values(), *export_source_named("web-shop").scores.values()],
        key=lambda score: score.tally.mean,
    )
    for given in ((scores[0], scores[-1]), (scores[-1], scores[0])):
        known = export_source_of_model(replay(decide_all(*reports, after=[started()])))
        ids = [threat.id for threat in known.register.threats]
        cast("dict[str, Any]", known.__dict__)["scores"] = dict(zip(ids, given, strict=True))
        found = run(known)
        (rule,) = found["tool"]["driver"]["rules"]
        worst = scores[-1].tally
        assert rule["properties"]["security-severity"] == severity(worst.band, worst.mean)
        assert rule["defaultConfiguration"]["level"] == "error"
        assert len({one["properties"]["security-severity"] for one in found["results"]}) == 2


@pytest.mark.parametrize(
    ("band", "means", "low", "high"),
    [
        (Band.LOW, (1, 2.5, 3.9), 0.1, 3.9),
        (Band.MEDIUM, (4, 5.5, 1.0, 5.9), 4.0, 6.9),
        (Band.HIGH, (6, 7.9, 3.0), 7.0, 8.9),
        (Band.CRITICAL, (8, 9.3, 10), 9.1, 10.0),
    ],
)
def test_a_severity_is_shown_as_the_band_that_was_voted(
    band: Band, means: tuple[float, ...], low: float, high: float
) -> None:
    """Also where the damage, and not the mean, decided the band."""
    for mean in means:
        assert low <= float(severity(band, mean)) <= high


@pytest.mark.parametrize("which", KINDS)
def test_with_an_anchor_every_result_has_a_location_in_that_file(which: str | int) -> None:
    for one in anchored(which)["results"]:
        assert one["locations"]
        for where in one["locations"]:
            physical = where["physicalLocation"]
            assert physical["artifactLocation"] == {"uri": ANCHOR, "uriBaseId": "%SRCROOT%"}
            assert physical["region"] == {"startLine": 1}
    file = FORMATS["sarif"].write(replace(export_source_named(which), anchor=ANCHOR))
    assert schema_errors("sarif/sarif-schema-2.1.0.json", file) == []


def test_without_an_anchor_no_result_has_a_location() -> None:
    for one in run(export_source_named("house"))["results"]:
        assert "physicalLocation" not in (one.get("locations") or [{}])[0]


def test_results_at_the_same_line_have_stable_distinct_fingerprints() -> None:
    """GitHub compares this fingerprint and no other."""
    prints = [
        one["partialFingerprints"]["primaryLocationLineHash"] for one in anchored("web-shop")["results"]
    ]
    assert len(set(prints)) == len(prints) > 1
    assert all(re.fullmatch(r"[0-9a-f]{16}:1", one) for one in prints)
    assert prints == [
        one["partialFingerprints"]["primaryLocationLineHash"]
        for one in run(export_source_named("web-shop"))["results"]
    ]


LINK = re.compile(r"(?<!\\)(?:\\\\)*\[((?:[^\\\[\]]|\\[\\\[\]])*)\]\(([^)]*)\)")
"""An embedded link as the standard's grammar has it."""


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("Log in [here](https://evil.example)", r"Log in \[here\](https://evil.example)"),
        ("![x](https://evil.example/a.png)", r"!\[x\](https://evil.example/a.png)"),
        (r"\[x\](https://evil.example)", r"\\\[x\\\](https://evil.example)"),
        (r"\\[x](1)", r"\\\\\[x\](1)"),
        ("see [a [b](1)](2)", r"see \[a \[b\](1)\](2)"),
        ("arguments {0} and {name}", "arguments {{0}} and {{name}}"),
        ("{{0}}", "{{{{0}}}}"),
        ("rows[0] of C:\\data", "rows[0] of C:\\data"),
        ("plain (words)", "plain (words)"),
        ("", ""),
    ],
)
def test_user_text_contains_no_links_and_no_arguments(said: str, message: str) -> None:
    assert escape_message(said) == message
    assert LINK.search(escape_message(said)) is None


def test_a_link_in_a_threat_is_escaped_in_its_message() -> None:
    threat = ReportThreat(
        title="Look [here](https://evil.example)",
        description="or [there](https://evil.example/{0})",
        stride=(Stride.SPOOFING,),
        by=ANA,
        at=at(1),
    )
    (one,) = run(export_source_of_model(replay(decide_all(threat, after=[started()]))))["results"]
    assert LINK.search("see [here](https://evil.example)")
    assert LINK.search(one["message"]["text"]) is None
    assert "{{0}}" in one["message"]["text"]
