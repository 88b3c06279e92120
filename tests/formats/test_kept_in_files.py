"""What survives in files of each format: labels, links, places, technologies, sources; the rest is listed."""

import csv
import io
import json
from functools import cache
from typing import Any, cast

import pytest

from bot.cli.output.json_document import model_json
from bot.formats import FORMATS, ExportSource
from bot.formats.exporters.extension_data import MARK
from bot.formats.exporters.tm_bom_export import EXTENSION
from bot.formats.format_detection import create_model_here, preview_of, read_file
from bot.formats.import_preview import ImportPreview
from bot.formats.importers.imported_model import ImportedModel
from bot.formats.importers.model_creation import CreatedModel, create_model
from bot.slack.ui.messages.file_answers import export_comment
from bot.store.codec import read_event
from domain.commands import (
    AddAsset,
    AddComponent,
    AddExternalDependency,
    AnswerLinks,
    AnswerQuestions,
    AnswerScreening,
    ChooseLabels,
    ConfirmScreening,
    DrawFlows,
    FlowByNames,
    FlowEnd,
    LinkReply,
    PlaceComponents,
    Placement,
    RecordAssumption,
    Reply,
    ScreeningReply,
)
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    ChannelId,
    Component,
    ComponentKind,
    DataFlow,
    ElementId,
    Kind,
    ModelKey,
    NameChoice,
)
from domain.kernel.length_limits import LABEL, LABELS
from domain.model import ThreatModel
from domain.model.element_labels import label
from domain.register import register
from domain.replay import replay
from tests.domain.drafted_shop import component, shop
from tests.domain.grouped_story import FLOWS, PLAIN, confirm, gateway
from tests.domain.remediation_story import THREATS
from tests.examples import ANA, BEN, at, decide_all, started
from tests.formats.export_sources import export_source_of
from tests.formats.format_schemas import schema_errors
from tests.formats.model_comparison import comparable_content
from tests.formats.test_exports import SCHEMAS
from tests.formats.test_round_trips import LOSSLESS, read_back
from tests.report.report_sources import report_of_events
from tests.report.test_contents import rows

XD1, XD2, CO1, CO2 = (ElementId(id) for id in ("XD-1", "XD-2", "CO-1", "CO-2"))


def events() -> list[RecordedEvent]:
    """An API and Auth0, which is a dependency as well; XML is screened out, and two assets are alike."""
    choice = NameChoice(kind=Kind.ASSET, name="Patient files (PHI)", others=("Patient files",))
    return decide_all(
        AddExternalDependency(by=ANA, at=at(1), name="Auth0"),
        AddExternalDependency(by=ANA, at=at(1), name="Queue"),
        AddAsset(by=ANA, at=at(1), name="Patient files"),
        AddAsset(by=ANA, at=at(1), name="Patient files (PHI)", choices=(choice,)),
        DrawFlows(by=ANA, at=at(2), flows=(FlowByNames(source="API", target="Auth0"),)),
        PlaceComponents(by=ANA, at=at(3), placements=(Placement(component=CO2, sort=ComponentKind.PROCESS),)),
        AnswerLinks(
            by=BEN,
            at=at(4),
            replies=(
                LinkReply(dependency=XD1, component=CO2, same=True),
                LinkReply(dependency=XD2, component=CO1, same=False),
            ),
        ),
        AnswerScreening(
            by=BEN,
            at=at(5),
            replies=(
                ScreeningReply(topic="xml", answer=Answer.NO),
                ScreeningReply(topic="language_model", answer=Answer.UNKNOWN),
            ),
        ),
        RecordAssumption(by=BEN, at=at(6), text="The network is private"),
        after=[started()],
    )


def written(word: str, past: list[RecordedEvent] | None = None) -> bytes:
    return FORMATS[word].write(export_source_of(tuple(past or events())))


def read_again(content: bytes) -> CreatedModel:
    found = read_file(content, read_event)
    assert isinstance(found, ImportedModel)
    return create_model(found, key=ModelKey("TM-5"), channel=ChannelId("CHERE"), by=ANA, at=at(9))


def links_of(model: ThreatModel) -> list[tuple[str, str, bool, ComponentKind | None]]:
    known = register(model)
    return [
        (known.name_of(link.dependency), known.name_of(link.component), link.same, link.former_sort)
        for link in known.links
    ]


def screening_of(model: ThreatModel) -> dict[str, Answer]:
    return {topic: one.answer for topic, one in model.screening.items()}


@pytest.mark.parametrize("word", LOSSLESS)
def test_links_and_the_screening_survive(word: str) -> None:
    before, after = replay(events()), read_again(written(word))
    assert links_of(after.model) == links_of(before)
    assert (
        screening_of(after.model)
        == screening_of(before)
        == {
            "xml": Answer.NO,
            "language_model": Answer.UNKNOWN,
        }
    )
    sorts = {one.name: one.sort for one in after.model.of_type(Component)}
    assert sorts["Auth0"] is ComponentKind.EXTERNAL_ENTITY
    assert not [note for note in after.notes if "same thing" in note or "whole system" in note]


@pytest.mark.parametrize("word", SCHEMAS)
def test_the_files_follow_their_schemas(word: str) -> None:
    files = (written(word), written(word, technology_events()), FORMATS[word].write(grouped()))
    assert [schema_errors(SCHEMAS[word], file) for file in files] == [[], [], []]


def test_a_confirmation_of_the_screening_is_listed_as_lost() -> None:
    confirmed = decide_all(ConfirmScreening(by=ANA, at=at(7)), after=events())
    after = read_again(written("otm", confirmed))
    assert [note for note in after.notes if "a second person confirmed the screening" in note]
    assert all(one.confirmed_by is None for one in after.model.screening.values())


def test_a_link_to_something_that_is_not_in_the_file_is_listed_as_lost() -> None:
    document = json.loads(written("otm"))
    document["project"]["attributes"]["threatmodel"]["links"][0]["dependency"] = "XD-9"
    after = read_again(json.dumps(document).encode())
    assert [note for note in after.notes if "“XD-9”" in note]
    assert links_of(after.model) == [("Queue", "API", False, None)]


@pytest.mark.parametrize("word", LOSSLESS)
def test_names_that_are_alike_are_both_imported_and_shown_in_the_preview(word: str) -> None:
    found = read_file(written(word), read_event)
    made = create_model_here(found, channel=ChannelId("CHERE"), by=ANA, at=at(9))
    assert [one.name for one in made.model.of_kind(Kind.ASSET)] == ["Patient files", "Patient files (PHI)"]
    seen: ImportPreview = preview_of(found, made)
    assert seen.similar == ("asset “Patient files (PHI)” and “Patient files”",)


@pytest.mark.parametrize("word", ["sarif", "csv", "drawio"])
def test_a_format_without_a_place_for_them_lists_them_as_lost(word: str) -> None:
    assert "links and the screening" in export_comment(register(replay(events())), FORMATS[word])


def test_the_registers_as_csv_name_what_is_the_same_and_leave_out_the_screening() -> None:
    content = written("csv-registers").decode()
    assert "Auth0 (CO-2)" in content
    assert "Auth0 (XD-1)" in content
    assert "Not included: the screening" in export_comment(
        register(replay(events())), FORMATS["csv-registers"]
    )


def test_the_json_of_a_model_has_links_assumptions_and_the_screening() -> None:
    shown = model_json(register(replay(events())))
    assert shown["links"] == [
        {"dependency": "XD-1", "component": "CO-2", "same": True, "by": BEN},
        {"dependency": "XD-2", "component": "CO-1", "same": False, "by": BEN},
    ]
    assert shown["link_proposals"] == []
    assert shown["assumptions"] == [{"id": "AU-1", "text": "The network is private", "held_by": BEN}]
    screening = cast("list[dict[str, object]]", shown["screening"])
    assert [(one["topic"], one["answer"], one["by"]) for one in screening] == [
        ("xml", Answer.NO, BEN),
        ("language_model", Answer.UNKNOWN, BEN),
    ]


CHOSEN = ("team: payments", "PCI DSS")
LABELED = decide_all(ChooseLabels(by=ANA, at=at(40), labels=CHOSEN), after=THREATS)


def labeled_json(word: str, *, labeled: bool = True) -> Any:
    return json.loads(FORMATS[word].write(export_source_of(tuple(LABELED if labeled else THREATS))))


def imported_labels(document: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The labels of an imported file, and the notes about them."""
    created = read_again(json.dumps(document).encode())
    return created.model.labels, tuple(note for note in created.notes if "label" in note)


def test_labels_come_back_from_every_format_that_is_imported() -> None:
    for word in (*LOSSLESS, "events"):
        content = FORMATS[word].write(export_source_of(tuple(LABELED)))
        assert read_back(content, now=at(60)).model.labels == CHOSEN, word


def test_open_threat_model_and_sarif_have_them_as_tags() -> None:
    assert labeled_json("otm")["project"]["tags"] == [*CHOSEN]
    assert labeled_json("sarif")["runs"][0]["properties"] == {"tags": [*CHOSEN]}
    assert "properties" not in labeled_json("sarif", labeled=False)["runs"][0]
    assert labeled_json("otm", labeled=False)["project"]["tags"] == []


def test_tags_that_another_tool_changed_are_the_labels() -> None:
    document = labeled_json("otm")
    document["project"]["tags"] = ["SOX"]
    assert imported_labels(document) == (("SOX",), ())
    document["project"]["tags"] = []
    assert imported_labels(document) == ((), ())
    del document["project"]["tags"]
    assert imported_labels(document) == (CHOSEN, ())


def test_tags_beyond_the_limits_are_cut_and_noted() -> None:
    document = labeled_json("otm")
    document["project"]["tags"] = ["x" * 300, "a\n b", "A B", "", *(f"tag {one}" for one in range(20))]
    labels, notes = imported_labels(document)
    assert (len(labels), len(labels[0]), labels[1]) == (LABELS, LABEL, "A B")
    assert [note.partition(":")[0] for note in notes] == [f"the label “{'x' * 60}”", "the labels"]


def technology_events() -> list[RecordedEvent]:
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


def written_technologies(word: str) -> bytes:
    return written(word, technology_events())


@pytest.mark.parametrize("word", LOSSLESS)
def test_technologies_assumptions_and_directions_survive(word: str) -> None:
    made = read_again(written_technologies(word))
    model = made.model
    assert made.notes == ()
    assert comparable_content(model) == comparable_content(replay(technology_events()))
    assert {label(model, one): one.technology for one in model.of_type(Component)} == {
        "Redis list": "",
        "API": "python",
        "Orders": "amazon_s3",
    }
    (flow,) = model.of_type(DataFlow)
    assert label(model, flow) == "API ↔ Orders: Query, Id | Rows"
    assert {fact.fact for fact in model.assumed[flow.id].facts} == {"encrypted", "integrity_protected"}


def test_the_formats_say_that_a_flow_goes_both_ways() -> None:
    (flow,) = json.loads(written_technologies("otm"))["dataflows"]
    assert flow["bidirectional"] is True
    assert len(flow["assets"]) == 3
    (diagram,) = json.loads(written_technologies("threat-dragon"))["detail"]["diagrams"]
    (cell,) = [one for one in diagram["cells"] if one["shape"] == "flow"]
    assert cell["data"]["isBidirectional"] is True
    assert b"startArrow=block" in written_technologies("drawio")


def test_a_two_way_flow_of_another_tool_becomes_one_flow() -> None:
    document = json.loads(written_technologies("otm"))
    (flow,) = document["dataflows"]
    flow.pop("attributes")
    model = read_again(json.dumps(document).encode()).model
    (read,) = model.of_type(DataFlow)
    assert read.two_way
    assert len(read.assets) == len(read.assets_back) == 3


def test_a_technology_is_guessed_where_another_tool_states_none() -> None:
    document: dict[str, Any] = json.loads(written_technologies("otm"))
    for one in document["components"]:
        one.pop("attributes")
        one["name"] = f"{one['name']} (DynamoDB)"
    model = read_again(json.dumps(document).encode()).model
    assert {one.technology for one in model.of_type(Component)} == {"dynamodb"}


def test_assumptions_of_another_catalog_are_noted_as_changed() -> None:
    document = json.loads(written_technologies("otm"))
    for one in document["components"]:
        own = one["attributes"]["threatmodel"]
        if own.get("technology") == "amazon_s3":
            own["assumed"]["facts"] = {"encrypted_at_rest": Answer.YES, "append_only": Answer.YES}
    made = read_again(json.dumps(document).encode())
    assert [note for note in made.notes if "assumptions about “Orders”" in note]


@pytest.mark.parametrize("word", ["otm", "threat-dragon", "tm-bom"])
def test_a_technology_that_the_catalog_lacks_is_kept(word: str) -> None:
    model = read_again(written_technologies(word).replace(b'"amazon_s3"', b'"punch_cards"')).model
    assert {one.technology for one in model.of_type(Component)} == {"", "python", "punch_cards"}


def test_the_registers_as_csv_have_technologies_and_assumptions() -> None:
    content = written_technologies("csv-registers").decode()
    assert "technology: amazon_s3" in content
    assert "Amazon S3 encrypts new objects at rest by default (since January 2023)" in content


@pytest.mark.parametrize("word", ["sarif", "csv", "drawio"])
def test_a_format_without_technologies_lists_them_as_lost(word: str) -> None:
    known = register(replay(technology_events()))
    assert "Not included: technologies" in export_comment(known, FORMATS[word])
    assert b"amazon_s3" not in written_technologies(word)


STATES = [{"element": flow, "state": "open"} for flow in FLOWS]


@cache
def grouped() -> ExportSource:
    return export_source_of(tuple(decide_all(confirm(*PLAIN), after=gateway())))


def grouped_json(word: str) -> Any:
    return json.loads(FORMATS[word].write(grouped()))


def places_of(extension: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"element": one["elements"][0], "state": one["state"]} for one in extension["places"]]


def test_open_threat_model_names_the_threat_at_every_flow() -> None:
    told = grouped_json("otm")
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
    assert [threat.title for threat in back.model.threats.values()] == [
        "Unencrypted data in transit at 8 data flows"
    ]
    assert any("the further places of a threat" in note for note in back.notes)


def test_the_reader_of_open_threat_model_says_that_further_places_are_lost() -> None:
    back = read_back(FORMATS["otm"].write(grouped()))
    (threat,) = back.model.threats.values()
    assert threat.element == "DF-1"
    assert any("the further places of a threat" in note for note in back.notes)


def test_the_threat_model_library_keeps_the_places_as_our_own_data() -> None:
    told = grouped_json("tm-bom")
    text = json.dumps(told)
    assert text.count('"place": "I01@DF-8"') == 1
    assert EXTENSION in text


def test_code_scanning_gets_a_location_for_each_place() -> None:
    (result,) = grouped_json("sarif")["runs"][0]["results"]
    names = [one["logicalLocations"][0]["fullyQualifiedName"] for one in result["locations"]]
    assert names == [f"TM-1/{flow}" for flow in FLOWS]
    assert places_of(result["properties"]) == STATES


def test_a_table_lists_the_places_in_one_cell() -> None:
    content = FORMATS["csv"].write(grouped())
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["Places"].startswith("DF-1 Gateway → Service 1: Orders (open); DF-2 Gateway → Service 2")
    assert row["Places"].count(";") == len(FLOWS) - 1


WEB = ElementId("CO-1")
EVENTS = shop(component("by hand", 20))


def test_the_report_names_the_file_and_line_of_each_element_that_came_from_one() -> None:
    report = report_of_events(EVENTS)

    places = {row["Name"]: row["Source"] for row in rows(report, "component")}
    assert (places["web"], places["orders-db"]) == ("compose.yaml:3", "compose.yaml:12")
    assert ":" not in places["by hand"]
    (web,) = [row for row in rows(report, "answers-component") if row["Element"] == "web (CO-1)"]
    assert "(compose.yaml:8)" in web["No"]
    assert [row["Source"] for row in rows(report, "data-flow")] == ["compose.yaml:6", "compose.yaml:9"]
    assert "Source" not in rows(report_of_events(EVENTS[:1] + EVENTS[-1:]), "component")[0]


def test_programs_read_the_key_the_place_and_the_evidence() -> None:
    found = model_json(register(replay(EVENTS), at(30)))

    web, *_, by_hand = cast("list[dict[str, Any]]", found["components"])
    assert web["sources"] == [{"key": "compose:web", "file": "compose.yaml", "line": 3, "draft": "TM-1/D-1"}]
    assert web["evidence"] == {"isolated": "compose.yaml:8"}
    changed = AnswerQuestions(
        by=ANA, at=at(30), replies=(Reply(element=WEB, fact="isolated", answer=Answer.YES),)
    )
    after = model_json(register(replay(decide_all(changed, after=EVENTS)), at(31)))
    assert cast("list[dict[str, Any]]", after["components"])[0]["evidence"] == {}, "it shows another answer"
    assert (by_hand["sources"], by_hand["evidence"]) == ([], {})


def test_exports_carry_them_and_imports_do_not_mind() -> None:
    source = export_source_of(tuple(EVENTS))
    for name in ("otm", "threat-dragon", "tm-bom"):
        written = FORMATS[name].write(source)
        assert b"compose.yaml:3" in written, name
        found = read_file(written, read_event)
        created = create_model_here(found, channel=ChannelId("C1"), by=ANA, at=at(40))
        notes = preview_of(found, created).notes
        assert not [note for note in notes if "source" in note], (name, notes)
        assert len(replay(created.events).of_kind(Kind.COMPONENT)) == 4
