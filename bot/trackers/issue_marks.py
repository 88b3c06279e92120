"""Labels by which the bot finds its issues: one that all of them carry, and one with the mark of each."""

import re
from collections.abc import Iterable
from typing import Final

COMMON_LABEL: Final = "threat-model"
LABEL_COLOR: Final = "5319e7"
LABEL_DESCRIPTION: Final = "The threat model bot finds its issues by this label"

_MARK: Final = re.compile(rf"{COMMON_LABEL}-([0-9a-f]{{12}})")


def mark_label(mark: str) -> str:
    """Return the label of a mark."""
    return f"{COMMON_LABEL}-{mark}"


def issue_labels(mark: str, labels: Iterable[str] = ()) -> list[str]:
    """Return the labels of a new issue: those of the bot first, then others without repetition."""
    return list(dict.fromkeys((COMMON_LABEL, mark_label(mark), *labels)))


def marks_of(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the marks among labels; trackers compare labels without regard to case."""
    found = (_MARK.fullmatch(one.lower()) for one in labels)
    return tuple(dict.fromkeys(one[1] for one in found if one))


def without_marks(labels: Iterable[str]) -> list[str]:
    """Return the labels without those of the bot."""
    return [one for one in labels if one.lower() != COMMON_LABEL and not _MARK.fullmatch(one.lower())]
