"""What happened, in words: who did it is said before, who is mentioned stands as `@id`."""

from domain.wording.describing import described
from domain.wording.people import author_shown, mentioned
from domain.wording.summing_up import summed_up

__all__ = ["author_shown", "described", "mentioned", "summed_up"]
