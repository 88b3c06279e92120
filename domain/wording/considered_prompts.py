"""Text about prompts to think further: who considered how many, and what came of it."""

from collections.abc import Sequence

from domain.analysis.thought_prompts import ConsideredPrompt
from domain.kernel.text_formatting import Naming, count_phrase, join_list


def thinking_text(considered: Sequence[ConsideredPrompt], naming: Naming | None) -> str:
    """Return who considered how many prompts, without a full stop; empty if no one considered any.

    Without a `naming` it does not say who.
    """
    if not considered:
        return ""
    people = dict.fromkeys(person for one in considered for person in one.by)
    who = f" by {join_list([naming(person) for person in people])}" if naming else ""
    threats = {threat for one in considered for threat in one.threats}
    led_to = f", which led to {count_phrase(len(threats), 'threat')}" if threats else ""
    return f"{count_phrase(len(considered), 'prompt')} considered{who}{led_to}"
