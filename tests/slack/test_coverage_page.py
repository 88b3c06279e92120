"""The page of the coverage grid: rows of fixed width, undecided ones first."""

import re
from functools import cache

from domain.register import ThreatRegister
from tests.slack.hostile_models import LARGE, CollectionProgress, build_model
from tests.slack.view_contents import PLAIN, register_in_step, render_page

ROW = re.compile(r"`(S (?:ok|\? |~ |\. |- ) T .. R .. I .. D .. E ..)`")


@cache
def large() -> ThreatRegister:
    """A large model, which takes longer to analyze than to show."""
    return register_in_step("identifying", build_model(LARGE, PLAIN, known=CollectionProgress.ANSWERED))


@cache
def rows(page: int = 0) -> list[str]:
    view = render_page("coverage", large(), number=page)
    texts = [one["text"]["text"] for one in view["blocks"] if one["type"] == "section"]
    assert not any(" " in code for text in texts for code in re.findall("`([^`]*)`", text))
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts]


def test_every_row_has_a_column_of_the_same_width_for_each_category() -> None:
    signs = [found.group(1) for text in rows() for found in [ROW.search(text)] if found]
    assert len(signs) == 25
    assert {len(one) for one in signs} == {29}


def test_undecided_rows_come_first_on_all_pages() -> None:
    texts = [text for page in range(3) for text in rows(page) if ROW.search(text)]
    undecided = ["?" in text for text in texts]
    assert undecided == sorted(undecided, reverse=True)
    assert any(undecided)


def test_a_page_names_both_groups_of_rows_in_words() -> None:
    assert large().coverage.open
    assert "*Undecided*" in rows()
