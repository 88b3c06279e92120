"""A process of its own that uses the store as the bot does: `python -m tests.store.worker JOB URL ...`.

It says `ready`, waits for a line, and then says each thing it did as soon as it is durable.
"""

import itertools
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.commands.command_handler import CommandHandler
from bot.commands.person_erasure import PersonEraser
from bot.scheduled_jobs.round_deadlines import RoundDeadlines
from bot.slack.directory.open_rounds import ROUNDS
from bot.store import CommandKey, Store, StoreUnavailable, StreamId, open_store
from bot.store.records import model_stream
from bot.store.work_queue import MODEL, Item, Touch
from domain.commands import AddAsset, NameElements
from domain.kernel.elements import ModelKey, PersonId
from tests import examples
from tests.domain import voting_story
from tests.emptied_database import open_shared
from tests.queue_rows import claim_one, end_claims
from tests.store.saying import ANNA, HOUSE, NOON, TENANT, asset, say, started

NOBODY = 65534


def opened(url: str) -> Store:
    """Open a file or a server's database; each process gives way to the others for long."""
    return open_shared(url, timeout=60.0)


def start(url: str) -> None:
    """Open the store, once."""
    opened(url).close()
    print("opened", flush=True)


def digest(url: str, request: str) -> None:
    """Say what is kept of a request, with the key that this process finds or makes."""
    print(open_store(url).keyed(request.encode()).hex(), flush=True)


def answer(url: str, name: str, count: str) -> None:
    """Add `count` assets to the same model, saying each one's version."""
    store = opened(url)
    command_handler = CommandHandler(store)
    for number in range(int(count)):
        word = f"{name}-{number}"
        done = command_handler.execute(
            AddAsset(by=ANNA, at=NOON, name=word), stream=HOUSE, key=CommandKey(word)
        )
        print(word, done.version, flush=True)
    store.close()


def name(url: str, first: str) -> None:
    """Name three assets at a time until killed, saying each command's key."""
    command_handler = CommandHandler(opened(url))
    for number in range(int(first), 1_000_000):
        names = tuple(f"{number}{letter}" for letter in "abc")
        print("trying", number, flush=True)
        command_handler.execute(
            NameElements(by=ANNA, at=NOON, assets=names), stream=HOUSE, key=CommandKey(str(number))
        )
        print("done", number, flush=True)


def pause(url: str, first: str) -> None:
    """Name three assets at a time, three times; wait for a line, and go on as `name` does."""
    command_handler = CommandHandler(opened(url))
    for number in range(int(first), 1_000_000):
        if number == int(first) + 3:
            sys.stdin.readline()
        names = tuple(f"{number}{letter}" for letter in "abc")
        command = NameElements(by=ANNA, at=NOON, assets=names)
        command_handler.execute(command, stream=HOUSE, key=CommandKey(str(number)))
        print("done", number, flush=True)


def fill(url: str, more: str) -> None:
    """Append until the file may grow no further than `more` bytes, saying how often that went well."""
    store = open_store(url)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = max(file.stat().st_size for file in store.database.path.parent.iterdir()) + int(more)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    done = 0
    try:
        while True:
            say(store, asset("x" * 300, number=done), stream=StreamId("T1/TM-2"), expected=done, summary=None)
            done += 1
    except StoreUnavailable as refusal:
        print(done, refusal, flush=True)


def unprivileged(url: str) -> None:
    """Open and append as somebody who may not write the file, saying what the refusal is."""
    open_store(f"sqlite:///{tempfile.mkdtemp()}/x.db").close()  # loads everything while it may be read
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    try:
        say(open_store(url), started(), stream=StreamId("T1/TM-2"))
    except StoreUnavailable as refusal:
        print(refusal, flush=True)


def vote(url: str, voter: str) -> None:
    """Cast somebody's ballot in the open round of every model, one after the other."""
    store = opened(url)
    command_handler = CommandHandler(store)
    for stream in store.streams():
        command = voting_story.ballot_of(PersonId(voter), 5)
        done = command_handler.execute(command, stream=stream.stream, key=CommandKey(f"{stream.key} {voter}"))
        print(stream.key, done.version, flush=True)
    store.close()


def deadlines(url: str, minute: str, alone: str = "") -> None:
    """Act on the deadlines that are due at a minute of the story, saying each model when it is done.

    A process that is `alone` goes on with what others had claimed when they were killed.
    """
    store = opened(url)
    command_handler = CommandHandler(store)
    now = examples.at(int(minute))
    if alone:
        end_claims(store.work)
    acting = RoundDeadlines(command_handler, now=lambda: now)
    while (claim := claim_one(store.work, "T1", now)) is not None:
        if claim.item.kind == MODEL:
            subject = claim.item.subject
            store.work.touch(Touch(item=Item("T1", ROUNDS, subject), lane=f"{ROUNDS}/{subject}"))
            store.work.settle(claim)
            continue
        store.work.settle(claim, again_at=acting.process(model_stream("T1", ModelKey(claim.item.subject))))
        print(claim.item.subject, flush=True)
    store.close()


def forget(url: str, person: str, stop: str) -> None:
    """Erase a person, and stop before the end of the transaction with the erasure of this number."""
    store = open_store(url)
    erase, erasures = store.erase, itertools.count(1)

    def stopping(stream: StreamId, versions: Sequence[int]) -> int:
        erased = erase(stream, versions)
        if next(erasures) == int(stop):
            print("stopped", flush=True)
            sys.stdin.readline()
        return erased

    store.erase = stopping
    PersonEraser(store, TENANT, PersonId(person), now=NOON).erase()
    print("done", flush=True)


JOBS: dict[str, Callable[..., None]] = {
    "start": start,
    "answer": answer,
    "digest": digest,
    "name": name,
    "fill": fill,
    "forget": forget,
    "pause": pause,
    "unprivileged": unprivileged,
    "vote": vote,
    "deadlines": deadlines,
}

if __name__ == "__main__":
    assert Path("bot").is_dir(), "run at the root of the project"
    print("ready", flush=True)
    sys.stdin.readline()
    JOBS[sys.argv[1]](*sys.argv[2:])
