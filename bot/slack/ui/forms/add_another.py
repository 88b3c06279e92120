"""The tick below a form that adds something: keep it open and add another."""

from msgspec.structs import replace

from bot.slack.protocol.interactions import Target
from bot.slack.ui.forms.form import Lazily
from bot.slack.ui.forms.form_fields import TickField
from bot.slack.ui.forms.submitted_values import Values


def tick_for_another(target: Target, what: str) -> TickField:
    """The tick; it is set already in a form that was kept open."""
    return TickField(key="another", label="And then", text=f"Add another {what}", initial=target.round > 0)


def another_round(values: Values, target: Target, register: Lazily) -> Target | None:
    """The same form with empty boxes when another is wanted; None closes it."""
    del register
    return replace(target, round=target.round + 1) if values.another and not target.element else None
