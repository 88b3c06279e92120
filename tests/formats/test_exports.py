"""Exports are valid against the published schemas, and have the expected content."""

import csv
import io
import json
import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from bot.cli.output.json_document import json_text, model_json
from bot.formats import FORMATS, file_name
from bot.formats.exporters.csv_export import escape_formula
from bot.formats.exporters.history_export import AnonymizedHistory
from bot.picture.diagram import graphviz
from bot.report.markdown_renderer import render_markdown
from bot.report.sections import report_of
from domain.commands import ExplainBallot
from domain.dread.metrics import Metric
from domain.events import BallotCast, RecordedEvent, RoundClosed
from domain.kernel.elements import Kind, PersonId
from domain.register import register
from domain.remediation.status import ThreatState
from domain.replay import replay
from tests.depth import deep_only
from tests.domain.quick_story import OTHERS, PANEL, RD1, TH1, answered, score_of, voted
from tests.examples import at, decide_all
from tests.formats.export_sources import (
    KINDS,
    example_events,
    export_source_named,
    export_source_of,
    export_source_of_model,
)
from tests.formats.format_schemas import schema_errors
from tests.report.report_sources import report_source_of

SCHEMAS = {
    "otm": "otm/otm_schema.json",
    "threat-dragon": "threat-dragon/threat-dragon-v2.schema.json",
    "tm-bom": "tm-library/threat-model.schema.json",
    "sarif": "sarif/sarif-schema-2.1.0.json",
}


def written(word: str, which: str | int = "house") -> bytes:
    return FORMATS[word].write(export_source_named(which))


def read(word: str, which: str | int = "house") -> Any:
    return json.loads(written(word, which))


@pytest.mark.parametrize("which", KINDS)
@pytest.mark.parametrize("word", SCHEMAS)
def test_exports_are_valid_against_the_published_schemas(word: str, which: str | int) -> None:
    assert schema_errors(SCHEMAS[word], written(word, which)) == []


def test_the_schemas_reject_invalid_files() -> None:
    for word, schema in SCHEMAS.items():
        broken = re.sub(rb'"(version|otmVersion)":', b'"x\\1":', written(word))
        assert schema_errors(schema, broken), word


@pytest.mark.parametrize("which", KINDS)
def test_the_drawing_has_each_shape_once_and_all_flow_ends(which: str | int) -> None:
    cells = list(ET.fromstring(written("drawio", which)).iter("mxCell"))
    ids = Counter(cell.attrib["id"] for cell in cells)
    assert max(ids.values()) == 1
    for cell in cells:
        for end in ("parent", "source", "target"):
            assert cell.get(end) is None or cell.attrib[end] in ids
    known = export_source_named(which).register
    drawn = [
        item for kind in (Kind.TRUST_BOUNDARY, Kind.COMPONENT, Kind.DATA_FLOW) for item in known.items(kind)
    ]
    assert set(ids) == {"0", "1", *(item.id for item in drawn)}


@pytest.mark.parametrize("which", KINDS)
@pytest.mark.parametrize("word", ["csv", "csv-registers"])
def test_no_csv_cell_is_read_as_a_formula(word: str, which: str | int) -> None:
    rows = list(csv.reader(io.StringIO(written(word, which).decode("utf-8-sig"), newline="")))
    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell)]
    known = export_source_named(which).register
    elements = sum(len(known.items(kind)) for kind in Kind)
    threats = len(known.ranked) + len(known.prevented)
    assert len(rows) == 1 + (threats if word == "csv" else elements)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("  +49 30", "'  +49 30"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\uff1dcmd|' /C calc'!A0", "'\uff1dcmd|' /C calc'!A0"),
        ("\u200b=1", "'\u200b=1"),
        ("'=1", "''=1"),
        ("\t=1", "'\t=1"),
        ("a=1", "a=1"),
        ("", ""),
        (-2, "-2"),
        (None, ""),
    ],
)
def test_text_like_a_formula_is_shown_unchanged(typed: object, shown: str) -> None:
    assert escape_formula(typed) == shown


def test_threats_are_exported_worst_first_with_their_scores() -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv").decode("utf-8-sig"))))
    first = rows[0]
    assert (first["Rank"], first["Band"], first["Mean"], first["Damage"]) == ("1", "critical", "8.6", "10")
    assert [row["Rank"] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
    assert first["Element name"]
    garage = next(row for row in rows if row["CWE"] == "CWE-653")
    assert garage["Statement"].startswith("An attacker can move from the less trusted")


def test_sarif_contains_only_open_threats() -> None:
    for which in ("house", "web-shop"):
        (run,) = read("sarif", which)["runs"]
        known = export_source_named(which).register
        over = {ThreatState.MITIGATED, ThreatState.ACCEPTED, ThreatState.TRANSFERRED, ThreatState.AVOIDED}
        still = [one.threat.id for one in known.ranked if known.statuses[one.threat.id].state not in over]
        assert [one["properties"]["threat"] for one in run["results"]] == still
        rules = run["tool"]["driver"]["rules"]
        assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])


def test_threat_dragon_uses_the_positions_of_the_diagram() -> None:
    known = export_source_named("house")
    cells = read("threat-dragon")["detail"]["diagrams"][0]["cells"]
    named = {cell["data"]["name"]: cell for cell in cells}
    (house,) = [item for item in known.register.items(Kind.COMPONENT) if item.name == "House"]
    at = known.places.boxes[house.id]
    assert named["House"]["position"] == {"x": at.x, "y": at.y}
    assert named["House"]["shape"] == "process"
    ids = {cell["id"] for cell in cells}
    assert len(ids) == len(cells)
    for cell in cells:
        if cell["shape"] == "flow":
            assert {cell["source"]["cell"], cell["target"]["cell"]} <= ids
            label = known.places.middles[cell["data"]["threatmodel"]["id"]]
            assert {"x": label[0], "y": label[1]} in cell["vertices"]
    shown = [threat["number"] for cell in cells for threat in cell["data"].get("threats", [])]
    assert sorted(shown) == [int(one.id[3:]) for one in known.register.threats]


def test_without_a_layout_parts_are_placed_in_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise graphviz.GraphvizUnavailable(graphviz.MISSING)

    monkeypatch.setattr(graphviz, "compiled_graphviz", missing)
    known = export_source_of_model(replay(example_events("web-shop")))
    file = FORMATS["threat-dragon"].write(known)
    assert schema_errors(SCHEMAS["threat-dragon"], file) == []
    boxes = [known.places.boxes[item.id] for item in known.register.items(Kind.COMPONENT)]
    corners = {(box.x, box.y) for box in boxes}
    assert len(corners) == len(boxes)


def test_an_empty_model_can_be_exported() -> None:
    begun = export_source_of(example_events("house")[:1])
    for one in FORMATS.values():
        file = one.write(begun)
        assert file
        if one.word in SCHEMAS:
            assert schema_errors(SCHEMAS[one.word], file) == [], one.word


def test_the_same_model_gives_the_same_file() -> None:
    again = export_source_of(example_events("web-shop"))
    for one in FORMATS.values():
        assert one.write(again) == written(one.word, "web-shop"), one.word


def test_each_file_has_a_name_of_its_own() -> None:
    names = [file_name(export_source_named("house").register.key, one) for one in FORMATS.values()]
    assert len(set(names)) == len(names)
    assert names[0] == "TM-1.otm.json"


class TestNobodyIsNamed:
    """Who voted, and what, is in no file."""

    @pytest.mark.parametrize("word", FORMATS)
    def test_no_voter_is_named(self, word: str) -> None:
        # In the examples everybody votes, and only the author of a response owns something.
        past = example_events("web-shop")
        voters = {event.by for event in past if isinstance(event, BallotCast)}
        assert voters
        if word == "events":
            return self._only_elsewhere(past, voters)
        owners = {
            status.response.owner
            for status in export_source_named("web-shop").register.statuses.values()
            if status.response
        }
        owners |= {
            mitigation.mitigation.owner
            for mitigation in export_source_named("web-shop").register.mitigations
            if mitigation.mitigation.owner
        }
        owners |= {assumption.held_by for assumption in export_source_named("web-shop").register.assumptions}
        file = written(word, "web-shop").decode()
        assert not [voter for voter in voters - owners if voter in file]
        return None

    @staticmethod
    def _only_elsewhere(past: tuple[Any, ...], voters: set[PersonId]) -> None:
        lines = [json.loads(line) for line in written("events", "web-shop").splitlines()[1:]]
        voting = ("RoundOpened", "RoundClosed", "BallotExplained")
        said = [json.dumps(one["event"] | {"by": None}) for one in lines if one["type"] in voting]
        assert said
        assert not [voter for voter in voters for line in said if voter in line]
        assert not [one for one in lines if one["type"] in ("BallotCast", "VoterLeft")]

    def test_an_open_round_leaves_nothing_behind(self) -> None:
        past = example_events("web-shop")
        end = next(n for n, one in enumerate(past) if isinstance(one, RoundClosed))
        begun = past[:end]
        assert [one for one in begun if isinstance(one, BallotCast)]
        file = FORMATS["events"].write(export_source_of(begun))
        assert b"BallotCast" not in file
        assert b"RoundOpened" not in file
        assert json.loads(file.splitlines()[0])["withheld"] > 0


EVENTS = voted((8, 6), (8, 6), (6, 6), (8, 5))
SOURCE = export_source_of(tuple(EVENTS))
DERIVED = score_of(EVENTS).tally.derived
SOURCES = {
    "damage": "voted",
    "reproducibility": "derived",
    "exploitability": "voted",
    "affected_users": "derived",
    "discoverability": "derived",
}


def quick_json(name: str) -> Any:
    return json.loads(FORMATS[name].write(SOURCE))


def test_show_json_says_which_metrics_were_voted_and_which_derived() -> None:
    shown = json.loads(json_text(model_json(register(replay(EVENTS)))))
    score = next(one for one in shown["threats"] if one["id"] == TH1)["score"]
    assert score["sources"] == SOURCES
    assert score["medians"] == {"damage": 8, "exploitability": 6}
    assert score["derived"] == {metric.value: number for metric, number in DERIVED.items()}
    assert score["mean"] == 7


@deep_only
@pytest.mark.parametrize("name", ["otm", "threat-dragon", "sarif"])
def test_files_with_extensions_carry_the_source_of_each_metric(name: str) -> None:
    assert f'"sources":{json.dumps(SOURCES, separators=(",", ":"))}' in json.dumps(
        quick_json(name), separators=(",", ":")
    )


@pytest.mark.parametrize("name", ["otm", "tm-bom"])
def test_files_with_a_sentence_about_the_score_name_the_derived_metrics(name: str) -> None:
    said = json.dumps(quick_json(name))
    assert "Voted: Damage and Exploitability." in said
    assert "Derived: Reproducibility, Affected users and Discoverability." in said


def test_a_spreadsheet_has_the_derived_numbers_and_a_column_that_names_them() -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"].write(SOURCE).decode("utf-8-sig"))))
    row = next(one for one in rows if one["Id"] == TH1)
    assert row["Derived metrics"] == "Reproducibility, Affected users, Discoverability"
    assert (row["Damage"], row["Exploitability"]) == ("8", "6")
    assert [row[metric.label] for metric in DERIVED] == [str(number) for number in DERIVED.values()]


def test_the_report_marks_derived_numbers() -> None:
    said = render_markdown(report_of(replace(report_source_of(EVENTS), full=True)))
    for metric, number in DERIVED.items():
        assert f"{metric.label} {number} (derived)" in said
    assert "A quick ballot rates only Damage and Exploitability" in said


def test_a_history_without_voters_leads_to_the_same_scores() -> None:
    explained = ExplainBallot(
        by=PANEL[3], at=at(140), round=RD1, threat=TH1, metric=Metric.DAMAGE, text="It burns as well"
    )
    first = voted((3, 8), (3, 8), (3, 8), (8, 8), requested_by=PANEL[:1])
    for events in (decide_all(explained, after=first), decide_all(explained, after=second_vote(first))):
        exported = [one for _, one in AnonymizedHistory([*enumerate(events, start=1)]).events()]
        known, read = score_of(events), score_of(exported)
        assert read.tally == known.tally
        assert [one.text for one in known.explained] == ["It burns as well"]
        if not replay(events).open_rounds():
            assert read == known
            assert read.followed_up == OTHERS


def second_vote(events: list[RecordedEvent]) -> list[RecordedEvent]:
    return answered(events, *((10, 10, 8),) * 4)
