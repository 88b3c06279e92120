"""`threatmodel workspace`: the workspaces of a database, one as an archive, and one erased."""

import json
import stat
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.formats import FORMATS
from bot.serving_lock import hold_serving_lock
from bot.store import Store, open_database, open_store
from bot.store.repositories.installations import InstallationRecord
from bot.store.repositories.workspace_directory import Channel, Person
from domain.kernel.elements import ChannelId, PersonId
from domain.model import ThreatModel
from domain.replay import replay
from tests.cli.conftest import RunCli
from tests.emptied_database import KEY
from tests.postgres_server import database as server_database
from tests.store.saying import NOON

SECRET = b"xoxb-very-secret"


@contextmanager
def opened(database: Path) -> Generator[Store]:
    store = open_store(f"sqlite:///{database}")
    yield store
    store.close()


def install(database: Path, team: str) -> None:
    with opened(database) as store:
        store.installations.save(
            InstallationRecord(
                app="A1", team=team, token=SECRET, key_id="k", token_at=NOON, installed_at=NOON, scopes="chat"
            )
        )


def listed(run_cli: RunCli) -> dict[str, tuple[int, int, str]]:
    found = json.loads(run_cli("workspace", "list", "--json").stdout)
    return {one["workspace"]: (one["models"], one["events"], one["app"]) for one in found}


def test_workspaces_are_listed_with_their_models_and_the_state_of_the_app(
    house: RunCli, database: Path
) -> None:
    install(database, "TDEMO")
    install(database, "TNEW")

    assert listed(house) == {"TDEMO": (1, 70, "installed"), "TNEW": (0, 0, "installed")}
    assert "TDEMO" in house("workspace", "list").stdout


def test_an_archive_holds_every_event_and_the_exports_of_every_model(
    house: RunCli, database: Path, tmp_path: Path
) -> None:
    install(database, "TDEMO")
    with opened(database) as store:
        directory = store.unit("TDEMO").directory
        directory.learn_person(Person(id=PersonId("UAMINA"), name="Amina"), NOON)
        channel = store.streams("TDEMO")[0].channel
        directory.learn_channel(Channel(id=ChannelId(channel), name="house"), NOON)
    file = tmp_path / "demo.zip"
    done = house("workspace", "export", "TDEMO", str(file))

    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SECRET not in file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    assert not any(SECRET in one for one in content.values())
    described = json.loads(content["workspace.json"])
    assert (described["workspace"], described["events"], described["models"]) == ("TDEMO", 70, ["TM-1"])
    assert f"TDEMO: the chain ends at 70 with {described['head']}" in house("verify").stdout
    events = lines(content["events.jsonl"])
    assert [event["sequence"] for event in events] == list(range(1, 71))
    assert events[0]["event"]["type"] == "ThreatModelStarted"
    assert [line["name"] for line in lines(content["people.jsonl"])] == ["Amina"]
    assert [line["name"] for line in lines(content["channels.jsonl"])] == ["house"]
    assert [line["state"] for line in lines(content["installations.jsonl"])] == ["installed"]
    assert {f"models/TM-1/TM-1{one.suffix}" for one in FORMATS.values()} < content.keys()


def lines(content: bytes) -> list[Any]:
    return [json.loads(line) for line in content.splitlines()]


def test_an_archive_overwrites_nothing_and_leaves_nothing_unfinished(house: RunCli, tmp_path: Path) -> None:
    file = tmp_path / "demo.zip"
    file.write_text("mine")

    assert "Choose a new file." in house("workspace", "export", "TDEMO", str(file)).stderr
    assert "no workspace TNONE" in house("workspace", "export", "TNONE", str(tmp_path / "new.zip")).stderr
    assert file.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir() if path.suffix in (".zip", ".part")] == ["demo.zip"]


def test_an_erased_workspace_keeps_only_the_end_of_its_chain(house: RunCli, database: Path) -> None:
    assert house("demo", "house", "--workspace", "TOTHER").exit_code == 0
    install(database, "TDEMO")
    (end,) = [one for one in house("verify").stdout.splitlines() if one.startswith("TDEMO: the chain ends")]
    done = house("workspace", "erase", "TDEMO", "--yes")

    kept = end.replace(": the chain ends at ", ": erased; its chain ended at ")
    assert done.exit_code == 0
    assert kept in done.stdout
    assert kept in house("verify").stdout
    assert listed(house) == {"TOTHER": (1, 70, "-")}
    for words in (b"TDEMO/TM-1", SECRET):
        assert not any(words in file.read_bytes() for file in database.parent.iterdir())


def test_a_workspace_that_comes_back_starts_empty_and_continues_its_numbers(house: RunCli) -> None:
    assert house("workspace", "erase", "TDEMO", "--yes").exit_code == 0
    assert house("demo", "house").exit_code == 0

    told = house("verify").stdout
    assert "TDEMO: erased; its chain ended at 70" in told
    assert "TDEMO: the chain ends at 70" in told


def test_a_workspace_that_never_recorded_anything_is_erased_with_its_installation(
    house: RunCli, database: Path
) -> None:
    install(database, "TNEW")

    assert "TNEW: erased; it had no events" in house("workspace", "erase", "TNEW", "--yes").stdout
    assert list(listed(house)) == ["TDEMO"]
    assert house("verify").exit_code == 0


def test_its_id_is_typed_to_confirm(house: RunCli, database: Path) -> None:
    def answered(text: str) -> tuple[int, str]:
        environment = {"DATABASE_URL": f"sqlite:///{database}"}
        said = CliRunner().invoke(cli, ("workspace", "erase", "TDEMO"), env=environment, input=f"{text}\n")
        return said.exit_code, said.output

    assert answered("yes") == (1, answered("yes")[1])
    assert "That is another ID. Nothing was erased." in answered("tdemo")[1]
    assert listed(house) == {"TDEMO": (1, 70, "-")}
    assert answered("TDEMO")[0] == 0
    assert listed(house) == {}


def test_no_workspace_is_erased_while_a_bot_could_store_it_again(house: RunCli, database: Path) -> None:
    with hold_serving_lock(database):
        refused = house("workspace", "erase", "TDEMO", "--yes")
    assert refused.exit_code == 2
    assert "Stop it first: a running bot would store data of TDEMO again." in refused.stderr
    assert "no workspace TNONE" in house("workspace", "erase", "TNONE", "--yes").stderr


def test_a_workspace_without_the_app_is_erased_while_the_bot_serves_others(
    house: RunCli, database: Path
) -> None:
    install(database, "TDEMO")
    with hold_serving_lock(database):
        refused = house("workspace", "erase", "TDEMO", "--yes")
        assert "Uninstall the app in Slack, or stop the bot" in refused.stderr
        with opened(database) as store:
            (installed,) = store.installations.of_tenant("TDEMO")
            assert store.installations.change_state(installed, "uninstalled")
        assert house("workspace", "erase", "TDEMO", "--yes").exit_code == 0
    assert listed(house) == {}


@contextmanager
def on_a_server(run_cli: RunCli) -> Generator[tuple[RunCli, Store]]:
    """The command line with the House in a database of a server, and a replica's store of it."""
    with server_database() as url:

        def run(*words: str) -> Result:
            return run_cli(*words, DATABASE_URL=url, THREATMODEL_KEY=KEY)

        assert run("demo", "house").exit_code == 0
        replica = open_database(url, key=KEY)
        yield run, replica
        replica.close()


def test_no_workspace_of_a_server_is_erased_while_a_replica_could_store_it_again(run_cli: RunCli) -> None:
    with on_a_server(run_cli) as (run, replica):
        with replica.serving():
            assert "Stop all replicas first" in run("workspace", "erase", "TDEMO", "--yes").stderr

        assert "TDEMO: erased" in run("workspace", "erase", "TDEMO", "--yes").stdout
        assert "TDEMO: erased; its chain ended at 70" in run("verify").stdout


def test_a_person_is_erased_from_a_server_while_replicas_serve_it(run_cli: RunCli) -> None:
    with on_a_server(run_cli) as (run, replica):
        with replica.serving():
            assert run("forget-person", "UAMINA", "--yes").exit_code == 0
            assert [stream.name for stream in replica.streams()] == ["Threat model TM-1"]
        events = str([(element.name, element.description) for element in model_of(replica).elements.values()])
        assert "Front door" not in events
        assert "Locks" in events, "what others entered is still there"
        assert run("verify").exit_code == 0


def model_of(store: Store) -> ThreatModel:
    return replay(store.events(store.streams()[0].stream))
