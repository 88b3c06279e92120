"""The page of what the rules bring up, as a phone has room for it."""

from tests.domain.test_web_shop import after_the_vote
from tests.slack.view_contents import render_page, view_text


def test_controls_of_one_class_name_it_once() -> None:
    said = view_text(render_page("seen", after_the_vote()))
    assert (
        "Usual control: Pin versions by hash, and verify signatures; Review changes before an update "
        "(integrity)"
    ) in said


def test_of_several_candidates_of_one_element_its_name_stands_above_them_all() -> None:
    said = view_text(render_page("seen", after_the_vote(), number=1))
    assert "Log-in · EP-3 · 2 suggested threats" in said
    assert said.count("EP-3 Log-in") == 0


def test_candidates_come_before_where_else_one_may_look() -> None:
    said = view_text(render_page("seen", after_the_vote()))
    assert said.index("Usual control") < said.index("Coverage")
