"""The workflow runs the gate on every push and the deep stages every night, and may only read."""

import re
from typing import Any

import pytest
import yaml

from tests.release.conftest import ROOT

# A YAML 1.1 reader takes the key `on` for a truth value.
WORKFLOW: Any = yaml.safe_load((ROOT / ".github/workflows/gate.yaml").read_text().replace("\non:", '\n"on":'))
JOBS = WORKFLOW["jobs"]


def commands(job: str) -> list[str]:
    return [step["run"] for step in JOBS[job]["steps"] if "run" in step]


def test_the_gate_runs_on_every_push_and_pull_request() -> None:
    assert {"push", "pull_request"} <= set(WORKFLOW["on"])
    assert WORKFLOW["on"]["push"] is None, "every branch"
    assert commands("gate")[-1] == ".ci/run"
    assert JOBS["gate"]["if"] == "github.event_name == 'push' || github.event_name == 'pull_request'"


def test_the_deep_stages_run_every_night() -> None:
    (night,) = WORKFLOW["on"]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", night["cron"])
    assert commands("deep")[-1] == ".ci/run deep"
    assert "github.event_name == 'schedule'" in JOBS["deep"]["if"]


def test_it_runs_the_oldest_python_that_the_project_supports() -> None:
    oldest = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    assert oldest is not None
    assert oldest[1] in JOBS["gate"]["strategy"]["matrix"]["python"]


def test_the_workflow_has_read_permission_only() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [job for job in JOBS if "permissions" in JOBS[job]] == []
    checkouts = [step for job in JOBS.values() for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(JOBS)


@pytest.mark.parametrize("job", sorted(JOBS))
def test_each_job_has_a_timeout(job: str) -> None:
    assert JOBS[job]["timeout-minutes"] <= 360


def test_the_build_script_passes_its_arguments_to_the_gate() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o100
    assert 'exec "$python" tests/check "$@"' in script.read_text()
