"""Requests are kept as keyed digests: whoever reads the file cannot try all ballots until one fits."""

import itertools
import os
import re
from collections.abc import Callable
from pathlib import Path
from socket import gethostname

import pytest
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler, command_digest
from bot.slack.protocol.requests import resubmission_key
from bot.store import (
    CommandKey,
    KeyUsedForAnother,
    SqliteStore,
    StoreUnavailable,
    StreamId,
    Verified,
    open_store,
)
from domain.commands import AddAsset, CastBallot
from tests.depth import count, deep_only
from tests.domain.voting_story import ANA, CHI, ballot_of, numbers
from tests.examples import at
from tests.store.crew import ended, worker
from tests.store.saying import HOUSE, TENANT, asset, plainly, said, say, started

FIXTURE = Path(__file__).parent / "fixtures" / "2026-11-27.db.xz"
SECRET = "a text of at least thirty-two characters".replace(" ", "-")
SHOP = StreamId("T1/TM-2")


def key_of(store: SqliteStore) -> Path:
    return store.database.path.with_name(f"{store.database.path.name}.key")


def every_ballot(ballot: CastBallot) -> set[bytes]:
    """The plain digests of all that somebody could have cast in place of a ballot."""
    return {
        command_digest(replace(ballot, numbers=numbers(*one)))
        for one in itertools.product(range(1, 11), repeat=5)
    }


@deep_only
def test_a_ballot_is_not_found_by_trying_them_all(store: SqliteStore) -> None:
    ballot = ballot_of(ANA, 7, 3, 9, 1, 6)
    say(store, started())
    key = CommandKey("view:V1:1")
    say(store, asset("Stands for it"), expected=1, key=key, request=command_digest(ballot))
    again = resubmission_key(store, key, ballot)
    say(store, asset("Sent again", number=2), expected=2, key=again, request=command_digest(ballot))
    plain = every_ballot(ballot)
    assert command_digest(ballot) in plain, "the attack would find a plain digest"

    rows = plainly(store.database.path, "SELECT key, request FROM commands")

    for name, request in rows:
        windows = {request[start : start + 32] for start in range(len(request) - 31)}
        assert not plain & windows
        assert not plain & {bytes.fromhex(one) for one in re.findall("[0-9a-f]{64}", name)}


def test_the_key_is_made_when_it_is_needed_and_is_its_owners(store: SqliteStore) -> None:
    assert said(store) == []
    assert store.verify()
    assert not key_of(store).exists(), "reading needs no key"

    say(store, started())

    assert key_of(store).stat().st_mode & 0o777 == 0o600
    assert not [
        path for path in key_of(store).parent.iterdir() if path.name.startswith(".") and "key" in path.name
    ]


def test_processes_that_start_together_agree_on_one_key(url: str) -> None:
    open_store(url).close()

    told = ended([worker("digest", url, "a request") for _ in range(count(3, deep=8))])

    assert len({line for (line,) in told}) == 1


def test_a_key_of_the_settings_needs_no_file(url: str) -> None:
    first, second = open_store(url, key=SECRET), open_store(url, key=SECRET)
    say(first, started(), key="start", request=b"so")

    assert not key_of(first).exists()
    assert second.answered(TENANT, CommandKey("start"), b"so") is not None
    with pytest.raises(KeyUsedForAnother):
        second.answered(TENANT, CommandKey("start"), b"otherwise")
    assert SECRET not in f"{first._key!r} {first._key}"  # pyright: ignore[reportPrivateUsage]  (what a log would show)
    first.close()
    second.close()


@pytest.mark.parametrize("becomes", ["lost", "another setting", "a setting"])
def test_under_another_key_a_command_that_comes_again_gets_its_first_result(url: str, becomes: str) -> None:
    store = open_store(url, key=SECRET if becomes == "another setting" else "")
    say(store, started(), key="start", request=b"so")
    store.close()
    if becomes == "lost":
        key_of(store).unlink()
    store = open_store(url, key="" if becomes == "lost" else SECRET[::-1])

    for request in (b"so", b"otherwise"):
        again = say(store, asset("Doubled"), expected=1, key="start", request=request)
        assert (again.repeated, again.version) == (True, 1)
    say(store, asset("Papers"), expected=1, key="next", request=b"so")
    with pytest.raises(KeyUsedForAnother):
        say(store, asset("Papers"), expected=2, key="next", request=b"otherwise")
    assert said(store) == [started(), asset("Papers")]
    assert isinstance(store.verify(), Verified)
    store.close()


def test_a_copy_without_the_key_is_whole(store: SqliteStore, tmp_path: Path) -> None:
    command_handler = CommandHandler(store)
    say(store, started(), key="start")
    command_handler.execute(AddAsset(by=CHI, at=at(1), name="Valuables"), stream=HOUSE, key=CommandKey("1"))
    copy = tmp_path / "elsewhere" / "copy.db"
    copy.parent.mkdir()

    store.backup(copy)

    secret = key_of(store).read_bytes().strip()
    assert [path.name for path in copy.parent.iterdir()] == ["copy.db"]
    assert secret not in copy.read_bytes()
    restored = open_store(f"sqlite:///{copy}")
    again = CommandHandler(restored)
    assert again.model(HOUSE) == command_handler.model(HOUSE)
    assert isinstance(restored.verify(), Verified)
    repeated = again.execute(AddAsset(by=CHI, at=at(1), name="Valuables"), stream=HOUSE, key=CommandKey("1"))
    assert repeated.repeated
    restored.close()


def spoiled_by_mode(file: Path) -> None:
    file.chmod(0o644)


def spoiled_by_content(file: Path) -> None:
    file.write_text("not a key")


def spoiled_by_a_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            spoiled_by_mode,
            "is open to other users (mode 0644); run `chmod 600 {file}`, or set THREATMODEL_KEY",
        ),
        (spoiled_by_content, "does not contain a key. Restore the file, or delete it to create a new key"),
        (
            spoiled_by_a_directory,
            "cannot be read (Is a directory). Make this user its owner, or set THREATMODEL_KEY",
        ),
    ],
)
def test_a_key_file_that_cannot_be_used_is_refused_with_its_mend(
    url: str, spoil: Callable[[Path], None], sentence: str
) -> None:
    store = open_store(url)
    say(store, started())
    secret = key_of(store).read_text().strip()
    store.close()
    spoil(key_of(store))

    store = open_store(url)
    with pytest.raises(StoreUnavailable) as refused:
        say(store, asset("Papers"), expected=1)

    file = key_of(store)
    assert str(refused.value) == f"THREATMODEL_KEY: {file} {sentence.format(file=file)}"
    assert secret not in str(refused.value)
    assert said(store) == [started()], "the model can be read all the same"
    store.close()


def test_a_key_that_cannot_be_made_is_refused_with_its_mend(store: SqliteStore) -> None:
    made = key_of(store).with_name(f".{key_of(store).name}.{gethostname()}.{os.getpid()}")
    made.mkdir()

    with pytest.raises(StoreUnavailable) as refused:
        store.keyed(b"a request")

    assert str(refused.value).startswith(f"THREATMODEL_KEY: {key_of(store)} cannot be created (")
    assert str(refused.value).endswith(
        "Give this user write permission for the directory, or set THREATMODEL_KEY"
    )
