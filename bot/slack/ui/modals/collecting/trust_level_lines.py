"""Field for the first trust levels of a model, one per line, filled with those that most systems have."""

from typing import NamedTuple

from bot.slack.ui.forms.form_fields import TextField
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.typed_lines import typed_names
from domain.commands.bulk_entry import USUAL_TRUST_LEVELS

TRUST_LEVELS = "trust_levels"
"""The key of the field."""


class StatedLevels(NamedTuple):
    """The trust levels that were named, and whether the suggestion was left as it is."""

    named: tuple[str, ...] = ()
    usual: bool = False


def trust_level_lines() -> TextField:
    """Return the field."""
    return TextField(
        key=TRUST_LEVELS,
        label="Trust levels",
        hint=(
            "Groups of users and systems by privilege, the least trusted first. These are suggestions: "
            "change, add or remove lines."
        ),
        lines=True,
        initial="\n".join(USUAL_TRUST_LEVELS),
        suggested=True,
    )


def stated_levels(values: SubmittedValues) -> StatedLevels:
    """Return what the field says."""
    names = typed_names(values.text(TRUST_LEVELS))
    return StatedLevels(usual=True) if names == USUAL_TRUST_LEVELS else StatedLevels(named=names)
