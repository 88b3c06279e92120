import subprocess
import sys
from pathlib import Path

import pytest

from tests.depth import deep_also

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = """
import threading

import pytest


@pytest.fixture
def torn():
    yield
    raise RuntimeError("torn down badly")


def test_that_hangs():
    threading.Event().wait()


def test_that_fails():
    assert 1 == 2


def test_with_a_bad_fixture(torn):
    pass


def test_that_passes():
    pass
"""


@pytest.mark.parametrize("workers", ["0", *deep_also(("2",))])
def test_a_test_that_hangs_ends_and_failures_are_named_as_they_come(workers: str, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", workers, "-p", "no:cacheprovider", "test_sample.py"],
        cwd=tmp_path,
        env={"PATH": "", "PYTHONPATH": str(ROOT), "THREATMODEL_TEST_LIMIT": "3", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "test_that_hangs: longer than 3 s" in done.stderr
    assert " in test_that_hangs" in done.stderr
    before_the_summary = done.stdout[: done.stdout.index("= FAILURES =")]
    assert "failed: test_sample.py::test_that_hangs: Failed: longer than 3 s" in before_the_summary
    assert "failed: test_sample.py::test_that_fails: assert 1 == 2" in before_the_summary
    assert (
        "failed: test_sample.py::test_with_a_bad_fixture (teardown): RuntimeError: torn" in before_the_summary
    )
    assert "2 failed, 2 passed, 1 error" in done.stdout
