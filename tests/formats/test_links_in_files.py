"""Links, the screening and names that are alike in files: what survives, and what is listed as lost."""

import json
from typing import cast

import pytest

from bot.cli.output.json_document import model_json
from bot.formats import FORMATS
from bot.formats.format_detection import create_model_here, preview_of, read_file
from bot.formats.import_preview import ImportPreview
from bot.formats.importers.imported_model import ImportedModel
from bot.formats.importers.model_creation import CreatedModel, create_model
from bot.slack.ui.messages.files.export_messages import export_comment
from bot.store.codec import read_event
from domain.commands import (
    AddAsset,
    AddExternalDependency,
    AnswerLinks,
    AnswerScreening,
    ConfirmScreening,
    DrawFlows,
    FlowByNames,
    LinkReply,
    PlaceComponents,
    Placement,
    RecordAssumption,
    ScreeningReply,
)
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import ChannelId, Component, ComponentKind, ElementId, Kind, ModelKey
from domain.kernel.name_choice import NameChoice
from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay
from tests.examples import ANA, BEN, at, decide_all, started
from tests.formats.export_sources import export_source_of
from tests.formats.format_schemas import schema_errors
from tests.formats.test_exports import SCHEMAS

LOSSLESS = ("otm", "threat-dragon", "tm-bom")
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
        (known.name_of(one.dependency), known.name_of(one.component), one.same, one.former_sort)
        for one in known.links
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
    assert not [one for one in after.notes if "same thing" in one or "whole system" in one]


@pytest.mark.parametrize("word", [one for one in LOSSLESS if one in SCHEMAS])
def test_the_files_follow_their_schemas(word: str) -> None:
    assert schema_errors(SCHEMAS[word], written(word)) == []


def test_a_confirmation_of_the_screening_is_listed_as_lost() -> None:
    confirmed = decide_all(ConfirmScreening(by=ANA, at=at(7)), after=events())
    after = read_again(written("otm", confirmed))
    assert [one for one in after.notes if "a second person confirmed the screening" in one]
    assert all(one.confirmed_by is None for one in after.model.screening.values())


def test_a_link_to_something_that_is_not_in_the_file_is_listed_as_lost() -> None:
    document = json.loads(written("otm"))
    document["project"]["attributes"]["threatmodel"]["links"][0]["dependency"] = "XD-9"
    after = read_again(json.dumps(document).encode())
    assert [one for one in after.notes if "“XD-9”" in one]
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
