"""Drafts from files in the terminal: reading, keeping what is known, comparing with it."""

import sys
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

from bot.cli.operations.export_operation import write_private_file
from bot.cli.progress_display import progress_display
from bot.cli.terminal_text import terminal_text
from bot.drafts import SourceFile, read_draft
from bot.drafts.draft_drift import (
    DriftReport,
    decode_known,
    drift_junit,
    drift_of,
    drift_sarif,
    encode_known,
    known_of,
)
from bot.drafts.environment_values import read_variables
from bot.formats.importers.untrusted_document import MAX_BYTES, UnreadableFile
from bot.operator_error import OperatorError
from domain.drafts.draft import Draft

_STANDARD_INPUT = Path("-")


def read_files(files: Sequence[Path], env_files: Sequence[Path] = ()) -> Draft:
    """Return the draft of some files; raises OperatorError if one cannot be read.

    Their variables are those of the environment files, or of a file `.env` beside each.
    """
    numbers = count(1)
    given: dict[str, str] | None = {} if env_files else None
    for file in env_files:
        given = {**(given or {}), **_variables(file)}
    try:
        with progress_display() as show:
            return read_draft(
                [_source(file, given) for file in files],
                terminal=True,
                reading=lambda name: show(f"reading {name} ({next(numbers)} of {len(files)})"),
            )
    except UnreadableFile as fault:
        raise OperatorError(terminal_text(str(fault))) from None


def write_known(draft: Draft, file: Path) -> str:
    """Write what a draft makes known; say how much it is. Raises OperatorError."""
    known = known_of(draft)
    _write(file, encode_known(known))
    answers = sum(len(item.answers) for item in known.items.values())
    return f"{len(known.items)} elements with {answers} answers were written to {terminal_text(str(file))}."


def check_known(draft: Draft, file: Path, *, strict: bool) -> DriftReport:
    """Compare a draft with a file of what is known; raises OperatorError."""
    try:
        return drift_of(draft, decode_known(_content(file)), strict=strict)
    except UnreadableFile as fault:
        raise OperatorError(f"{terminal_text(str(file))}: {fault}") from None


def write_report(report: DriftReport, *, sarif: Path | None, junit: Path | None) -> None:
    """Write the result of a comparison for other tools; raises OperatorError."""
    if sarif:
        _write(sarif, drift_sarif(report))
    if junit:
        _write(junit, drift_junit(report))


def _source(file: Path, given: Mapping[str, str] | None) -> SourceFile:
    """Return a file under its path in its repository, or in the current directory outside of one."""
    if file == _STANDARD_INPUT:
        return SourceFile(name="standard input", content=_content(file), variables=given or {})
    beside = file.parent / ".env"
    variables = given if given is not None else (_variables(beside) if beside.is_file() else {})
    return SourceFile(name=_shown_path(file), content=_content(file), variables=variables)


def _shown_path(file: Path) -> str:
    """Return the path that other tools know a file by, wherever the command was started."""
    whole = file.parent.resolve() / file.name
    root = next((parent for parent in whole.parents if (parent / ".git").exists()), Path.cwd())
    return (whole.relative_to(root) if whole.is_relative_to(root) else file).as_posix()


def _variables(file: Path) -> dict[str, str]:
    try:
        return read_variables(_content(file).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise OperatorError(f"{terminal_text(str(file))}: The file is not UTF-8 text.") from None


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
