"""Form that removes an element to which others refer, together with them or in favor of another element."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import ChoiceField, FormPart, Option, Paragraph
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.collecting.element_form import element_options
from bot.slack.ui.texts.common_texts import item_name
from domain.commands import RemoveElement
from domain.kernel.elements import ElementId, PersonId, redirected, references
from domain.kernel.text_formatting import count_phrase, join_list
from domain.kernel.threat import elements_at, places_of
from domain.register import RegisterItem, ThreatRegister


def dependents(register: ThreatRegister, id: ElementId) -> list[RegisterItem]:
    """Return the elements that refer to another one."""
    items = (item for listed in register.lists.values() for item in listed.items)
    return [item for item in items if id in references(item.element)]


def _parts(opening: FormContext) -> Sequence[FormPart]:
    register, id = opening.required_register, ElementId(opening.target.element)
    item = register.item(id)
    if item is None or item.removed:
        raise StaleButton("This element is not in this model.")
    users = dependents(register, id)
    removed = [one for one in users if redirected(one.element, id, None) is None]
    kept = [one for one in users if one not in removed]
    lines = [
        f"*{item_name(item)}* · {id} is used by {count_phrase(len(users), 'element')}.",
        *_named("Removed with it, unless another element takes its place", removed),
        *_named("Kept, without the reference", kept),
        *_threats(register, {id, *(one.id for one in removed)}),
    ]
    together = f"Remove it with {count_phrase(len(removed), 'data flow')}" if removed else "Remove it"
    others = element_options(register, item.kind, but=id)
    options = [
        Option(value=f"{_TOGETHER}/{len(users)}", text=together),
        *(Option(value=f"{one.value}/{len(users)}", text=f"Move to {one.text}") for one in others),
    ]
    return [
        Paragraph(text="\n".join(lines)),
        ChoiceField(
            key="how",
            label="What happens to the references?",
            hint="Undo restores everything.",
            required=True,
            options=tuple(options),
        ),
    ]


def _named(what: str, items: Sequence[RegisterItem]) -> list[str]:
    if not items:
        return []
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return [
        f"*{what}:*",
        *(f"• {item_name(one)} ({one.id})" for one in items[:_NAMED]),
        *([more] if more else []),
    ]


def _threats(register: ThreatRegister, removed: set[ElementId]) -> list[str]:
    """Return the threats at elements that are removed: they stay, and name the removed element."""
    affected = [
        one
        for one in register.threats
        if removed.intersection(places_of(one), *(elements_at(place) for place in one.places))
    ]
    if not affected:
        return []
    named = [f"{escape_name(one.title)} ({one.id})" for one in affected[:_NAMED]]
    more = [f"{len(affected) - _NAMED} more"] if len(affected) > _NAMED else []
    return [f"*Threats there stay open; withdraw or move them:* {join_list([*named, *more])}"]


def _make(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    how, _, shown = values.text("how").partition("/")
    if not shown.isdecimal():
        raise StaleButton
    return RemoveElement(
        by=by,
        at=at,
        element=ElementId(target.element),
        replacement=None if how == _TOGETHER else ElementId(how),
        together=how == _TOGETHER,
        dependents=int(shown),
    )


REMOVE = Form(
    name="remove_used",
    writes=WriteEffect.ONCE,
    command_type=RemoveElement,
    title=lambda opening: f"Remove {opening.target.element}",
    submit="Remove",
    parts=_parts,
    build_command=_make,
)

_TOGETHER = "together"
_NAMED = 8
