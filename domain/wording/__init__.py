"""Wording of events: text that follows the author's name and mentions people as `@id`."""

from domain.wording.answer_summaries import summarize_answer
from domain.wording.event_descriptions import describe_event
from domain.wording.mentions import displayed_author, mentioned_people

__all__ = ["describe_event", "displayed_author", "mentioned_people", "summarize_answer"]
