"""One row of the coverage grid: what decided each of its cells, and the way to the answers behind it."""

import pytest

from bot.slack.protocol.targets import SelectionTarget, StaleButton, Target
from bot.slack.ui.modals.modal_registry import PAGES
from domain.kernel.answer import Answer
from domain.kernel.elements import Rating
from domain.register import register
from domain.replay import replay
from tests.domain.suggested_threats import HOUSE
from tests.domain.test_answer_basis import stated
from tests.domain.test_assumed_facts import shop
from tests.examples import decide_all
from tests.slack.form_cases import open_form_view
from tests.slack.hostile_models import LARGE, STREAM, CollectionProgress, build_model
from tests.slack.limit_checks import view_faults
from tests.slack.test_prevented_page import HOSTILE
from tests.slack.view_contents import button_target, buttons_of, render_page, replay_register, view_text

GRID = Target(name="coverage", stream=STREAM, page=2)


def chosen(menu: str, *values: str) -> Target:
    filtered = PAGES["coverage"].filtered
    assert filtered is not None
    return filtered(GRID, menu, values)


def test_the_menu_of_the_grid_shows_each_row_with_what_decided_its_cells() -> None:
    known = replay_register(decide_all(stated(Answer.NO), after=HOUSE))
    (menu,) = (
        block["accessory"]
        for block in render_page("coverage", known)["blocks"]
        if block.get("accessory", {}).get("type") == "static_select"
    )
    rows = [option["value"] for option in menu["options"]]
    assert rows == [f"{row.element}/" for row in known.coverage.undecided_first[:25]]
    texts = [view_text(render_page("coverage", known, element=chosen("row", row).element)) for row in rows]
    assert any("“authorization is checked on every request”: no (stated)" in text for text in texts)
    assert all("Spoofing: " in text or "Tampering: " in text for text in texts)


def test_each_cell_that_rests_on_answers_leads_to_them_and_back_to_its_row() -> None:
    known = replay_register(decide_all(stated(Answer.NO), after=HOUSE))
    row = next(row for row in known.coverage.rows for cell in row.cells if cell.answers)
    view = render_page("coverage", known, element=f"{row.element}/")
    about = [button_target(one) for one in buttons_of(view) if one["text"]["text"] == "Change…"]
    assert [one.element for one in about] == [
        f"{row.element}/{cell.category}" for cell in row.cells if cell.answers
    ]
    assert {one.back for one in about} == {"coverage"}
    again = render_page("coverage", known, element=about[0].element)  # as it is shown after the form
    assert view_text(again) == view_text(view)


def test_a_cell_that_a_line_of_the_model_settles_says_why_and_can_be_answered() -> None:
    known = register(replay(shop(rating=Rating.MEDIUM)))
    (row,) = (row for row in known.coverage.rows if row.element == "DF-1")
    cell = next(cell for cell in row.cells if cell.assumed)
    text = view_text(render_page("coverage", known, element=f"{row.element}/"))
    assert "“it is encrypted in transit”: yes, assumed because HTTPS encrypts the traffic" in text
    finding = f"{row.element}/{cell.category}"
    target = SelectionTarget(name="change_answers", stream=STREAM, element=finding)
    form = view_text(open_form_view("change_answers", known, target))
    assert "Now: yes, assumed because HTTPS encrypts the traffic" in form


@pytest.mark.parametrize(
    ("menu", "values"), [("row", ()), ("row", ("CO-1/", "CO-2/")), ("order", ("CO-1/",))]
)
def test_a_forged_choice_is_stale(menu: str, values: tuple[str, ...]) -> None:
    with pytest.raises(StaleButton):
        chosen(menu, *values)


def test_a_row_that_is_gone_shows_the_grid() -> None:
    known = replay_register(HOUSE)
    assert view_text(render_page("coverage", known, element="CO-99/")) == view_text(
        render_page("coverage", known)
    )


def test_the_rows_of_a_large_model_fit() -> None:
    known = register(build_model(LARGE, HOSTILE, known=CollectionProgress.ANSWERED))
    views = [render_page("coverage", known, element=f"{row.element}/") for row in known.coverage.rows[:40]]
    assert [fault for view in views for fault in view_faults(view)] == []
