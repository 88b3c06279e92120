"""The server that tests use is started and stopped as often as needed, and nothing else is stopped."""

import os
from pathlib import Path

from tests.postgres_server import PostgresServer


def test_the_remains_of_a_killed_server_are_removed_and_no_other_process_is_stopped(tmp_path: Path) -> None:
    remains = PostgresServer(tmp_path / "server")
    remains.data.mkdir(parents=True)
    # The number of the killed server's process belongs to another process now.
    (remains.data / "postmaster.pid").write_text(f"{os.getpid()}\n{remains.data}\n")

    remains.remove()

    assert not remains.directory.exists()
