"""Parts of a release: version, changelog entry, packages with absolute links, chart, and provenance."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deploy import environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Refused(Exception):
    """Error: the release cannot be made; the message gives the reason and the fix in one line."""


class Release(NamedTuple):
    """A release: the version of `pyproject.toml`, its entry in the changelog, and its commit."""

    version: str
    notes: str
    commit: str
    tagged: bool
    """Whether the commit has the tag already."""

    @property
    def tag(self) -> str:
        """The tag of the release in git."""
        return f"v{self.version}"


CHANGELOG = "deploy/docs/changelog.md"
CHART = "deploy/helm/threatmodel"
LOCK = "deploy/lock/serve.txt"
_FINAL = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?")


def next_release(root: Path) -> Release:
    """Return the release that the working tree describes; raises Refused when it is not complete."""
    if changed := _git(root, "status", "--porcelain"):
        raise Refused(f"the working tree has uncommitted changes: {_listed(changed)}. Commit them first.")
    import tomllib  # not at the top: an older Python also reads this file, before it starts a newer one

    version = str(tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"])
    if not _FINAL.fullmatch(version):
        raise Refused(f"the version {version} of pyproject.toml is not of the form 1.2.3 or 1.2.3rc1.")
    charts = re.findall(
        r'(?m)^(?:version|appVersion): "?([^"\n]+)', (root / CHART / "Chart.yaml").read_text()
    )
    if set(charts) != {version}:
        raise Refused(f"{CHART}/Chart.yaml has not the version {version} twice. Set version and appVersion.")
    notes, commit = notes_of(version, (root / CHANGELOG).read_text()), _git(root, "rev-parse", "HEAD")
    tagged = bool(_git(root, "tag", "--list", f"v{version}"))
    if tagged and _git(root, "rev-list", "-1", f"v{version}") != commit:
        raise Refused(f"the tag v{version} is another commit's. Check it out, or set a new version.")
    return Release(version, notes, commit, tagged)


def notes_of(version: str, changelog: str) -> str:
    """Return the entry of a version; raises Refused if it is missing, empty, undated, or not the newest."""
    _, *parts = re.split(r"^## (.+)$", changelog, flags=re.MULTILINE)
    entries = [(title, text.strip()) for title, text in zip(parts[::2], parts[1::2], strict=True)]
    if entries and entries[0][0] == "Unreleased":
        if entries[0][1]:
            raise Refused(f"{CHANGELOG} has unreleased changes. Move them below the heading of {version}.")
        entries = entries[1:]
    title, notes = entries[0] if entries else ("", "")
    named, _, day = title.partition(" - ")
    if named != version:
        raise Refused(f"{CHANGELOG} has no entry for {version} at its top. Add “## {version} - {_today()}”.")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        raise Refused(
            f"the entry for {version} in {CHANGELOG} has no date. Write “## {version} - {_today()}”."
        )
    if not notes:
        raise Refused(f"the entry for {version} in {CHANGELOG} is empty. Describe the changes.")
    return notes


def home_of(remote: str) -> str:
    """Return the web address of a repository from the address of its remote; raises Refused."""
    found = re.fullmatch(r"(?:(?:https|ssh)://(?:[^/@]+@)?|[^/@:]+@)([^/:]+)(?::\d+)?[/:](.+)", remote)
    if found is None:
        raise Refused("the remote has no web address. Give the address of the project with --home.")
    return f"https://{found[1]}/{found[2].rstrip('/').removesuffix('.git')}"


def remote_of(root: Path) -> str:
    """Return the address of the remote `origin`, empty if there is none."""
    try:
        return _git(root, "remote", "get-url", "origin")
    except Refused:
        return ""


def with_absolute_links(readme: str, home: str, tag: str) -> str:
    """Return the README with links that work outside the repository: files as pages, pictures as they are."""

    def markdown(found: re.Match[str]) -> str:
        kind = "raw" if found[1] else "blob"
        return f"{found[1]}[{found[2]}]({home}/{kind}/{tag}/{found[3]})"

    relative = r"(?![a-z]+:|#)([^)\s]+)"
    readme = re.sub(rf"(!?)\[([^]]*)\]\({relative}\)", markdown, readme)
    return re.sub(r'(<img [^>]*?src=")(?![a-z]+:)([^"]+)', rf"\g<1>{home}/raw/{tag}/\g<2>", readme)


def urls(home: str, tag: str) -> str:
    """Return the links of the package's metadata, as a table of `pyproject.toml`."""
    links: Mapping[str, str] = {
        "Homepage": home,
        "Documentation": f"{home}/blob/{tag}/deploy/docs/README.md",
        "Changelog": f"{home}/blob/{tag}/{CHANGELOG}",
        "Source": f"{home}/tree/{tag}",
        "Issues": f"{home}/issues",
    }
    return "\n".join(["", "[project.urls]", *(f'{name} = "{link}"' for name, link in links.items()), ""])


def stage(root: Path, directory: Path, home: str, tag: str) -> None:
    """Export the commit to a directory, with the project's address in links and metadata."""
    packed = subprocess.run(["git", "archive", "HEAD"], cwd=root, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x"], input=packed, cwd=directory, check=True)
    readme, project = directory / "README.md", directory / "pyproject.toml"
    readme.write_text(with_absolute_links(readme.read_text(), home, tag))
    project.write_text(project.read_text() + urls(home, tag))


def build(source: Path, into: Path) -> list[Path]:
    """Build the wheel and the source archive with the backend of this environment; needs no network."""
    into.mkdir(parents=True, exist_ok=True)
    return [
        into
        / _run(source, "-c", f"import sys, uv_build; print(uv_build.{hook}(sys.argv[1]))", str(into)).split()[
            -1
        ]
        for hook in ("build_wheel", "build_sdist")
    ]


def describe(root: Path, release: Release, home: str, into: Path, built: Sequence[Path]) -> list[Path]:
    """Add what belongs to the packages, and return all files of the release; needs no network.

    The chart, a bill of materials of the image's packages (CycloneDX), the notes, the provenance (SLSA 1
    in an in-toto statement), and the checksums of all of these. Raises Refused.
    """
    packed = "import sys, helm_python; print(helm_python.package(sys.argv[1], destination=sys.argv[2]))"
    chart = _run(root, "-c", packed, CHART, str(into))
    bill, notes = into / "sbom.cdx.json", into / "release-notes.md"
    options = ("--pyproject", "pyproject.toml", "--output-reproducible", "--of", "JSON", "-o", str(bill))
    _run(root, "-m", "cyclonedx_py", "requirements", LOCK, *options)
    notes.write_text(f"{release.notes}\n")
    files = [*built, Path(chart.split()[-1]), bill, notes]
    provenance = into / "provenance.intoto.json"
    provenance.write_text(json.dumps(_provenance(release, home, files), indent=1) + "\n")
    sums = into / "SHA256SUMS"
    sums.write_text("".join(f"{_digest(one)}  {one.name}\n" for one in (*files, provenance)))
    return [*files, provenance, sums]


def sign(files: Sequence[Path]) -> None:
    """Sign files with sigstore, by the identity of the run in CI; a bundle for each. Needs the network."""
    try:
        subprocess.run(["sigstore", "sign", "--overwrite", *map(str, files)], check=True)
    except (OSError, subprocess.CalledProcessError) as fault:
        raise Refused(
            f"the files could not be signed: {fault}. Install sigstore, or leave out --sign."
        ) from None


def _provenance(release: Release, home: str, files: Sequence[Path]) -> object:
    # https://slsa.dev/spec/v1.0/provenance, https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
    script = f"{home}/blob/{release.tag}/deploy/release"
    run = [os.environ.get(one) for one in ("GITHUB_SERVER_URL", "GITHUB_WORKFLOW_REF")]
    source = {"uri": f"git+{home}@refs/tags/{release.tag}", "digest": {"gitCommit": release.commit}}
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": one.name, "digest": {"sha256": _digest(one)}} for one in files],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": script,
                "externalParameters": {"source": home, "tag": release.tag},
                "resolvedDependencies": [source],
            },
            "runDetails": {"builder": {"id": "/".join(map(str, run)) if all(run) else script}},
        },
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _run(directory: Path, *arguments: str) -> str:
    """Run this environment's Python, and return what it prints; raises Refused."""
    python = environment.PYTHON if environment.PYTHON.exists() else Path(sys.executable)
    done = subprocess.run(
        [python, *arguments],
        cwd=directory,
        # The backend of the packages looks for its program there.
        env={**os.environ, "PATH": os.pathsep.join((str(python.parent), os.environ["PATH"]))},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Refused(f"the release could not be built: {done.stderr.strip()}")
    return done.stdout


def tag(root: Path, release: Release) -> None:
    """Tag the commit, with the entry of the changelog as the tag's message."""
    message = f"{release.version}\n\n{release.notes}\n"
    _git(root, "tag", "--annotate", release.tag, "--cleanup=verbatim", "--message", message)


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=False, capture_output=True, text=True)
    if done.returncode:
        raise Refused(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.rstrip()


def _listed(changed: str) -> str:
    names = [line[3:] for line in changed.splitlines()]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _today() -> str:
    return date.today().isoformat()  # noqa: DTZ011  the day of the person who releases
