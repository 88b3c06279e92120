"""A file that this installation exported and sealed comes back as it was, once."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.cli.operations.import_operation import plan_import, store_import
from bot.commands.command_handler import CommandHandler
from bot.formats import FORMATS, ExportSource
from bot.store import CommandKey, Store, StreamId, Verified, codec, open_store
from bot.store.keys import RequestKey
from bot.store.postgres.postgres_store import NoKeptKey
from domain.commands import ReviseScope
from domain.events import Event, RecordedEvent, ThreatModelImported
from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay
from tests.domain.voting_story import TH1
from tests.examples import ANA, BEN, CHI, DEE
from tests.formats.forged_history import APPROVED, forged_file
from tests.formats.test_histories import sealed as with_fitting_hashes
from tests.fresh_database import copy_fresh_file
from tests.store.saying import HOUSE, TENANT

CHANNEL = "C1"


@pytest.fixture
def known(store: Store) -> Store:
    """A store in which a model was made, with an approval and votes."""
    events = tuple(one for one in APPROVED if isinstance(one, Event))
    handler = CommandHandler(store)
    handler.import_model(lambda _: events, tenant=TENANT, key=CommandKey("made here"), request=bytes(32))
    return store


def exported(store: Store, stream: StreamId = HOUSE, tenant: str = TENANT) -> bytes:
    past: Sequence[RecordedEvent] = [*store.events(stream)]
    return FORMATS["events"].write(
        ExportSource(
            register=register(replay(past)),
            day=date(2026, 3, 2),
            events=past,
            write=codec.encode,
            seal=lambda content: store.export_seal(tenant, content),
        )
    )


def bring(
    store: Store, content: bytes, folder: Path, *, by: str = CHI, tenant: str = TENANT
) -> tuple[StreamId, ThreatModel]:
    """Import a file; return its model."""
    file = folder / "model.jsonl"
    file.write_bytes(content)
    planned = plan_import(store, file, workspace=tenant, channel=CHANNEL, by=by, limits=None)
    store_import(store, planned, lambda *_: None, limits=None)
    last = max(store.streams(tenant), key=lambda stream: int(stream.key.removeprefix("TM-")))
    return last.stream, replay(store.events(last.stream))


def is_itself(model: ThreatModel) -> bool:
    """Whether its approval and its votes count."""
    return model.imported is None and TH1 in model.responses and model.responses[TH1].approver == BEN


def test_a_sealed_file_comes_back_as_itself_once(known: Store, tmp_path: Path) -> None:
    content = exported(known)
    known.erase_stream(HOUSE)

    stream, model = bring(known, content, tmp_path)
    assert is_itself(model)
    assert model.facilitator == CHI
    (*_, last) = known.events(stream)
    assert isinstance(last, ThreatModelImported)
    assert last.sealed, "the history says that it was restored, and by whom"

    stream, again = bring(known, content, tmp_path, by=DEE)
    assert again.imported is not None
    assert again.imported.importer == DEE
    assert not is_itself(again)


def test_a_model_that_came_back_and_was_erased_does_not_come_back_again(known: Store, tmp_path: Path) -> None:
    """People may have taken words back in it, which the file still has."""
    content = exported(known)
    known.erase_stream(HOUSE)
    stream, _ = bring(known, content, tmp_path)
    known.erase(stream, (2,))
    known.erase_stream(stream)

    assert not is_itself(bring(known, content, tmp_path)[1])
    assert isinstance(known.verify(), Verified)


def test_a_model_that_is_still_there_unchanged_may_come_back_and_one_that_went_on_may_not(
    known: Store, tmp_path: Path
) -> None:
    content = exported(known)
    handler = CommandHandler(known)
    revised = ReviseScope(by=ANA, at=datetime(2026, 3, 3, tzinfo=UTC), name="The House", description="Sold")
    handler.execute(revised, stream=HOUSE, key=CommandKey("later"))

    assert not is_itself(bring(known, content, tmp_path)[1]), "people may have taken words back since"
    assert is_itself(bring(known, exported(known), tmp_path)[1])


@pytest.mark.parametrize("field", ["events", "header", "seal", "no seal"])
def test_a_changed_file_is_not_verified_though_its_hashes_fit(
    known: Store, tmp_path: Path, field: str
) -> None:
    content = exported(known)
    known.erase_stream(HOUSE)
    lines = [json.loads(line) for line in content.splitlines()]
    if field == "events":
        proposed = next(line for line in lines if line.get("type") == "AcceptanceApproved")
        proposed["event"]["acceptance"]["expires"] = "2030-01-01"
        content = with_fitting_hashes(lines, seal=lines[0]["seal"])
    else:
        changed = {"header": {"name": "Another"}, "seal": {"seal": "0" * 64}, "no seal": {"seal": ""}}[field]
        first = json.dumps({**lines[0], **changed}, separators=(",", ":")).encode()
        content = b"\n".join([first, *content.splitlines()[1:]])

    assert not is_itself(bring(known, content, tmp_path)[1])


def test_the_file_of_a_forger_is_not_verified(store: Store, tmp_path: Path) -> None:
    assert not is_itself(bring(store, forged_file(APPROVED), tmp_path)[1])


def test_the_seal_of_one_workspace_is_none_in_another(known: Store, tmp_path: Path) -> None:
    assert not is_itself(bring(known, exported(known), tmp_path, tenant="T2")[1])


def test_an_imported_model_stays_one_through_the_files_of_this_installation(
    store: Store, tmp_path: Path
) -> None:
    """A seal says that nothing was changed since the export, not that what it holds was verified."""
    stream, model = bring(store, forged_file(APPROVED), tmp_path)
    content = exported(store, stream)
    store.erase_stream(stream)

    _, again = bring(store, content, tmp_path, by=DEE)
    assert again.imported is not None
    assert model.imported is not None
    assert (again.imported.importer, again.imported.at) == (CHI, model.imported.at)
    assert TH1 not in again.responses


def test_another_installation_recognizes_no_seal_of_this_one(tmp_path: Path) -> None:
    seals = list[str]()
    for name in ("one.db", "two.db"):
        copy_fresh_file(tmp_path / name)
        opened = open_store(f"sqlite:///{tmp_path / name}")
        opened.keyed(b"")  # creates the key
        seals.append(opened.export_seal(TENANT, b"content"))
        opened.close()
    assert len(set(seals)) == 2


def test_without_a_key_nothing_is_sealed_and_none_is_created() -> None:
    assert RequestKey(NoKeptKey()).export_seal(TENANT, b"content") == ""


def test_the_key_of_seals_is_one_of_its_own() -> None:
    key = RequestKey(NoKeptKey(), "secret")
    seal = key.export_seal(TENANT, b"content")
    assert len(seal) == 64
    assert seal != key.digest(b"content").hex()
