"""A release takes a clean tree, a new version, a changelog entry and a green gate."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from deploy import environment, releasing
from tests.release.conftest import HOME, ROOT, VERSION, git

ENTRY = f"# Changelog\n\n## {VERSION} - 2026-12-01\n\nEverything is better.\n"


@pytest.fixture
def script(repository: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, at work in the repository, with a gate that can be made red."""
    loader = SourceFileLoader("release_script", str(ROOT / "deploy/release"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", repository)
    monkeypatch.setattr(environment, "prepare", _prepared)
    gate = repository / "tests/check"
    gate.parent.mkdir()
    set_gate(gate, 0)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=Add a gate")
    git(repository, "config", "user.name", "Ana")
    git(repository, "config", "user.email", "ana@example.org")
    return module


def _prepared(lock: str) -> None:
    """Leave the environment as it is."""


def set_gate(gate: Path, status: int) -> None:
    gate.write_text(f"#!/bin/sh\nexit {status}\n")
    gate.chmod(0o755)


def built(repository: Path) -> list[str]:
    return sorted(path.name for path in (repository / "dist").glob("*"))


PACKAGES = (f"threatmodel_bot-{VERSION}-py3-none-any.whl", f"threatmodel_bot-{VERSION}.tar.gz")
FILES = sorted(
    (
        *PACKAGES,
        f"threatmodel-{VERSION}.tgz",
        "sbom.cdx.json",
        "release-notes.md",
        "provenance.intoto.json",
        "SHA256SUMS",
    )
)


def test_a_release_is_built_and_tagged_with_its_notes(script: ModuleType, repository: Path) -> None:
    assert script.main(["--home", HOME]) == 0
    assert built(repository) == FILES
    told = git(repository, "tag", "--list", "--format=%(refname:short)%0a%(contents)")
    assert told == f"v{VERSION}\n{VERSION}\n\nEverything is better."
    assert (repository / "dist/release-notes.md").read_text() == "Everything is better.\n"


def test_checksums_provenance_and_bill_of_materials_are_those_of_the_files(
    script: ModuleType, repository: Path
) -> None:
    git(repository, "tag", f"v{VERSION}")
    assert script.main(["--home", HOME]) == 0, "from the tag, as in CI"
    dist = repository / "dist"
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=dist, check=True)
    sums = {name: digest for digest, name in map(str.split, (dist / "SHA256SUMS").read_text().splitlines())}
    assert sorted(sums) == [one for one in FILES if one != "SHA256SUMS"]
    provenance = json.loads((dist / "provenance.intoto.json").read_text())
    subjects = {one["name"]: one["digest"]["sha256"] for one in provenance["subject"]}
    assert subjects == {name: sums[name] for name in sums if name != "provenance.intoto.json"}
    (source,) = provenance["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert source["uri"] == f"git+{HOME}@refs/tags/v{VERSION}"
    assert source["digest"] == {"gitCommit": git(repository, "rev-parse", "HEAD")}
    bill = json.loads((dist / "sbom.cdx.json").read_text())
    pinned = re.findall(r"(?m)^([\w.-]+)(?:\[.*\])?==([^ ;]+)", (ROOT / releasing.LOCK).read_text())
    assert {(one["name"], one["version"]) for one in bill["components"]} == set(pinned)
    assert (bill["bomFormat"], bill["metadata"]["component"]["version"]) == ("CycloneDX", VERSION)


def test_a_dry_run_builds_tags_and_signs_nothing_and_says_so(
    script: ModuleType, repository: Path, capsys: Any
) -> None:
    assert script.main(["--home", HOME, "--dry-run", "--sign"]) == 0
    assert built(repository) == FILES
    assert git(repository, "tag") == ""
    told = capsys.readouterr().out
    assert "left out: signatures" in told
    assert "left out: the image" in told
    assert f"v{VERSION} is not tagged in a dry run" in told


def test_every_file_is_signed_in_ci(
    script: ModuleType, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    git(repository, "tag", f"v{VERSION}")
    assert script.main(["--home", HOME, "--sign"]) == 2
    assert "Install sigstore, or leave out --sign." in capsys.readouterr().err
    shutil.rmtree(repository / "dist")
    signer = tmp_path / "programs/sigstore"
    signer.parent.mkdir()
    signer.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/signed\n')
    signer.chmod(0o755)
    monkeypatch.setenv("PATH", f"{signer.parent}:{os.environ['PATH']}")
    assert script.main(["--home", HOME, "--sign"]) == 0
    sign, overwrite, *files = (tmp_path / "signed").read_text().split()
    assert (sign, overwrite) == ("sign", "--overwrite")
    assert sorted(Path(one).name for one in files) == FILES


def test_a_red_gate_ends_the_release(script: ModuleType, repository: Path, capsys: Any) -> None:
    set_gate(repository / "tests/check", 1)
    git(repository, "commit", "--quiet", "--all", "--message=Break it")
    assert script.main(["--home", HOME]) == 1
    assert "the gate is red" in capsys.readouterr().err
    assert (built(repository), git(repository, "tag")) == ([], "")


def test_the_address_of_the_project_is_that_of_origin(
    script: ModuleType, repository: Path, capsys: Any
) -> None:
    git(repository, "remote", "add", "origin", "git@git.example.org:team/threatmodel.git")
    assert script.main(["--dry-run"]) == 0
    assert f"{VERSION} of {HOME}" in capsys.readouterr().out


def test_without_an_address_there_is_no_release(script: ModuleType, capsys: Any) -> None:
    assert script.main([]) == 2
    assert capsys.readouterr().err.endswith("Give the address of the project with --home.\n")


def test_uncommitted_changes_are_named(repository: Path) -> None:
    (repository / "LICENSE").write_text("Mine\n")
    (repository / "notes.txt").write_text("Later\n")
    with pytest.raises(releasing.Refused, match=r"uncommitted changes: LICENSE, notes\.txt\. Commit them"):
        releasing.next_release(repository)


def test_a_version_is_released_once(repository: Path) -> None:
    git(repository, "tag", f"v{VERSION}")
    assert releasing.next_release(repository).tagged
    git(repository, "commit", "--quiet", "--allow-empty", "--message=Go on")
    with pytest.raises(releasing.Refused, match=rf"tag v{re.escape(VERSION)} is another commit's"):
        releasing.next_release(repository)


def test_the_chart_has_the_version_of_the_packages(repository: Path) -> None:
    chart = repository / releasing.CHART / "Chart.yaml"
    chart.write_text(chart.read_text().replace(VERSION, "9.8.6", 1))
    git(repository, "commit", "--quiet", "--all", "--message=Forget one")
    with pytest.raises(releasing.Refused, match="Set version and appVersion"):
        releasing.next_release(repository)


@pytest.mark.parametrize("version", ["1.2", "1.2.3.dev4", "one"])
def test_a_malformed_version_is_refused(repository: Path, version: str) -> None:
    project = repository / "pyproject.toml"
    project.write_text(project.read_text().replace(f'"{VERSION}"', f'"{version}"'))
    git(repository, "commit", "--quiet", "--all", "--message=Set a version")
    with pytest.raises(releasing.Refused, match=r"not of the form 1\.2\.3"):
        releasing.next_release(repository)


@pytest.mark.parametrize(
    ("changelog", "fault"),
    [
        ("# Changelog\n", "has no entry"),
        (ENTRY.replace(VERSION, "9.8.6"), "has no entry"),
        (ENTRY.replace(" - 2026-12-01", ""), "has no date"),
        (ENTRY.replace("2026-12-01", "soon"), "has no date"),
        (ENTRY.replace("Everything is better.", ""), "is empty"),
        (ENTRY.replace("\n\n##", "\n\n## Unreleased\n\nMore.\n\n##"), "has unreleased changes"),
    ],
)
def test_an_incomplete_changelog_is_refused(changelog: str, fault: str) -> None:
    with pytest.raises(releasing.Refused, match=fault):
        releasing.notes_of(VERSION, changelog)


def test_an_empty_unreleased_heading_is_allowed() -> None:
    changelog = ENTRY.replace("\n\n##", "\n\n## Unreleased\n\n##")
    assert releasing.notes_of(VERSION, changelog) == "Everything is better."


@pytest.mark.parametrize(
    "remote",
    [
        "https://git.example.org/team/threatmodel",
        "https://git.example.org/team/threatmodel.git",
        "https://ana:secret@git.example.org/team/threatmodel.git",
        "git@git.example.org:team/threatmodel.git",
        "ssh://git@git.example.org:2222/team/threatmodel.git",
    ],
)
def test_the_web_address_follows_from_the_remote(remote: str) -> None:
    assert releasing.home_of(remote) == HOME


@pytest.mark.parametrize(
    "remote", ["", "/srv/git/threatmodel.git", "../threatmodel", "http://git.example.org/x"]
)
def test_a_remote_without_a_web_address_is_refused(remote: str) -> None:
    with pytest.raises(releasing.Refused, match="no web address"):
        releasing.home_of(remote)


def test_links_to_the_web_and_within_the_page_stay_as_they_are() -> None:
    page = "[a](https://example.org/) [b](#try-it) ![c](https://example.org/c.png)"
    assert releasing.with_absolute_links(page, HOME, "v1.2.3") == page


def test_the_chart_of_this_project_has_its_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    chart = yaml.safe_load((ROOT / releasing.CHART / "Chart.yaml").read_text())
    assert chart["version"] == chart["appVersion"] == project["version"]


def test_the_changelog_of_this_project_is_complete() -> None:
    heads = re.findall(r"(?m)^## (.+)$", (ROOT / releasing.CHANGELOG).read_text())
    assert [head for head in heads if not re.fullmatch(r"Unreleased|\S+ - \d{4}-\d\d-\d\d", head)] == []
