"""Erasing a person in a file: no word is left in it, however often the erasure is killed."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given

from bot.commands.command_handler import CommandHandler
from bot.commands.person_erasure import PersonEraser
from bot.formats import FORMATS, ExportSource
from bot.report import REPORT_FORMATS
from bot.report.report_source import ReportSource
from bot.report.sections import report_of
from bot.store import SqliteStore, StreamId, Verified, codec, open_store
from bot.store.records import summary_of
from domain.commands import Command
from domain.events import Erased, Event
from domain.history import timeline
from domain.kernel.elements import PersonId
from domain.register import register
from domain.replay import replay
from tests.depth import count, examples
from tests.domain.test_forgetting import WORDS, beginnings, begun, walked
from tests.examples import ANA, BEN
from tests.fresh_database import copy_fresh_file
from tests.random_commands import people, walks
from tests.store.crew import let_go, worker
from tests.store.saying import NOON, TENANT, said, say

MODELS = 3
STREAMS = [StreamId(f"{TENANT}/TM-{number}") for number in range(1, MODELS + 1)]


def opened(path: Path) -> SqliteStore:
    return open_store(f"sqlite:///{path}")


def filled(path: Path) -> None:
    """Some models with a round that is closed, in a file."""
    copy_fresh_file(path)
    store = opened(path)
    for stream in STREAMS:
        say(store, *events_of("voted"), stream=stream, summary=summary_of(replay(begun("voted"))))
    store.close()


def events_of(beginning: str) -> list[Event]:
    return [one for one in begun(beginning) if not isinstance(one, Erased)]


def holders(path: Path, word: str) -> list[str]:
    return [one.name for one in sorted(path.parent.iterdir()) if word.encode() in one.read_bytes()]


@pytest.mark.parametrize("stop", range(1, count(MODELS + 1, deep=2 * MODELS + 1) + 1))
def test_an_erasure_that_was_killed_is_continued_by_the_next_one(tmp_path: Path, stop: int) -> None:
    """Killed in the transaction of the account, or of one of the models, before it ends."""
    path = tmp_path / "people.db"
    filled(path)
    process = worker("forget", f"sqlite:///{path}", ANA, str(stop))
    let_go(process)
    assert process.stdout
    while (line := process.stdout.readline()) not in ("stopped\n", "done\n"):
        assert line, process.communicate()[1]
    process.kill()
    process.communicate()

    store = opened(path)
    assert isinstance(store.verify(), Verified)
    PersonEraser(store, TENANT, ANA, now=NOON).erase()
    assert isinstance(store.verify(), Verified)
    assert not PersonEraser(store, TENANT, ANA, now=NOON).erase().anything
    for stream in STREAMS:
        assert not any(not isinstance(one, Erased) and one.by == ANA for one in said(store, stream))
    store.close()
    assert holders(path, WORDS[ANA]) == []
    assert holders(path, WORDS[BEN]) != []


@examples(6)
@given(beginnings, walks, people)
def test_no_word_is_left_in_any_row_report_export_or_history(
    tmp_path_factory: pytest.TempPathFactory, beginning: str, walk: Sequence[Command], person: PersonId
) -> None:
    path = tmp_path_factory.mktemp("erased") / "people.db"
    copy_fresh_file(path)
    store = opened(path)
    events = [one for one in walked(beginning, walk) if not isinstance(one, Erased)]
    model = replay(events)
    stream = StreamId(f"{TENANT}/{model.key}")
    say(store, *events, stream=stream, summary=summary_of(model))
    PersonEraser(store, TENANT, person, now=NOON).erase()

    assert isinstance(store.verify(), Verified)
    assert holders(path, WORDS[person]) == []
    assert WORDS[person] not in everything_shown(store, stream)
    store.close()


def everything_shown(store: SqliteStore, stream: StreamId) -> str:
    """Every report and export of a model, its history, and its entry in the list."""
    events = list(store.events(stream))
    model = replay(events)
    assert CommandHandler(store).model(stream) == model
    seen = register(model, NOON)
    export = ExportSource(register=seen, day=NOON.date(), events=events, write=codec.encode)
    report = ReportSource(
        register=seen,
        history=timeline(events),
        naming=str,
        as_of=NOON,
        day_of=lambda at: at.date(),
        full=True,
    )
    return "\n".join(
        (
            *(one.write(export).decode() for one in FORMATS.values()),
            REPORT_FORMATS["md"].render(report_of(report)).decode(),
            repr(timeline(events)),
            repr(store.streams()),
        )
    )


def test_the_file_grows_by_one_small_record(tmp_path: Path) -> None:
    """What is recorded again is one event a model, and the old entries are blank."""
    path = tmp_path / "people.db"
    filled(path)
    store = opened(path)
    PersonEraser(store, TENANT, ANA, now=NOON).erase()
    store.close()

    with closing(sqlite3.connect(path)) as reader:
        rows = reader.execute(
            "SELECT type, data FROM events WHERE stream = ? ORDER BY version", (STREAMS[0],)
        )
        stored = [(kind, data) for kind, data in rows]
    (record,) = [json.loads(data) for kind, data in stored if kind == "EventsReplaced"]
    blank = [version for version, (_, data) in enumerate(stored, start=1) if data is None]
    assert [one["version"] for one in record["events"]] == blank
    assert record["by"] == "system"
