"""Moving on and back, taking over, closing and reopening, by buttons."""

from datetime import UTC, datetime, timedelta

from bot.store import CommandKey
from domain.commands import RemoveElement
from domain.kernel.elements import Kind, PersonId
from domain.lifecycle import phase_of
from tests.slack.collected_house import create_collected_house
from tests.slack.question_steps import answer_every_page
from tests.slack.slack_team import SlackTeam, run_at_the_same_time


def test_after_the_last_answer_the_facilitator_goes_on_to_analysis_from_what_was_saved(
    team: SlackTeam,
) -> None:
    create_collected_house(team)
    answer_every_page(team, "ana")
    team.person("ana").click(team.modal("ana", "Saved"), "Begin analysis")
    team.wait(lambda: "Next: Review" in team.modal("ana", "Saved").plain)
    assert phase(team) == "analysis"
    team.person("ana").click(team.modal("ana", "Saved"), "Review suggested threats")
    team.modal("ana", "Findings")


def test_others_are_told_whom_the_next_step_waits_for(team: SlackTeam) -> None:
    create_collected_house(team)
    answer_every_page(team, "ben")
    saved = team.modal("ben", "Saved")
    assert "Waiting for Ana." in saved.plain
    assert not saved.buttons


def test_moving_on_too_early_lists_what_is_missing_and_takes_a_reason(either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    team.person("ana").close()
    press(team, "ana", "Begin analysis")
    form = team.modal("ana", "Begin analysis")
    for missing in ("an asset", "an entry point", "a trust level", "a data flow"):
        assert missing in form.plain
    team.person("ana").submit()
    assert phase(team) == "collection", "without a reason Slack itself asks for one"
    team.explain_gates("ana", "We only look at one door")
    team.submit("ana")
    assert phase(team) == "analysis"
    assert "● Analysis (now)" in team.card("Analysis (now)").plain
    team.command("ben", "/threatmodel history")
    assert "We only look at one door" in team.modal("ben", "History").plain


def test_with_everything_there_one_press_moves_on(team: SlackTeam) -> None:
    create_collected_house(team)
    answer_all_questions(team)
    card = team.card("Begin analysis")
    team.person("ana").click(card, "Begin analysis")
    team.private_message("ana", "analysis")
    assert phase(team) == "analysis"
    team.card("● Analysis (now)")


def test_a_press_that_comes_too_late_says_what_is_missing_by_now(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    answer_all_questions(team)
    team.command("ana", "/threatmodel status")
    copy = next(one for one in team.person("ana").sees("#house") if one.ephemeral)
    for flow in team.model().of_kind(Kind.DATA_FLOW):
        removal = RemoveElement(by=PersonId(team.person("ben").id), at=datetime.now(UTC), element=flow.id)
        team.command_handler.execute(removal, stream=stream, key=CommandKey(flow.id))
    team.person("ana").click(copy, "Begin analysis")
    assert "a data flow" in team.modal("ana", "Begin analysis").plain
    assert phase(team) == "collection"


def test_only_the_facilitator_moves_the_model_and_the_sentence_says_who_that_is(team: SlackTeam) -> None:
    create_collected_house(team)
    answer_all_questions(team)
    team.person("ben").click(team.card("Begin analysis"), "Begin analysis")
    assert "Ana" in team.private_message("ben", "Only the facilitator")
    assert phase(team) == "collection"


def test_anyone_may_take_over_and_everyone_sees_it(team: SlackTeam) -> None:
    create_collected_house(team)
    press(team, "ben", "Take over")
    team.card("Facilitator: Ben")
    assert team.model().facilitator == team.person("ben").id
    team.command("chi", "/threatmodel history")
    assert "Ben" in team.modal("chi", "History").plain


def test_two_who_take_over_at_once_leave_one_facilitator(team: SlackTeam) -> None:
    create_collected_house(team)
    card = team.card("TM-1")
    for who in ("ben", "chi"):
        team.person(who).click(card, "More…")
    pages = {who: team.modal(who, "More") for who in ("ben", "chi")}
    run_at_the_same_time(*[lambda who=who: team.person(who).click(pages[who], "Take over") for who in pages])
    assert team.model().facilitator in {team.person(who).id for who in ("ben", "chi")}
    team.card(f"Facilitator: {team.sandbox.workspace.person(team.model().facilitator).name}")


def test_going_back_to_collection_loses_nothing(team: SlackTeam) -> None:
    create_collected_house(team)
    answer_all_questions(team)
    team.person("ana").click(team.card("Begin analysis"), "Begin analysis")
    team.card("● Analysis (now)")
    names = team.names()
    press(team, "ana", "Return to collection")
    team.modal("ana", "Return to collection")
    team.submit("ana")
    assert phase(team) == "collection"
    assert team.names() == names
    team.card("● Collection (now)", "Data flows  5")


def test_in_analysis_what_was_forgotten_can_still_be_added(team: SlackTeam) -> None:
    create_collected_house(team)
    answer_all_questions(team)
    team.person("ana").click(team.card("Begin analysis"), "Begin analysis")
    team.person("ben").click(team.card("● Analysis (now)"), action_id="open:add-asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "The cat")
    team.submit("ben")
    team.card("Assets  5")


def test_closing_with_open_gates_asks_for_a_reason_and_reopening_goes_on_where_it_was(
    team: SlackTeam,
) -> None:
    create_collected_house(team)
    press(team, "ana", "Close the model")
    form = team.modal("ana", "Close the model")
    assert "These conditions are not met" in form.plain
    team.explain_gates("ana", "The house is sold")
    team.submit("ana")
    card = team.card("Closed with", "conditions not met")
    assert "Add" not in [one.label for one in card.buttons]
    team.command("ben", "/threatmodel add asset")
    team.private_message("ben", "Reopen it first")
    press(team, "ana", "Reopen the model")
    team.modal("ana", "Reopen the model")
    team.submit("ana")
    team.card("● Collection (now)", "Data flows  5")


def test_a_form_that_was_open_when_the_model_closed_says_so_and_keeps_its_words(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "The cat")
    press(team, "ana", "Close the model")
    team.modal("ana", "Close the model")
    team.explain_gates("ana", "The house is sold")
    team.submit("ana")
    team.submit("ben")
    form = team.modal("ben", "Add asset")
    assert "Reopen it first" in " ".join(form.errors.values())
    assert form.values["Name"] == "The cat"


def test_handing_over_makes_another_the_facilitator(team: SlackTeam) -> None:
    create_collected_house(team)
    press(team, "ana", "Reassign facilitator")
    team.modal("ana", "Reassign facilitator")
    team.person("ana").choose("Facilitator", "dee")
    team.submit("ana")
    team.card("Facilitator: Dee")


def test_name_and_scope_are_revised_and_the_card_follows(team: SlackTeam) -> None:
    create_collected_house(team)
    press(team, "ana", "Name and scope")
    form = team.modal("ana", "Name and scope")
    assert form.values["Name"] == "The House"
    team.person("ana").fill("Name", "The old house")
    day = team.now().date() + timedelta(days=30)
    team.person("ana").choose("Answers due", day.isoformat())
    team.submit("ana")
    team.card("The old house · TM-1", f"Answers due {day.day} {day:%B %Y}")


def press(team: SlackTeam, who: str, label: str) -> None:
    """Press a button of the page More."""
    team.person(who).click(team.card("TM-1"), "More…")
    team.person(who).click(team.modal(who, "More"), label)


def phase(team: SlackTeam) -> str:
    return phase_of(team.model().step)


def answer_all_questions(team: SlackTeam) -> None:
    """Ben answers every question so that nothing is found, and leaves."""
    answer_every_page(team, "ben")
    team.modal("ben", "Saved")
    team.person("ben").close()
    assert team.model().of_kind(Kind.DATA_FLOW)
