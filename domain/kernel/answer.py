"""The answers to a question about an element."""

from enum import StrEnum


class Answer(StrEnum):
    """The possible answers to a question; only `no` indicates a missing control."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"

    @property
    def label(self) -> str:
        """Return the answer as text quotes it."""
        return _LABELS[self]


_LABELS = {
    Answer.YES: "yes",
    Answer.NO: "no",
    Answer.UNKNOWN: "don't know",
    Answer.NOT_APPLICABLE: "not applicable",
}
