"""A threat at several places in each format: shown at each of them, and still one threat when it is read."""

import csv
import io
import json
from functools import cache
from typing import Any

from bot.formats import FORMATS, ExportSource
from bot.formats.exporters.extension_data import MARK
from bot.formats.exporters.tm_bom_export import EXTENSION
from tests.domain.grouped_story import FLOWS, PLAIN, confirm, gateway
from tests.examples import decide_all
from tests.formats.export_sources import export_source_of
from tests.formats.format_schemas import schema_errors
from tests.formats.test_exports import SCHEMAS
from tests.formats.test_round_trips import read_back

STATES = [{"element": flow, "state": "open"} for flow in FLOWS]


@cache
def grouped() -> ExportSource:
    return export_source_of(tuple(decide_all(confirm(*PLAIN), after=gateway())))


def written(word: str) -> Any:
    return json.loads(FORMATS[word].write(grouped()))


def places_of(extension: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"element": one["elements"][0], "state": one["state"]} for one in extension["places"]]


def test_open_threat_model_names_the_threat_at_every_flow() -> None:
    told = written("otm")
    assert {flow["id"]: [one["threat"] for one in flow["threats"]] for flow in told["dataflows"]} == (
        {flow: ["TH-1"] for flow in FLOWS}
    )
    (threat,) = told["threats"]
    assert places_of(threat["attributes"][MARK]) == STATES


def test_threat_dragon_shows_the_threat_at_every_flow_and_reads_it_once() -> None:
    content = FORMATS["threat-dragon"].write(grouped())
    cells = json.loads(content)["detail"]["diagrams"][0]["cells"]
    shown = [one for cell in cells if cell["shape"] == "flow" for one in cell["data"]["threats"]]
    assert len(shown) == len(FLOWS)
    assert len({one["id"] for one in shown}) == len(FLOWS)
    assert {one["title"] for one in shown} == {"Unencrypted data in transit at 8 data flows"}
    assert places_of(shown[0][MARK]) == STATES
    back = read_back(content)
    assert [one.title for one in back.model.threats.values()] == [
        "Unencrypted data in transit at 8 data flows"
    ]
    assert any("the further places of a threat" in one for one in back.notes)


def test_the_reader_of_open_threat_model_says_that_further_places_are_lost() -> None:
    back = read_back(FORMATS["otm"].write(grouped()))
    (threat,) = back.model.threats.values()
    assert threat.element == "DF-1"
    assert any("the further places of a threat" in one for one in back.notes)


def test_the_threat_model_library_keeps_the_places_as_our_own_data() -> None:
    told = written("tm-bom")
    text = json.dumps(told)
    assert text.count('"place": "I01@DF-8"') == 1
    assert EXTENSION in text


def test_code_scanning_gets_a_location_for_each_place() -> None:
    (result,) = written("sarif")["runs"][0]["results"]
    names = [one["logicalLocations"][0]["fullyQualifiedName"] for one in result["locations"]]
    assert names == [f"TM-1/{flow}" for flow in FLOWS]
    assert places_of(result["properties"]) == STATES


def test_a_table_lists_the_places_in_one_cell() -> None:
    content = FORMATS["csv"].write(grouped())
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["Places"].startswith("DF-1 Gateway → Service 1: Orders (open); DF-2 Gateway → Service 2")
    assert row["Places"].count(";") == len(FLOWS) - 1


def test_a_threat_at_several_places_keeps_to_the_schemas() -> None:
    for word, schema in SCHEMAS.items():
        assert schema_errors(schema, FORMATS[word].write(grouped())) == [], word
