"""Technologies, assumptions and two-way flows in files: what survives, and what is listed as lost."""

import json
from typing import Any

import pytest

from bot.formats import FORMATS
from bot.formats.format_detection import read_file
from bot.formats.importers.imported_model import ImportedModel
from bot.formats.importers.model_creation import create_model
from bot.slack.ui.messages.files.export_messages import export_comment
from bot.store.codec import read_event
from domain.commands import AddComponent, DrawFlows, FlowByNames, FlowEnd
from domain.events import FactsAssumed, RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import ChannelId, Component, DataFlow, ElementId, Kind, ModelKey
from domain.model import ThreatModel
from domain.model.element_labels import label
from domain.register import register
from domain.replay import replay
from tests.examples import ANA, at, decide_all, started
from tests.formats.export_sources import export_source_of, export_source_of_model
from tests.formats.format_schemas import schema_errors
from tests.formats.model_comparison import comparable_content
from tests.formats.test_exports import SCHEMAS

LOSSLESS = ("otm", "threat-dragon", "tm-bom")


def events() -> list[RecordedEvent]:
    return decide_all(
        AddComponent(by=ANA, at=at(1), name="Redis list", technology=""),
        DrawFlows(
            by=ANA,
            at=at(2),
            flows=(
                FlowByNames(
                    source="API",
                    target="Orders",
                    assets=("Query", "Id"),
                    assets_back=("Rows",),
                    two_way=True,
                    protocol="TLS",
                    source_end=FlowEnd(technology="python", boundary="VPC"),
                    target_end=FlowEnd(technology="amazon_s3"),
                ),
            ),
        ),
        after=[started()],
    )


def written(word: str, past: list[RecordedEvent] | None = None) -> bytes:
    return FORMATS[word].write(export_source_of(tuple(past or events())))


def read_again(content: bytes) -> tuple[ThreatModel, tuple[str, ...]]:
    found = read_file(content, read_event)
    assert isinstance(found, ImportedModel)
    made = create_model(found, key=ModelKey("TM-5"), channel=ChannelId("CHERE"), by=ANA, at=at(9))
    return made.model, made.notes


@pytest.mark.parametrize("word", LOSSLESS)
def test_technologies_assumptions_and_directions_survive(word: str) -> None:
    model, notes = read_again(written(word))
    assert notes == ()
    assert comparable_content(model) == comparable_content(replay(events()))
    assert {label(model, one): one.technology for one in model.of_type(Component)} == {
        "Redis list": "",
        "API": "python",
        "Orders": "amazon_s3",
    }
    (flow,) = model.of_type(DataFlow)
    assert label(model, flow) == "API ↔ Orders: Query, Id | Rows"
    assert {one.fact for one in model.assumed[flow.id].facts} == {"encrypted", "integrity_protected"}


@pytest.mark.parametrize("word", [one for one in LOSSLESS if one in SCHEMAS])
def test_the_files_still_follow_their_schemas(word: str) -> None:
    assert schema_errors(SCHEMAS[word], written(word)) == []


def test_the_formats_say_that_a_flow_goes_both_ways() -> None:
    (flow,) = json.loads(written("otm"))["dataflows"]
    assert flow["bidirectional"] is True
    assert len(flow["assets"]) == 3
    (diagram,) = json.loads(written("threat-dragon"))["detail"]["diagrams"]
    (cell,) = [one for one in diagram["cells"] if one["shape"] == "flow"]
    assert cell["data"]["isBidirectional"] is True
    assert b"startArrow=block" in written("drawio")


def test_a_two_way_flow_of_another_tool_becomes_one_flow() -> None:
    document = json.loads(written("otm"))
    (flow,) = document["dataflows"]
    flow.pop("attributes")
    model, _ = read_again(json.dumps(document).encode())
    (read,) = model.of_type(DataFlow)
    assert read.two_way
    assert len(read.assets) == len(read.assets_back) == 3


def test_a_technology_is_guessed_where_another_tool_states_none() -> None:
    document: dict[str, Any] = json.loads(written("otm"))
    for one in document["components"]:
        one.pop("attributes")
        one["name"] = f"{one['name']} (DynamoDB)"
    model, _ = read_again(json.dumps(document).encode())
    assert {one.technology for one in model.of_type(Component)} == {"dynamodb"}


def test_assumptions_of_another_catalog_are_noted_as_changed() -> None:
    document = json.loads(written("otm"))
    for one in document["components"]:
        own = one["attributes"]["threatmodel"]
        if own.get("technology") == "amazon_s3":
            own["assumed"]["facts"] = {"encrypted_at_rest": Answer.YES, "append_only": Answer.YES}
    _, notes = read_again(json.dumps(document).encode())
    assert [one for one in notes if "assumptions about “Orders”" in one]


def test_a_technology_that_the_catalog_lacks_is_noted_as_lost() -> None:
    document = json.loads(written("otm").replace(b'"amazon_s3"', b'"punch_cards"'))
    model, notes = read_again(json.dumps(document).encode())
    assert [one for one in notes if "punch_cards" in one]
    assert {one.technology for one in model.of_type(Component)} == {"", "python"}


def test_the_registers_as_csv_have_technologies_and_assumptions() -> None:
    content = written("csv-registers").decode()
    assert "technology: amazon_s3" in content
    assert "Amazon S3 encrypts new objects at rest by default (since January 2023)" in content


@pytest.mark.parametrize("word", ["sarif", "csv", "drawio"])
def test_a_format_without_a_place_for_them_lists_them_as_lost(word: str) -> None:
    known = register(replay(events()))
    assert "Not included: technologies" in export_comment(known, FORMATS[word])
    assert b"amazon_s3" not in written(word)


def test_events_before_technologies_keep_their_meaning() -> None:
    """A file of an earlier release has neither technologies nor assumptions, and is read without them."""
    earlier = tuple(one for one in events() if not isinstance(one, FactsAssumed))
    model = replay(earlier)
    assert register(model).assumed == ()
    assert FORMATS["otm"].write(export_source_of_model(model))
    assert model.of_kind(Kind.COMPONENT)[0].id == ElementId("CO-1")
