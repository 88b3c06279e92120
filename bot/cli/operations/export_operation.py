"""Export and report of a model: files and standard output."""

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from urllib.parse import quote

from bot.cli.local_moments import local_day
from bot.cli.model_queries.model_lookup import AskedModel, ModelDifference, ModelSnapshot, find_model
from bot.cli.model_queries.portfolio_lookup import LoadedPortfolio
from bot.cli.terminal_text import terminal_text
from bot.formats import FORMATS, ExportSource
from bot.operator_error import OperatorError
from bot.report import REPORT_FORMATS, PdfNotInstalled, ReportFormat
from bot.report.document_parts import Report
from bot.report.html_renderer import render_html
from bot.report.portfolio_report import PortfolioSource, portfolio_report
from bot.report.report_source import ReportChanges as SinceThen
from bot.report.report_source import ReportSource
from bot.report.sections import report_of
from bot.store import codec
from bot.store.records import tenant_of
from domain.history import timeline


def export_model(asked: AskedModel, seen: ModelSnapshot, word: str, anchor: str | None) -> bytes:
    """Export a model as it was read, in the format of that word; raises OperatorError."""
    known, store = seen.register, asked.store
    stream = find_model(store, known.key, asked.workspace)
    past = list(store.events(stream, until=known.version))
    at = _anchored(anchor, word) if anchor is not None else ""
    source = ExportSource(
        register=known,
        day=local_day(seen.as_of, asked.zone),
        events=past,
        write=codec.encode,
        seal=lambda content: store.export_seal(tenant_of(stream), content),
        anchor=at,
    )
    return FORMATS[word].write(source)


def _anchored(path: str, word: str) -> str:
    """Return the path of a file in a repository as a relative URI; raises OperatorError where it is none."""
    if word != "sarif":
        raise OperatorError("--anchor: this option requires --format sarif.")
    parts = path.replace("\\", "/").removeprefix("./").split("/")
    if any(part in ("", ".", "..") for part in parts) or ":" in parts[0] or not path.isprintable():
        raise OperatorError(
            f"--anchor: {terminal_text(path)} is not a path in a repository. Enter one relative to the "
            f"repository's root, such as docs/THREATMODEL.md."
        )
    return quote("/".join(parts))


def choose_format(word: str | None, file: Path | None) -> ReportFormat:
    """Choose the format of that word, else of the file's suffix, else Markdown; raises OperatorError."""
    if word is not None:
        return REPORT_FORMATS[word]
    if file is None:
        return REPORT_FORMATS["md"]
    for report_format in REPORT_FORMATS.values():
        if report_format.suffix == file.suffix.lower():
            return report_format
    endings = ", ".join(report_format.suffix for report_format in REPORT_FORMATS.values())
    raise OperatorError(
        f"-o: {terminal_text(str(file))} does not end in {endings}. Choose such a file, or use --format."
    )


def render_report(
    asked: AskedModel,
    seen: ModelSnapshot,
    form: ReportFormat,
    *,
    since: ModelDifference | None,
    full: bool,
) -> bytes:
    """Return the report of a model as it was read, or of the model as it is; raises OperatorError.

    `since` is what has changed, where that was asked for; `full` with the appendix. A moment that was asked
    for counts as past only where something was recorded after it.
    """
    known, past = seen.register, asked.as_of is not None
    every = list(asked.store.events(find_model(asked.store, known.key, asked.workspace)))
    source = ReportSource(
        register=known,
        history=timeline(every[: known.version]),
        naming=seen.naming,
        as_of=seen.as_of if past else datetime.now(UTC),
        day_of=lambda moment: local_day(moment, asked.zone),
        past=past and len(every) > known.version,
        full=full,
        since=SinceThen(moment=since.before.as_of, changes=since.changes) if since else None,
    )
    return render_document(report_of(source), form)


def render_document(report: Report, form: ReportFormat) -> bytes:
    """Return a report in a format; raises OperatorError."""
    try:
        return form.render(report)
    except PdfNotInstalled as missing:
        raise OperatorError(f"--format {form.word}: {missing}") from None


def write_private_file(file: Path, content: bytes, *, option: str = "-o: ") -> None:
    """Write a file that only its owner may read, regardless of umask and earlier mode; raises OperatorError.

    A device or a pipe is written to as it is. `option` begins the message of the error.
    """
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            if stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                os.fchmod(opened.fileno(), 0o600)
            opened.write(content)
    except OSError as error:
        raise OperatorError(
            f"{option}{terminal_text(str(file))} cannot be written ({error.strerror}). Choose another file."
        ) from None


@contextmanager
def new_private_file(file: Path) -> Generator[IO[bytes]]:
    """Return a block that writes a new file, which appears when it is complete; raises OperatorError.

    Only the owner may read it. An existing file is not overwritten.
    """
    unfinished = file.with_name(f"{file.name}.part")
    try:
        if file.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as opened:
            os.fchmod(opened.fileno(), 0o600)
            yield opened
        unfinished.replace(file)
    except OSError as error:
        raise OperatorError(
            f"{terminal_text(str(file))} cannot be written ({error.strerror}). Choose a new file."
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)


def write_portfolio_page(portfolio: LoadedPortfolio, file: Path, zone: str | None) -> None:
    """Write the page, readable only by its owner; raises OperatorError if the file cannot be written."""
    left = portfolio.of - len(portfolio.entries)
    source = PortfolioSource(
        entries=portfolio.entries,
        now=portfolio.now,
        naming=portfolio.naming,
        day_of=lambda moment: local_day(moment, zone),
        conditions=(*portfolio.conditions, *((f"{left} not shown",) if left else ())),
    )
    write_private_file(file, render_html(portfolio_report(source)))
