"""Forms whose opened values cannot be found: lost, erased, of another release or of another model."""

from bot.slack.protocol.targets import Target
from bot.store import StreamId
from domain.commands import ReviseScope
from tests.slack.access_harness import AccessHarness, person_id_of
from tests.slack.concurrent_edits import ANA, BEN, all_texts, open_form_of, prepare_model, submit_changes

CASTLE = {"type": "plain_text_input", "value": "The Castle"}


def ready(harness: AccessHarness) -> StreamId:
    return prepare_model(harness, harness.begin("public"), "scope")


def test_a_row_that_cannot_be_read_shows_the_form_again_before_it_is_saved(harness: AccessHarness) -> None:
    stream = ready(harness)
    ben = open_form_of(harness, BEN, Target(name="scope", stream=stream))
    with harness.store.database.writing() as connection:
        connection.execute("UPDATE open_forms SET shown = CAST('[]' AS BLOB) WHERE stream = ?", (stream,))
    held = submit_changes(harness, BEN, ben, {"name": CASTLE})
    assert "opened too long ago" in all_texts(held.ack)
    assert harness.command_handler.model(stream).name != "The Castle"


def test_what_a_form_of_another_model_showed_is_not_compared(harness: AccessHarness) -> None:
    stream, other = ready(harness), ready(harness)
    ben = open_form_of(harness, BEN, Target(name="scope", stream=stream))
    moved = {**ben, "private_metadata": ben["private_metadata"].replace(stream, other)}
    held = submit_changes(harness, BEN, moved, {"name": CASTLE})
    assert "opened too long ago" in all_texts(held.ack)
    assert harness.command_handler.model(other).name != "The Castle"


def test_a_form_that_was_open_while_words_were_erased_does_not_bring_them_back(
    harness: AccessHarness,
) -> None:
    stream = ready(harness)
    name = harness.command_handler.model(stream).name
    for words in ("", "Mrs Miller next door"):
        harness.tell(
            stream, ReviseScope(by=person_id_of(ANA), at=harness.now(), name=name, out_of_scope=words)
        )
    ben = open_form_of(harness, BEN, Target(name="scope", stream=stream))
    harness.store.erase(stream, [harness.version(stream)])
    before = harness.version(stream)
    held = submit_changes(harness, BEN, ben, {})
    assert harness.version(stream) == before, "it is shown again first"
    assert "opened too long ago" in all_texts(held.ack)


def test_a_form_of_a_model_that_was_erased_is_refused(harness: AccessHarness) -> None:
    stream = ready(harness)
    ben = open_form_of(harness, BEN, Target(name="scope", stream=stream))
    harness.store.erase_stream(stream)
    before = list(harness.store.events(stream))
    held = submit_changes(harness, BEN, ben, {"name": CASTLE})
    assert list(harness.store.events(stream)) == before
    assert "Only members of this model's channel" in all_texts(held.ack), "as of a model that never was"
