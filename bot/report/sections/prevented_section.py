"""Threats that a control in place prevents: by which control, on whose word, and on what basis."""

from collections.abc import Iterator

from bot.report.document_parts import Block, Column, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import Cell, capitalize_first, listing, paragraph, quiet
from domain.analysis.rule_findings import ControlInPlace
from domain.kernel.answer_basis import count_bases
from domain.kernel.text_formatting import count_phrase
from domain.wording.controls import control_lines

MAX_PREVENTED = 10
"""The number of threats that the table lists, those with most at stake first."""

MAX_IN_FULL = 100
"""The number of threats that the table of a full report lists."""


def prevented_section(source: ReportSource) -> Section:
    """Return the most important threats that controls prevent, and how many more there are on what basis."""
    return Section("prevented", "Prevented threats", tuple(_blocks(source)))


def _blocks(source: ReportSource) -> Iterator[Block]:
    prevented = source.register.prevented
    if not prevented:
        return
    shown = prevented[: MAX_IN_FULL if source.full else MAX_PREVENTED]
    rest = prevented[len(shown) :]
    yield paragraph(
        f"Controls in place prevent {count_phrase(len(prevented), 'threat')}: "
        f"{count_bases(one.basis for one in prevented).text}. Those with most at stake come first."
    )
    yield from listing(
        shown,
        (Column("Threat", 2.2), lambda one: (line_of(one.rule.title), line_of(quiet(f"Rule {one.rule.id}")))),
        (Column("Where", 1.8), lambda one: (line_of(one.about), line_of(quiet(one.element)))),
        (Column("Controls in place", 3.8), lambda one: _controls(source, one)),
        (Column("Basis", 1.0), lambda one: capitalize_first(one.basis.label)),
    )
    if rest:
        words = f"{len(rest):,} more: {count_bases(one.basis for one in rest).text}."
        yield paragraph(quiet(words))


def _controls(source: ReportSource, one: ControlInPlace) -> Cell:
    """Return the controls in place; who stated them is named in a full report, as in its appendix."""
    naming = source.naming if source.full else None
    return tuple(line_of(capitalize_first(words)) for words in control_lines(one, naming))
