"""A real Redmine for tests: Debian's packages, run by an unprivileged user on a database of its own.

Where it is not installed, tests skip with one clear line. It needs about ten seconds of processor time to
start, therefore only the deep run uses it. By hand: `python -m tests.trackers.redmine_server`.
"""

import os
import pwd
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

INSTALLATION = Path("/usr/share/redmine")
MISSING = "Redmine tests: no Redmine here (Debian: apt-get install redmine redmine-sqlite puma)"
OWNER = "www-data"
"""Who runs the server where the tests run as root."""

PASSWORD = "a long password"
DATABASE = "db/redmine.sqlite"

_GEMFILE = f"""\
eval_gemfile "{INSTALLATION}/Gemfile"
%w(sqlite3 puma).each {{ |name| gem name unless dependencies.any? {{ |one| one.name == name }} }}
"""

_RACKUP = f"""\
require "{INSTALLATION}/config/environment"
# The server ends with the process that started it, however that process ends.
Thread.new {{ $stdin.read; exit!(0) }}
run Rails.application
"""


@dataclass(frozen=True, kw_only=True)
class RedmineServer:
    """A running Redmine.

    The project `payments` is private, `website` is public. The bot's account manages both, Ben is a developer
    in both; Eve is in no project.
    """

    url: str
    directory: Path
    admin_key: str = "a" * 40
    bot_key: str = "b" * 40
    ben_key: str = "c" * 40
    eve_key: str = "e" * 40

    def execute(self, statement: str, *parameters: object) -> None:
        """Change the database, for what has no REST API; the server sees it with the next request."""
        with closing(sqlite3.connect(self.directory / DATABASE, timeout=20)) as connection, connection:
            connection.execute(statement, parameters)

    def page(self, path: str, login: str = "ben") -> str:
        """Return a page as a person sees it in a browser."""
        browser = build_opener(HTTPCookieProcessor())
        form = browser.open(f"{self.url}/login").read().decode()
        token = re.search(r'name="csrf-token" content="([^"]+)"', form)
        assert token is not None
        fields = {"authenticity_token": token[1], "username": login, "password": PASSWORD}
        browser.open(f"{self.url}/login", urlencode(fields).encode()).close()
        return browser.open(f"{self.url}{path}").read().decode()

    def configure(self, name: str, value: str) -> None:
        """Change a setting."""
        # The server compares with the moment at which it last read the settings.
        moment = datetime.now(tz=UTC).replace(tzinfo=None, year=2099).isoformat(" ")
        self.execute("DELETE FROM settings WHERE name = ?", name)
        self.execute("INSERT INTO settings (name, value, updated_on) VALUES (?, ?, ?)", name, value, moment)


def is_installed() -> bool:
    """Return whether this machine has Redmine, its adapter for SQLite, and the web server."""
    adapter = Path("/usr/share/doc/redmine-sqlite").exists()
    return adapter and (INSTALLATION / "config.ru").exists() and shutil.which("puma") is not None


@contextmanager
def redmine() -> Generator[RedmineServer]:
    """Return a block with a new Redmine; skips without one."""
    if not is_installed():
        pytest.skip(MISSING)
    with tempfile.TemporaryDirectory(prefix="threatmodel-redmine-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        _prepare(directory)
        seed = Path(__file__).with_name("redmine_seed.rb").read_text()
        _run(directory, "bin/rails", "runner", "-", text=seed)
        with _started(directory) as process:
            url = _address(process)
            yield RedmineServer(url=url, directory=directory)


def _prepare(directory: Path) -> None:
    for part in ("config", "db", "files", "log", "plugins", "public", "tmp"):
        (directory / part).mkdir()
    (directory / "Gemfile").write_text(_GEMFILE)
    (directory / "config.ru").write_text(_RACKUP)
    (directory / "config" / "secret_key.txt").write_text("0123456789abcdef" * 8)
    (directory / "config" / "database.yml").write_text(
        f"production:\n  adapter: sqlite3\n  database: {directory / DATABASE}\n  timeout: 20000\n"
    )
    if os.getuid() == 0:
        for path in (directory, *directory.rglob("*")):
            shutil.chown(path, OWNER, OWNER)


def _environment(directory: Path) -> Mapping[str, str]:
    # Debian's Redmine has its files of one installation in a directory relative to this one.
    depth = len((INSTALLATION / "instances").parts) - 1
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(directory),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "RAILS_ENV": "production",
        "REDMINE_INSTANCE": "../" * depth + str(directory).lstrip("/"),
        "BUNDLE_GEMFILE": str(directory / "Gemfile"),
        "SCHEMA": str(directory / "db" / "schema.rb"),
    }


def _run(directory: Path, *command: str, text: str) -> None:
    owner = _owner()
    done = subprocess.run(
        command,
        check=False,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=INSTALLATION,
        env=_environment(directory),
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
        extra_groups=[] if owner else None,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout[-2000:]}")


@contextmanager
def _started(directory: Path) -> Generator[subprocess.Popen[str]]:
    owner = _owner()
    process = subprocess.Popen(
        ["puma", "--bind", "tcp://127.0.0.1:0", "--threads", "1:4", str(directory / "config.ru")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=INSTALLATION,
        env=_environment(directory),
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
        extra_groups=[] if owner else None,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def _owner() -> pwd.struct_passwd | None:
    return pwd.getpwnam(OWNER) if os.getuid() == 0 else None


def _address(process: subprocess.Popen[str]) -> str:
    lines: list[str] = []
    output: IO[str] | None = process.stdout
    assert output is not None
    for line in output:
        lines.append(line)
        found = re.search(r"Listening on (http://[0-9.:]+)", line)
        if found:
            return found[1]
    raise RuntimeError(f"puma: {''.join(lines)[-2000:]}")


if __name__ == "__main__":
    with redmine() as server:
        print(server.url, f"key of the bot: {server.bot_key}", "end with Enter", sep="\n", flush=True)
        input()
