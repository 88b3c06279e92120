"""Details of many external dependencies, entry points or assets on one page."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.field_blocks import PAGE_CHARACTERS, parts_size
from bot.slack.ui.forms.form import Form, FormContext, LazyRegister
from bot.slack.ui.forms.form_fields import Divider, FormPart, Paragraph
from bot.slack.ui.forms.form_traits import FormEnding
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.collecting.element_form import detail_fields
from domain.commands import Command, DescribeElements
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.model import id_order
from domain.register import RegisterItem, ThreatRegister

DETAILED_KINDS = (Kind.EXTERNAL_DEPENDENCY, Kind.ENTRY_POINT, Kind.ASSET)
"""Kinds of element whose details can be entered together."""


def _rows(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    items = elements_to_describe(register, opening.target, opening.keys)
    if not items:
        return [Paragraph(text="There are no elements to describe.")]
    shown: list[list[FormPart]] = []
    blocks = size = 0
    for item in items:
        row: list[FormPart] = [Divider(), *detail_fields(register, item)]
        size += parts_size(row)
        blocks += len(row)
        if shown and (blocks > _PAGE_BLOCKS or size > PAGE_CHARACTERS):  # every row repeats the options
            break
        shown.append(row)
    rest = len(items) - len(shown)
    following = f" {rest} more follow on the next page." if rest else ""
    return [
        Paragraph(text=f"Enter the known details of each element. All fields are optional.{following}"),
        *(part for row in shown for part in row),
    ]


def elements_to_describe(
    register: ThreatRegister, target: Target, keys: Sequence[str] = ()
) -> tuple[RegisterItem, ...]:
    """Return the elements from which a page starts; `target.element` is the last one seen.

    A page shown before keeps its elements.
    """
    if target.kind is None or target.kind not in DETAILED_KINDS:
        raise StaleButton
    items = register.items(target.kind)
    if keys:
        shown = {key.partition("/")[2] for key in keys}
        return tuple(item for item in items if item.id in shown)
    seen = _order(target.element) if target.element else ()
    return tuple(item for item in items if id_order(item.id) > seen)


def _order(element: str) -> tuple[int, ...]:
    try:
        return id_order(ElementId(element))
    except ValueError as error:
        raise StaleButton from error


def _make(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> Command:
    del target
    rows: dict[str, dict[str, object]] = {}
    for key, value in values.by_key.items():
        attribute, _, element = key.partition("/")
        row = rows.setdefault(element, {"element": element})
        row[attribute] = (value or "") if attribute in _WORDS else value
    return msgspec.convert({"details": list(rows.values()), "by": by, "at": at}, DescribeElements)


def _after(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    elements = [key.partition("/")[2] for key in values.by_key]
    if not elements:
        return None
    following = replace(target, element=max(elements, key=_order))
    return following if elements_to_describe(register(), following) else None


DETAILS_OF_MANY = Form(
    name="details",
    writes=WriteEffect.REVISES,
    command_type=DescribeElements,
    ending=FormEnding.TEXT,
    row=lambda key: key.partition("/")[2],
    title=lambda _: "Details",
    submit="Save",
    close="Later",
    parts=_rows,
    build_command=_make,
    next_form=_after,
)

_WORDS = frozenset({"owner", "sort", "protocol"})
_PAGE_BLOCKS = 90
