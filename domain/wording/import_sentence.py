"""Wording of the mark of an imported model."""

from domain.kernel.due_dates import short_day
from domain.kernel.import_mark import ImportMark


def import_sentence(mark: ImportMark, importer: str) -> str:
    """Return who imported a model and when, without a full stop; `importer` is the name of that person."""
    return f"Imported by {importer} on {short_day(mark.at.date())}; statements before that are not verified"
