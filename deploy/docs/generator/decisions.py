"""Index of the decisions, read from their files."""

from pathlib import Path

from deploy.docs.generator.tables import table

DECISIONS = Path(__file__).resolve().parents[1] / "decisions"


def decisions() -> str:
    """Return the decisions by number, with title and status."""
    rows = [_row(path) for path in sorted(DECISIONS.glob("[0-9]*.md"))]
    return table(("Decision", "Status"), rows)


def _row(path: Path) -> tuple[str, str]:
    title, _, rest = path.read_text().partition("\n")
    status = next((line for line in rest.splitlines() if line.startswith("Status: ")), "Status: ")
    return f"[{title.removeprefix('# ')}]({path.name})", status.removeprefix("Status: ").rstrip(".")
