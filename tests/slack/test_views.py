"""Every view keeps to Slack's limits and lets nothing come alive, whatever the model holds."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from inspect import isfunction, signature
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.protocol.block_builders import Message, View, button
from bot.slack.protocol.escaping import escape, one_line
from bot.slack.protocol.targets import Action, ButtonKind, Target, decode_target
from bot.slack.screens.page_data import ModelListItem, PageData
from bot.slack.screens.tracker_screen import ShownTracker, ShownWebhook, TrackerScreen
from bot.slack.ui.home.app_home import HomeDetails, HomeTask, home_view
from bot.slack.ui.messages import card_message, notices
from bot.slack.ui.messages import help_messages as helping
from bot.slack.ui.messages import model_choice_messages as choices
from bot.slack.ui.modals.analysis.suggested_threats_page import suggested_threat_ids
from bot.slack.ui.modals.modal_registry import PAGES
from bot.trackers.tracker_requests import NO_KEYS
from domain.changes import Change, difference
from domain.history import TimelineEntry, UndoPreview
from domain.kernel.elements import REGISTERS, Kind, ModelKey
from domain.kernel.tracked_issue import ConnectedTracker, TrackerId, TrackerKind
from domain.model import ThreatModel
from domain.register import ThreatRegister, register
from domain.replay import EMPTY
from domain.tracker_accounts import TrackerAccount
from tests.depth import DEEP, deep_also, deep_only, examples, first
from tests.examples import ANA, BEN, at
from tests.slack.hostile_models import (
    LARGE,
    STEPS,
    STREAM,
    CollectionProgress,
    build_model,
    hostile_models,
    hostile_naming,
    texts,
)
from tests.slack.limit_checks import LIMITS, message_faults, view_faults
from tests.slack.view_contents import past_model, sample_portfolio, sample_reminder

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT.parent / "shared/reference/slack/limits/limits.json"
CHANNEL = "C0HOUSE01"


def lines(words: list[str], count: int) -> list[ModelListItem]:
    return [
        ModelListItem(
            stream=f"T0SANDBOX/TM-{number}",
            key=ModelKey(f"TM-{number}"),
            name=words[number % len(words)],
            phase=("collection", "analysis", "remediation", "closed", "archived")[number % 5],
            next=words[(number + 1) % len(words)],
            channel=words[(number + 2) % len(words)],
            permalink=f"https://the-house.example/{'p' * 200}" if number % 2 else "",
            waits_for_me=number % 3 == 0,
            questions=number % 4,
        )
        for number in range(1, count + 1)
    ]


FROM_A_MODEL: dict[str, Callable[[ThreatRegister], Message]] = {
    "card_message": lambda known: card_message.card_message(STREAM, known, hostile_naming),
    "short_card": lambda known: card_message.short_card(STREAM, known, hostile_naming),
    "status_copy": lambda known: card_message.status_copy(
        STREAM, known, hostile_naming, f"https://the-house.example/{'p' * 200}"
    ),
}
FROM_WORDS: dict[str, Callable[[list[str], int], Message]] = {
    "help_message": lambda words, _: helping.help_message(CHANNEL, SLASH_WORDS.values()),
    "opening_help": lambda words, _: helping.opening_help(CHANNEL),
    "import_help": lambda words, _: helping.import_help(CHANNEL),
    "unknown_word": lambda words, _: helping.unknown_word(
        words[0], SLASH_WORDS["status"], Target(channel=CHANNEL)
    ),
    "unknown_key": lambda words, _: choices.unknown_key(words[0], lines(words, 1)[0], Target(name="add")),
    "closed_models": lambda words, count: choices.closed_models(lines(words, count + 1), CHANNEL),
    "open_button_message": lambda words, _: notices.open_button_message(words[0], Target(name="names")),
    "model_list": lambda words, count: choices.model_list(lines(words, count), CHANNEL),
    "model_picker": lambda words, count: choices.model_picker(
        Target(name="add", channel=CHANNEL), lines(words, count + 1)
    ),
    "key_needed": lambda words, count: choices.key_needed("add", words[0], "TM-7", count + 1),
    "undo_help": lambda words, _: helping.undo_help(
        Target(channel=CHANNEL),
        UndoPreview(reverts=words[0], stays=words[1], people=frozenset({ANA})),
        hostile_naming,
    ),
    "refusal": lambda words, _: notices.refusal(words[0], again=Target(name="names"), label=words[1]),
    "confirmation": lambda words, _: notices.confirmation(words[0]),
    "in_preparation": lambda words, _: notices.in_preparation(
        escape(words[0], 200), escape(words[1], 200), "https://the-house.example/p1"
    ),
    "already_in_preparation": lambda words, _: notices.already_in_preparation(
        escape(words[0], 200), ModelKey("TM-7"), "https://the-house.example/p1"
    ),
}
MODULES = (card_message, helping, choices, notices)

EXPENSIVE = ("&",)
ALSO_EXPENSIVE = ('\n"', '"', "\\", "<")

some_words = st.lists(texts, min_size=3, max_size=3)


def messages_of(module: ModuleType) -> set[str]:
    """The public functions of a module that make messages."""
    return {
        name
        for name, one in vars(module).items()
        if isfunction(one) and one.__module__ == module.__name__ and not name.startswith("_")
        if signature(one).return_annotation is Message
    }


def test_every_view_has_a_property_here() -> None:
    offered = {name for module in MODULES for name in messages_of(module)}
    assert offered == {*FROM_A_MODEL, *FROM_WORDS}


def test_the_limits_here_are_those_that_slack_publishes() -> None:
    if not PUBLISHED.exists():
        pytest.skip("Slack's limits are not beside the project (../shared/reference/slack/limits)")
    published = json.loads(PUBLISHED.read_text())
    for thing, fields in LIMITS.items():
        for field, limit in fields.items():
            theirs = published[thing][field]
            # Slack publishes more about some of them than is needed here.
            assert theirs == limit or {**theirs, **limit} == theirs, (thing, field)


OVERDUE = datetime(2090, 1, 1, tzinfo=UTC)
"""A time at which every due date has passed."""


@pytest.mark.parametrize("name", FROM_A_MODEL)
@examples(2, deep=80)
@given(model=hostile_models())
def test_a_message_about_any_model_is_taken_by_slack(name: str, model: ThreatModel) -> None:
    for now in (None, OVERDUE):
        assert message_faults(FROM_A_MODEL[name](register(model, now))) == []


@pytest.mark.parametrize("character", [*EXPENSIVE, *deep_also(*((one,) for one in ALSO_EXPENSIVE))])
def test_a_message_of_characters_that_need_several_each_is_taken_by_slack(character: str) -> None:
    """JSON writes two characters for a quotation mark, mrkdwn five for an ampersand."""
    text = character * 3000
    model = build_model(LARGE, [text] * 4, known=CollectionProgress.ANSWERED)
    for step in STEPS if DEEP else ("collection", "responding", "voting"):
        known = register(replace(model, step=step))
        for name, show in FROM_A_MODEL.items():
            assert message_faults(show(known)) == [], (name, step)
    for name, show in FROM_WORDS.items():
        assert message_faults(show([text] * 3, 140)) == [], name


@pytest.mark.parametrize("name", FROM_WORDS)
@examples(20)
@given(words=some_words, count=st.sampled_from((0, 1, 4, 40, 140)))
def test_a_message_of_any_words_is_taken_by_slack(name: str, words: list[str], count: int) -> None:
    assert message_faults(FROM_WORDS[name](words, count)) == []


@examples(20)
@given(words=some_words)
def test_a_refusal_in_place_of_a_modal_is_taken_by_slack(words: list[str]) -> None:
    assert view_faults(notices.refusal_modal(words[0], Target(stream=STREAM))) == []


@examples(3, deep=80)
@given(
    model=hostile_models(),
    words=some_words,
    number=st.sampled_from((0, 1, 4, 99_999)),
    kind=st.sampled_from(Kind),
)
def test_any_page_about_any_model_is_taken_by_slack(
    model: ThreatModel, words: list[str], number: int, kind: Kind
) -> None:
    for now in (None, OVERDUE):
        seen = register(model, now)
        for page in PAGES:
            if page == "response" and not model.threats:
                continue  # it is about a threat
            note(f"the page {page}")
            assert view_faults(shown(page, seen, words=words, number=number, kind=kind)) == []


@cache
def large() -> ThreatRegister:
    """A model with many elements of each kind, which takes longer to analyze than to show."""
    return register(build_model(LARGE, ["one", "two", "three", "four"], known=CollectionProgress.ANSWERED))


@pytest.mark.parametrize("kind", first(2, list(Kind)))
def test_every_element_of_a_long_list_can_be_reached_by_turning_pages(kind: Kind) -> None:
    known = large()
    wanted = {item.id for item in known.items(kind)}
    text = "".join(json.dumps(shown("register", known, number=number, kind=kind)) for number in range(12))
    assert wanted == {id for id in wanted if f'\\"e\\":\\"{id}\\"' in text}


@deep_only
def test_everything_that_came_up_can_be_reached_by_turning_pages() -> None:
    known = large()
    found = known.suggested_threats
    pages = [shown("seen", known, number=number) for number in range(60)]
    values = (block["elements"] for page in pages for block in page["blocks"] if block["type"] == "actions")
    targets = (decode_target(one["value"]) for buttons in values for one in buttons)
    offered = {
        id for target in targets if target.name == Action.CONFIRM for id in suggested_threat_ids(target)
    }
    assert len(found) > 200
    assert offered == {suggested_threat.id for suggested_threat in found}


@pytest.mark.parametrize("kind", first(2, list(REGISTERS)))
def test_the_card_counts_what_is_in_each_register(kind: Kind) -> None:
    posted = card_message.card_message(STREAM, large(), hostile_naming)
    heading = {"entry_point": "Entry points", "external_dependency": "External dependencies"}.get(
        kind, f"{kind.value.capitalize().replace('_', ' ')}s"
    )
    texts_shown = [block["text"]["text"] for block in posted.blocks if block["type"] == "section"]
    assert any(text.startswith(f"*{heading}*  {LARGE.elements}") for text in texts_shown)


def everything_changed(known: ThreatRegister) -> tuple[Change, ...]:
    """The changes from nothing to a model and back; kept until the next model: each page shows them."""
    if _changes.get("of") is not known:
        nothing = register(EMPTY)
        both_ways = (*difference(nothing, known, ()), *difference(known, nothing, ()))
        _changes.update(of=known, are=both_ways)
    return _changes["are"]


_changes: dict[str, Any] = {}


def shown(
    page: str,
    known: ThreatRegister,
    *,
    words: list[str] | None = None,
    number: int = 0,
    kind: Kind = Kind.ASSET,
) -> View:
    """A page as a reader sees it, with two hundred things said in the history."""
    said = words or ["said"]
    history = tuple(
        TimelineEntry(
            version=version,
            answer=version - version % 7,
            by=(ANA, BEN)[version % 2],
            at=at(version),
            text=said[version % len(said)],
            people=(ANA,),
            undone=version % 3 == 0,
        )
        for version in range(1, 201)
    )
    about = {"response": "TH-1", "tracker_webhook": "TR-1", "tracker_accounts": "TR-1"}.get(page, "")
    target = Target(name=page, stream=STREAM, page=number, kind=kind, element=about)
    return PAGES[page].show(
        PageData(
            target=target,
            reader=ANA,
            model=known,
            naming=hostile_naming,
            history=history,
            past=past_model(known, everything_changed(known)),
            shared=True,
            zone=said[0],
            reminder=sample_reminder(said),
            portfolio=sample_portfolio(known),
            trackers=_sample_trackers(said[0]),
            now=at(0),
        )
    )


def _sample_trackers(said: str) -> TrackerScreen:
    """A tracker with hostile words, as an administrator sees it."""
    connected = ConnectedTracker(
        id=TrackerId("TR-1"),
        kind=TrackerKind.REDMINE,
        url="https://tracker.example",
        project=said[:100],
        labels=(said[:100],),
    )
    account = TrackerAccount(tracker=connected.id, person=ANA, account="a", name=said, by=ANA)
    return TrackerScreen(
        trackers=(
            ShownTracker(tracker=connected, account=account, problem=said, stopped=True, unconfirmed=1),
        ),
        accounts=(account, replace(account, person=BEN, account="b", confirmed=True)),
        default=connected.id,
        administers=True,
        refused=NO_KEYS,
        checked=(said,),
        webhook=ShownWebhook(url="https://bot.example/hooks", secret="0" * 40),
        note=said,
    )


@examples(10)
@given(some_words, st.sampled_from((0, 1, 12, 13, 60, 200)), st.sampled_from((0, 1, 40)))
def test_the_home_tab_keeps_to_the_limits(words: list[str], count: int, owed: int) -> None:
    pressed = button("Open", ButtonKind.SHOW, Target(name="more", stream=STREAM))
    tasks = tuple(HomeTask(text=escape(words[0], 200), pressed=pressed) for _ in range(owed))
    mine = HomeDetails(
        models=tuple(lines(words, count)), ballots=tasks, mitigations=tasks, zone=one_line(words[1])
    )
    view = home_view(mine)
    assert view["type"] == "home"
    assert not view_faults(view)
