"""Write the generated parts of the documentation: `python -m deploy.docs` (or `--check`)."""

import argparse
import sys

from deploy.docs.generator.pages import ROOT, stale


def main(arguments: list[str]) -> int:
    """Write the outdated files; with `--check`, only list them and return 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; return 1 if a file is stale")
    checking = parser.parse_args(arguments).check
    files = stale()
    for path, text in files.items():
        if not checking:
            path.write_text(text)
        sys.stdout.write(f"{'stale' if checking else 'wrote'} {path.relative_to(ROOT)}\n")
    if not files:
        sys.stdout.write("the documentation is up to date\n")
    return 1 if checking and files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
