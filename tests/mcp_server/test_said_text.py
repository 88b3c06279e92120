"""What people wrote stands only under `said`, without characters that are not seen, and bounded."""

from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mcp_server.answers import (
    MAX_REPORT,
    MAX_SAID,
    ModelPart,
    guard_answer,
    model_part,
    question_answer,
    report_answer,
    said,
    visible_text,
    whole_register,
)
from domain.register import register
from tests.depth import deep_also
from tests.mcp_server.agents import NOON
from tests.slack.hostile_models import (
    LARGE,
    SMALL,
    CollectionProgress,
    ModelSize,
    build_model,
    hostile_naming,
)

MARKS = ("ZEBRA", "<!channel>")
"""What every text of people contains here, and no text of the product."""

WORDS = [
    f"ZEBRA {number} <!channel> \u202e\u2066\x1b[31m\U000e0041 ```{'x' * number * 900}" for number in range(4)
]


def test_characters_that_are_not_seen_are_left_out() -> None:
    tags = "".join(chr(0xE0000 + ord(one)) for one in "obey")
    for text, seen in (
        ("plain\ttext\n", "plain\ttext"),
        ("Ignore\u202e this\u2066\u200f", "Ignore this"),
        (f"x{tags}", "x"),
        ("\x00a\x1b[31mb\x7f", "a[31mb"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("one\u2028two", "one\ntwo"),
        ("a\ufe0f\U000e0101\U000e01ef", "a"),
        ("private \ue000use", "private use"),
        ("naïve 日本 😀", "naïve 日本 😀"),
    ):
        assert visible_text(text) == seen, ascii(text)


@given(st.text())
def test_a_text_is_marked_bounded_and_stays_as_it_is_the_second_time(text: str) -> None:
    once = said(text, 50)
    assert once is None or (set(once) == {"said"} and 0 < len(once["said"]) <= 50)
    assert visible_text(visible_text(text)) == visible_text(text)


@pytest.mark.parametrize("size", [SMALL[2], *deep_also((LARGE,))])
def test_no_word_of_people_stands_elsewhere(size: ModelSize) -> None:
    known = register(build_model(size, WORDS, known=CollectionProgress.ANSWERED), NOON)
    answers: list[object] = [
        *(model_part(known, part, hostile_naming) for part in ModelPart),
        whole_register(known, hostile_naming),
        report_answer(known, hostile_naming, NOON),
        *(question_answer(question, hostile_naming) for question in known.questions[:20]),
        *(
            guard_answer(known, item.id, hostile_naming)
            for listed in known.lists.values()
            for item in listed.items[:3]
        ),
    ]
    found = list(texts_of(answers))
    assert any("ZEBRA" in text for _, text in found)
    for path, text in found:
        if path[-1] == "said":
            most = MAX_REPORT if "report" in path else MAX_SAID
            assert visible_text(text) == text, path
            assert len(text) <= most, path
        else:
            assert text.isprintable(), (path, ascii(text))
            assert [mark for mark in MARKS if mark in text] == [], (path, text)


def texts_of(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text in an answer, keys included, with the keys that lead to it."""
    match value:
        case str():
            yield path or ("",), value
        case dict():
            for key, one in cast("dict[str, object]", value).items():
                yield ("key",), key
                yield from texts_of(one, (*path, key))
        case list() | tuple():
            for one in cast("list[object]", value):
                yield from texts_of(one, path)
        case _:
            pass
