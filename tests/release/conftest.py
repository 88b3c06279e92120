"""A repository like this one, of another version, and its packages."""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from deploy import releasing

ROOT = Path(__file__).resolve().parents[2]
HOME = "https://git.example.org/team/threatmodel"
VERSION = "9.8.7"
NEXT = "9.9.0"
KEY = "0" * 64


class Packages(msgspec.Struct, frozen=True, kw_only=True):
    """What a release builds, and the wheel, unpacked as an installer does it."""

    wheel: Path
    archive: Path
    installed: Path

    def run(self, *arguments: str, directory: Path) -> subprocess.CompletedProcess[str]:
        """Run the installed command in a directory, on a database there."""
        return self.run_on(directory / "t.db", *arguments)

    def done_on(self, database: Path | str, *arguments: str) -> str:
        """Run the installed command on a database without an error, and return its output."""
        done = self.run_on(database, *arguments)
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    def run_on(self, database: Path | str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the installed command on a file or a server's URL, with nothing of this project on its path."""
        of_file = isinstance(database, Path)
        return subprocess.run(
            [sys.executable, "-c", COMMAND, str(self.installed), *arguments],
            cwd=database.parent if of_file else self.installed,
            env={
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": str(self.installed),
                "DATABASE_URL": f"sqlite:///{database}" if of_file else database,
                **({} if of_file else {"THREATMODEL_KEY": KEY}),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


COMMAND = """
import sys
from importlib.metadata import entry_points

installed = sys.argv.pop(1)
sys.argv[0] = "threatmodel"
(command,) = entry_points(group="console_scripts", name="threatmodel")
main = command.load()
assert sys.modules["bot"].__file__.startswith(installed), sys.modules["bot"].__file__
assert sys.modules["domain"].__file__.startswith(installed) if "domain" in sys.modules else True
main()
"""


def git(directory: Path, *arguments: str) -> str:
    """Run git as somebody, whatever the machine's own settings are."""
    own = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *own, *arguments], cwd=directory, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def prepared(
    directory: Path, *, whole: bool, version: str = VERSION, added: Mapping[str, str] | None = None
) -> Path:
    """Make a repository that is ready to be released; unless it is whole, its packages are empty."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("bot", "domain"):
        if whole:
            shutil.copytree(ROOT / name, directory / name, ignore=ignored)
        else:
            (directory / name).mkdir(parents=True)
            shutil.copy(ROOT / name / "__init__.py", directory / name)
            shutil.copytree(ROOT / "bot/picture/fonts", directory / "bot/picture/fonts", dirs_exist_ok=True)
    shutil.copytree(ROOT / releasing.CHART, directory / releasing.CHART)
    for name in ("README.md", "LICENSE", releasing.LOCK):
        (directory / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, directory / name)
    project = (ROOT / "pyproject.toml").read_text()
    (directory / "pyproject.toml").write_text(
        re.sub(r'(?m)^version = "[^"]+"', f'version = "{version}"', project, count=1)
    )
    chart = directory / releasing.CHART / "Chart.yaml"
    chart.write_text(re.sub(r"(?m)^(version|appVersion): .+$", rf"\1: {version}", chart.read_text()))
    changelog = directory / releasing.CHANGELOG
    changelog.parent.mkdir(parents=True)
    changelog.write_text(f"# Changelog\n\n## {version} - 2026-12-01\n\nEverything is better.\n")
    for name, text in (added or {}).items():
        (directory / name).write_text(text)
    git(directory, "init", "--quiet", "--initial-branch=main")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message=Prepare the release")
    return directory


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository that is ready to be released."""
    return prepared(tmp_path / "repository", whole=False)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """The packages of a release, built as `deploy/release` builds them."""
    return built_packages(tmp_path_factory.mktemp("release"), VERSION, {})


def built_packages(directory: Path, version: str, added: Mapping[str, str]) -> Packages:
    """Build the packages of a version with some files more, below a directory."""
    staged, installed = directory / "staged", directory / "installed"
    staged.mkdir()
    repository = prepared(directory / "repository", whole=True, version=version, added=added)
    releasing.stage(repository, staged, HOME, f"v{version}")
    wheel, archive = releasing.build(staged, directory / "dist")
    zipfile.ZipFile(wheel).extractall(installed)
    return Packages(wheel=wheel, archive=archive, installed=installed)
