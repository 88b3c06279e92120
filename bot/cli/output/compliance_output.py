"""Controls by chapter of OWASP ASVS: tables, and one JSON object."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from bot.cli.output.json_document import counts_json, fields
from bot.cli.output.text_grid import text_grid
from domain.built_in_catalog import BUILT_IN
from domain.compliance import NOT_A_CERTIFICATE, ControlCounts, chapter_reviews, model_chapters
from domain.kernel.answer_basis import BasisCounts
from domain.kernel.standards import ASVS_CHAPTERS, ASVS_VERSION, chapter_words
from domain.register import ThreatRegister


def print_compliance(registers: Sequence[ThreatRegister], console: Console) -> None:
    """Print the chapters over all of these models, then the models."""
    models = [model_chapters(register) for register in registers]
    chapters = (
        (
            chapter_words(review.chapter),
            *_counts(review.counts),
            f"{review.reviewed_sections} of {review.sections}",
            ", ".join(model.key for model in models if review.chapter in model.not_reviewed),
        )
        for review in chapter_reviews(BUILT_IN, registers)
    )
    by_model = (
        (one.key, one.name, one.phase, *_counts(one.counts), ", ".join(one.not_reviewed)) for one in models
    )
    console.print(Text(f"OWASP ASVS {ASVS_VERSION}. {NOT_A_CERTIFICATE}"))
    console.print(text_grid(("Chapter", *_COUNTS, "Sections", "Not looked at"), chapters))
    console.print(text_grid(("Model", "Name", "Phase", *_COUNTS, "Not looked at"), by_model))


def compliance_json(registers: Sequence[ThreatRegister]) -> dict[str, object]:
    """Return the chapters over all of these models, then the models."""
    return {
        "standard": f"OWASP ASVS {ASVS_VERSION}",
        "notice": NOT_A_CERTIFICATE,
        "chapters": [
            {
                "chapter": review.chapter,
                "title": ASVS_CHAPTERS[review.chapter],
                **counts_json(review.counts),
                **fields(review, "sections", "reviewed_sections"),
            }
            for review in chapter_reviews(BUILT_IN, registers)
        ],
        "models": [
            {
                **fields(one, "key", "name", "phase"),
                **counts_json(one.counts),
                **fields(one, "not_reviewed"),
            }
            for one in map(model_chapters, registers)
        ],
    }


def _counts(counts: ControlCounts) -> tuple[str, ...]:
    """Return the cells of the columns `_COUNTS`."""
    findings = counts.suggested + counts.confirmed
    decided = (counts.not_applicable, findings, counts.dismissed, counts.assumed, counts.unanswered)
    in_place = _in_place(counts.in_place)
    return (f"{counts.reviewed} of {counts.total}", in_place, *(str(one) for one in decided))


def _in_place(counts: BasisCounts) -> str:
    return f"{counts.total}: {counts.text}" if counts.total else "0"


_COUNTS = ("Answered", "In place", "Not applicable", "Findings", "Dismissed", "Only assumed", "Open")
