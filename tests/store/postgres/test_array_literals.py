"""Arrays that the bot writes as literals arrive as they were."""

import psycopg
from hypothesis import given
from hypothesis import strategies as st

from bot.store.postgres.array_literals import bytes_array, text_array
from tests.depth import examples
from tests.emptied_database import empty_database

TEXTS = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=4)


def read(literal: str, kind: str) -> object:
    with psycopg.connect(empty_database()) as connection:
        row = connection.execute(f"SELECT CAST(%s AS {kind}[])".encode(), (literal,)).fetchone()
    assert row is not None
    return row[0]


@examples(10)
@given(TEXTS)
def test_any_texts(texts: list[str]) -> None:
    assert read(text_array(texts), "text") == texts


def test_texts_that_mean_something_in_a_literal() -> None:
    texts = ["", "NULL", '"', "\\", '\\"', "{a,b}", ",", " ", "'", "\n", "\\x00"]
    assert read(text_array(texts), "text") == texts


def test_any_bytes() -> None:
    values = [b"", bytes(range(256)), b"\\x"]
    assert read(bytes_array(values), "bytea") == values


def test_numbers() -> None:
    assert read(text_array(str(one) for one in (1, 20)), "integer") == [1, 20]
