"""The gate runs on every push, the deep stages every night; a pushed tag is built, signed and published."""

import re
from typing import Any

import pytest
import yaml

from tests.release.conftest import ROOT

# A YAML 1.1 reader takes the key `on` for a truth value.
GATE, RELEASE = (
    yaml.safe_load((ROOT / f".github/workflows/{name}.yaml").read_text().replace("\non:", '\n"on":'))
    for name in ("gate", "release")
)
JOBS: Any = {**GATE["jobs"], **RELEASE["jobs"]}


def commands(job: str) -> list[str]:
    return [step["run"] for step in JOBS[job]["steps"] if "run" in step]


def test_the_gate_runs_on_every_push_and_pull_request() -> None:
    assert {"push", "pull_request"} <= set(GATE["on"])
    assert GATE["on"]["push"] is None, "every branch"
    assert commands("gate")[-1] == ".ci/run"
    assert JOBS["gate"]["if"] == "github.event_name == 'push' || github.event_name == 'pull_request'"


def test_the_deep_stages_run_every_night() -> None:
    (night,) = GATE["on"]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", night["cron"])
    assert commands("deep")[-1] == ".ci/run deep"
    assert "github.event_name == 'schedule'" in JOBS["deep"]["if"]


def test_it_runs_the_oldest_python_that_the_project_supports() -> None:
    oldest = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    assert oldest is not None
    assert oldest[1] in JOBS["gate"]["strategy"]["matrix"]["python"]


def test_a_pushed_tag_and_nothing_else_is_released_by_the_one_command() -> None:
    assert RELEASE["on"] == {"push": {"tags": ["v*"]}}
    assert commands("build")[-1] == "deploy/release --sign"
    assert {JOBS[job]["needs"] for job in RELEASE["jobs"] if job != "build"} == {"build"}


def test_the_image_is_built_for_two_platforms_with_its_contents_and_signed_by_digest() -> None:
    (build,) = (step["with"] for step in JOBS["image"]["steps"] if "build-push" in step.get("uses", ""))
    assert build["platforms"] == "linux/amd64,linux/arm64"
    assert (build["sbom"], build["provenance"], build["push"]) == (True, "mode=max", True)
    assert 'cosign sign --yes "$IMAGE@$DIGEST"' in commands("image")[-1]


def test_nothing_but_a_release_may_write_and_no_job_keeps_credentials() -> None:
    assert GATE["permissions"] == RELEASE["permissions"] == {"contents": "read"}
    writing = {
        job: {what for what, right in JOBS[job].get("permissions", {}).items() if right == "write"}
        for job in JOBS
    }
    assert writing == {
        "gate": set(),
        "deep": set(),
        "build": {"id-token"},
        "publish": {"contents"},
        "packages": {"id-token"},
        "image": {"packages", "id-token"},
    }
    checkouts = [step for job in JOBS.values() for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert {step["with"]["persist-credentials"] for step in checkouts} == {False}


@pytest.mark.parametrize("job", sorted(JOBS))
def test_each_job_has_a_timeout(job: str) -> None:
    assert JOBS[job]["timeout-minutes"] <= 360


def test_the_build_script_passes_its_arguments_to_the_gate() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o100
    assert 'exec "$python" tests/check "$@"' in script.read_text()
