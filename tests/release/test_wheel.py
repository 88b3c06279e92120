"""Built packages are complete, and work in an environment with nothing else installed."""

import os
import re
import signal
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from email import message_from_string
from email.message import Message
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from bot.version import UNRELEASED, version
from tests.depth import deep_only
from tests.release.conftest import HOME, ROOT, VERSION, Packages

DIST_INFO = f"threatmodel_bot-{VERSION}.dist-info"


def sources() -> set[str]:
    """Name every file of the two packages, as they are in this project."""
    return {
        path.relative_to(ROOT).as_posix()
        for package in ("bot", "domain")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture
def metadata(packages: Packages) -> Message:
    return message_from_string((packages.installed / DIST_INFO / "METADATA").read_text())


def test_the_wheel_contains_exactly_the_files_of_the_two_packages(packages: Packages) -> None:
    names = {name for name in zipfile.ZipFile(packages.wheel).namelist() if not name.endswith("/")}
    assert {name for name in names if not name.startswith(DIST_INFO)} == sources()
    assert {"bot/py.typed", "domain/py.typed"} <= names


def test_the_licenses_of_the_code_and_of_the_fonts_are_in_the_wheel(
    packages: Packages, metadata: Message
) -> None:
    assert metadata["License-Expression"] == "MIT AND OFL-1.1"
    for name in metadata.get_all("License-File", []):
        assert (packages.installed / DIST_INFO / "licenses" / name).read_text() == (ROOT / name).read_text()


def test_the_source_archive_is_sufficient_for_a_build(packages: Packages) -> None:
    with tarfile.open(packages.archive) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= {"pyproject.toml", "README.md", "LICENSE", *sources()}


def test_the_metadata_links_to_the_project(metadata: Message) -> None:
    links = dict(link.split(", ") for link in metadata.get_all("Project-URL", []))
    assert links == {
        "Homepage": HOME,
        "Documentation": f"{HOME}/blob/v{VERSION}/deploy/docs/README.md",
        "Changelog": f"{HOME}/blob/v{VERSION}/deploy/docs/changelog.md",
        "Source": f"{HOME}/tree/v{VERSION}",
        "Issues": f"{HOME}/issues",
    }


def test_links_and_pictures_work_on_the_package_page(metadata: Message) -> None:
    page = str(metadata.get_payload())
    targets = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", page)
    found = {link or picture for link, picture in targets}
    assert f"{HOME}/raw/v{VERSION}/deploy/pictures/card.png" in found
    assert f"{HOME}/blob/v{VERSION}/deploy/docs/guide/operator.md#connect-a-workspace" in found
    assert [link for link in found if not link.startswith("https://")] == []
    ours = [link for link in found if link.startswith(HOME)]
    paths = [re.sub(rf"{HOME}/(?:raw|blob)/v{VERSION}/|#.*", "", link) for link in ours]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_version_is_that_of_the_metadata(packages: Packages, tmp_path: Path) -> None:
    told = packages.run("--version", directory=tmp_path)
    assert (told.stdout.strip(), told.stderr) == (f"threatmodel, version {VERSION}", "")


def test_the_version_is_stated_in_one_place() -> None:
    version = re.search(r'(?m)^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text())
    assert version is not None
    stated = [
        name for name in sources() if name.endswith(".py") and f'"{version[1]}"' in (ROOT / name).read_text()
    ]
    assert stated == []


def test_without_installation_the_version_is_unreleased(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("bot.version.installed", missing)
    version.cache_clear()
    assert version() == UNRELEASED
    version.cache_clear()


@deep_only
def test_an_installed_wheel_exports_the_example(packages: Packages, tmp_path: Path) -> None:
    def done(*arguments: str) -> str:
        ran = packages.run(*arguments, directory=tmp_path)
        assert (ran.returncode, ran.stderr) == (0, ""), arguments
        return ran.stdout

    assert "TM-1" in done("demo", "house")
    for word, file, sign in (
        ("report", "r.html", b"<!DOCTYPE html"),
        ("report", "r.pdf", b"%PDF-"),
        ("diagram", "d.png", b"\x89PNG"),
    ):
        done(word, "TM-1", "-o", file)
        assert (tmp_path / file).read_bytes().startswith(sign)
    assert f'"semanticVersion": "{VERSION}"' in done("export", "TM-1", "-f", "sarif")
    done("verify")


def test_the_sandbox_of_an_installed_wheel_finds_its_page(packages: Packages, tmp_path: Path) -> None:
    for folder in ("bot/sandbox/page/styles", "bot/sandbox/page/scripts"):
        names = {path.name for path in (ROOT / folder).iterdir()}
        assert {path.name for path in (packages.installed / folder).iterdir()} == names
    assert "--house" in packages.run("sandbox", "--help", directory=tmp_path).stdout


@deep_only
def test_installed_with_pipx_in_an_empty_directory_the_sandbox_opens_its_page(
    packages: Packages, tmp_path: Path
) -> None:
    tools, work = tmp_path / "tools", tmp_path / "work"
    work.mkdir()
    environment = {**os.environ, "UV_TOOL_DIR": str(tools), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    # As pipx does: an environment of its own for the command, with the newest packages that the wheel allows.
    installing = [
        Path(sys.executable).with_name("uv"),
        "tool",
        "install",
        "--python",
        sys.executable,
        f"{packages.wheel}[sandbox]",
    ]
    subprocess.run(installing, cwd=work, env=environment, check=True, capture_output=True, timeout=500)
    command = [tmp_path / "bin/threatmodel", "sandbox", "--port", "0"]
    own = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, cwd=work, env=own, stdout=subprocess.PIPE, text=True) as sandbox:
        try:
            assert sandbox.stdout is not None
            lines = iter(sandbox.stdout.readline, "")
            opened = "The workspace is open: "
            address = next(line for line in lines if line.startswith(opened)).removeprefix(opened).strip()
            with urllib.request.urlopen(address, timeout=30) as answer:
                assert (answer.status, "sandbox" in answer.read().decode()) == (200, True)
            sandbox.send_signal(signal.SIGTERM)
            assert sandbox.wait(60) == 0
        finally:
            sandbox.kill()
    assert [one.name for one in work.iterdir()] == [".sandbox"]
