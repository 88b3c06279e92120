"""Differences between an element and the changed item of a draft that stands for it, in words."""

from collections.abc import Mapping
from enum import Enum
from typing import cast

import msgspec

from domain.catalog import Catalog
from domain.drafts.draft import DraftItem, SourceKey
from domain.drafts.settlement import SettledItem, changed_parts, said_before
from domain.kernel.elements import Element, ElementId
from domain.model import ThreatModel
from domain.model.drafts import settled_item
from domain.model.element_labels import name_of


class ItemDifference(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute with the value that the element has and the one that the draft proposes."""

    part: str
    before: str
    now: str

    @property
    def label(self) -> str:
        """Return the attribute in words."""
        return _LABELS.get(self.part, self.part.replace("_", " "))


ATTRIBUTE_OF: Mapping[str, str] = {"role": "sort"}
"""The attribute of the element for each part of an item that has another name."""


def differences(
    item: DraftItem,
    old: SettledItem,
    element: Element,
    model: ThreatModel,
    items: Mapping[SourceKey, DraftItem],
) -> tuple[ItemDifference, ...]:
    """Return what changed in the source and differs from the element.

    What the source no longer states is a difference as long as the element has it from there.
    """
    found = (
        ItemDifference(
            part=part,
            before=_element_text(getattr(element, ATTRIBUTE_OF.get(part, part)), part, model),
            now=_item_text(getattr(item, part), part, model, items),
        )
        for part in changed_parts(old, item)
        if part in item.__struct_fields__ and hasattr(element, ATTRIBUTE_OF.get(part, part))
    )
    return tuple(
        one
        for one in found
        if one.before != one.now and (one.now or is_withdrawn(item, old, element, one.part))
    )


def is_withdrawn(item: DraftItem, old: SettledItem, element: Element, part: str) -> bool:
    """Return whether an element has an attribute from its source, which no longer states it."""
    value = getattr(element, ATTRIBUTE_OF.get(part, part), None)
    return part not in REFERENCES and not getattr(item, part, None) and said_before(old, part, value)


def _element_text(value: object, part: str, model: ThreatModel) -> str:
    if part in REFERENCES:
        return ", ".join(name_of(model, ElementId(one)) for one in _several(value))
    return _value_text(model.catalog, value, part)


def _item_text(value: object, part: str, model: ThreatModel, items: Mapping[SourceKey, DraftItem]) -> str:
    if part in REFERENCES:
        return ", ".join(_key_text(SourceKey(one), model, items) for one in _several(value))
    return _value_text(model.catalog, value, part)


def _several(value: object) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return cast("tuple[str, ...]", value)
    return (value,) if isinstance(value, str) and value else ()


def _key_text(key: SourceKey, model: ThreatModel, items: Mapping[SourceKey, DraftItem]) -> str:
    known = settled_item(model, key)
    if known is not None and known.id in model.elements:
        return name_of(model, ElementId(known.id))
    return items[key].name if key in items else key_name(key)


def key_name(key: SourceKey) -> str:
    """Return the last part of a key, which is the name of the thing in its source."""
    return key.rpartition(":")[2].rpartition("/")[2] or key


def _value_text(catalog: Catalog, value: object, part: str) -> str:
    if value is None:
        return ""
    if part == "technology":
        return catalog.technology_name(str(value))
    return str(value.value).replace("_", " ") if isinstance(value, Enum) else str(value)


REFERENCES = frozenset({"boundary", "parent", "component", "source", "target", "stored_in"})
"""The parts of an item that refer to other items by key."""

_LABELS = {"role": "type", "sort": "type", "data": "type of data", "stored_in": "stored in"}
