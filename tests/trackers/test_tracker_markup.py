"""Text that people typed, in the markup of Redmine and of Jira Data Center."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from bot.trackers.jira import wiki_line, wiki_link
from bot.trackers.redmine import redmine_line
from bot.trackers.text_defusing import JOINER, defused
from bot.trackers.tracker_client import plain_address

HOSTILE = st.text(st.sampled_from("aZ 19\\\t\n.,:;()[]{}<>*_-+~^@#!?|=%&$`\"'/é中")) | st.text()


@given(HOSTILE)
def test_any_text_is_read_back_from_redmine_as_it_was(text: str) -> None:
    line = redmine_line(text)
    assert unescape(line).replace(JOINER, "") == defused(text).replace(JOINER, "")
    assert not re.search(r"[*_^~@\"!|\[\]{}<>`\\$]", line)
    assert not re.search(r"(?<!&)#|&(?!#\d+;)", line)


@given(HOSTILE)
def test_any_text_is_read_back_from_jira_as_it_was(text: str) -> None:
    line = wiki_line(text)
    shown = re.sub(r"\\(.)", r"\1", line).replace("&amp;", "&").replace(JOINER, "")
    assert shown == defused(text).replace(JOINER, "")
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_+^~?{}\[\]!|#@]", line)


def test_ordinary_text_stays_readable_in_redmine() -> None:
    text = "Two-factor sign-in (TOTP) for 50% of users: x=y, it's done; see RFC 6238/4.2."
    assert redmine_line(text) == text.replace("50% ", "50&#37; ")


def test_markup_of_redmine_becomes_references() -> None:
    cases = {
        "*b* _i_ -s- +u+": "&#42;b&#42; &#95;i&#95; &#45;s&#45; &#43;u&#43;",
        "^x^ ~y~ @c@ `d`": "&#94;x&#94; &#126;y&#126; &#64;c&#64; &#96;d&#96;",
        "snake_case a*b": "snake&#95;case a&#42;b",
        "[[Wiki]] {{toc}}": "&#91;&#91;Wiki&#93;&#93; &#123;&#123;toc&#125;&#125;",
        "h1. Head": "h1&#46; Head",
        "1. one": "1&#46; one",
        "12) two": "12&#41; two",
        "p(note). x": "p&#40;note&#41;&#46; x",
        "1.5 seconds": "1&#46;5 seconds",
        "e.g. this": "e.g. this",
        "What?? &amp; <b>": "What&#63;? &#38;amp; &#60;b&#62;",
        "": "",
    }
    assert {text: redmine_line(text).replace(JOINER, "") for text in cases} == cases
    assert redmine_line("user:ben") == f"user:{JOINER}ben"


def test_markup_of_jira_is_escaped() -> None:
    cases = {
        "*b* _i_ -s- +u+ ^x^ ~y~ ??c??": r"\*b\* \_i\_ \-s\- \+u\+ \^x\^ \~y\~ \?\?c\?\?",
        "two-factor": "two-factor",
        "[~ben] [a|http://x]": r"\[\~ben\] \[a\|http://x\]",
        "{code}x{code} !img.png!": r"\{code\}x\{code\} \!img.png\!",
        "# item": r"\# item",
        "a\\b": r"a\\b",
        "&lt;": "&amp;lt;",
        "h1. Head": "h1. Head",
        "bq. quote": "bq. quote",
    }
    assert {text: wiki_line(text).replace(JOINER, "") for text in cases} == cases
    assert wiki_line("h1. Head").startswith(JOINER)
    assert wiki_line("[~ben]") == rf"\[{JOINER}\~{JOINER}ben\]"


def test_links_have_no_characters_that_are_markup() -> None:
    url = "https://bot.example.org/a_b-c/~x|y]?z=*2*&w=1 é"
    wanted = "https://bot.example.org/a%5Fb-c/%7Ex%7Cy%5D?z=%2A2%2A&w=1%20%C3%A9"
    assert plain_address(url) == wanted
    assert wiki_link("Open it", url) == f"[Open it|{wanted}]"
