"""Rendering of form fields as blocks."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple
from zlib import crc32

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block, actions, divider, json_size, mrkdwn, plain_text, section
from bot.slack.protocol.escaping import clip, escape
from bot.slack.protocol.targets import ButtonKind, action_id
from bot.slack.ui.forms.form_fields import (
    BLANK,
    MAX_OPTIONS,
    ButtonRow,
    ChannelField,
    CheckboxesField,
    CheckboxField,
    ChoiceField,
    DateField,
    DateTimeField,
    Divider,
    Field,
    FilesField,
    FormPart,
    ImpliedChange,
    MultiSelectField,
    Option,
    Paragraph,
    PeopleField,
    PersonField,
    SideBySide,
    TextField,
    TimeField,
)


def field_blocks(part: FormPart, round: int = 0, shown: str = "") -> list[Block]:
    """Return the blocks of a part of a form; a choice without options has none.

    A field of a later round has another id, so that it comes up empty. A field with an initial value has an
    id of its own each time it is shown (`shown` tells the times apart): where a view is updated and an id
    stays the same, Slack keeps the field's state instead, and submits it empty if it was not touched.
    """
    mark = _Mark(round, shown)
    match part:
        case Paragraph():
            return [section(part.text, accessory=part.pressed)]
        case ButtonRow():
            return [actions(*part.buttons)]
        case Divider():
            return [divider()]
        case SideBySide():
            return [_side_by_side(part)]
        case ImpliedChange():
            return []
        case MultiSelectField():
            chunks = _chunks(_offered(part.options, part.initial), slack_limits.OPTIONS)
            return [
                _input(part, _many(chunk, part.initial), mark, chunk=number, of=chunks)
                for number, chunk in enumerate(chunks)
            ]
        case ChoiceField():
            if not part.options:
                return []
            block = _input(part, _choice(part), mark)
            if not part.rerenders:
                return [block]
            chosen = {**block["element"], "action_id": action_id(ButtonKind.CHOOSE, part.key)}
            return [{**block, "element": chosen, "dispatch_action": True}]
        case TextField():
            return [_input(part, _box(part), mark)]
        case CheckboxesField():
            groups = _chunks(part.options, slack_limits.CHECKBOXES)
            return [
                _input(part, _checks(group, part.initial), mark, chunk=number, of=groups)
                for number, group in enumerate(groups)
            ]
        case CheckboxField():
            return [_input(part, _tick(part), mark)]
        case PersonField():
            initial = {"initial_user": part.initial} if part.initial else {}
            return [_input(part, {"type": "users_select", **initial}, mark)]
        case PeopleField():
            people = {"initial_users": list(part.initial)} if part.initial else {}
            return [_input(part, {"type": "multi_users_select", **people}, mark)]
        case ChannelField():
            return [_input(part, _CHANNELS, mark)]
        case FilesField():
            endings = {"filetypes": list(part.endings)} if part.endings else {}
            return [_input(part, {"type": "file_input", "max_files": part.most, **endings}, mark)]
        case DateField():
            day = {"initial_date": part.initial.isoformat()} if part.initial else {}
            return [_input(part, {"type": "datepicker", **day}, mark)]
        case DateTimeField():
            moment = {"initial_date_time": int(part.initial.timestamp())} if part.initial else {}
            return [_input(part, {"type": "datetimepicker", **moment}, mark)]
        case TimeField():
            moment = {"initial_time": f"{part.initial:%H:%M}"} if part.initial else {}
            return [_input(part, {"type": "timepicker", **moment}, mark)]


def parts_size(parts: Iterable[FormPart]) -> int:
    """Return the number of characters of parts of a form as JSON text."""
    return sum(json_size(field_blocks(part)) for part in parts)


def _side_by_side(part: SideBySide) -> Block:
    sides = (f"*{part.who}*\n{part.theirs}", f"*{YOURS}*\n{part.mine}")
    return {
        **section(f"⚠ *{escape(part.label)}*"),
        "fields": [mrkdwn(side, slack_limits.FIELD) for side in sides],
    }


YOURS = "You, not saved yet"


class _Mark(NamedTuple):
    """Parts of a field's block ID besides its key."""

    round: int
    shown: str

    def of(self, element: Block) -> str:
        """Return the suffix of a field's block ID."""
        initial = [value for key, value in element.items() if key.startswith("initial_")]
        ends = [str(self.round)] if self.round else []
        if initial:
            ends.append(f"{crc32(msgspec.json.encode([self.shown, *initial])):08x}")
        return "".join(f"~{end}" for end in ends)


def _input(
    field: Field, element: Block, mark: _Mark, *, chunk: int = 0, of: Sequence[Sequence[Option]] = ()
) -> Block:
    spread = len(of) > 1
    block: Block = {
        "type": "input",
        "block_id": field.key + (f"+{chunk}" if spread else "") + mark.of(element),
        "label": plain_text(
            f"{field.label} ({_range(of, chunk)})" if spread else field.label,
            slack_limits.LABEL,
        ),
        "element": {**element, "action_id": "value"},
        "optional": spread or not (field.required or isinstance(field, ChoiceField)),
    }
    if field.hint and not chunk:
        block["hint"] = plain_text(field.hint, slack_limits.HINT)
    return block


def _range(chunks: Sequence[Sequence[Option]], chunk: int) -> str:
    """Return which options a part of a field has: by ID, or by place if the IDs are in no order."""
    ids = [_ID.fullmatch(option.value) for options in chunks for option in options]
    order = [(id[1], int(id[2])) for id in ids if id]
    if len(order) == len(ids) and order == sorted(order):
        return f"{chunks[chunk][0].value} to {chunks[chunk][-1].value}"
    before = sum(map(len, chunks[:chunk]))
    return f"{before + 1} to {before + len(chunks[chunk])}"


_ID = re.compile(r"([A-Z]+)-(\d+)")


def _box(field: TextField) -> Block:
    initial = clip(field.initial, slack_limits.INPUT)
    element: Block = {
        "type": "plain_text_input",
        "multiline": field.lines,
        # A value accepted under an earlier limit must not be refused before it is changed.
        "max_length": min(max(field.limit, len(initial)), slack_limits.INPUT),
    }
    if initial:
        element["initial_value"] = initial
    if field.placeholder:
        element["placeholder"] = plain_text(field.placeholder, slack_limits.PLACEHOLDER)
    return element


def _choice(field: ChoiceField) -> Block:
    offered = _offered(field.options, (field.initial,) if field.initial else ())
    blank = [] if field.required else [_blank(field)]
    chunks = _chunks((*offered, *blank), slack_limits.OPTIONS)
    initial = [_option(option) for option in field.options if option.value == field.initial]
    initial = initial or list(map(_option, blank))
    element: Block = {"type": "radio_buttons" if field.radio else "static_select"}
    if field.options[0].group:
        element["option_groups"] = [
            {"label": plain_text(group, slack_limits.OPTION), "options": [_option(one) for one in options]}
            for group, options in groupby((*field.options, *blank), key=lambda option: option.group)
        ]
    elif len(chunks) == 1:
        element["options"] = [_option(one) for one in chunks[0]]
    else:
        element["option_groups"] = [
            {
                "label": plain_text(f"{chunk[0].value} to {chunk[-1].value}", slack_limits.OPTION),
                "options": [_option(one) for one in chunk],
            }
            for chunk in chunks
        ]
    if initial:
        element["initial_option"] = initial[0]
    return element


def _blank(field: ChoiceField) -> Option:
    """Return the option that leaves a choice open."""
    return Option(value=BLANK, text=field.blank, group="No choice" if field.options[0].group else "")


def _many(options: Sequence[Option], initial: tuple[str, ...]) -> Block:
    element: Block = {"type": "multi_static_select", "options": [_option(option) for option in options]}
    chosen = [_option(option) for option in options if option.value in initial]
    if chosen:
        element["initial_options"] = chosen
    return element


def _checks(shown: Sequence[Option], initial: tuple[str, ...]) -> Block:
    options = [_option(one) for one in shown]
    chosen = [_option(one) for one in shown if one.value in initial]
    return {"type": "checkboxes", "options": options, **({"initial_options": chosen} if chosen else {})}


def _tick(field: CheckboxField) -> Block:
    option = _option(Option(value="yes", text=field.text))
    initial = {"initial_options": [option]} if field.initial else {}
    return {"type": "checkboxes", "options": [option], **initial}


def _option(choice: Option) -> Block:
    if len(choice.value) > slack_limits.OPTION_VALUE:
        raise ValueError("the value of an option is too long")
    option: Block = {"text": plain_text(choice.text, slack_limits.OPTION), "value": choice.value}
    return (
        {**option, "description": plain_text(choice.means, slack_limits.OPTION)} if choice.means else option
    )


def _offered(options: tuple[Option, ...], chosen: tuple[str, ...]) -> tuple[Option, ...]:
    """Return the options within the limit, always including chosen ones."""
    if len(options) <= MAX_OPTIONS:
        return options
    kept = {option.value for option in options[:MAX_OPTIONS]} | set(chosen)
    return tuple(option for option in options if option.value in kept)


def _chunks(options: tuple[Option, ...], size: int) -> list[tuple[Option, ...]]:
    return [options[start : start + size] for start in range(0, len(options), size)]


_CHANNELS: Block = {
    "type": "conversations_select",
    "default_to_current_conversation": True,
    "filter": {"include": ["public", "private"], "exclude_bot_users": True},
}
