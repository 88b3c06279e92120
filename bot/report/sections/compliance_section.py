"""Controls by chapter and section of OWASP ASVS: what was looked at."""

from collections.abc import Iterator

from bot.report.document_parts import Block, Column, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import (
    NOTHING,
    Cell,
    cell,
    linked_threat,
    paragraph,
    quiet,
    state_badges,
    strong,
    table,
)
from domain.compliance import (
    BASIS_WORDS,
    NOT_A_CERTIFICATE,
    ControlCounts,
    SectionReview,
    chapter_reviews,
    section_reviews,
)
from domain.kernel.answer_basis import BasisCounts
from domain.kernel.standards import ASVS_VERSION, chapter_of, chapter_words, section_words
from domain.register import ThreatRegister

ASVS_TITLE = f"Controls by OWASP ASVS {ASVS_VERSION}"


def compliance_section(source: ReportSource) -> Section:
    """Return the controls by section; nothing while people have answered nothing about them."""
    reviews = section_reviews(source.register)
    if not any(review.counts.reviewed or review.threats for review in reviews):
        return Section("asvs", ASVS_TITLE)
    return Section("asvs", ASVS_TITLE, tuple(_blocks(source.register, reviews)))


def _blocks(known: ThreatRegister, reviews: tuple[SectionReview, ...]) -> Iterator[Block]:
    yield paragraph(NOT_A_CERTIFICATE)
    yield table(_COLUMNS, _rows(known, reviews), COUNTS_CAPTION)
    left_out = [review.section for review in reviews if not (review.counts.total or review.threats)]
    if left_out:
        yield paragraph(f"Sections without an element that the rules check here: {', '.join(left_out)}.")


def _rows(known: ThreatRegister, reviews: tuple[SectionReview, ...]) -> Iterator[tuple[Cell, ...]]:
    chapters = {review.chapter: review.counts for review in chapter_reviews(known.catalog, (known,))}
    chapter = ""
    for review in reviews:
        if not (review.counts.total or review.threats):
            continue
        if chapter_of(review.section) != chapter:
            chapter = chapter_of(review.section)
            yield (cell(strong(chapter_words(chapter))), *count_cells(chapters[chapter]), NOTHING)
        threats = tuple(
            line_of(linked_threat(known, threat), " ", *state_badges(known.statuses[threat]))
            for threat in review.threats
        )
        yield (cell(section_words(review.section)), *count_cells(review.counts), threats or NOTHING)


def count_cells(counts: ControlCounts) -> tuple[Cell, ...]:
    """Return the cells of the columns `COUNT_COLUMNS`."""
    if not counts.total:
        return (cell(quiet("not checked")), *(NOTHING,) * (len(COUNT_COLUMNS) - 1))
    findings = counts.suggested + counts.confirmed
    numbers = (counts.not_applicable, findings, counts.dismissed, counts.assumed, counts.unanswered)
    return (
        cell(f"{counts.reviewed} of {counts.total}"),
        in_place_cell(counts.in_place),
        *(cell(str(number) if number else "") for number in numbers),
    )


def in_place_cell(counts: BasisCounts) -> Cell:
    """Return a number of controls in place, with what that rests on below."""
    if not counts.total:
        return NOTHING
    kinds = (line_of(quiet(f"{number:,} {kind.label}")) for kind, number in counts.by_kind.items())
    return (line_of(str(counts.total)), *kinds)


COUNT_COLUMNS = (
    Column("Answered", 1.2, numbers=True),
    Column("In place", 1.5, numbers=True),
    Column("Not applicable", 1.1, numbers=True),
    Column("Findings", 1.1, numbers=True),
    Column("Dismissed", 1.1, numbers=True),
    Column("Only assumed", 1.0, numbers=True),
    Column("Open", 0.8, numbers=True),
)
COUNTS_CAPTION = (
    "Each check is a rule at an element. “Answered”: people's answers settle it. “In place”: the control "
    f"exists, {BASIS_WORDS}. “Not applicable”: it does not concern the element. “Findings”: it does not "
    "exist, so a threat is suggested or confirmed. “Dismissed”: for a reason. “Only assumed”: from a "
    "technology or protocol, not accepted. “Open”: answers are missing."
)
_COLUMNS = (Column("Section", 3.0), *COUNT_COLUMNS, Column("Threats", 1.8))
