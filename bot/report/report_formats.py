"""The forms in which a report is to be had, by the words that the command line and Slack know."""

from collections.abc import Callable
from importlib.util import find_spec
from types import MappingProxyType
from typing import Final

import msgspec

from bot.report.document_parts import Report
from bot.report.markdown_renderer import markdown
from bot.report.pdf_renderer import NotInstalled, pdf

__all__ = ["RENDERINGS", "NotInstalled", "Rendering", "available"]


class Rendering(msgspec.Struct, frozen=True, kw_only=True):
    """One form: its word, how people call it, how its files end, and what makes it.

    `render` gives the bytes of a file; it raises NotInstalled.
    """

    word: str
    title: str
    suffix: str
    render: Callable[[Report], bytes]
    also: tuple[str, ...] = ()
    """What else people type for it; the empty word is the form that is made where none is named."""


def available(wanted: Rendering) -> Rendering:
    """The form that somebody wants; a page of HTML for a PDF that cannot be made here."""
    return RENDERINGS["html"] if wanted.word == "pdf" and find_spec("typst") is None else wanted


def _markdown(report: Report) -> bytes:
    return markdown(report).encode()


def _html(report: Report) -> bytes:
    from bot.report.html_renderer import html  # its fonts and templates are loaded by whoever wants a page

    return html(report)


RENDERINGS: Final = MappingProxyType(
    {
        one.word: one
        for one in (
            Rendering(
                word="md",
                title="Markdown",
                suffix=".md",
                render=_markdown,
                also=("markdown", "text", "as markdown"),
            ),
            Rendering(
                word="html", title="HTML", suffix=".html", render=_html, also=("page", "web page", "as html")
            ),
            Rendering(word="pdf", title="PDF", suffix=".pdf", render=pdf, also=("", "as pdf", "paper")),
        )
    }
)
