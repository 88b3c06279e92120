"""Forms with a row for each element: the rows of a page, their values, and the page that follows."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.ui.forms.field_blocks import field_blocks, parts_size
from bot.slack.ui.forms.form_fields import FieldValue, FormPart, SubmittedValues
from domain.kernel.elements import ElementId
from domain.model import id_order
from domain.register import RegisterItem

PAGE_CHARACTERS: Final = 120_000
"""Characters of the rows of a page with many rows; the others are for what stands around them."""


def element_of_key(key: str) -> str:
    """Return the element that a field of a row is about: `AS-3` for `owner/AS-3`."""
    return key.partition("/")[2]


def rows_that_fit(rows: Iterable[Sequence[FormPart]], *, most_blocks: int) -> list[Sequence[FormPart]]:
    """Return the rows that fit on a page, at least one: every row repeats the options of its fields."""
    shown: list[Sequence[FormPart]] = []
    blocks = size = 0
    for row in rows:
        blocks += sum(len(field_blocks(part)) for part in row)
        size += parts_size(row)
        if shown and (blocks > most_blocks or size > PAGE_CHARACTERS):
            break
        shown.append(row)
    return shown


def items_of_page(
    items: Iterable[RegisterItem], seen: str, keys: Sequence[str] = ()
) -> tuple[RegisterItem, ...]:
    """Return the elements from which a page starts: those of a page shown before, or those after one."""
    if shown := set(map(element_of_key, keys)) - {""}:
        return tuple(item for item in items if item.id in shown)
    last = order_of_id(seen) if seen else ()
    return tuple(item for item in items if id_order(item.id) > last)


def order_of_id(element: str) -> tuple[int, ...]:
    """Return the place of an element in the order of IDs; raises StaleButton."""
    try:
        return id_order(ElementId(element))
    except ValueError as error:
        raise StaleButton from error


def rows_of(values: SubmittedValues) -> dict[str, dict[str, FieldValue]]:
    """Return the submitted values by element, then by attribute."""
    rows: dict[str, dict[str, FieldValue]] = {}
    for key, value in values.by_key.items():
        attribute, _, element = key.partition("/")
        rows.setdefault(element, {})[attribute] = value
    return rows


def page_after(target: Target, values: SubmittedValues) -> Target | None:
    """Return the page after the last element of a submitted one; None for a page without elements."""
    elements = list(map(element_of_key, values.by_key))
    return replace(target, element=max(elements, key=order_of_id)) if elements else None
