"""The CI jobs of the guide work: their own shell steps, run in a repository."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from click.testing import CliRunner

from bot.__main__ import cli
from deploy.docs.generator.pages import DOCS, ROOT
from tests.depth import deep_also
from tests.drafts.fixture_drafts import FIXTURES

PAGE = (DOCS / "guide/drafts.md").read_text()
JOBS: list[dict[str, Any]] = [yaml.safe_load(one) for one in re.findall(r"(?ms)^```yaml\n(.*?)^```", PAGE)]

INSTALLING = ("pip install", "git clone")


def steps(service: str) -> list[str]:
    """The shell steps of a job, without those of the installation, which need a network."""
    for job in JOBS:
        if service == "github" and "jobs" in job:
            told = [one.get("run", "") for one in job["jobs"]["drift"]["steps"]]
            return [one for one in told if one and not one.startswith(INSTALLING)]
        if service == "gitlab" and "threat model drift" in job:
            told = cast("list[str]", job["threat model drift"]["script"])
            return [one for one in told if not one.startswith(INSTALLING)]
    raise AssertionError(service)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the files that the jobs name."""
    shutil.copy(FIXTURES / "minimal.compose.yaml", tmp_path / "compose.yaml")
    shutil.copy(FIXTURES / "orders.openapi.yaml", tmp_path / "openapi.yaml")
    return tmp_path


def in_shell(script: str, repository: Path) -> int:
    """Run a step in a shell that finds the command."""
    command = repository / "bin/threatmodel"
    command.parent.mkdir(exist_ok=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n')
    command.chmod(0o755)
    path = f"{command.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=repository,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    return done.returncode


def in_this_process(script: str, repository: Path) -> int:
    """Run a step that is one command, without a shell."""
    program, *words = shlex.split(script)
    assert program == "threatmodel"
    with chdir(repository):
        return CliRunner().invoke(cli, words, prog_name=program).exit_code


@pytest.mark.parametrize(
    ("service", "report", "run"),
    [
        ("github", "drift.sarif", in_this_process),
        ("gitlab", "drift.xml", in_this_process),
        *deep_also(("github", "drift.sarif", in_shell), ("gitlab", "drift.xml", in_shell)),
    ],
)
def test_a_job_passes_fails_and_reports(
    repository: Path, service: str, report: str, run: Callable[[str, Path], int]
) -> None:
    (write,) = re.findall(r"(?m)^threatmodel draft .*--known \S+$", PAGE)
    assert run(write, repository) == 0
    (step,) = steps(service)
    assert run(step, repository) == 0
    compose = repository / "compose.yaml"
    compose.write_text(compose.read_text().replace('["3000:3000"]', '["3000:3000", "5005:5005"]'))
    assert run(step, repository) == 1
    assert "app port 5005" in (repository / report).read_text()
    compose.write_text("services: [\n")
    assert run(step, repository) == 2


def test_the_jobs_install_what_they_need_and_upload_their_report() -> None:
    assert re.findall(r"pip install (\".*)", PAGE) == ['"./.threatmodel[yaml]"'] * 2
    assert JOBS[0]["jobs"]["drift"]["steps"][1]["with"]["path"] == ".threatmodel"
    assert JOBS[1]["threat model drift"]["script"][0].endswith(" .threatmodel")
    uploaded = json.dumps(JOBS)
    assert '"sarif_file": "drift.sarif"' in uploaded
    assert '"reports": {"junit": "drift.xml"}' in uploaded
    assert all("--check" in step for service in ("github", "gitlab") for step in steps(service))
