"""Forms whose opened values cannot be found: lost, erased, of another release or of another model."""

from collections.abc import Generator
from pathlib import Path

import pytest

from bot.slack.protocol.interactions import FormName, Target
from bot.store import StreamId
from domain.commands import ReviseScope
from tests.slack.access_harness import AccessHarness, open_access_harness, person_id_of
from tests.slack.concurrent_edits import ANA, BEN, all_texts, open_form_of, prepare_model, submit_changes

CASTLE = {"type": "plain_text_input", "value": "The Castle"}


@pytest.fixture
def desk(tmp_path: Path) -> Generator[AccessHarness]:
    with open_access_harness(tmp_path / "threatmodel.db") as running:
        yield running


def ready(desk: AccessHarness) -> StreamId:
    return prepare_model(desk, desk.begin("public"), FormName.SCOPE)


def test_a_row_that_cannot_be_read_shows_the_form_again_before_it_is_saved(desk: AccessHarness) -> None:
    stream = ready(desk)
    ben = open_form_of(desk, BEN, Target(what=FormName.SCOPE, stream=stream))
    with desk.store.database.writing() as connection:
        connection.execute("UPDATE slack_opened SET shown = CAST('[]' AS BLOB) WHERE stream = ?", (stream,))
    held = submit_changes(desk, BEN, ben, {"name": CASTLE})
    assert "opened too long ago" in all_texts(held.ack)
    assert desk.command_handler.model(stream).name != "The Castle"


def test_what_a_form_of_another_model_showed_is_not_compared(desk: AccessHarness) -> None:
    stream, other = ready(desk), ready(desk)
    ben = open_form_of(desk, BEN, Target(what=FormName.SCOPE, stream=stream))
    moved = {**ben, "private_metadata": ben["private_metadata"].replace(stream, other)}
    held = submit_changes(desk, BEN, moved, {"name": CASTLE})
    assert "opened too long ago" in all_texts(held.ack)
    assert desk.command_handler.model(other).name != "The Castle"


def test_a_form_that_was_open_while_words_were_erased_does_not_bring_them_back(desk: AccessHarness) -> None:
    stream = ready(desk)
    name = desk.command_handler.model(stream).name
    for words in ("", "Mrs Miller next door"):
        desk.tell(stream, ReviseScope(by=person_id_of(ANA), at=desk.now(), name=name, out_of_scope=words))
    ben = open_form_of(desk, BEN, Target(what=FormName.SCOPE, stream=stream))
    desk.store.erase(stream, [desk.version(stream)])
    before = desk.version(stream)
    held = submit_changes(desk, BEN, ben, {})
    assert desk.version(stream) == before, "it is shown again first"
    assert "opened too long ago" in all_texts(held.ack)


def test_a_form_of_a_model_that_was_erased_is_refused(desk: AccessHarness) -> None:
    stream = ready(desk)
    ben = open_form_of(desk, BEN, Target(what=FormName.SCOPE, stream=stream))
    desk.store.erase_stream(stream)
    before = list(desk.store.events(stream))
    held = submit_changes(desk, BEN, ben, {"name": CASTLE})
    assert list(desk.store.events(stream)) == before
    assert "Only members of this model's channel" in all_texts(held.ack), "as of a model that never was"
