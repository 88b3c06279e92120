"""What people wrote is harmless when it is shown, and still what they wrote."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.sandbox.api import mrkdwn_to_html
from bot.slack.protocol.block_builders import clip_mrkdwn
from bot.slack.protocol.escaping import clean_text, clip, ended, escape, escape_name, one_line, plain_line

ATTACKS = (
    "<!channel>",
    "<!here|you>",
    "<!subteam^S1>",
    "<@U0ANA0001>",
    "<#C0HOUSE01|house>",
    "<https://evil.example|click>",
    "<mailto:a@evil.example|write>",
    "https://evil.example/a",
    "@channel @here @everyone",
    "&lt;!channel&gt;",
    "a\u202eb\u2066c\u200fd",
    "\x00\x1b[31m\x07",
    "`code` ```block```",
    "*bold* _slanted_ ~struck~",
    "__twice__ _*both*_ ~_struck_~",
    "• item",
)

typed = st.lists(st.sampled_from(ATTACKS) | st.text(max_size=20), max_size=5).map("".join)


@given(typed)
@example("<!channel>" * 300)
def test_nothing_in_escaped_text_comes_alive(text: str) -> None:
    shown = escape(text)
    assert "<" not in shown
    assert ">" not in shown
    assert not re.search(r"&(?!(?:amp|lt|gt);)", shown)
    assert not re.search(r"@(channel|here|everyone|U0ANA0001)", shown)
    assert "://" not in shown
    assert "`" not in shown


@given(typed)
@example("__0__")
@example("_*both*_")
def test_escaped_text_is_shown_without_any_mark_up(text: str) -> None:
    html = mrkdwn_to_html(escape(text), lambda id: f"[called {id}]")
    shown = html.replace("<br>", "").replace("<blockquote>", "").replace("</blockquote>", "")
    assert not re.search(r"<[a-z]", shown), shown
    assert "[called" not in shown


@given(typed)
def test_no_character_steers_the_reader(text: str) -> None:
    for shown in (clean_text(text), one_line(text), plain_line(text, 50), escape_name(text)):
        odd = {one for one in shown if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")}
        # A word joiner is ours; the others hold emoji together, or lay out a longer text.
        assert odd <= {"\u2060", "\u200d", "\n", "\t"}


@pytest.mark.parametrize(
    "text", ["The House", "a & b < c", "mañana 東京 👩\u200d🚀", "2 * 3 = 6", "snake_case_name"]
)
def test_ordinary_text_reads_as_it_was_written(text: str) -> None:
    shown = escape(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert shown.replace("\u2217", "*") == text


@given(typed, st.integers(1, 300))
def test_a_clipped_text_keeps_to_its_limit_and_says_that_it_was_cut(text: str, limit: int) -> None:
    shown = clip(text, limit)
    assert len(shown) <= limit
    assert shown == text or shown.endswith("…")


@given(typed, st.integers(1, 100))
def test_a_limit_counts_what_is_read_not_how_it_is_escaped(text: str, limit: int) -> None:
    shown = escape(text, limit).replace("\u2060", "")
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        shown = shown.replace(entity, sign)
    assert len(shown) <= max(limit, len("(no name)"))


@given(typed, st.integers(1, 80))
def test_cutting_marked_up_text_leaves_no_half_entity_or_link(text: str, limit: int) -> None:
    shown = clip_mrkdwn(escape(text) + "<!date^1^{time}|then>" * 3, limit)
    assert len(shown) <= limit
    assert not re.search(r"&(?!(?:amp|lt|gt);)", shown)
    assert shown.count("<") == shown.count(">")


@given(typed, st.integers(1, 80))
def test_cutting_marked_up_text_leaves_no_mark_without_its_pair(text: str, limit: int) -> None:
    shown = clip_mrkdwn(f"*first*\n*{escape(text)}* and *{escape(text)}* is _new_", limit)
    last = shown.rpartition("\n")[2]
    for mark in ("[*]", "_", "~"):
        assert len(re.findall(rf"(?<![^\W_]){mark}|{mark}(?![^\W_])", last)) % 2 == 0


@pytest.mark.parametrize("nothing", ["", "   ", "\u202e", "\x00\n"])
def test_what_has_nothing_to_show_gets_words(nothing: str) -> None:
    assert plain_line(nothing, 20) == "(no name)"
    assert escape_name(nothing) == "(no name)"
    assert escape(nothing, empty="nothing") == "nothing"


def test_a_name_stays_on_one_line() -> None:
    assert escape_name("The\r\n  House\t\u2028again") == "The House again"


def test_an_emoji_of_several_characters_stays_whole() -> None:
    assert clean_text("👨\u200d👩\u200d👧 ❤\ufe0f") == "👨\u200d👩\u200d👧 ❤\ufe0f"


def test_a_sentence_that_was_cut_gets_no_period_behind_its_ellipsis() -> None:
    cases = {"Ana left": "Ana left.", "Ana left.": "Ana left.", "Why?": "Why?", clip("a" * 9, 5): "aaaa…"}
    assert [ended(one) for one in cases] == list(cases.values())
