"""Our part of an issue's text: put in, found again and replaced, while the text of people stays."""

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.trackers import issue_text as issue_texts
from bot.trackers.issue_text import (
    MARKDOWN,
    PLAIN,
    Markup,
    begin_line,
    end_line,
    fenced,
    issue_text,
    kept_rows,
)
from bot.trackers.text_defusing import JOINER
from bot.trackers.tracker import IssueContent

SUBJECT = "MI-3 in TM-7"
OTHER = "MI-4 in TM-7"
CONTENT = IssueContent(
    subject=SUBJECT,
    title="Rate-limit sign-in",
    lines=("Threat: No rate limit", "Close #12 for @team"),
    link="https://bot.example/cards/TM-7/MI-3",
)
OURS = f"""\
— Maintained by the threat model bot: MI-3 in TM-7 —

- [Open the mitigation in the threat model](https://bot.example/cards/TM-7/MI-3)
- Due: 4 January 2027
- Threat: No rate limit
- Clos{JOINER}e \\#{JOINER}12 for @{JOINER}{JOINER}team

— End of MI-3 in TM-7. The bot overwrites edits between these lines. —"""


def part_of(words: str, subject: str = SUBJECT) -> str:
    return fenced(subject, [f"- {words}"])


def with_new_part(text: str) -> str:
    return issue_text(text, IssueContent(subject=SUBJECT, title="", lines=("new",)), MARKDOWN, most=99_999)


def test_a_new_issue_has_our_part_alone() -> None:
    assert issue_text("", CONTENT, MARKDOWN, most=9_999, due=date(2027, 1, 4)) == OURS
    assert issue_text(" \n", CONTENT, MARKDOWN, most=9_999, due=date(2027, 1, 4)) == OURS
    assert "Open the mitigation in the threat model: https://bot" in issue_text(
        "", CONTENT, PLAIN, most=9_999
    )


def test_the_mark_of_a_tracker_without_labels_is_never_left_out_alone() -> None:
    texts = [issue_text("", CONTENT, PLAIN, most=most, reference="tm-0123456789ab") for most in range(500)]
    assert sorted({text.count("\n- ") for text in texts}) == [0, 1, 2, 3, 4]
    assert all("\n- Reference: tm-0123456789ab\n" in text for text in texts if text)


def test_the_text_of_people_stays_where_it_is() -> None:
    new = part_of("new")
    for before, after in (
        ("Hello.\r\n\r\nBye.", f"{new}\n\nHello.\r\n\r\nBye."),
        (f"Above.\n\n{part_of('old')}\n\nBelow.", f"Above.\n\n{new}\n\nBelow."),
        (f"{part_of('old')}\n\nBelow.\n", f"{new}\n\nBelow.\n"),
        (f"A\n{part_of('old')}\nB\n{part_of('copy')}\nC", f"A\n{new}\nB\nC"),
        (f"A\n{part_of('its', OTHER)}\nB", f"{new}\n\nA\n{part_of('its', OTHER)}\nB"),
        # One of the two lines was deleted: what was between them may be anyone's.
        (f"A\n{begin_line(SUBJECT)}\nB", f"{new}\n\nA\nB"),
        (f"A\n{end_line(SUBJECT)}\nB", f"{new}\n\nA\nB"),
        (
            f"{begin_line(SUBJECT)}\nA\n{part_of('its', OTHER)}\nB\n{end_line(SUBJECT)}",
            f"{new}\n\nA\n{part_of('its', OTHER)}\nB",
        ),
        (f"{begin_line(SUBJECT)}\nA\n{part_of('old')}\nB", f"A\n{new}\nB"),
        (f"> {begin_line(SUBJECT)}\n> a\n> {end_line(SUBJECT)}", None),
    ):
        expected = f"{new}\n\n{before}" if after is None else after
        assert with_new_part(before) == expected
        assert with_new_part(expected) == expected


def test_the_two_lines_are_found_as_trackers_return_them() -> None:
    changes: list[Callable[[str], str]] = [
        lambda line: f"{line}\r",
        lambda line: f"**{line}**  ",
        lambda line: line.replace("-", "\\-").replace(".", "\\."),
        lambda line: line.replace("—", "--"),
        lambda line: f"_{line}_",
        lambda line: f"* {line}",
    ]
    for change in changes:
        old = f"A\n{change(begin_line(SUBJECT))}\nold\n{change(end_line(SUBJECT))}\nB"
        assert with_new_part(old) == f"A\n{part_of('new')}\nB", old


LINES = st.sampled_from(
    [
        begin_line(SUBJECT),
        end_line(SUBJECT),
        begin_line(OTHER),
        end_line(OTHER),
        f"{begin_line(SUBJECT)}\r",
        f"> {end_line(SUBJECT)}",
        part_of("old"),
        "",
        "text",
        "text\r",
    ]
)
TEXTS = st.lists(LINES, max_size=8).map("\n".join)


@given(TEXTS, st.lists(LINES, max_size=3), st.sampled_from([MARKDOWN, PLAIN]))
def test_a_part_is_put_in_once_whatever_the_text_is(text: str, lines: list[str], chosen: Markup) -> None:
    content = IssueContent(subject=SUBJECT, title="", lines=tuple(lines))
    once = issue_text(text, content, chosen, most=99_999)
    assert once.split("\n").count(begin_line(SUBJECT)) == 1
    assert once.split("\n").count(end_line(SUBJECT)) == 1
    assert issue_text(once, content, chosen, most=99_999) == once
    # Another subject's part, and then ours with other words: each stays one part.
    both = issue_text(once, IssueContent(subject=OTHER, title=""), chosen, most=99_999)
    other = IssueContent(subject=SUBJECT, title="", lines=("new",))
    swapped = issue_text(both, other, chosen, most=99_999)
    assert issue_text(swapped, content, chosen, most=99_999) == both


@given(st.lists(st.sampled_from(["a", "b\r", "", "- c"]), max_size=5), st.integers(0, 3))
def test_text_outside_is_kept_to_the_letter(lines: list[str], at: int) -> None:
    above, below = lines[:at], lines[at:]
    whole = "\n".join([*above, part_of("old"), *below])
    assert with_new_part(whole) == "\n".join([*above, part_of("new"), *below])


def test_a_text_that_gets_too_long_has_fewer_of_our_lines() -> None:
    people = "x" * 500
    content = IssueContent(subject=SUBJECT, title="", lines=tuple(f"{n} {'y' * 90}" for n in range(9)))
    shown = issue_text(people, content, MARKDOWN, most=1_000)
    assert len(shown) <= 1_000
    assert people in shown
    assert shown.count("y" * 90) == 3
    assert issue_text(people, content, MARKDOWN, most=510) == people
    long = IssueContent(subject=SUBJECT, title="", lines=("z" * 5_000,) * 99)
    assert issue_text("", long, MARKDOWN, most=99_999).count("\n- ") == 40


def test_a_long_text_of_people_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def looking(rows: Sequence[str], subject: str) -> Sequence[int | None]:
        looked.append(len(rows))
        return kept_rows(rows, subject)

    monkeypatch.setattr(issue_texts, "kept_rows", looking)
    people = "a\n" * 300
    content = IssueContent(subject=SUBJECT, title="X", lines=("a line",) * 40)
    assert len(issue_text(people, content, MARKDOWN, most=900)) <= 900
    assert looked == [301]


def test_a_text_without_our_part_stays_when_the_issue_is_no_longer_kept_up_to_date() -> None:
    last = replace(CONTENT, ended=True)
    for text in ("", "Mine.", part_of("theirs", OTHER), f"A\n{begin_line(SUBJECT)}\nB"):
        assert issue_text(text, last, MARKDOWN, most=9_999) == text
