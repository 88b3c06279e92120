"""The models of a channel: listed, or to pick one of."""

from collections.abc import Sequence

from bot.manifest import COMMAND
from bot.slack import limits
from bot.slack.blocks import Block, Message, actions, button, context, message, plain_text, section, size
from bot.slack.text import clip, escape, name, one_line
from bot.slack.triggers import Target, Trigger, action_id, write_value
from bot.slack.views.showing import ModelLine
from bot.slack.views.wording import PHASE_WORDS, counted
from domain.elements import Kind


def model_list(models: Sequence[ModelLine], channel: str) -> Message:
    """All models of a channel: the open ones first, what does not fit in a menu."""
    ordered = _open_first(models)
    title = f"{counted(len(ordered), 'threat model')} in this channel"
    rows: list[Block] = []
    for model in ordered[:_ROWS]:
        row = _row(model, channel)
        if size([*rows, row]) > _ROOM:
            break
        rows.append(row)
    rest = ordered[len(rows) :]
    more = _menu("status", rest, channel, room=_ROOM) if rest else []
    start = button("Start another", Trigger.WORD, Target(what="start", channel=channel))
    return message(title, [section(f"*{title}*"), *rows, *more, actions(start)])


def model_picker(
    word: str, models: Sequence[ModelLine], channel: str, *, kind: Kind | None = None
) -> Message:
    """Which model is meant: a button for each, that does `word` for it (Trigger.WORD)."""
    ordered = _open_first(models)
    asked = f"There are {len(ordered)} models here. Which one do you mean?"
    if len(ordered) > _BUTTONS:
        choice = _menu(word, ordered, channel, kind=kind, room=limits.MESSAGE_CHARACTERS - _FRAME)
    else:
        choice = [
            actions(
                *(
                    button(_label(model), Trigger.WORD, _target(word, model, channel, kind), suffix=model.key)
                    for model in ordered
                )
            )
        ]
    return message(asked, [section(asked), *choice])


def _open_first(models: Sequence[ModelLine]) -> list[ModelLine]:
    return sorted(models, key=lambda one: one.phase in ("closed", "archived"))


def _row(model: ModelLine, channel: str) -> Block:
    phase = PHASE_WORDS.get(model.phase, model.phase)
    waiting = f"\nNext: {escape(model.next, _NEXT)}" if model.next and model.phase not in _OVER else ""
    return section(
        f"*{name(model.name, _NAME)}* · {model.key} · {phase}{waiting}",
        accessory=button(
            "Open", Trigger.WORD, _target("status", model, channel, None), spoken=f"Status of {model.key}"
        ),
    )


def _menu(
    word: str, models: Sequence[ModelLine], channel: str, *, room: int, kind: Kind | None = None
) -> list[Block]:
    """A menu of models, as many as fit, and how to name one of the others; each option does the word."""
    options: list[Block] = []
    for model in models[: limits.OPTIONS]:
        option = {
            "text": plain_text(_label(model), limits.OPTION),
            "value": write_value(_target(word, model, channel, kind)),
        }
        room -= size(option) + 1
        if room < 0:
            break
        options.append(option)
    menu = actions(
        {
            "type": "static_select",
            "action_id": action_id(Trigger.WORD, "menu"),
            "placeholder": plain_text("Choose a model", limits.PLACEHOLDER),
            "options": options,
        }
    )
    unlisted = len(models) - len(options)
    if not unlisted:
        return [menu]
    return [menu, context(f"{unlisted} more do not fit here. Name one: `{COMMAND} {word} {models[-1].key}`.")]


def _target(word: str, model: ModelLine, channel: str, kind: Kind | None) -> Target:
    return Target(what=word, stream=model.stream, channel=channel, kind=kind)


def _label(model: ModelLine) -> str:
    return f"{model.key} {clip(one_line(model.name), _NAME)}"


_OVER = ("closed", "archived")
_ROWS = 12
_ROOM = 5_000
_BUTTONS = 12
_FRAME = 1_000
_NAME = 60
_NEXT = 120
