"""The Home tab: what this is to somebody new, and a person's models to everybody else."""

from collections.abc import Sequence

from bot.slack import limits
from bot.slack.blocks import Block, View, actions, button, context, divider, header, link, section, size
from bot.slack.text import escape, name
from bot.slack.triggers import Page, Target, Trigger
from bot.slack.views.showing import ModelLine
from bot.slack.views.wording import PHASE_WORDS, counted


def home(models: Sequence[ModelLine]) -> View:
    """The Home tab of somebody in whose channels these models are, the open ones first."""
    blocks = _models(models) if models else _first_contact()
    return {"type": "home", "blocks": blocks}


def _first_contact() -> list[Block]:
    words = (
        "I take your team through a threat model, step by step.",
        "Everybody answers when they have a minute; one card in the channel shows what comes next.",
        "Start in the channel of the people who build the system.",
    )
    return [header("Threat models, made together"), section("\n".join(words)), actions(_start(primary=True))]


def _models(models: Sequence[ModelLine]) -> list[Block]:
    ordered = sorted(models, key=lambda one: one.phase in _OVER)
    blocks = [header("Your threat models"), actions(_start(primary=False)), divider()]
    shown = 0
    for model in ordered:
        rows = _model(model)
        if len(blocks) + len(rows) >= limits.VIEW_BLOCKS or size([*blocks, *rows]) > _ROOM:
            break
        blocks += rows
        shown += 1
    if shown < len(ordered):
        blocks.append(context(f"{counted(len(ordered) - shown, 'more model')} in your channels."))
    return blocks


def _model(model: ModelLine) -> list[Block]:
    phase = PHASE_WORDS.get(model.phase, model.phase)
    waiting = "" if model.phase in _OVER or not model.next else f"\nNext: {escape(model.next, _NEXT)}"
    more = Target(what=Page.MORE, stream=model.stream)
    pressed = [button("More…", Trigger.SHOW, more, suffix=model.key, spoken=f"More about {model.key}")]
    if model.permalink:
        pressed.insert(0, link("Go to the card", model.permalink))
    return [section(f"*{name(model.name, _NAME)}* · {model.key} · {phase}{waiting}"), actions(*pressed)]


def _start(*, primary: bool) -> Block:
    style = "primary" if primary else None
    return button("Start a threat model", Trigger.WORD, Target(what="start"), style=style)


_OVER = ("closed", "archived")
_NAME = 90
_NEXT = 160
_ROOM = limits.VIEW_CHARACTERS - 1_000
