"""Help, the nearest word, and the choice among several models."""

import json
import re

import pytest
from msgspec.structs import replace

from bot.manifest import WORDS
from bot.sandbox.kit import every_object
from bot.slack.blocks import Message
from bot.slack.triggers import Target, read_value
from bot.slack.views import (
    PAGES,
    ModelLine,
    help_message,
    model_list,
    model_picker,
    nearest,
    opening_help,
    unknown_word,
)
from domain.elements import Kind, ModelKey
from domain.history import timeline
from domain.model import replay
from domain.register import register
from tests.examples import house
from tests.slack.read_views import CHANNEL, button, buttons, shown, words_of


def lines(count: int) -> list[ModelLine]:
    return [
        ModelLine(
            stream=f"T0SANDBOX/TM-{number}",
            key=ModelKey(f"TM-{number}"),
            name=f"System {number}",
            phase="closed" if number == 1 else "collection",
            next="Place 3 components",
        )
        for number in range(1, count + 1)
    ]


def chosen(view: Message) -> list[Target]:
    """What the buttons and menus of a message stand for."""
    options = [one["value"] for one in every_object(view.blocks) if set(one) == {"text", "value"}]
    return [read_value(value) for value in (*(one["value"] for one in buttons(view)), *options)]


def test_help_has_a_button_for_every_word() -> None:
    assert {one.what for one in chosen(help_message(CHANNEL))} == set(WORDS) - {"help"}
    assert all(f"/threatmodel {word}" in words_of(help_message(CHANNEL)) for word in WORDS if word != "help")
    assert {one.channel for one in chosen(help_message(CHANNEL))} == {CHANNEL}


def test_where_there_is_no_model_one_button_starts_one() -> None:
    assert [one.what for one in chosen(opening_help(CHANNEL))] == ["start", "help"]
    assert button(opening_help(CHANNEL), "Start")["style"] == "primary"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("statsu", "status"), ("HELP", "help"), ("qestion", "questions"), ("new", "start"), ("xyzzy", None)],
)
def test_the_nearest_word_is_found(typed: str, meant: str | None) -> None:
    assert nearest(typed) == meant


def test_an_unknown_word_is_answered_with_a_button_for_the_nearest() -> None:
    assert "I do not know “<!channel>”" in words_of(unknown_word("<!channel>", CHANNEL))
    assert [one.what for one in chosen(unknown_word("stauts", CHANNEL))] == ["status", "help"]
    assert [one.what for one in chosen(unknown_word("xyzzy", CHANNEL))] == ["help"]


@pytest.mark.parametrize("count", [1, 5, 40])
def test_every_model_of_a_channel_can_be_chosen_the_open_ones_first(count: int) -> None:
    wanted = [f"T0SANDBOX/TM-{number}" for number in [*range(2, count + 1), 1]]
    listed = [one for one in chosen(model_list(lines(count), CHANNEL)) if one.what == "status"]
    assert [one.stream for one in listed] == wanted
    picked = chosen(model_picker("add", lines(count), CHANNEL, kind=Kind.ASSET))
    assert [(one.what, one.stream, one.kind) for one in picked] == [
        ("add", one, Kind.ASSET) for one in wanted
    ]


def test_models_that_do_not_fit_can_still_be_named() -> None:
    said = words_of(model_list(lines(150), CHANNEL))
    assert re.search(r"\d+ more do not fit here\. Name one: `/threatmodel status TM-1`", said)


def test_views_carry_ids_alone_and_no_words_of_people() -> None:
    model = replace(replay(house()), name="Secret project")
    for page in PAGES:
        view = shown(page, register(model), kind=Kind.ASSET, history=timeline(house()))
        carried = json.dumps([view["private_metadata"], *(one["value"] for one in buttons(view))])
        assert "Secret" not in carried
        assert "Valuables" not in carried
