"""The report of a model as agents read it."""

from datetime import UTC, datetime
from typing import Final

from msgspec.structs import replace

from bot.mcp_server.answers.model_parts import model_head
from bot.mcp_server.said_text import said
from bot.report.markdown_renderer import render_markdown
from bot.report.report_source import ReportSource
from bot.report.sections import report_of
from domain.kernel.person_names import Naming
from domain.register import ThreatRegister

MAX_REPORT: Final = 100_000
"""Characters of a report."""


def report_answer(register: ThreatRegister, naming: Naming, now: datetime) -> dict[str, object]:
    """Return the report in Markdown as data, because it consists of what people wrote.

    It has no appendix, whose parts name the people who contributed, voters of open rounds among them.
    """
    text = render_markdown(
        report_of(
            ReportSource(
                register=without_voters(register),
                history=(),
                naming=naming,
                as_of=now,
                day_of=lambda moment: moment.astimezone(UTC).date(),
                pictures=False,
            )
        )
    )
    return {
        **model_head(register, naming),
        "format": "markdown",
        "report": said(text, MAX_REPORT),
        "complete": len(text) <= MAX_REPORT,
    }


def without_voters(register: ThreatRegister) -> ThreatRegister:
    """Return a register whose open rounds name none of those who have voted or have not."""
    return replace(
        register,
        rounds=tuple(replace(one, voted=(), waits_for=()) for one in register.rounds),
        next=replace(register.next, waits_for=None) if register.rounds else register.next,
    )
