"""Help, the nearest word, and the choice among several models."""

import json
import re
from datetime import date

import pytest
from msgspec.structs import replace

from bot.sandbox.api import nested_objects
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.handlers.slash_commands.slash_word import nearest_word, take_word
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.targets import Target, WordTarget, decode_target
from bot.slack.screens.page_data import ModelListItem
from bot.slack.ui.messages.help_messages import help_message, opening_help, unknown_word
from bot.slack.ui.messages.model_choice_messages import model_list, model_picker, unknown_key
from bot.slack.ui.modals.modal_registry import PAGES
from domain.history import timeline
from domain.kernel.elements import Kind, ModelKey
from domain.register import register
from domain.replay import replay
from tests.examples import house
from tests.slack.view_contents import CHANNEL, button_named, buttons_of, render_page, view_text


def lines(count: int) -> list[ModelListItem]:
    return [
        ModelListItem(
            stream=f"T0SANDBOX/TM-{number}",
            key=ModelKey(f"TM-{number}"),
            name=f"System {number}",
            phase="closed" if number == 1 else "collection",
            next="Place 3 components",
        )
        for number in range(1, count + 1)
    ]


def chosen(view: Message) -> list[WordTarget]:
    """What the buttons and menus of a message stand for."""
    options = [one["value"] for one in nested_objects(view.blocks) if set(one) == {"text", "value"}]
    return [
        decode_target(value, lambda _: WordTarget)
        for value in (*(one["value"] for one in buttons_of(view)), *options)
    ]


def test_help_has_a_button_for_every_word() -> None:
    assert {one.name for one in chosen(help_message(CHANNEL, SLASH_WORDS.values()))} == set(SLASH_WORDS) - {
        "help"
    }
    assert all(
        f"`{word}" in view_text(help_message(CHANNEL, SLASH_WORDS.values()))
        for word in SLASH_WORDS
        if word != "help"
    )
    assert {one.channel for one in chosen(help_message(CHANNEL, SLASH_WORDS.values()))} == {CHANNEL}


def test_every_word_is_described_and_stands_in_one_group() -> None:
    assert [name for name, word in SLASH_WORDS.items() if word.group is None] == ["help"]
    for name, word in SLASH_WORDS.items():
        assert word.does.endswith("."), name
        assert word.button_label[:1].isupper(), name
        assert (word.typed or word.name).startswith(name), name


def test_no_two_words_go_by_the_same_name() -> None:
    names = [name for word in SLASH_WORDS.values() for name in (word.name, *word.aliases)]
    assert sorted(names) == sorted(set(names))
    assert all(name == name.lower() for name in names)


def test_where_there_is_no_model_one_button_starts_one() -> None:
    assert [one.name for one in chosen(opening_help(CHANNEL))] == ["start", "help"]
    assert button_named(opening_help(CHANNEL), "Start")["style"] == "primary"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("statsu", "status"),
        ("HELP", "help"),
        ("qestion", "questions"),
        ("new", "start"),
        ("as-fo", "as-of"),
        ("setings", "settings"),
        ("round", "vote"),
        ("rate", "vote"),
        ("open", "vote"),
        ("xyzzy", None),
    ],
)
def test_the_nearest_word_is_found(typed: str, meant: str | None) -> None:
    near = nearest_word(typed, SLASH_WORDS)
    assert (near and near.name) == meant


def test_an_unknown_word_is_answered_with_a_button_for_the_nearest() -> None:
    here = Target(channel=CHANNEL)

    def answer_to(typed: str) -> Message:
        return unknown_word(typed, nearest_word(typed, SLASH_WORDS), here)

    assert "“<!channel>” is not a command" in view_text(answer_to("<!channel>"))
    assert [one.name for one in chosen(answer_to("stauts"))] == ["status", "help"]
    assert [one.name for one in chosen(answer_to("hlep"))] == ["help"]
    assert [one.name for one in chosen(answer_to("xyzzy"))] == ["help"]


@pytest.mark.parametrize(
    ("typed", "word", "rest"),
    [
        ("as of 20 November", "as-of", "20 November"),
        ("asof yesterday", "as-of", "yesterday"),
        ("Time Travel last week", "as-of", "last week"),
        ("date", "as-of", ""),
        ("hours", "settings", ""),
        ("config", "settings", ""),
        ("shortcut", "help", ""),
        ("asoftware", "asoftware", ""),
        ("revert", "revert", ""),
        ("", "help", ""),
    ],
)
def test_a_word_by_another_name_is_meant_at_once_unless_it_would_change_something(
    typed: str, word: str, rest: str
) -> None:
    assert take_word(typed, SLASH_WORDS) == (word, rest)


def test_a_mistyped_key_is_answered_with_the_nearest_there_is() -> None:
    near = next(one for one in lines(9) if one.key == "TM-7")
    asked = unknown_key("TM-70", near, WordTarget(name="as-of", channel=CHANNEL, day=date(2026, 11, 20)))
    assert "no threat model TM-70 in this channel. Did you mean TM-7?" in view_text(asked)
    meant = chosen(asked)[0]
    assert (meant.name, meant.stream, meant.day) == ("as-of", near.stream, date(2026, 11, 20))


@pytest.mark.parametrize("count", [1, 5, 40])
def test_every_model_of_a_channel_can_be_chosen_the_open_ones_first(count: int) -> None:
    wanted = [f"T0SANDBOX/TM-{number}" for number in [*range(2, count + 1), 1]]
    listed = [one for one in chosen(model_list(lines(count), CHANNEL)) if one.name == "status"]
    assert [one.stream for one in listed] == wanted
    picked = chosen(model_picker(Target(name="add", channel=CHANNEL, kind=Kind.ASSET), lines(count)))
    assert [(one.name, one.stream, one.kind) for one in picked] == [
        ("add", one, Kind.ASSET) for one in wanted
    ]


def test_models_that_do_not_fit_can_still_be_named() -> None:
    said = view_text(model_list(lines(150), CHANNEL))
    assert re.search(r"\d+ more are not shown\. Add a key to the command: `/threatmodel status TM-1`", said)


def test_views_carry_ids_alone_and_no_words_of_people() -> None:
    model = replace(replay(house()), name="Secret project")
    for page in set(PAGES) - {"response"}:  # which is about a threat
        view = render_page(page, register(model), kind=Kind.ASSET, history=timeline(house()))
        carried = json.dumps([view["private_metadata"], *(one["value"] for one in buttons_of(view))])
        assert "Secret" not in carried
        assert "Valuables" not in carried
