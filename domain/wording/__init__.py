"""The event table, and the wording of events: it follows the author's name and mentions people as `@id`."""

from domain.wording.answer_summaries import summarize_answer
from domain.wording.event_table import (
    EVENT_KINDS,
    Lasting,
    changed_subjects,
    describe_event,
    displayed_author,
    is_decision,
    mentioned_people,
    presupposed_subjects,
    touched_subjects,
)

__all__ = [
    "EVENT_KINDS",
    "Lasting",
    "changed_subjects",
    "describe_event",
    "displayed_author",
    "is_decision",
    "mentioned_people",
    "presupposed_subjects",
    "summarize_answer",
    "touched_subjects",
]
