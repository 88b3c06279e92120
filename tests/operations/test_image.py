"""The image holds what its steps name, runs without privileges, and starts with an empty directory.

No container engine is needed: the deep run executes the steps of the Dockerfile below a directory.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from bot.manifest import build_manifest
from bot.metrics import Metrics
from bot.settings import read_settings
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead
from bot.slack.transport.http_sites import OperatorSite
from bot.store import open_store
from deploy.docs.generator.pages import ROOT
from tests.depth import deep_only
from tests.operations.dockerfile import DOCKERFILE, Stage, read_stages
from tests.operations.test_front_end import free_port
from tests.waiting import patient_sandbox, wait_until

STAGES: Final = read_stages()
BUILD, FINAL = STAGES
LOCK: Final = "deploy/lock/serve.txt"


def sources() -> list[str]:
    """Return what the steps copy from the project."""
    copied = [one for stage in STAGES for one in stage.all("COPY") if "from" not in one.options]
    return [source for one in copied for source in one.words[:-1]]


def test_the_build_sees_what_it_copies_and_nothing_else() -> None:
    ignored = DOCKERFILE.with_name("Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[0] == "*", "everything is kept out first, deploy/.env with its tokens above all"
    assert {line[1:] for line in ignored if line.startswith("!")} == set(sources())
    assert [source for source in sources() if not (ROOT / source).exists()] == []


def test_it_installs_exactly_the_lock() -> None:
    installs = [one.text for stage in STAGES for one in stage.all("RUN") if "pip install" in one.text]
    first, second = installs
    assert first == f"pip install --require-hashes --requirement {LOCK}"
    assert second.startswith("pip install --no-deps --no-build-isolation . &&")
    lock = [line for line in (ROOT / LOCK).read_text().splitlines() if not line.lstrip().startswith("#")]
    requirements = re.split(r"\n(?=\S)", "\n".join(lock).strip())
    assert [one for one in requirements if "==" not in one or "--hash=sha256:" not in one] == []
    names = {requirement.partition("==")[0].partition("[")[0] for requirement in requirements}
    assert {"uv-build", "psycopg", "slack-bolt"} <= names
    assert names & {"pytest", "playwright", "nicegui"} == set()


def test_both_stages_have_the_same_python_and_the_project_supports_it() -> None:
    assert BUILD.image == FINAL.image
    version = re.fullmatch(r"python:3\.(\d+)-slim", FINAL.image)
    assert version is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"Programming Language :: Python :: 3.{version[1]}" in project["classifiers"]
    (copied,) = FINAL.all("COPY")
    assert copied.options == {"from": BUILD.name}
    (venv,) = {one.words[-1] for one in BUILD.all("RUN") if "venv" in one.words}
    assert copied.words == [venv, venv]
    assert FINAL.environment["PATH"].startswith(f"{venv}/bin:")


def test_it_runs_without_privileges_and_writes_only_to_its_volume() -> None:
    order = [instruction.word for instruction in FINAL.instructions]
    assert order.index("USER") > max(index for index, word in enumerate(order) if word in {"RUN", "COPY"})
    (user,), (volume,) = FINAL.all("USER"), FINAL.all("VOLUME")
    assert re.search(rf"useradd --system --uid [1-9]\d+ .*\b{user.text}\b", FINAL.all("RUN")[0].text)
    environment = FINAL.environment
    settings = read_settings(environment)
    assert settings.database_file is not None
    assert str(settings.database_file.parent) == volume.text == FINAL.all("WORKDIR")[0].text
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1", "the root file system may be read-only"


def test_its_health_does_not_depend_on_the_database() -> None:
    (check,), (exposed,) = FINAL.all("HEALTHCHECK"), FINAL.all("EXPOSE")
    assert FINAL.environment["PORT"] == exposed.text
    asked = re.search(r"127\.0\.0\.1:\{os\.environ\['PORT'\]\}(/\w+)", check.text)
    assert asked is not None
    site = OperatorSite(Metrics(), readiness_problem=lambda: pytest.fail("the database was asked"))
    head = RequestHead(method="GET", path=asked[1], query="", headers={})
    assert isinstance(site.admit(HttpRequest(head=head, body=b"")), HttpResponse)


class Image:
    """The file system of the image, below a directory; paths of the steps are led there."""

    PLACES: Final = ("/opt/threatmodel", "/source", "/data")

    def __init__(self, directory: Path, path: str) -> None:
        self.root = directory / "root"
        self.environment: dict[str, str] = {}
        self._first = {"HOME": str(directory), "PATH": path}
        self._at = self.root

    def inside(self, text: str) -> str:
        """Lead the paths of a text into the directory."""
        for place in self.PLACES:
            text = re.sub(rf"(?<![\w.]){place}\b", f"{self.root}{place}", text)
        return text

    def run(self, stage: Stage) -> None:
        """Execute the steps of a stage, which begins with nothing of the one before but its files."""
        self.environment, self._at = dict(self._first), self.root
        for instruction in stage.instructions:
            match instruction.word:
                case "WORKDIR":
                    self._at = Path(self.inside(instruction.text))
                    self._at.mkdir(parents=True, exist_ok=True)
                case "ENV":
                    self._set(instruction.words)
                case "COPY" if "from" not in instruction.options:
                    self._copy(instruction.words)
                case "RUN":
                    for command in _runnable(instruction.text):
                        self.execute(self.inside(command))
                case _:
                    pass

    def execute(self, command: str) -> None:
        """Run a command as the image's shell does."""
        done = subprocess.run(
            ["/bin/sh", "-ec", command],
            cwd=self._at,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"

    def _set(self, words: list[str]) -> None:
        for word in words:
            name, _, value = word.partition("=")
            self.environment[name] = self.inside(value).replace("$PATH", self.environment["PATH"])

    def _copy(self, words: list[str]) -> None:
        *names, to = words
        for name in names:
            target = self._at / (to + name if to == "./" else to)
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, target)


def _runnable(text: str) -> Iterator[str]:
    """Yield the commands of a step, but for what only root may do on its own system."""
    for command in text.split("&&"):
        if command.split()[0] != "useradd":
            yield re.sub(r"--(owner|group) \w+ ", "", command)


def words(text: str) -> list[str]:
    """Return the words of a command in the form of a list."""
    return [str(load) for load in json.loads(text)]


@deep_only
def test_the_steps_lead_from_an_empty_directory_to_a_bot_that_serves(tmp_path: Path) -> None:
    python = tmp_path / "bin/python"
    python.parent.mkdir()
    python.symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    image = Image(tmp_path, f"{python.parent}:/usr/bin:/bin")
    image.run(BUILD)
    shutil.rmtree(image.root / "source")  # of the first stage, the last one takes the packages alone
    image.run(FINAL)
    before = {path for path in image.root.rglob("*") if "data" not in path.parts}
    sandbox = patient_sandbox(manifest=build_manifest("socket"), delivery="http")
    port = free_port()
    settings = {
        "PORT": str(port),
        "METRICS_PORT": str(free_port()),
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_SIGNING_SECRET": sandbox.signing_secret,
        "SLACK_API_URL": sandbox.url,
    }
    environment = {**image.environment, **settings}
    (entry,), (command,), (check,) = (FINAL.all(word) for word in ("ENTRYPOINT", "CMD", "HEALTHCHECK"))
    entered, served, health = (
        words(text) for text in (entry.text, command.text, check.text.partition("CMD ")[2])
    )
    program = shutil.which(entered[0], path=environment["PATH"])
    assert program is not None
    assert Path(program).is_relative_to(image.root)
    bot = subprocess.Popen([program, *served], cwd=image.root / "data", env=environment)
    try:
        wait_until(
            lambda: (
                bot.poll() is not None
                or subprocess.run(health, env=environment, check=False, capture_output=True).returncode == 0
            )
        )
        assert bot.poll() is None
        sandbox.deliver_to(f"http://127.0.0.1:{port}/slack/events")
        assert sandbox.person("ana").command("#house", "/threatmodel help").acked
        (stop,) = FINAL.all("STOPSIGNAL")
        bot.send_signal(signal.Signals[stop.text])
        assert bot.wait(30) == 0
    finally:
        bot.kill()
        sandbox.stop()
    assert {path for path in image.root.rglob("*") if "data" not in path.parts} == before
    database = image.root / "data/threatmodel.db"
    assert database.parent.stat().st_mode & 0o777 == 0o700
    with closing(open_store(f"sqlite:///{database}")) as store:
        store.check_writable()
