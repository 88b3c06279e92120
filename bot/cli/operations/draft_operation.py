"""Drafts from files in the terminal: reading, keeping what is known, comparing with it."""

import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from bot.cli.operations.private_file import write_private_file
from bot.cli.progress_display import progress_display
from bot.cli.terminal_text import terminal_text
from bot.drafts import SourceFile, read_draft
from bot.drafts.draft_drift import DriftReport, drift_of
from bot.drafts.drift_reports import drift_junit, drift_sarif
from bot.drafts.known_draft import decode_known, encode_known, known_of
from bot.formats.importers.untrusted_document import MAX_BYTES, UnreadableFile
from bot.operator_error import OperatorError
from domain.drafts.draft import Draft

_STANDARD_INPUT = Path("-")


def read_files(files: Sequence[Path]) -> Draft:
    """Return the draft of some files; raises OperatorError if one cannot be read."""
    numbers = count(1)
    try:
        with progress_display() as show:
            return read_draft(
                [_source(file) for file in files],
                terminal=True,
                told=lambda name: show(f"reading {name} ({next(numbers)} of {len(files)})"),
            )
    except UnreadableFile as fault:
        raise OperatorError(terminal_text(str(fault))) from None


def write_known(draft: Draft, file: Path) -> str:
    """Write what a draft makes known; say how much it is. Raises OperatorError."""
    known = known_of(draft)
    _write(file, encode_known(known))
    answers = sum(len(one.answers) for one in known.items.values())
    return f"{len(known.items)} elements with {answers} answers were written to {terminal_text(str(file))}."


def check_known(draft: Draft, file: Path) -> DriftReport:
    """Compare a draft with a file of what is known; raises OperatorError."""
    try:
        return drift_of(draft, decode_known(_content(file)))
    except UnreadableFile as fault:
        raise OperatorError(f"{terminal_text(str(file))}: {fault}") from None


def write_report(report: DriftReport, *, sarif: Path | None, junit: Path | None) -> None:
    """Write the result of a comparison for other tools; raises OperatorError."""
    if sarif:
        _write(sarif, drift_sarif(report))
    if junit:
        _write(junit, drift_junit(report))


def _source(file: Path) -> SourceFile:
    """Return a file under its path in the current directory, which is that of the repository in CI."""
    if file == _STANDARD_INPUT:
        return SourceFile(name="standard input", content=_content(file))
    here = Path.cwd()
    shown = file.relative_to(here) if file.is_relative_to(here) else file
    return SourceFile(name=shown.as_posix(), content=_content(file))


def _content(file: Path) -> bytes:
    try:
        if file == _STANDARD_INPUT:
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise OperatorError(
            f"{terminal_text(str(file))} cannot be read ({error.strerror}). Choose another file."
        ) from None


def _write(file: Path, content: bytes) -> None:
    write_private_file(file, content, option="")
