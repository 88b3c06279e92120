"""A model that was imported says so on every surface and in every file, for ever."""

import io
import json
from datetime import date

import pytest
from msgspec.structs import replace

from bot.cli.output.json_document import history_json, model_json
from bot.formats import FORMATS
from bot.formats.exporters.export_source import ExportSource
from bot.mcp_server.answers import ModelPart, guard_answer, model_part, report_answer, whole_register
from bot.report.markdown_renderer import render_canvas
from bot.report.report_formats import REPORT_FORMATS
from bot.report.sections import report_of
from bot.slack.ui.messages.card_message import card_message, short_card, status_copy
from bot.store import codec
from domain.commands import AddComponent
from domain.events import RecordedEvent
from domain.history import as_of, timeline
from domain.kernel.elements import PersonId
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.domain.voting_story import IDENTIFIED, TH1
from tests.examples import BEN, CHI, at, decide_all
from tests.formats.export_sources import export_source_of
from tests.formats.forged_history import APPROVED, LATER, forged_file, imported_by, imported_past
from tests.report.report_sources import NAMES, report_source_of
from tests.slack.view_contents import render_page, view_text

SENTENCE = "on 2 March 2026; statements before that are not verified"
FROM_OTM = json.dumps(
    {
        "otmVersion": "0.2.0",
        "project": {"name": "The shed", "id": "shed"},
        "trustZones": [{"id": "z", "name": "Garden", "risk": {"trustRating": 5}}],
        "components": [{"id": "c", "name": "Door", "type": "service", "parent": {"trustZone": "z"}}],
        "threats": [{"id": "t", "name": "Lock picked", "categories": ["Spoofing"], "risk": {}}],
    }
).encode()
FILES = {"a history": forged_file(APPROVED), "another format": FROM_OTM}


def known(content: bytes) -> ThreatRegister:
    return register(replay(later(content)), now=LATER)


def named(person: PersonId) -> str:
    return NAMES.get(person, person)


def later(content: bytes) -> list[RecordedEvent]:
    """The imported model, with something that was added here."""
    past = imported_past(content)
    return decide_all(AddComponent(by=BEN, at=at(700), name="Garden condition"), after=past)


def source(content: bytes) -> ExportSource:
    return export_source_of(tuple(later(content)))


@pytest.mark.parametrize("word", FORMATS)
@pytest.mark.parametrize("file", FILES)
def test_every_export_says_who_imported_the_model(file: str, word: str) -> None:
    written = FORMATS[word].write(source(FILES[file])).decode()
    assert f"Imported by {CHI} {SENTENCE}" in written


@pytest.mark.parametrize("word", FORMATS)
def test_no_export_of_a_model_that_was_made_here_says_so(word: str) -> None:
    own = ExportSource(
        register=register(replay(IDENTIFIED), now=LATER),
        day=date(2026, 3, 3),
        events=IDENTIFIED,
        write=codec.encode,
    )
    assert b"statements before that" not in FORMATS[word].write(own)


@pytest.mark.parametrize("word", ["otm", "threat-dragon", "tm-bom", "threat-composer", "sarif", "csv"])
def test_an_export_shows_an_imported_score_as_one(word: str) -> None:
    written = FORMATS[word].write(source(FILES["a history"])).decode()
    assert any(one in written for one in ("imported_score", "Imported, not verified: low", "importedScore"))


def test_what_was_imported_in_another_format_and_exported_again_keeps_its_own_description() -> None:
    for word in ("otm", "threat-dragon", "tm-bom"):
        once = source(FILES["another format"])
        described = replace(once, register=replace(once.register, description="A shed."))
        again = imported_by(CHI, FORMATS[word].write(described), now=at(900)).model
        assert again.description == "A shed.", word


def test_a_history_that_is_exported_as_of_a_day_before_the_import_contains_the_import() -> None:
    """Otherwise a file of this installation would carry the forged part alone."""
    past = imported_past(FILES["a history"])
    then = as_of(past, at(60))
    early = ExportSource(
        register=register(then, now=at(60)),
        day=date(2026, 3, 2),
        events=past[: then.version],
        write=codec.encode,
    )
    model = imported_by(BEN, FORMATS["events"].write(early), now=at(900)).model
    content = FORMATS["events"].write(early).decode()
    assert '"type":"ThreatModelImported"' in content
    assert f"Imported by {CHI} {SENTENCE}" in content
    assert TH1 not in model.responses


def text_of_report(word: str, content: bytes) -> str:
    report = report_of(replace(report_source_of(later(content), LATER), full=True))
    if word == "canvas":
        return render_canvas(report)
    written = REPORT_FORMATS[word].render(report)
    if word != "pdf":
        return written.decode()
    pages = pytest.importorskip("pypdf").PdfReader(io.BytesIO(written)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("word", [*REPORT_FORMATS, "canvas"])
def test_every_report_says_who_imported_the_model(word: str) -> None:
    if word == "pdf":
        pytest.importorskip("typst")
    text = text_of_report(word, FILES["a history"])
    assert f"Imported by Chi {SENTENCE}" in text
    assert "Imported, not verified: low, mean 1.0" in text
    assert "from a file, not verified" in text, "each entry of the history"


def test_the_card_and_the_pages_say_so() -> None:
    seen = known(FILES["a history"])

    for shown in (
        card_message("T1/TM-1", seen, named),
        status_copy("T1/TM-1", seen, named, ""),
        short_card("T1/TM-1", seen, named),
    ):
        assert f"Imported by Chi {SENTENCE}" in json.dumps(shown.blocks)
    past = timeline(later(FILES["a history"]))
    for page in ("history", "as_of"):
        assert SENTENCE in view_text(render_page(page, seen, history=past)), page
    assert "Imported, not verified: low" in view_text(render_page("threats", seen))
    assert "Imported, not verified: low" in view_text(render_page("response", seen, element=TH1))


def test_an_agent_reads_it_in_every_answer() -> None:
    seen = known(FILES["a history"])

    answers = [
        *(model_part(seen, part, named) for part in ModelPart),
        whole_register(seen, named),
        guard_answer(seen, "Garden condition", named),
        report_answer(seen, named, LATER),
    ]
    for answer in answers:
        assert f"Imported by Chi {SENTENCE}" in json.dumps(answer)
    assert '"imported_score": {"total"' in json.dumps(whole_register(seen, named))


def test_the_json_document_says_up_to_which_event_nothing_is_verified() -> None:
    past = later(FILES["a history"])
    document = model_json(register(replay(past), now=LATER))
    mark = document["imported"]
    assert isinstance(mark, dict)
    assert (mark["by"], mark["until"]) == (CHI, len(APPROVED))
    assert mark["text"] == f"Imported by {CHI} {SENTENCE}."
    entries = history_json(timeline(past))
    assert all("not verified" in str(entry["text"]) for entry in entries[: len(APPROVED) + 1])
