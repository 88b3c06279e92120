"""What reads our files elsewhere, from npm; `python3 -m tests.formats.own_tools` fetches it into a cache.

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
INSTALL_SECONDS = 240


def cache() -> Path:
    """Where they are: outside of the repository."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "threatmodel-bot" / "formats"


def missing() -> list[str]:
    """The packages that are not there yet."""
    return [name for name in PACKAGES if not (cache() / "node_modules" / name).is_dir()]


def fetch() -> None:
    """Install all of them, none of whose scripts is run."""
    cache().mkdir(parents=True, exist_ok=True)
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    quiet = ["--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--ignore-scripts"]
    command = ["npm", "install", "--prefix", str(cache()), *quiet, *wanted]
    subprocess.run(command, check=True, timeout=INSTALL_SECONDS, capture_output=True)


def main() -> int:
    """Fetch what is missing; 1 where that cannot be done."""
    if not missing():
        return 0
    if shutil.which("npm") is None:
        print("npm is missing: the tests with other tools skip", file=sys.stderr)
        return 1
    try:
        fetch()
    except subprocess.SubprocessError as error:
        print(f"npm could not fetch {', '.join(missing())}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
