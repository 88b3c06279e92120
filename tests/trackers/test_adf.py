"""Documents of Jira Cloud: our part in them, and the nodes of people."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.trackers.adf import Node, description_with_part, document, nodes_of, paragraph, plain_text
from bot.trackers.issue_text import begin_line, end_line
from bot.trackers.tracker import IssueContent

SUBJECT, OTHER = "MI-3 in TM-7", "MI-4 in TM-7"
CONTENT = IssueContent(subject=SUBJECT, title="T", lines=("One", "Two"), link="https://bot.example.org")
PART = nodes_of(description_with_part(None, CONTENT, most=9_999))

texts = st.text(max_size=9)
leaves: st.SearchStrategy[Node] = st.one_of(
    texts.map(paragraph),
    st.sampled_from(
        [
            {"type": "rule"},
            {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"id": "1", "type": "file"}}]},
            {"type": "paragraph", "content": [{"type": "mention", "attrs": {"id": "1", "text": "@Ben"}}]},
            {"type": "blockCard", "attrs": {"url": "https://example.org"}},
            paragraph(begin_line(OTHER)),
            paragraph(end_line(OTHER)),
            {},
        ]
    ),
)
nodes = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3).map(lambda content: {"type": "panel", "content": content}),
    max_leaves=6,
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "content", "text", "attrs", "marks"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.lists(nodes, max_size=5), st.lists(nodes, max_size=5))
def test_our_part_is_replaced_where_it_is_and_other_nodes_stay(above: list[Node], below: list[Node]) -> None:
    again = description_with_part(document([*above, *PART, *below]), CONTENT, most=9_999)
    assert again == document([*above, *PART, *below])
    first = description_with_part(document([*above, *below]), CONTENT, most=9_999)
    assert first == document([*PART, *above, *below])


@given(values)
def test_a_description_of_any_form_is_read(value: Any) -> None:
    assert isinstance(plain_text(nodes_of(value)), str)
    assert (
        plain_text(nodes_of(description_with_part(value, CONTENT, most=9_999))).count(begin_line(SUBJECT))
        >= 1
    )


def test_the_part_gets_fewer_lines_where_there_is_no_room() -> None:
    whole = len(plain_text(PART))
    shown = [
        plain_text(nodes_of(description_with_part(None, CONTENT, most=most))) for most in range(whole + 1)
    ]
    assert sorted({text.count("\n") for text in shown if text}) == [1, 2, 3, 4]
    assert shown[-1] == plain_text(PART)
    people = document([paragraph("x" * 99)])
    assert description_with_part(people, CONTENT, most=100) == people
