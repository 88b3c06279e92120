"""Table of the report formats, by the word that the command line and Slack use."""

from collections.abc import Callable
from importlib.util import find_spec
from types import MappingProxyType
from typing import Final

import msgspec

from bot.report.document_parts import Report
from bot.report.markdown_renderer import render_markdown
from bot.report.pdf_renderer import PdfNotInstalled, render_pdf

__all__ = ["REPORT_FORMATS", "PdfNotInstalled", "ReportFormat", "available_format"]


class ReportFormat(msgspec.Struct, frozen=True, kw_only=True):
    """A report format: its word, display name, file name suffix, and renderer.

    `render` returns the bytes of a file; it raises PdfNotInstalled.
    """

    word: str
    title: str
    suffix: str
    render: Callable[[Report], bytes]
    aliases: tuple[str, ...] = ()
    """Aliases that users type; the empty word selects the default format."""


def available_format(wanted: ReportFormat) -> ReportFormat:
    """Return the wanted format; HTML instead of PDF if PDF is not installed."""
    return REPORT_FORMATS["html"] if wanted.word == "pdf" and find_spec("typst") is None else wanted


def _html(report: Report) -> bytes:
    from bot.report.html_renderer import (
        render_html,  # fonts and templates are loaded only when a page is rendered
    )

    return render_html(report)


REPORT_FORMATS: Final = MappingProxyType(
    {
        one.word: one
        for one in (
            ReportFormat(
                word="md",
                title="Markdown",
                suffix=".md",
                render=lambda report: render_markdown(report).encode(),
                aliases=("markdown", "text", "as markdown"),
            ),
            ReportFormat(
                word="html",
                title="HTML",
                suffix=".html",
                render=_html,
                aliases=("page", "web page", "as html"),
            ),
            ReportFormat(
                word="pdf", title="PDF", suffix=".pdf", render=render_pdf, aliases=("", "as pdf", "paper")
            ),
        )
    }
)
