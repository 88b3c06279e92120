"""Several rows of the coverage grid are marked as reviewed in one form."""

from bot.sandbox.api import interactive_elements, options
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form_fields import field_key
from bot.slack.ui.modals.analysis.coverage_page import MOST_ROWS, review_several_target
from domain.analysis.coverage import CoverageRow
from domain.commands import Command, ConsiderRow, RemoveElement, ReportThreat
from domain.events import Erased, RowConsidered
from domain.kernel.elements import ElementId, Kind
from domain.kernel.threat import Stride
from domain.register import register
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id

FORM = "Mark as reviewed"
WHY = "Why do no further threats apply?"


def open_rows(team: SlackTeam) -> list[CoverageRow]:
    return list(register(team.model()).coverage.open)


def open_form(team: SlackTeam, who: str) -> None:
    team.command(who, "/threatmodel coverage")
    page = team.modal(who, "Coverage")
    team.person(who).click(page, "Mark several as reviewed…")
    team.modal(who, FORM)


def tick(team: SlackTeam, who: str, *rows: ElementId) -> None:
    """Leave exactly these rows selected; ten of them are in a group."""
    for control in interactive_elements(team.modal(who, FORM).blocks):
        if field_key(control.block_id) == "rows":
            there = [str(option["value"]) for option in options(control.element)]
            team.person(who).check(control.block_id, *(one for one in there if one in rows))


def tell(team: SlackTeam, command: Command) -> None:
    team.command_handler.execute(command, stream=team.streams[0], key=team.key())


def consider(team: SlackTeam, row: CoverageRow, reason: str) -> ConsiderRow:
    return ConsiderRow(by=person_id(team, "ana"), at=team.now(), element=row.element, reason=reason)


def reasons(team: SlackTeam) -> dict[ElementId, str]:
    return {id: one.reason for id, one in team.model().considered.items()}


def reviews(team: SlackTeam) -> list[RowConsidered]:
    events = team.store.events(team.streams[0])
    return [event for event in events if not isinstance(event, Erased) and isinstance(event, RowConsidered)]


def test_chosen_rows_get_one_reason_and_the_others_stay_open(either_way: SlackTeam) -> None:
    team = either_way
    create_collected_house(team)
    first, second, *others = open_rows(team)
    assert others
    open_form(team, "ben")
    form = team.modal("ben", FORM)
    for row in (first, second, *others):
        assert f"{row.name} · {row.element}" in form.plain
    tick(team, "ben", first.element, second.element)
    team.person("ben").fill(WHY, "Both are on paper")
    team.submit("ben")
    team.wait(lambda: reasons(team))
    assert reasons(team) == {first.element: "Both are on paper", second.element: "Both are on paper"}
    assert [review.consideration.element for review in reviews(team)] == [first.element, second.element]
    assert len({review.answer for review in reviews(team)}) == 1
    assert open_rows(team) == others
    team.wait(lambda: "Both are on paper" in team.modal("ben", "Coverage").plain)


def test_all_rows_are_selected_with_one_press_and_one_can_be_left_out(team: SlackTeam) -> None:
    create_collected_house(team)
    rows = open_rows(team)
    open_form(team, "ben")
    team.person("ben").click(team.modal("ben", FORM), f"Select all {len(rows)}")
    team.wait(lambda: "Select none" in team.modal("ben", FORM).plain)
    tick(team, "ben", *(row.element for row in rows[1:]))
    team.person("ben").fill(WHY, "We looked")
    team.submit("ben")
    team.wait(lambda: reasons(team))
    assert {*reasons(team)} == {row.element for row in rows[1:]}


def test_a_row_that_someone_else_reviewed_meanwhile_is_named_and_not_overwritten(team: SlackTeam) -> None:
    create_collected_house(team)
    first, second, third, *_ = open_rows(team)
    open_form(team, "ben")
    tell(team, consider(team, first, "Ana looked"))
    tell(team, consider(team, third, "Ana looked here too"))
    tick(team, "ben", first.element, second.element)
    team.person("ben").fill(WHY, "Ben looked")
    team.submit("ben")
    team.wait(lambda: "in the meantime" in team.modal("ben", FORM).plain)
    form = team.modal("ben", FORM).plain
    assert f"Review of {first.element} {first.name}" in form
    assert "Ana looked" in form
    assert f"Review of {third.element}" not in form, "Ben did not select it"
    assert reasons(team) == {first.element: "Ana looked", third.element: "Ana looked here too"}
    tick(team, "ben", second.element)
    team.submit("ben")
    team.wait(lambda: second.element in reasons(team))
    assert reasons(team) == {
        first.element: "Ana looked",
        second.element: "Ben looked",
        third.element: "Ana looked here too",
    }


def test_a_review_of_all_rows_is_saved_over_anothers_only_on_purpose(team: SlackTeam) -> None:
    create_collected_house(team)
    rows = open_rows(team)
    open_form(team, "ben")
    team.person("ben").click(team.modal("ben", FORM), f"Select all {len(rows)}")
    team.wait(lambda: "Select none" in team.modal("ben", FORM).plain)
    tell(team, consider(team, rows[0], "Ana looked"))
    team.person("ben").fill(WHY, "Ben looked")
    team.submit("ben")
    team.wait(lambda: "in the meantime" in team.modal("ben", FORM).plain)
    assert reasons(team) == {rows[0].element: "Ana looked"}
    team.submit("ben")
    team.wait(lambda: len(reasons(team)) == len(rows))
    assert {*reasons(team).values()} == {"Ben looked"}


def test_select_all_leaves_out_a_row_that_was_reviewed_before_the_press(team: SlackTeam) -> None:
    create_collected_house(team)
    rows = open_rows(team)
    open_form(team, "ben")
    tell(team, consider(team, rows[0], "Ana looked"))
    team.person("ben").click(team.modal("ben", FORM), f"Select all {len(rows)}")
    team.wait(lambda: "Select none" in team.modal("ben", FORM).plain)
    assert "Reviewed: Ana looked" in team.modal("ben", FORM).plain
    team.person("ben").fill(WHY, "Ben looked")
    team.submit("ben")
    team.wait(lambda: len(reasons(team)) == len(rows))
    assert reasons(team)[rows[0].element] == "Ana looked"
    assert {reasons(team)[row.element] for row in rows[1:]} == {"Ben looked"}


def test_a_threat_reported_meanwhile_in_a_selected_row_is_shown_first(team: SlackTeam) -> None:
    create_collected_house(team)
    first, second, *_ = open_rows(team)
    open_form(team, "ben")
    reported = ReportThreat(
        by=person_id(team, "ana"),
        at=team.now(),
        title="An impostor",
        element=first.element,
        stride=(Stride.SPOOFING,),
    )
    tell(team, reported)
    tick(team, "ben", first.element, second.element)
    team.person("ben").fill(WHY, "Ben looked")
    team.submit("ben")
    team.wait(lambda: "in the meantime" in team.modal("ben", FORM).plain)
    form = team.modal("ben", FORM).plain
    assert f"Findings of {first.element} {first.name}" in form
    assert "TH-1" in form
    assert not reasons(team)
    team.submit("ben")
    team.wait(lambda: len(reasons(team)) == 2)


def test_a_selected_row_whose_element_was_removed_is_named(team: SlackTeam) -> None:
    create_collected_house(team)
    rows = open_rows(team)
    flow = next(row for row in rows if row.kind is Kind.DATA_FLOW)
    other = next(row for row in rows if row.kind is not Kind.DATA_FLOW)
    open_form(team, "ben")
    tell(team, RemoveElement(by=person_id(team, "ana"), at=team.now(), element=flow.element))
    tick(team, "ben", flow.element, other.element)
    team.person("ben").fill(WHY, "Ben looked")
    team.submit("ben")
    (sentence,) = team.modal("ben", FORM).errors.values()
    assert flow.element in sentence
    assert not reasons(team)


def test_the_button_of_a_form_holds_no_more_rows_than_it_offers() -> None:
    rows = [
        CoverageRow(element=ElementId(f"DF-{number}"), name="A", kind=Kind.DATA_FLOW, crossing=True, cells=())
        for number in range(1, 1_000)
    ]
    target = review_several_target("T0/TM-1", rows)
    assert isinstance(target, Target)
    assert len(target.element.split(",")) == MOST_ROWS
