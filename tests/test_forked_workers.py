"""Workers that are forked run and report tests as workers that are started do."""

import subprocess
import sys
from pathlib import Path

from tests.depth import deep_only

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = """
import os
import subprocess
import sys

from tests.forked_popen import ForkedPopen


def test_that_fails():
    seen = {"x": 1}
    assert seen == {"x": 2}


def test_that_ends_its_worker():
    os._exit(3)


def test_that_starts_a_process():
    command = [sys.executable, "-m", "json.tool", "--compact"]
    with ForkedPopen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.communicate("[ 1 ]")[0] == "[1]\\n"
    assert process.returncode == 0


def test_that_runs_in_a_forked_worker():
    assert "tests.collecting" in open(f"/proc/{os.getpid()}/cmdline").read()
"""


@deep_only
def test_forked_workers_explain_failures_are_replaced_and_start_processes(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    (tmp_path / "test_broken.py").write_text("import nothing_of_this_name\n")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"]
    environment = {"PATH": "", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}

    def run(module: str) -> str:
        done = subprocess.run(
            [*command, module], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode, done.stdout
        return done.stdout

    said = run("test_sample.py")
    assert "Differing items" in said
    assert "crashed while running 'test_sample.py::test_that_ends_its_worker'" in said
    assert "2 failed, 2 passed" in said
    assert "No module named 'nothing_of_this_name'" in run("test_broken.py")
