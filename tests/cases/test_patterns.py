"""However people write, reading it takes time by the length of it: no regular expression by its square."""

import ast
import functools
import importlib
import operator
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

import bot
import domain
from bot.cli.operations.copy_operation import parse_witnesses
from bot.cli.terminal_text import terminal_text as for_a_terminal
from bot.formats.exporters import csv_export
from bot.formats.exporters.export_source import printable
from bot.operator_error import OperatorError
from bot.report import markdown_renderer
from bot.report.document_parts import breakable_pieces, link_destination, without_invisible
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.handlers.slash_commands.element_commands import parse_add_arguments
from bot.slack.handlers.slash_commands.screen_commands import parse_day
from bot.slack.handlers.slash_commands.slash_word import (
    match_chart,
    match_format,
    match_report_format,
    nearest_word,
    parse_command,
    parse_report_arguments,
)
from bot.slack.handlers.submissions.report_threat import first_line, plain_message_text
from bot.slack.protocol import escaping as kit
from bot.slack.protocol.block_builders import clip_mrkdwn, plain_text
from bot.slack.protocol.payload_parsing import replace_lone_surrogates
from bot.slack.ui.forms.typed_lines import parse_flows, typed_names
from bot.trackers.github import GitHub
from bot.trackers.gitlab import GitLab
from bot.trackers.jira import Jira
from bot.trackers.linear import Linear
from bot.trackers.redmine import Redmine
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import is_secure
from domain.kernel.length_limits import LINK
from domain.kernel.text_formatting import with_names
from domain.library.library_value import UnreadableLibrary
from domain.library.reading import read_library
from domain.model.element_labels import same_name
from domain.rejections import Rejected
from tests.cases.regex_attacks import LONG, grows_with_the_square, measured_seconds, worst_text
from tests.depth import DEEP, deep_only

ROOT = Path(__file__).resolve().parents[2]

MAX_SECONDS = 0.05
READER_SECONDS = 0.1
"""Below this, no one asks how the time grows."""
TOO_LONG = 2.0
"""Even on a busy machine, and even if it grows with the length alone."""
"""For readers, which may find 14,000 lines in a hundred kilobytes; by the square it takes minutes."""

STAND_IN = {"bot.sandbox"}
"""The stand-in for Slack runs on the machine of one person, with a bot that serves only that person.

Its patterns format what that person typed for that person's own page. Texts that go from there to the bot are
read by the patterns of the bot, which are all tried.
"""

TRACKERS = (GitHub, GitLab, Jira, Linear, Redmine)
MADE_OF_NAMES = {
    "domain/catalog/catalog_value.py",  # of the hints of topics
    "domain/kernel/text_formatting.py",  # of the ids of people: "a mention", below
    "bot/trackers/tracker_client.py",  # of projects: "a ticket"
    "domain/library/toml_places.py",  # of keys and IDs: "a library", below
}
"""Where a pattern is made when it is used. What reads it is tried as a reader."""

PARTS = 4
"""The patterns are tried in so many tests."""

_CALLS = re.compile(r"\bre\.\w+\(|\bpattern=")
_METHODS = "search|match|fullmatch|sub|subn|split|findall|finditer"


def modules() -> Iterator[ModuleType]:
    for package in (bot, domain):
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not one.name.startswith(tuple(STAND_IN)) and not one.name.endswith("__main__"):
                yield importlib.import_module(one.name)


@cache
def written() -> tuple[dict[str, tuple[re.Pattern[str], set[str]]], set[str]]:
    """Patterns that are written into calls, with how they are used; and files with calls that make theirs."""
    found: dict[str, tuple[re.Pattern[str], set[str]]] = {}
    made: set[str] = set()
    for path in (one for folder in ("bot", "domain") for one in sorted((ROOT / folder).rglob("*.py"))):
        place, text = str(path.relative_to(ROOT)), path.read_text()
        if ".".join(Path(place).parts[:2]) in STAND_IN or not _CALLS.search(text):
            continue
        for call, argument, way in _calls(ast.parse(text)):
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                found[f"{place}:{call.lineno}"] = re.compile(argument.value, _flags_of(call)), {way}
            else:
                made.add(place)
    return found, made


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, ast.expr, str]]:
    """Each call with a pattern that no module keeps, its pattern, and the method by which it is used."""
    kept = {id(function) for statement in tree.body for function in _outside_functions(statement)}
    done: set[int] = set()
    for call in ast.walk(tree):
        match call:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Call(func=ast.Attribute(value=ast.Name(id="re"))) as made, attr=way
                )
            ):
                done.add(id(made))
                yield made, made.args[0], way
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=way), args=[argument, *_]):
                if way != "escape" and id(call) not in done and (way != "compile" or id(call) not in kept):
                    yield call, argument, way
            case ast.Call(keywords=keywords):  # the pattern of a type, for which msgspec searches
                yield from ((call, one.value, "search") for one in keywords if one.arg == "pattern")
            case _:
                pass


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        yield node
        for iter_child_node in ast.iter_child_nodes(node):
            yield from _outside_functions(iter_child_node)


def _flags_of(call: ast.Call) -> re.RegexFlag:
    names = [node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute) and node.attr.isupper()]
    return functools.reduce(operator.or_, (re.RegexFlag[name] for name in names), re.NOFLAG)


def patterns() -> dict[str, re.Pattern[str]]:
    """Every pattern that a module keeps, also in tables and classes, by where it was found first."""
    found: dict[int, tuple[str, re.Pattern[str]]] = {}
    seen: set[int] = set()
    for module in modules():
        for name, value in vars(module).items():
            if not name.startswith("__") and id(value) not in seen:
                seen.add(id(value))  # one import of many: looked into once
                for place, one in enumerate(_inside(value, 0)):
                    found.setdefault(id(one), (f"{module.__name__}:{name}:{place}", one))
    return dict(found.values())


def _inside(value: object, depth: int) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield _for_text(cast("re.Pattern[str] | re.Pattern[bytes]", value))
    elif depth < 4:
        held: list[object] = []
        if isinstance(value, Mapping):
            held = [*cast("Mapping[object, object]", value).values()]
        elif isinstance(value, list | tuple | set | frozenset):
            held = [*cast("list[object]", value)]
        elif isinstance(value, type) and value.__module__.startswith(("bot.", "domain.")):
            held = [*vars(value).values()]
        for one in held:
            yield from _inside(one, depth + 1)


def _for_text(pattern: re.Pattern[str] | re.Pattern[bytes]) -> re.Pattern[str]:
    """The pattern itself, or what finds in a text what a pattern of bytes finds in its encoding."""
    written = pattern.pattern
    if isinstance(written, bytes):
        return re.compile(written.decode("latin-1"), pattern.flags | re.ASCII)
    return cast("re.Pattern[str]", pattern)


def _uses() -> dict[str, set[str]]:
    """The methods by which the sources use each name."""
    uses: dict[str, set[str]] = {}
    for folder in ("bot", "domain"):
        for path in (ROOT / folder).rglob("*.py"):
            for name, way in re.findall(rf"(\w+)\.({_METHODS})\b", path.read_text()):
                uses.setdefault(name, set()).add(way)
    return uses


@cache
def patterns_and_uses() -> tuple[dict[str, re.Pattern[str]], dict[str, set[str]]]:
    """Every pattern, and the methods by which the sources use each name: only where a test asks for it."""
    return patterns(), _uses()


def used(where: str, pattern: re.Pattern[str]) -> Callable[[str], object]:
    """The pattern, used as the sources use it; in every way where they do not say its name."""
    if where in written()[0]:
        ways = written()[0][where][1]
    else:
        ways = patterns_and_uses()[1].get(where.split(":")[1], {"search", "match", "fullmatch"})

    def use(text: str) -> None:
        if ways - {"match", "fullmatch"}:
            for _ in pattern.finditer(text):
                pass
        if "match" in ways:
            pattern.match(text)
        if "fullmatch" in ways:
            pattern.fullmatch(text)

    return use


@pytest.mark.parametrize("part", range(PARTS))
def test_no_text_of_a_hundred_kilobytes_holds_a_pattern_up(part: int) -> None:
    slow: dict[str, str] = {}
    every = patterns_and_uses()[0] | {where: pattern for where, (pattern, _) in written()[0].items()}
    for place, (where, pattern) in enumerate(sorted(every.items())):
        if place % PARTS == part:
            took, text = worst_text(pattern, used(where, pattern), MAX_SECONDS)
            if took >= MAX_SECONDS:
                slow[where] = text
    assert slow == {}


@deep_only
def test_patterns_that_grow_with_the_square_of_a_text_are_found() -> None:
    """The ones that held the bot up, and those of other kinds, so that this test tests something."""
    for bad in (
        r"(?<![\w*_~`])(```|[*_~`])(?=\S)([^\n]*?\S)\1(?![\w*_~`])",
        r"<@[^>]*>",
        r"<-+>|-+>",
        r"(&[a-z]{0,3}|<[^>]*)$",
    ):
        pattern = re.compile(bad)
        took, _ = worst_text(pattern, lambda text, pattern=pattern: pattern.findall(text), MAX_SECONDS)
        assert took > MAX_SECONDS, bad


PROJECT = {"_project": "PAY", "_url": "https://tracker.example", "_key_prefix": ""}
"""What trackers make a pattern of. A ticket is without spaces, and has at most `LINK` characters."""


def typed_key(client: Any, text: str) -> object:
    """Read a key as a client does, without a connection."""
    pattern = client._typed_forms(SimpleNamespace(**PROJECT))
    return client.key_of(SimpleNamespace(**PROJECT, _typed_forms=lambda: pattern), text)


READERS: dict[str, Callable[[str], object]] = {
    "clean": kit.clean_text,
    "one line": kit.one_line,
    "clip": lambda text: kit.clip(text, 3_000),
    "plain": lambda text: kit.plain_line(text, 150),
    "escape": lambda text: kit.escape(text, 3_000),
    "escape all of it": kit.escape,
    "name": kit.escape_name,
    "marked text, clipped": lambda text: clip_mrkdwn(text, 3_000),
    "plain text": lambda text: plain_text(text, 150),
    "a message": lambda text: plain_message_text(text, lambda _: "Ana"),
    "a title": lambda text: first_line(text, 150),
    "a command": lambda text: parse_command(text, SLASH_WORDS),
    "a word": lambda text: (
        nearest_word(text, SLASH_WORDS),
        match_format(text),
        match_chart(text),
        match_report_format(text),
    ),
    "an addition": parse_add_arguments,
    "a report": parse_report_arguments,
    "a day": lambda text: parse_day(text, date(2026, 3, 2)),
    "names": typed_names,
    "flows": parse_flows,
    "a witness": lambda text: parse_witnesses([text], None, ["T1"]),
    "a ticket": lambda text: [typed_key(tracker, text[:LINK]) for tracker in TRACKERS],
    "a payload": lambda text: replace_lone_surrogates({"event": {"text": text}}),
    "a protocol": lambda text: is_secure.__wrapped__(BUILT_IN, text),
    "the same name": same_name,
    "a mention": lambda text: with_names(text, [], lambda _: "Ana"),
    "Markdown": markdown_renderer.escape_text,
    "code in Markdown": markdown_renderer.code_span,
    "an address in Markdown": markdown_renderer.link_target,
    "a report's text": without_invisible,
    "a report's words": lambda text: breakable_pieces(text[:10_000]),  # a text has 3,000 characters at most
    "a report's link": lambda text: link_destination(text, frozenset()),
    "a cell of a table": csv_export.escape_formula,
    "a text of an export": printable,
    "a terminal": for_a_terminal,
    "a library": lambda text: read_library(text, BUILT_IN),
    "a library's name": lambda text: read_library(f"[[technology]]\nkey = 'a'\nname = '{text}'", BUILT_IN),
}

UNITS = [
    *(
        "a",
        " ",
        "\n",
        "*",
        "*a ",
        "_",
        "`",
        "~a~ ",
        "<",
        "<@",
        "<@U1> ",
        "<a|",
        "&",
        "&amp;",
        "&#9",
        "\u202e",
    ),
    *("-", "->", "- ", "=", "a -> b\n", "via ", "www.", "https://", "@", "#1", "\ud800", "\x00", "1", "1. "),
    *("a [b] -> ", "via a", "(a)", "[", "[a]", "((", "T:1:", " :", ", "),
    *("jan", "as-of ", "since ", "é", "\u0301", "[](", "|", "\\", "TM-", "\t", "*.", "x,"),
]


@pytest.mark.parametrize("what", READERS)
def test_whatever_reads_what_people_write_is_done_with_a_hundred_kilobytes_soon(what: str) -> None:
    act = READERS[what]

    def reads(text: str) -> None:
        try:
            act(text)
        except (OperatorError, Rejected, UnreadableLibrary, ValueError):
            return  # a refusal is soon enough, too

    slow: dict[str, float] = {}
    for unit in UNITS if DEEP else UNITS[::3]:
        text = (unit * LONG)[:LONG]
        took = measured_seconds(reads, text)
        if took >= TOO_LONG or (took >= READER_SECONDS and grows_with_the_square(reads, text)):
            slow[unit] = round(took, 3)
    assert slow == {}


def test_every_pattern_is_one_that_is_tried_or_made_of_names() -> None:
    assert written()[1] == MADE_OF_NAMES
