"""Both services in one process of Node.js, and what they hold at first."""

import json
import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

PACKAGE = "emulate@0.12.2"
INSTALL_SECONDS = 240
BOT_TOKEN, BEN_TOKEN = "gh-token-of-the-bot", "gh-token-of-ben"
LINEAR_TOKEN = "linear-token-of-the-bot"
BOT, BEN = "threat-bot", "ben"

_STATES = [
    {"name": "Todo", "type": "unstarted"},
    {"name": "Done", "type": "completed"},
    {"name": "Canceled", "type": "canceled"},
]
SEED = {
    "tokens": {
        token: {"login": login, "scopes": ["repo", "user"]}
        for token, login in ((BOT_TOKEN, BOT), (BEN_TOKEN, BEN))
    },
    "github": {
        "users": [
            {"login": BOT, "name": "Threat Model", "email": "bot@acme.example"},
            {"login": BEN, "name": "Ben Berger", "email": "ben@acme.example"},
        ],
        "repos": [{"owner": BOT, "name": "shop", "private": True}],
    },
    "linear": {
        "organization": {"name": "Acme", "url_key": "acme"},
        "users": [
            {"email": "bot@acme.example", "name": "Threat Model", "admin": True},
            {"email": "ben@acme.example", "name": "Ben Berger"},
        ],
        "teams": [{"key": "ENG", "name": "Engineering", "states": _STATES}],
        "tokens": [
            {"token": LINEAR_TOKEN, "user": "bot@acme.example", "scopes": ["read", "write"]},
            {"token": BEN_TOKEN, "user": "ben@acme.example", "scopes": ["read", "write"]},
        ],
    },
}


class Services:
    """The addresses of both services; `reset` returns them to what they held at first."""

    def __init__(self, said: IO[str], asked: IO[str]) -> None:
        self._said = said
        self._asked = asked
        addresses: dict[str, str] = json.loads(said.readline())
        self.github = addresses["github"]
        self.linear = addresses["linear"]

    def reset(self) -> None:
        self._asked.write("reset\n")
        self._asked.flush()
        assert json.loads(self._said.readline())["github"] == self.github


@contextmanager
def services() -> Generator[Services]:
    """Serve both; skips the test where Node.js or the package cannot be had."""
    if shutil.which("node") is None:
        pytest.skip("node is missing: install Node.js 20 or newer to try the clients with these stand-ins")
    script = Path(__file__).with_name("serve.mjs")
    command = ["node", str(script), str(_installed()), json.dumps(SEED)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as served:
        assert served.stdin
        assert served.stdout
        try:
            yield Services(served.stdout, served.stdin)
        finally:
            served.kill()


def _installed() -> Path:
    """The directory of the package's modules, outside of the repository."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    directory = Path(home) / "threatmodel-bot" / "trackers"
    package = directory / "node_modules" / "emulate" / "package.json"
    if package.exists() and json.loads(package.read_text())["version"] == PACKAGE.partition("@")[2]:
        return directory
    directory.mkdir(parents=True, exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--ignore-scripts"]
    command = ["npm", "install", "--prefix", str(directory), *quiet, PACKAGE]
    try:
        subprocess.run(command, check=True, timeout=INSTALL_SECONDS, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"{PACKAGE} cannot be installed: {error}")
    return directory
