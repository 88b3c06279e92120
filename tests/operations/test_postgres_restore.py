"""A PostgreSQL database is restored by the commands of the guide, and by point-in-time recovery."""

import os
import re
import shutil
import subprocess
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import psycopg

from bot.store.postgres.postgres_store import PostgresStore, open_postgres
from bot.store.records import Verified
from deploy import environment
from deploy.docs.generator.pages import ROOT
from tests.depth import deep_only
from tests.operations.test_litestream import head, write
from tests.postgres_server import OWNER, PostgresServer, database, own_server

KEY: Final = "0" * 64
GUIDE: Final = (ROOT / "deploy/docs/guide/operations.md").read_text()


def command(program: str) -> str:
    """Return the command of the guide that begins with a program."""
    (found,) = re.findall(rf"(?m)^{program} .+$", GUIDE)
    return found


def run(line: str, directory: Path, **urls: str) -> None:
    """Run a command of the guide as an operator does."""
    programs = environment.postgres()
    assert programs is not None
    done = subprocess.run(
        ["/bin/sh", "-ec", line],
        cwd=directory,
        env={"PATH": f"{programs}:{os.environ['PATH']}", **urls},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def opened(url: str) -> closing[PostgresStore]:
    return closing(open_postgres(url, key=KEY))


def test_a_dump_is_restored_with_its_chain(tmp_path: Path) -> None:
    with database() as url, database("template0") as restored:
        with opened(url) as store:
            write(store, 12)
            end = head(store)
            run(command("pg_dump"), tmp_path, DATABASE_URL=url)
            write(store, 3)
        run(command("pg_restore"), tmp_path, RESTORED_URL=restored)
        with opened(restored) as store:
            assert head(store) == end
            write(store, 2)
            assert head(store).sequence == 14, "it goes on from there"


@deep_only
def test_point_in_time_recovery_ends_at_the_moment_and_verifies(tmp_path: Path) -> None:
    archive = Path(f"/dev/shm/threatmodel-archive-{os.getpid()}")
    archive.mkdir()
    settings = {"archive_mode": "on", "archive_command": f"cp %p {archive}/%f", "wal_level": "replica"}
    try:
        if os.getuid() == 0:
            shutil.chown(archive, OWNER)
        with own_server(settings) as server, recovered_from(server, archive) as recovery:
            url = server.url.format("postgres")
            with opened(url) as store:
                write(store, 8)
                end = head(store)
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute("SELECT pg_create_restore_point('before the mistake')")
                write(store, 8)
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute("SELECT pg_switch_wal()")
            server.stop("fast")
            recovery.start()
            with opened(recovery.url.format("postgres")) as store:
                assert head(store) == end
                write(store, 1)
                checked = store.verify(witnessed=[end])
                assert isinstance(checked, Verified)
                assert [one.sequence for one in checked.heads] == [9]
    finally:
        shutil.rmtree(archive)


@contextmanager
def recovered_from(server: PostgresServer, archive: Path) -> Generator[PostgresServer]:
    """Take a base backup now; yield a server that will recover it from the archive to the restore point."""
    copy = server.standby(server.directory.with_name(f"{server.directory.name}-recovered"))
    copy.configure(
        {
            "primary_conninfo": "",
            "archive_mode": "off",
            "restore_command": f"cp {archive}/%f %p",
            "recovery_target_name": "before the mistake",
            "recovery_target_action": "promote",
        }
    )
    (copy.data / "standby.signal").rename(copy.data / "recovery.signal")
    try:
        yield copy
    finally:
        copy.remove()
