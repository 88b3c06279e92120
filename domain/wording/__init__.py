"""What happened, in words: who did it is said before, who is mentioned stands as `@id`."""

from domain.wording.answer_summaries import summarize_answer
from domain.wording.event_descriptions import describe_event
from domain.wording.mentions import displayed_author, mentioned_people

__all__ = ["describe_event", "displayed_author", "mentioned_people", "summarize_answer"]
