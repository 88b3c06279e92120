"""Report across models: the chapters of OWASP ASVS, and which models have looked at them."""

from collections.abc import Sequence
from datetime import date

from bot.report.document_parts import Column, Figure, Report, Section, without_empty_sections
from bot.report.sections.compliance_section import (
    ASVS_TITLE,
    COUNT_COLUMNS,
    COUNTS_CAPTION,
    count_cells,
)
from bot.report.sections.section_formatting import Cell, cell, format_day, paragraph, quiet, table
from domain.built_in_catalog import BUILT_IN
from domain.compliance import NOT_A_CERTIFICATE, ModelChapters, chapter_reviews, model_chapters
from domain.kernel.standards import ASVS_CHAPTERS, chapter_words
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister


def compliance_report(registers: Sequence[ThreatRegister], today: date) -> Report:
    """Return the report of one or several models, as they are."""
    models = tuple(model_chapters(register) for register in registers)
    checks = sum(model.counts.total for model in models)
    answered = sum(model.counts.reviewed for model in models)
    return without_empty_sections(
        Report(
            key=count_phrase(len(models), "model"),
            title=ASVS_TITLE,
            subtitle="What was looked at",
            day=format_day(today),
            figures=(
                Figure(str(len(models)), "Models"),
                Figure(str(checks), "Checks"),
                Figure(str(answered), "Answered"),
                Figure(str(sum(one.counts.suggested + one.counts.confirmed for one in models)), "Findings"),
            ),
            sections=(
                Section("about", "About", (paragraph(NOT_A_CERTIFICATE),)),
                _chapters(registers, models),
                _models(models),
            ),
        )
    )


def _chapters(registers: Sequence[ThreatRegister], models: Sequence[ModelChapters]) -> Section:
    reviews = chapter_reviews(BUILT_IN, registers)
    rows: list[tuple[str | Cell, ...]] = [
        (
            chapter_words(review.chapter),
            *count_cells(review.counts),
            f"{review.reviewed_sections} of {review.sections}",
            ", ".join(model.key for model in models if review.chapter in model.not_reviewed),
        )
        for review in reviews
    ]
    rows += [
        (chapter_words(chapter), cell(quiet("no rules")), *("",) * (len(_CHAPTERS) - 2))
        for chapter in ASVS_CHAPTERS
        if all(chapter != known.chapter for known in reviews)
    ]
    return Section("chapters", "Chapters", (table(_CHAPTERS, rows, f"{COUNTS_CAPTION} {_CAPTION}"),))


def _models(models: Sequence[ModelChapters]) -> Section:
    rows = [
        (f"{one.name} ({one.key})", one.phase, *count_cells(one.counts), ", ".join(one.not_reviewed))
        for one in models
    ]
    return Section("models", "Models", (table(_MODELS, rows),) if rows else ())


_CAPTION = (
    "A control that two chapters ask for counts in both. “Sections”: those with an answer, of those that "
    "rules refer to; the standard has more. “Not looked at”: models with checks of the chapter and no answer."
)
_CHAPTERS = (
    Column("Chapter", 2.8),
    *COUNT_COLUMNS,
    Column("Sections", 1.0, numbers=True),
    Column("Not looked at", 1.8),
)
_MODELS = (Column("Model", 2.8), Column("Phase", 1.1), *COUNT_COLUMNS, Column("Not looked at", 1.8))
