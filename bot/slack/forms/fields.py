"""The fields of forms: how each looks as a block, and how its state is read back."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import TypeAlias

import msgspec

from bot.slack.kit import limits
from bot.slack.kit.blocks import Block, divider, plain_text, section
from bot.slack.kit.text import clip
from bot.slack.kit.triggers import StaleButton, Trigger, action_id

Value: TypeAlias = str | tuple[str, ...] | date | time | None

MOST_OFFERED = 400
"""Options of one field: three such fields still fit in a view."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One option: what is kept, what is read, and perhaps what it means (where all options are seen)."""

    value: str
    text: str
    means: str = ""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A marked-up paragraph between the fields, perhaps with a button; people's words are escaped already."""

    text: str
    pressed: Block | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line between the fields."""


class _Field(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    label: str
    hint: str = ""
    required: bool = False


class TextField(_Field, frozen=True, kw_only=True):
    """A box to type in, `limit` characters at most; with `lines` it has several of them."""

    initial: str = ""
    placeholder: str = ""
    limit: int = limits.INPUT
    lines: bool = False


class ChoiceField(_Field, frozen=True, kw_only=True):
    """One of several options; with `radio` all of them are seen at once (at most ten).

    With `redraws` the form is shown anew for each choice; the options' values are targets then.
    """

    options: tuple[Choice, ...]
    initial: str | None = None
    radio: bool = False
    redraws: bool = False


class ManyField(_Field, frozen=True, kw_only=True):
    """Any number of options; more than a hundred are spread over several boxes."""

    options: tuple[Choice, ...]
    initial: tuple[str, ...] = ()


class ChecksField(_Field, frozen=True, kw_only=True):
    """Any number of a few options, all of them seen at once (at most ten)."""

    options: tuple[Choice, ...]
    initial: tuple[str, ...] = ()


class TickField(_Field, frozen=True, kw_only=True):
    """One box to tick."""

    text: str
    initial: bool = False


class PersonField(_Field, frozen=True, kw_only=True):
    """One person of the workspace."""

    initial: str | None = None


class PeopleField(_Field, frozen=True, kw_only=True):
    """Any number of people of the workspace."""

    initial: tuple[str, ...] = ()


class ChannelField(_Field, frozen=True, kw_only=True):
    """A channel; the one that the person looks at is filled in."""


class DayField(_Field, frozen=True, kw_only=True):
    """A day."""

    initial: date | None = None


class MomentField(_Field, frozen=True, kw_only=True):
    """A day and a time of day; Slack shows both in the zone of the person who fills it in."""

    initial: datetime | None = None


class TimeField(_Field, frozen=True, kw_only=True):
    """A time of day, in the zone of the person who fills it in."""

    initial: time | None = None


Field = (
    TextField
    | ChoiceField
    | ManyField
    | ChecksField
    | TickField
    | PersonField
    | PeopleField
    | ChannelField
    | DayField
    | MomentField
    | TimeField
)
Part = Words | Line | Field


def blocks_of(part: Part, round: int = 0) -> list[Block]:
    """The blocks of a part of a form; a field of a later round has another id, so that it comes up empty.

    A choice with nothing to choose from has no block.
    """
    match part:
        case Words():
            return [section(part.text, accessory=part.pressed)]
        case Line():
            return [divider()]
        case ManyField():
            chunks = _chunks(_offered(part.options, part.initial))
            return [
                _input(part, _many(chunk, part.initial), round, chunk=number, of=chunks)
                for number, chunk in enumerate(chunks)
            ]
        case ChoiceField():
            if not part.options:
                return []
            block = _input(part, _choice(part), round)
            if not part.redraws:
                return [block]
            chosen = {**block["element"], "action_id": action_id(Trigger.CHOOSE, part.key)}
            return [{**block, "element": chosen, "dispatch_action": True}]
        case TextField():
            return [_input(part, _box(part), round)]
        case ChecksField():
            return [_input(part, _checks(part), round)]
        case TickField():
            return [_input(part, _tick(part), round)]
        case PersonField():
            initial = {"initial_user": part.initial} if part.initial else {}
            return [_input(part, {"type": "users_select", **initial}, round)]
        case PeopleField():
            people = {"initial_users": list(part.initial)} if part.initial else {}
            return [_input(part, {"type": "multi_users_select", **people}, round)]
        case ChannelField():
            return [_input(part, _CHANNELS, round)]
        case DayField():
            day = {"initial_date": part.initial.isoformat()} if part.initial else {}
            return [_input(part, {"type": "datepicker", **day}, round)]
        case MomentField():
            moment = {"initial_date_time": int(part.initial.timestamp())} if part.initial else {}
            return [_input(part, {"type": "datetimepicker", **moment}, round)]
        case TimeField():
            moment = {"initial_time": f"{part.initial:%H:%M}"} if part.initial else {}
            return [_input(part, {"type": "timepicker", **moment}, round)]


def read_state(view: Block) -> dict[str, Value]:
    """What the fields of a submitted view hold, by key; raises StaleButton for a state not of ours."""
    found: dict[str, Value] = {}
    try:
        for block_id, elements in view["state"]["values"].items():
            key = key_of(block_id)
            for element in elements.values():
                value = _READERS[element["type"]](element)
                earlier = found.get(key)
                # The boxes of one spread-out field come one after the other.
                if isinstance(earlier, tuple) and isinstance(value, tuple):
                    value = (*earlier, *value)
                found[key] = value
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise StaleButton from error
    return found


def key_of(block_id: str) -> str:
    """The key of the field that a block id belongs to."""
    return block_id.partition("~")[0].partition("+")[0]


def _input(
    field: Field, element: Block, round_: int, *, chunk: int = 0, of: Sequence[Sequence[Choice]] = ()
) -> Block:
    spread = len(of) > 1
    block: Block = {
        "type": "input",
        "block_id": field.key + (f"+{chunk}" if spread else "") + (f"~{round_}" if round_ else ""),
        "label": plain_text(
            f"{field.label} ({of[chunk][0].value} to {of[chunk][-1].value})" if spread else field.label,
            limits.LABEL,
        ),
        "element": {**element, "action_id": "value"},
        "optional": not field.required or spread,
    }
    if field.hint and not chunk:
        block["hint"] = plain_text(field.hint, limits.HINT)
    return block


def _box(field: TextField) -> Block:
    initial = clip(field.initial, limits.INPUT)
    element: Block = {
        "type": "plain_text_input",
        "multiline": field.lines,
        # What was accepted under another limit must not be refused for its length before it is changed.
        "max_length": min(max(field.limit, len(initial)), limits.INPUT),
    }
    if initial:
        element["initial_value"] = initial
    if field.placeholder:
        element["placeholder"] = plain_text(field.placeholder, limits.PLACEHOLDER)
    return element


def _choice(field: ChoiceField) -> Block:
    chosen = (field.initial,) if field.initial else ()
    chunks = _chunks(_offered(field.options, chosen))
    initial = [_option(one) for one in field.options if one.value == field.initial]
    element: Block = {"type": "radio_buttons" if field.radio else "static_select"}
    if len(chunks) == 1:
        element["options"] = [_option(one) for one in chunks[0]]
    else:
        element["option_groups"] = [
            {
                "label": plain_text(f"{chunk[0].value} to {chunk[-1].value}", limits.OPTION),
                "options": [_option(one) for one in chunk],
            }
            for chunk in chunks
        ]
    if initial:
        element["initial_option"] = initial[0]
    return element


def _many(options: Sequence[Choice], initial: tuple[str, ...]) -> Block:
    element: Block = {"type": "multi_static_select", "options": [_option(one) for one in options]}
    chosen = [_option(one) for one in options if one.value in initial]
    if chosen:
        element["initial_options"] = chosen
    return element


def _checks(field: ChecksField) -> Block:
    options = [_option(one) for one in field.options]
    chosen = [_option(one) for one in field.options if one.value in field.initial]
    return {"type": "checkboxes", "options": options, **({"initial_options": chosen} if chosen else {})}


def _tick(field: TickField) -> Block:
    option = _option(Choice(value="yes", text=field.text))
    initial = {"initial_options": [option]} if field.initial else {}
    return {"type": "checkboxes", "options": [option], **initial}


def _option(choice: Choice) -> Block:
    if len(choice.value) > limits.OPTION_VALUE:
        raise ValueError("the value of an option is too long")
    option: Block = {"text": plain_text(choice.text, limits.OPTION), "value": choice.value}
    return {**option, "description": plain_text(choice.means, limits.OPTION)} if choice.means else option


def _offered(options: tuple[Choice, ...], chosen: tuple[str, ...]) -> tuple[Choice, ...]:
    """The options that fit, and whatever is chosen already."""
    if len(options) <= MOST_OFFERED:
        return options
    kept = {one.value for one in options[:MOST_OFFERED]} | set(chosen)
    return tuple(one for one in options if one.value in kept)


def _chunks(options: tuple[Choice, ...]) -> list[tuple[Choice, ...]]:
    return [options[start : start + limits.OPTIONS] for start in range(0, len(options), limits.OPTIONS)]


_CHANNELS: Block = {
    "type": "conversations_select",
    "default_to_current_conversation": True,
    "filter": {"include": ["public", "private"], "exclude_bot_users": True},
}


def _text(element: Block) -> Value:
    return str(element.get("value") or "").strip()


def _selected(element: Block) -> Value:
    option = element.get("selected_option")
    return str(option["value"]) if option else None


def _selected_many(element: Block) -> Value:
    return tuple(str(option["value"]) for option in element.get("selected_options") or ())


def _person(element: Block) -> Value:
    return str(element["selected_user"]) if element.get("selected_user") else None


def _people(element: Block) -> Value:
    return tuple(str(person) for person in element.get("selected_users") or ())


def _channel(element: Block) -> Value:
    return str(element["selected_conversation"]) if element.get("selected_conversation") else None


def _day(element: Block) -> Value:
    day = element.get("selected_date")
    return date.fromisoformat(day) if day else None


def _moment(element: Block) -> Value:
    moment = element.get("selected_date_time")
    return datetime.fromtimestamp(int(moment), UTC) if moment else None


def _time(element: Block) -> Value:
    moment = element.get("selected_time")
    return time.fromisoformat(moment) if moment else None


_READERS: dict[str, Callable[[Block], Value]] = {
    "plain_text_input": _text,
    "static_select": _selected,
    "radio_buttons": _selected,
    "multi_static_select": _selected_many,
    "checkboxes": _selected_many,
    "users_select": _person,
    "multi_users_select": _people,
    "conversations_select": _channel,
    "datepicker": _day,
    "datetimepicker": _moment,
    "timepicker": _time,
}
