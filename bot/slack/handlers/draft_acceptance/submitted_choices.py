"""Choices of a person on a page of a draft, read from the submitted view."""

from collections.abc import Iterator

import msgspec

from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.requests import Json
from bot.slack.screens.open_draft import OpenDraft
from bot.slack.ui.forms.submitted_values import SubmittedValues, field_key, read_submitted_state
from bot.slack.ui.modals.drafting.draft_form import CONFIRM, REMOVE, SAME, TAKE
from domain.draft_comparison.choices import ANOTHER, LEAVE, DraftChoices, answer_key
from domain.draft_comparison.compared_draft import ComparedProposal, all_proposals
from domain.drafts.draft import SourceKey
from domain.kernel.elements import ElementId


def read_choices(view: Json, opened: OpenDraft) -> DraftChoices:
    """Return what a person chose on the page that a view shows; raises StaleButton for a forged value.

    What was decided by someone else meanwhile is left out.
    """
    keys = [one.key for one in all_proposals(opened.draft)]
    compared = {one.key: one for one in opened.comparison.open}
    gone = {one.element: one.key for one in opened.comparison.gone}
    values = SubmittedValues(read_submitted_state(view))
    seen: set[SourceKey] = set()
    items: dict[SourceKey, bool] = {}
    answers: dict[str, bool] = {}
    conflicts: dict[SourceKey, str] = {}
    removed: set[SourceKey] = set()
    for key, value in _offered(view):
        name, _, detail = key.partition("/")
        chosen = value in values.many(key)
        match name:
            case "take":
                source = _key(keys, value)
                items[source] = chosen
                seen.add(source)
            case "confirm":
                number, _, fact = value.partition(" ")
                source = _key(keys, number)
                seen.add(source)
                answers |= _answer(compared.get(source), fact, chosen=chosen)
            case "remove":
                if (left := gone.get(ElementId(value))) is not None:
                    seen.add(left)
                    removed |= {left} if chosen else set()
            case "same":
                source = _key(keys, detail)
                seen.add(source)
                if values.text(key) == value:
                    conflicts[source] = _resolution(value, keys)
            case _:
                raise StaleButton
    return DraftChoices(
        items=items,
        answers=answers,
        conflicts=conflicts,
        removed=frozenset(removed),
        seen=frozenset(seen),
    )


def _offered(view: Json) -> Iterator[tuple[str, str]]:
    """Yield the key of each field and the values of its options, as they were shown."""
    try:
        shown = msgspec.convert(view, _View)
    except msgspec.ValidationError as fault:
        raise StaleButton from fault
    for block in shown.blocks:
        key = field_key(block.block_id)
        if block.type == "input" and key.partition("/")[0] in (TAKE, CONFIRM, REMOVE, SAME):
            for option in block.element.options:
                yield key, option.value


class _Option(msgspec.Struct):
    value: str = ""


class _Element(msgspec.Struct):
    options: list[_Option] = []


class _Block(msgspec.Struct):
    type: str = ""
    block_id: str = ""
    element: _Element = msgspec.field(default_factory=_Element)


class _View(msgspec.Struct):
    blocks: list[_Block] = []


def _key(keys: list[SourceKey], number: str) -> SourceKey:
    if not number.isdecimal() or len(number) > _DIGITS or int(number) >= len(keys):
        raise StaleButton
    return keys[int(number)]


def _answer(compared: ComparedProposal | None, fact: str, *, chosen: bool) -> dict[str, bool]:
    if compared is None:
        return {}
    return {answer_key(compared.key, one): chosen for one in compared.answers if one.fact == fact}


def _resolution(value: str, keys: list[SourceKey]) -> str:
    if value in (ANOTHER, LEAVE) or value.startswith("same "):
        return value
    if value.startswith("item "):
        return f"item {_key(keys, value.removeprefix('item '))}"
    raise StaleButton


_DIGITS = 5
