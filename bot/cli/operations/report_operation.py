"""Report of a model, to a file or standard output."""

from datetime import UTC, datetime
from pathlib import Path

from bot.cli.local_moments import local_day
from bot.cli.model_queries.model_difference import ModelDifference
from bot.cli.model_queries.model_lookup import ModelSnapshot, find_model
from bot.cli.terminal_text import terminal_text
from bot.operator_error import OperatorError
from bot.report import REPORT_FORMATS, PdfNotInstalled, ReportFormat
from bot.report.document_parts import Report
from bot.report.report_source import ReportChanges as SinceThen
from bot.report.report_source import ReportSource
from bot.report.sections import report_of
from bot.store import Store
from domain.history import timeline


def choose_format(word: str | None, file: Path | None) -> ReportFormat:
    """Choose the format of that word, else of the file's suffix, else Markdown; raises OperatorError."""
    if word is not None:
        return REPORT_FORMATS[word]
    if file is None:
        return REPORT_FORMATS["md"]
    for one in REPORT_FORMATS.values():
        if one.suffix == file.suffix.lower():
            return one
    endings = ", ".join(one.suffix for one in REPORT_FORMATS.values())
    raise OperatorError(
        f"-o: {terminal_text(str(file))} does not end in {endings}. Choose such a file, or use --format."
    )


def render_report(
    store: Store,
    seen: ModelSnapshot,
    form: ReportFormat,
    *,
    since: ModelDifference | None,
    workspace: str | None,
    zone: str | None,
    past: bool,
    full: bool,
) -> bytes:
    """Return the report of a model as it was read, or of the model as it is; raises OperatorError.

    `since` is what has changed, where that was asked for; `past` if a moment was asked for, which counts as
    past only where something was said after it; `full` with the appendix.
    """
    known, stream = seen.register, find_model(store, seen.register.key, workspace)
    every = list(store.events(stream))
    source = ReportSource(
        register=known,
        history=timeline(every[: known.version]),
        naming=seen.naming,
        as_of=seen.as_of if past else datetime.now(UTC),
        day_of=lambda moment: local_day(moment, zone),
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
