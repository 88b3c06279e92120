"""What reads our files elsewhere; `python3 -m tests.formats.reference_tools` fetches it from npm and PyPI.

Standard library only: it runs before anything is installed.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "ajv": "8.17.1",  # by which Threat Dragon checks every file that it opens, with its formats
    "ajv-formats": "3.0.1",
    "@antv/x6": "2.18.1",  # with which Threat Dragon draws
    "mxgraph": "4.2.2",  # with which draw.io reads and draws
    "@microsoft/sarif-multitool-linux": "5.7.0",  # the validator of SARIF, with the rules of GitHub
}
IRIUSRISK = "iriusrisk-cli==0.6.3"
"""The command line of IriusRisk, who made Open Threat Model: of it, only the check of a file is used."""

INSTALL_SECONDS = 240


def tools_directory() -> Path:
    """Where they are: outside of the repository."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "threatmodel-bot" / "formats"


def node_modules() -> Path:
    """Where the packages of npm are."""
    return tools_directory() / "node_modules"


def python_packages() -> Path:
    """Where the package of PyPI is."""
    return tools_directory() / "python"


def missing_packages() -> list[str]:
    """The packages that are not there yet."""
    there = {name: node_modules() / name for name in PACKAGES}
    there[IRIUSRISK.partition("==")[0]] = python_packages() / "iriusrisk_cli"
    return [name for name, folder in there.items() if not folder.is_dir()]


def install_packages() -> None:
    """Install all of them; no script of theirs is run, and what the one of PyPI needs is left out."""
    tools_directory().mkdir(parents=True, exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--ignore-scripts"]
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    alone = ["install", "--quiet", "--no-deps", "--upgrade", "--target", str(python_packages()), IRIUSRISK]
    for command in (
        ["npm", "install", "--prefix", str(tools_directory()), *quiet, *wanted],
        ["uv", "pip", *alone] if shutil.which("uv") else [sys.executable, "-m", "pip", *alone],
    ):
        try:
            subprocess.run(command, check=True, timeout=INSTALL_SECONDS, capture_output=True)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{command[0]}: {error}", file=sys.stderr)


def main() -> int:
    """Fetch what is missing; 1 where something still is."""
    if missing_packages():
        install_packages()
    for name in missing_packages():
        print(f"{name} is not there: the tests that use it skip", file=sys.stderr)
    return 1 if missing_packages() else 0


if __name__ == "__main__":
    sys.exit(main())
