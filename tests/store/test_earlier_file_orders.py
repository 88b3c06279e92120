"""A file from before the files of models were slots: nothing shown is posted again, nothing owed is lost."""

import lzma
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import CommandKey, SqliteStore, StreamId, UnitOfWork, Verified, open_store
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import (
    DIAGRAM,
    DIAGRAM_MESSAGE,
    EXPORT,
    EXPORT_MESSAGE,
    FileSlots,
    Order,
    file_parameters,
)
from bot.store.work_queue import MODEL
from tests.examples import BEN, HOUSE_CHANNEL, at
from tests.store.saying import plainly

FILE = Path(__file__).parent / "fixtures" / "2026-11-27-files.db.xz"


@pytest.fixture
def earlier(tmp_path: Path) -> Iterator[SqliteStore]:
    path = tmp_path / "threatmodel.db"
    path.write_bytes(lzma.decompress(FILE.read_bytes()))
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture(params=("T1", "T2"))
def unit(request: pytest.FixtureRequest, earlier: SqliteStore) -> UnitOfWork:
    return earlier.unit(request.param)


def export(unit: UnitOfWork, key: str) -> DeliveryRecord:
    (found,) = [one for one in unit.deliveries.of_kind(EXPORT) if file_parameters(one).key == key]
    return found


def slots_of(unit: UnitOfWork, model: int) -> list[DeliveryRecord]:
    return FileSlots(unit.deliveries).diagrams(StreamId(f"{unit.tenant}/TM-{model}"))


def test_the_file_verifies(earlier: SqliteStore) -> None:
    found = earlier.verify()

    assert isinstance(found, Verified), found
    assert {one.tenant: one.sequence for one in found.heads} == {"T1": 5, "T2": 5}


def test_every_model_is_looked_at_once_after_the_migration(tmp_path: Path) -> None:
    path = tmp_path / "processed.db"
    path.write_bytes(lzma.decompress(FILE.read_bytes()))
    plainly(path, "DELETE FROM work")  # the earlier version had processed every event

    store = open_store(f"sqlite:///{path}")

    for tenant in ("T1", "T2"):
        assert store.work.due(tenant, MODEL, at(60)) == ["TM-1", "TM-2", "TM-3"]
    store.close()


def test_an_old_diagram_stays_known_until_it_is_deleted(unit: UnitOfWork) -> None:
    old, new = slots_of(unit, 1)

    assert [one.kind for one in (old, new)] == [DIAGRAM, DIAGRAM]
    assert (old.external_id, new.external_id) == (f"FOLD{unit.tenant}", f"FNEW{unit.tenant}")
    assert old.shown, "it is not posted again"
    assert new.shown
    assert not old.is_uncertain
    assert not new.is_uncertain
    assert [file_parameters(one).key for one in (old, new)] == ["", ""], "no one waits for either"


def test_an_old_diagram_that_was_replaced_by_words_stays_known(unit: UnitOfWork) -> None:
    old, words = slots_of(unit, 2)

    assert (old.kind, old.external_id) == (DIAGRAM, f"FOLDER{unit.tenant}")
    assert (words.kind, words.external_id, words.sink) == (DIAGRAM_MESSAGE, "7.1", "thread")


def test_a_diagram_that_never_appeared_is_owed_and_was_tried_once(unit: UnitOfWork) -> None:
    (owed,) = slots_of(unit, 3)

    assert (owed.external_id, owed.attempt, owed.shown, owed.final) == ("", "", "", False)
    assert file_parameters(owed).tries == 1


@pytest.mark.parametrize(("key", "seen_at"), [("order:owed", None), ("order:unseen", at(5))])
def test_a_file_whose_message_is_owed_is_looked_for_and_not_posted(
    unit: UnitOfWork, key: str, seen_at: object
) -> None:
    """Once it is seen, its message follows; see the slots of exports."""
    file = export(unit, key)
    message = unit.deliveries.find(f"{EXPORT_MESSAGE}/{file.subject}")

    assert file.external_id == f"F{key.removeprefix('order:').upper()}{unit.tenant}"
    assert (file.shown, file.final, file.is_uncertain) == ("", False, False)
    assert file_parameters(file).files == (file.external_id,)
    assert file_parameters(file).tries == 0
    assert seen_at is None or file_parameters(file).shared_at == seen_at
    assert message is None, "nothing was told below it yet"
    known = file_parameters(file)
    order = Order(stream=file.stream, key=CommandKey(key), person=BEN, form=known.form, word=known.word)
    assert FileSlots(unit.deliveries).order(order, HOUSE_CHANNEL) == file, "the request was made already"


def test_a_failed_upload_is_owed_and_was_tried_once(unit: UnitOfWork) -> None:
    owed = export(unit, "order:failed")

    assert (owed.external_id, owed.attempt, owed.shown, owed.final) == ("", "", "", False)
    known = file_parameters(owed)
    assert (known.word, known.person, known.tries, known.shared_at) == ("otm", BEN, 1, None)


def test_what_was_shown_and_told_is_over(unit: UnitOfWork) -> None:
    done = export(unit, "order:done")
    told = unit.deliveries.find(f"{EXPORT_MESSAGE}/{done.subject}")

    assert done.shown
    assert file_parameters(done).shared_at is None
    assert told is not None
    assert (told.external_id, bool(told.shown)) == ("8.1", True)
