"""Exports mark metrics as voted or derived."""

import csv
import io
import json
from typing import Any

import pytest
from msgspec.structs import replace

from bot.cli.output.json_document import json_text, model_json
from bot.formats import FORMATS
from bot.formats.exporters.history_export import AnonymizedHistory
from bot.report.markdown_renderer import render_markdown
from bot.report.sections import report_of
from domain.commands import ExplainBallot
from domain.dread.metrics import Metric
from domain.events import RecordedEvent
from domain.register import register
from domain.replay import replay
from tests.depth import deep_only
from tests.domain.quick_story import OTHERS, PANEL, RD1, TH1, answered, score_of, voted
from tests.examples import at, decide_all
from tests.formats.export_sources import export_source_of
from tests.report.report_sources import report_source_of

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


def written(name: str) -> Any:
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
        written(name), separators=(",", ":")
    )


@pytest.mark.parametrize("name", ["otm", "tm-bom"])
def test_files_with_a_sentence_about_the_score_name_the_derived_metrics(name: str) -> None:
    said = json.dumps(written(name))
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
