"""Labels of a model in files: kept where the format has a place, or in the bot's own data."""

import json
from typing import Any

from bot.formats import FORMATS
from bot.formats.format_detection import read_file
from bot.formats.importers.imported_model import ImportedModel
from bot.formats.importers.model_creation import create_model
from bot.store.codec import read_event
from domain.commands import ChooseLabels
from domain.kernel.elements import ChannelId, ModelKey
from domain.kernel.length_limits import LABEL, LABELS
from tests.domain.remediation_story import THREATS
from tests.examples import ANA, at, decide_all
from tests.formats.export_sources import NOW, export_source_of
from tests.formats.test_round_trips import LOSSLESS, read_back

CHOSEN = ("team: payments", "PCI DSS")
LABELED = decide_all(ChooseLabels(by=ANA, at=at(40), labels=CHOSEN), after=THREATS)


def written(word: str, *, labeled: bool = True) -> Any:
    return json.loads(FORMATS[word].write(export_source_of(tuple(LABELED if labeled else THREATS))))


def imported(document: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The labels of an imported file, and the notes about them."""
    found = read_file(json.dumps(document).encode(), read_event)
    assert isinstance(found, ImportedModel)
    created = create_model(found, key=ModelKey("TM-5"), channel=ChannelId("CHERE"), by=ANA, at=NOW)
    return created.model.labels, tuple(one for one in created.notes if "label" in one)


def test_labels_come_back_from_every_format_that_is_imported() -> None:
    for word in (*LOSSLESS, "events"):
        content = FORMATS[word].write(export_source_of(tuple(LABELED)))
        assert read_back(content, now=at(60)).model.labels == CHOSEN, word


def test_open_threat_model_and_sarif_have_them_as_tags() -> None:
    assert written("otm")["project"]["tags"] == [*CHOSEN]
    assert written("sarif")["runs"][0]["properties"] == {"tags": [*CHOSEN]}
    assert "properties" not in written("sarif", labeled=False)["runs"][0]
    assert written("otm", labeled=False)["project"]["tags"] == []


def test_tags_that_another_tool_changed_are_the_labels() -> None:
    document = written("otm")
    document["project"]["tags"] = ["SOX"]
    assert imported(document) == (("SOX",), ())
    document["project"]["tags"] = []
    assert imported(document) == ((), ())
    del document["project"]["tags"]
    assert imported(document) == (CHOSEN, ())


def test_tags_beyond_the_limits_are_cut_and_noted() -> None:
    document = written("otm")
    document["project"]["tags"] = ["x" * 300, "a\n b", "A B", "", *(f"tag {one}" for one in range(20))]
    labels, notes = imported(document)
    assert (len(labels), len(labels[0]), labels[1]) == (LABELS, LABEL, "A B")
    assert [note.partition(":")[0] for note in notes] == [f"the label “{'x' * 60}”", "the labels"]
