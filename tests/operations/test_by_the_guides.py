"""By the guides alone: two replicas behind the front end, a second workspace, a backup and a restore.

Only Docker and its network are replaced: each process is started with the environment that the compose file
gives it, and the commands are those that the guides print.
"""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError

import psycopg
import pytest

from bot.manifest import build_manifest
from bot.sandbox.api import SECOND_TEAM, TEAM_ID, Sandbox
from bot.slack.protocol.app_ids import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH
from deploy import environment
from deploy.docs.generator.pages import ROOT
from tests.depth import deep_only
from tests.operations.test_front_end import free_port, front_end
from tests.operations.test_postgres_restore import GUIDE, KEY, command
from tests.postgres_server import PostgresServer, own_server
from tests.slack.installing import FIRST_KEY
from tests.slack.installing_workspaces import InstallingWorkspaces
from tests.waiting import patient_sandbox, wait_until

BOTH = (TEAM_ID, SECOND_TEAM.id)


class Operator:
    """Somebody with the guides, a shell and an environment."""

    def __init__(self, directory: Path, settings: Mapping[str, str]) -> None:
        self._directory = directory
        programs = environment.postgres()
        (directory / "bin").mkdir()
        shim = directory / "bin" / "threatmodel"
        shim.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m bot "$@"\n')
        shim.chmod(0o755)
        path = f"{shim.parent}:{programs}:{os.environ['PATH']}"
        self.environment = {**settings, "PATH": path, "PYTHONUNBUFFERED": "1"}

    def runs(self, line: str, **more: str) -> str:
        """Run a line of the guide, which must succeed; return what it printed."""
        done = subprocess.run(
            ["/bin/sh", "-ec", line],
            cwd=self._directory,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def replica(self, port: int, **more: str) -> Generator[None]:
        """Run a replica until it is asked to end, which it must do in time and with status 0."""
        metrics = free_port()
        with (
            (self._directory / "replicas.log").open("a") as log,
            subprocess.Popen(
                ["threatmodel", "serve"],
                cwd=self._directory,
                env={**self.environment, "PORT": str(port), "METRICS_PORT": str(metrics), **more},
                stdout=log,
                stderr=log,
            ) as process,
        ):
            try:
                wait_until(lambda: process.poll() is not None or is_ready(metrics))
                assert process.poll() is None, (self._directory / "replicas.log").read_text()
                yield
            finally:
                process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status == 200
    except URLError:
        return False


@pytest.fixture
def sandbox() -> Generator[Sandbox]:
    with patient_sandbox(
        manifest=build_manifest("http", "https://x.example", install_url="https://x.example"),
        delivery="http",
        further=[SECOND_TEAM],
        installed=False,
    ) as made:
        yield made


@deep_only
def test_two_replicas_serve_two_workspaces_and_a_backup_brings_everything_back(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    ports = free_port(), free_port()
    with (
        own_server({"fsync": "on", "full_page_writes": "on"}) as server,
        front_end(tmp_path, *ports) as front,
    ):
        url, restored = empty_databases(server)
        address = f"http://127.0.0.1:{front}"
        operator = Operator(
            tmp_path,
            {
                "DATABASE_URL": url,
                "THREATMODEL_KEY": KEY,
                "THREATMODEL_TOKEN_KEYS": FIRST_KEY,
                "SLACK_CLIENT_ID": sandbox.tokens.client_id,
                "SLACK_CLIENT_SECRET": sandbox.tokens.client_secret,
                "SLACK_SIGNING_SECRET": sandbox.signing_secret,
                "SLACK_API_URL": sandbox.url,
            },
        )
        workspaces = InstallingWorkspaces(sandbox, address)
        assert "oauth_config" in operator.runs(
            "threatmodel manifest --http https://threats.example.org --install https://threats.example.org"
        )
        with replicas(operator, ports):
            sandbox.deliver_to(address + EVENTS_PATH)
            sandbox.install_at(address + INSTALL_PATH, address + REDIRECT_PATH)
            for team in BOTH:
                assert "is installed" in workspaces.install(team)
                workspaces.start(team, f"Shop of {team}")
            add_asset(workspaces, "before the backup")
            operator.runs("threatmodel doctor")
            operator.runs(command("pg_dump"))
            add_asset(workspaces, "after the backup")
        kept = operator.runs("threatmodel workspace list")
        assert all(team in kept for team in BOTH)

        operator.runs(command("pg_restore"), RESTORED_URL=restored)
        for line in restoring_lines():
            operator.runs(line, RESTORED_URL=restored)
        with replicas(operator, ports, DATABASE_URL=restored):
            add_asset(workspaces, "after the restore")
            for team in BOTH:
                shown = show_models(operator, restored, team)
                assert "before the backup" in shown
                assert "after the restore" in shown
                assert "after the backup" not in shown
                workspaces.wait(lambda team=team: workspaces.card(team, "Assets  2"))
            operator.runs("threatmodel verify", DATABASE_URL=restored)
            operator.runs("threatmodel doctor", DATABASE_URL=restored)


def empty_databases(server: PostgresServer) -> tuple[str, str]:
    """Create the database, and an empty one to restore into; return their URLs."""
    names = ("threatmodel", "restored")
    with psycopg.connect(server.url.format("postgres"), autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    first, second = (server.url.format(name) for name in names)
    return first, second


@contextmanager
def replicas(operator: Operator, ports: tuple[int, int], **more: str) -> Generator[None]:
    with ExitStack() as both:
        for port in ports:
            both.enter_context(operator.replica(port, **more))
        yield


def restoring_lines() -> list[str]:
    """Return what the guide runs on a restored database."""
    lines = [line for line in GUIDE.splitlines() if line.startswith('DATABASE_URL="$RESTORED_URL" ')]
    assert [line.split()[-1] for line in lines] == ["restored", "verify"]
    return lines


def add_asset(workspaces: InstallingWorkspaces, name: str) -> None:
    """Add an asset to the model of each workspace, in its form."""
    for team in BOTH:
        ana = workspaces.at(team).person("ana")
        if ana.modal is not None:
            ana.close(all_of_them=True)
        assert ana.command("#house", "/threatmodel add asset").acked
        workspaces.wait(lambda ana=ana: ana.modal is not None)
        ana.fill("Name", name)
        ana.submit()
        workspaces.wait(lambda ana=ana: ana.modal is None or ana.modal.title != "Add asset")


def show_models(operator: Operator, url: str, team: str) -> str:
    """Return the model of a workspace as the terminal shows it."""
    return operator.runs(f"threatmodel show TM-1 --workspace {team}", DATABASE_URL=url)
