"""What each of seventeen kinds of file becomes, in numbers."""

from collections import Counter
from typing import NamedTuple

from domain.drafts.draft import Certainty
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind
from tests.drafts.fixture_drafts import NAMES, fixture_draft

KINDS = (
    Kind.COMPONENT,
    Kind.DATA_FLOW,
    Kind.ENTRY_POINT,
    Kind.EXTERNAL_DEPENDENCY,
    Kind.ASSET,
    Kind.TRUST_BOUNDARY,
)


class Counts(NamedTuple):
    """Numbers of items by kind and by certainty, of answers yes and no, and of the rest."""

    kinds: str
    """Components, data flows, entry points, external dependencies, assets, trust boundaries."""
    sure: str
    """Certain, likely, guess."""
    answers: str
    """Yes, no."""
    rest: str
    """Threats, assumptions, notes."""


PAIR = "minimal.compose.yaml override.compose.yaml"
COUNTS = {
    "accounts.swagger.yaml": Counts("1 0 6 0 2 0", "7 2 0", "18 3", "0 0 1"),
    "agents.kubernetes.yaml": Counts("2 0 2 1 1 0", "5 1 0", "3 6", "0 0 0"),
    "cloud.plan.json": Counts("8 4 4 0 6 0", "14 5 3", "13 8", "0 0 1"),
    "flow.mermaid.mmd": Counts("8 7 0 0 0 2", "15 2 0", "0 0", "0 0 0"),
    "gateway.kubernetes.yaml": Counts("1 1 2 2 0 0", "3 3 0", "4 0", "0 0 0"),
    "list.kubernetes.json": Counts("1 0 3 1 0 0", "4 1 0", "5 3", "0 0 0"),
    "minimal.compose.yaml": Counts("2 1 1 1 2 0", "5 1 1", "3 1", "0 0 0"),
    "orders.openapi.yaml": Counts("1 0 6 1 1 0", "7 2 0", "25 3", "0 0 0"),
    "override.compose.yaml": Counts("2 1 2 2 0 0", "4 3 0", "4 2", "0 0 0"),
    "page.mermaid.md": Counts("4 3 0 0 0 0", "7 0 0", "0 0", "0 0 0"),
    "review.tc.json": Counts("0 0 0 0 0 0", "0 0 0", "0 0", "3 1 3"),
    "shop.compose.yaml": Counts("12 25 5 3 8 1", "36 13 5", "22 17", "0 0 1"),
    "shop.kubernetes.yaml": Counts("6 6 2 2 5 2", "14 8 1", "17 7", "0 0 1"),
    "silent.openapi.json": Counts("1 0 3 0 0 0", "4 0 0", "6 0", "0 0 0"),
    "steps.mermaid.mmd": Counts("4 3 0 0 0 0", "0 0 7", "0 0", "0 0 1"),
    "workers.compose.yaml": Counts("5 2 0 1 1 0", "6 2 1", "6 6", "0 0 0"),
    PAIR: Counts("3 3 3 2 2 0", "9 3 1", "5 3", "0 0 0"),
}


def counts_of(names: str) -> Counts:
    draft = fixture_draft(names)
    kinds = Counter(one.kind for one in draft.items)
    sure = Counter(one.certainty for one in draft.items)
    answers = Counter(answer.answer for one in draft.items for answer in one.answers)
    return Counts(
        " ".join(str(kinds[kind]) for kind in KINDS),
        " ".join(str(sure[one]) for one in Certainty),
        f"{answers[Answer.YES]} {answers[Answer.NO]}",
        f"{len(draft.threats)} {len(draft.assumptions)} {len(draft.notes)}",
    )


def test_each_file_becomes_as_many_items_as_before() -> None:
    assert {names: counts_of(names) for names in COUNTS} == COUNTS


def test_every_fixture_is_counted() -> None:
    assert {*COUNTS} == {*NAMES, PAIR}
    assert len(COUNTS) == 17
