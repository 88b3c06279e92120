"""Text of mitigations in trackers: it is read as it was written, and does nothing there."""

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.trackers.issue_text import escape_markdown
from bot.trackers.text_defusing import JOINER, defused, issue_title, one_line
from tests.depth import examples

HOSTILE = (
    "@team @all @org/admins cc @-x, ana@example.org",
    "Fixes #12, closes: owner/repo#12, Resolves https://github.com/o/r/issues/1, fixing ENG-12, closed GH-7",
    "implements issue ABC_D-12; completed !5; close\tgroup/sub/project#4",
    '#1 !2 $3 &4 %5 ~bug ~"a b" %"v 1" *iteration:1 GL-12 gh-12 [vulnerability:1] [[wiki]] [~ana]',
    "/close",
    "/assign @ana /label ~x",
    "{code}x{code} {{include(x)}} {html} {+ a +} {- b -} {%x%}",
    "<!-- hidden --> --> <script>alert(1)</script> <details> <?x?> <![CDATA[x]]> </p>",
    "https://evil.example //evil.example mailto:x@y.example javascript:alert(1) www.evil.example data:x",
    "[x](https://evil.example) ![y](z) `code` ``` **b** _i_ ~~s~~ | a | # h\n# h\n> q\n- i\n1. i\n---\n===",
    "a\u202eb\u200bc\x00d\u2028e\x85f\ufefftags\U000e0041",
    "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN} \u0645\u06cc\N{ZERO WIDTH NON-JOINER}\u062e",
)

ALIVE = (
    re.compile(r"@[\w\"'-]"),
    re.compile(r"[#!&$]\d|[!~%][\w\"]"),
    re.compile(r"(?i)\bg[hl]-\d"),
    re.compile(
        r"(?i)\b(?:close[sd]?|closing|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)\b\W{0,3}[#!\w/.-]+[-#/]\d"
    ),
    re.compile(r"://"),
    re.compile(r"(?i)\bwww\."),
    re.compile(r"^\s*/[a-z]"),
    re.compile(r"<!--|-->|<[a-z/!?]"),
    re.compile(r"\[\[|\[~|\{[a-z{+%-]"),
)
PARSER = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def plain(text: str) -> str:
    return one_line(text).replace(JOINER, "")


def test_hostile_text_is_shown_as_it_is_and_does_nothing() -> None:
    for text in HOSTILE:
        for line in (defused(text), issue_title(text, 10_000)):
            assert plain(line) == plain(text)
            assert not [one.pattern for one in ALIVE if one.search(line)], line
            assert "\n" not in line


PIECES = st.lists(
    st.one_of(
        st.sampled_from(sorted({piece for text in HOSTILE for piece in re.findall(r"\w+|\W", text)})),
        st.text(st.characters(exclude_categories=("Cs",)), max_size=3),
    ),
    max_size=20,
).map("".join)


@given(PIECES)
def test_any_text_is_shown_as_it_is_and_does_nothing(text: str) -> None:
    line = defused(text)
    assert plain(line) == plain(text)
    assert not [one.pattern for one in ALIVE if one.search(line)]
    assert defused(line) == line


@examples(25)
@given(PIECES)
def test_markdown_shows_any_text_without_markup(text: str) -> None:
    for tokens in (PARSER.parse(f"- {escape_markdown(text)}"), PARSER.parse(f"a {escape_markdown(text)}")):
        children = [child for token in tokens for child in token.children or []]
        assert {child.type for child in children} <= {"text", "text_special"}
        assert plain("".join(child.content for child in children)).removeprefix("a ") in (plain(text), "a")


def test_a_title_has_one_line_and_a_length() -> None:
    assert issue_title("Use OAuth\nfor #12", 255) == f"Use OAuth for #{JOINER}12"
    assert issue_title("a" * 300, 255) == f"{'a' * 254}…"
    assert issue_title("a" * 255, 255) == "a" * 255
    assert issue_title("ab cd", 4) == "ab…"
    assert issue_title("\u200b", 255) == "Mitigation"


def test_long_text_is_defused_in_time_that_grows_with_its_length() -> None:
    for piece in ("fix ", "fixes a", "a", "a:", "<", "[", "fix" + "-" * 7, "http:", "clos"):
        defused(piece * 5_000)
