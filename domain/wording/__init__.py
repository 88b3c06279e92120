"""What happened, in words: who did it is said before, who is mentioned stands as `@id`."""

from domain.wording.answer_summaries import summed_up
from domain.wording.event_descriptions import described
from domain.wording.mentions import author_shown, mentioned

__all__ = ["author_shown", "described", "mentioned", "summed_up"]
