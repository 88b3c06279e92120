"""Messages about the models of a channel: lists, and the choice of one."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.slack.protocol import slack_limits
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import (
    Block,
    Message,
    actions,
    button,
    context,
    json_size,
    message,
    plain_text,
    section,
    text_message,
)
from bot.slack.protocol.escaping import clip, escape, escape_name, one_line
from bot.slack.protocol.targets import ButtonKind, Target, action_id, encode_target
from bot.slack.screens.page_data import ModelListItem
from bot.slack.ui.texts.common_texts import PHASE_LABELS
from domain.kernel.text_formatting import count_phrase


def model_list(models: Sequence[ModelListItem], channel: str) -> Message:
    """Return a list of models of a channel or reader, open ones first."""
    ordered = _open_first(models)
    title = (
        f"{count_phrase(len(ordered), 'threat model')} in {'this channel' if channel else 'your channels'}"
    )
    rows: list[Block] = []
    for model in ordered[:_ROWS]:
        row = _row(model, channel)
        if json_size([*rows, row]) > _ROOM:
            break
        rows.append(row)
    rest = ordered[len(rows) :]
    more = _menu(Target(name="status", channel=channel), rest, room=_ROOM) if rest else []
    start = button("Start another", ButtonKind.WORD, Target(name="start", channel=channel))
    return message(title, [section(f"*{title}*"), *rows, *more, actions(start)])


def model_picker(about: Target, models: Sequence[ModelListItem]) -> Message:
    """Return a button per possible model that runs the slash word `about.name` for it."""
    ordered = _open_first(models)
    asked = f"There are {len(ordered)} models here. Choose one."
    if len(ordered) > _BUTTONS:
        choice = _menu(about, ordered, room=slack_limits.MESSAGE_CHARACTERS - _FRAME)
    else:
        choice = [
            actions(
                *(
                    button(_label(model), ButtonKind.WORD, _target(about, model), suffix=model.key)
                    for model in ordered
                )
            )
        ]
    return message(asked, [section(asked), *choice])


def key_needed(word: str, rest: str, key: str, count: int) -> Message:
    """Return the request to type the key of a model, because buttons carry only ids."""
    asked = f"There are {count} models here. Add a key to the command:"
    typed = f"{COMMAND} {word} {key} {one_line(rest)}"
    return message(asked, [section(asked), section(f"`{escape_name(typed, _TYPED)}`")])


def unknown_key(key: str, near: ModelListItem | None, about: Target) -> Message:
    """Return the message about an unknown key, with the nearest known one."""
    where = "this channel" if about.channel else "your channels"
    text, meant = f"There is no threat model {escape(key, _KEY)} in {where}.", None
    if near is not None:
        text += f" Did you mean *{near.key}*?"
        meant = button(_label(near), ButtonKind.WORD, _target(about, near), suffix=near.key, primary=True)
    every = button("See all", ButtonKind.WORD, Target(name="list", channel=about.channel))
    return text_message(text, meant, every)


def closed_models(models: Sequence[ModelListItem], channel: str) -> Message:
    """Return the message that all models are closed, with buttons to reopen one or start a new one."""
    shown, most = models[-_CLOSED:], len(models) - _CLOSED
    names = ", ".join(f"*{escape_name(one.name, _NAME)}* ({one.key})" for one in shown)
    are = "is" if len(models) == 1 else "are"
    more = f" and {most} more" if most > 0 else ""
    text = f"{names}{more} {are} closed, so nothing can be added. Reopen it or start a new one."
    about = Target(name="reopen", channel=channel)
    buttons = [
        button(f"Reopen {one.key}", ButtonKind.WORD, _target(about, one), suffix=f"reopen-{one.key}")
        for one in shown
    ]
    start = button("Start new model", ButtonKind.WORD, Target(name="start", channel=channel))
    return text_message(text, *buttons, start)


def _open_first(models: Sequence[ModelListItem]) -> list[ModelListItem]:
    return sorted(models, key=lambda model: model.phase in ("closed", "archived"))


def _row(model: ModelListItem, channel: str) -> Block:
    phase = PHASE_LABELS.get(model.phase, model.phase)
    waiting = f"\nNext: {escape(model.next, _NEXT)}" if model.next and model.phase not in _OVER else ""
    return section(
        f"*{escape_name(model.name, _NAME)}* · {model.key} · {phase}{waiting}",
        accessory=button(
            "Open",
            ButtonKind.WORD,
            _target(Target(name="status", channel=channel), model),
            spoken=f"Status of {model.key}",
        ),
    )


def _menu(about: Target, models: Sequence[ModelListItem], *, room: int) -> list[Block]:
    """Return a menu of as many models as fit, and how to choose the others."""
    options: list[Block] = []
    for model in models[: slack_limits.OPTIONS]:
        option = {
            "text": plain_text(_label(model), slack_limits.OPTION),
            "value": encode_target(_target(about, model)),
        }
        room -= json_size(option) + 1
        if room < 0:
            break
        options.append(option)
    menu = actions(
        {
            "type": "static_select",
            "action_id": action_id(ButtonKind.WORD, "menu"),
            "placeholder": plain_text("Choose a model", slack_limits.PLACEHOLDER),
            "options": options,
        }
    )
    unlisted = len(models) - len(options)
    if not unlisted:
        return [menu]
    return [
        menu,
        context(
            f"{unlisted} more are not shown. Add a key to the command: `{COMMAND} {about.name} "
            f"{models[-1].key}`."
        ),
    ]


def _target(about: Target, model: ModelListItem) -> Target:
    return replace(about, stream=model.stream)


def _label(model: ModelListItem) -> str:
    return f"{model.key} {clip(one_line(model.name), _NAME)}"


_OVER = ("closed", "archived")
_KEY = 20
_TYPED = 300
_CLOSED = 5
_ROWS = 12
_ROOM = 5_000
_BUTTONS = 12
_FRAME = 1_000
_NAME = 60
_NEXT = 120
