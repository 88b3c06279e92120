"""Moving on and back, taking over, closing and reopening, by buttons."""

from datetime import UTC, datetime, timedelta

from bot.sandbox.api import VisibleView
from bot.store import CommandKey
from domain.commands import RemoveElement
from domain.kernel.elements import Kind, PersonId
from domain.lifecycle import phase_of
from tests.domain.placed_components import sparing
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot, run_at_the_same_time


def test_after_the_last_answer_the_facilitator_goes_on_to_analysis_from_what_was_saved(
    there: RunningBot,
) -> None:
    create_collected_house(there)
    answer_all(there, "ana")
    there.person("ana").click(there.modal("ana", "Saved"), "Move on to analysis")
    there.wait(lambda: "Next: Judge" in there.modal("ana", "Saved").plain)
    assert phase(there) == "analysis"
    there.person("ana").click(there.modal("ana", "Saved"), "Judge candidates")
    there.modal("ana", "What came up")


def test_others_are_told_whom_the_next_step_waits_for(there: RunningBot) -> None:
    create_collected_house(there)
    answer_all(there, "ben")
    saved = there.modal("ben", "Saved")
    assert "It waits for Ana." in saved.plain
    assert not saved.buttons


def test_moving_on_too_early_lists_what_is_missing_and_takes_a_reason(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    there.person("ana").close()
    press(there, "ana", "Move on to analysis")
    form = there.modal("ana", "Move on to analysis")
    for missing in ("an asset", "an entry point", "a trust level", "a data flow"):
        assert missing in form.plain
    there.person("ana").submit()
    assert phase(there) == "collection", "without a reason Slack itself asks for one"
    there.explain_gates("ana", "We only look at one door")
    there.submit("ana")
    assert phase(there) == "analysis"
    assert "● Analysis (now)" in there.card("Analysis (now)").plain
    there.command("ben", "/threatmodel history")
    assert "We only look at one door" in there.modal("ben", "History").plain


def test_with_everything_there_one_press_moves_on(there: RunningBot) -> None:
    create_collected_house(there)
    answer_all_questions(there)
    card = there.card("Move on to analysis")
    there.person("ana").click(card, "Move on to analysis")
    there.told("ana", "analysis")
    assert phase(there) == "analysis"
    there.card("● Analysis (now)")


def test_a_press_that_comes_too_late_says_what_is_missing_by_now(there: RunningBot) -> None:
    stream = create_collected_house(there)
    answer_all_questions(there)
    there.command("ana", "/threatmodel status")
    copy = next(one for one in there.person("ana").sees("#house") if one.ephemeral)
    for flow in there.model().of_kind(Kind.DATA_FLOW):
        removal = RemoveElement(by=PersonId(there.person("ben").id), at=datetime.now(UTC), element=flow.id)
        there.command_handler.execute(removal, stream=stream, key=CommandKey(flow.id))
    there.person("ana").click(copy, "Move on to analysis")
    assert "a data flow" in there.modal("ana", "Move on to analysis").plain
    assert phase(there) == "collection"


def test_only_the_facilitator_moves_the_model_and_the_sentence_says_who_that_is(there: RunningBot) -> None:
    create_collected_house(there)
    answer_all_questions(there)
    there.person("ben").click(there.card("Move on to analysis"), "Move on to analysis")
    assert "Ana" in there.told("ben", "Only the facilitator")
    assert phase(there) == "collection"


def test_anybody_may_take_over_and_everybody_sees_it(there: RunningBot) -> None:
    create_collected_house(there)
    press(there, "ben", "Take over")
    there.card("Facilitator: Ben")
    assert there.model().facilitator == there.person("ben").id
    there.command("chi", "/threatmodel history")
    assert "Ben" in there.modal("chi", "History").plain


def test_two_who_take_over_at_once_leave_one_facilitator(there: RunningBot) -> None:
    create_collected_house(there)
    card = there.card("TM-1")
    for who in ("ben", "chi"):
        there.person(who).click(card, "More…")
    pages = {who: there.modal(who, "More") for who in ("ben", "chi")}
    run_at_the_same_time(*[lambda who=who: there.person(who).click(pages[who], "Take over") for who in pages])
    assert there.model().facilitator in {there.person(who).id for who in ("ben", "chi")}
    there.card(f"Facilitator: {there.sandbox.workspace.person(there.model().facilitator).name}")


def test_going_back_to_collection_loses_nothing(there: RunningBot) -> None:
    create_collected_house(there)
    answer_all_questions(there)
    there.person("ana").click(there.card("Move on to analysis"), "Move on to analysis")
    there.card("● Analysis (now)")
    names = there.names()
    press(there, "ana", "Back to collection")
    there.modal("ana", "Back to collection")
    there.submit("ana")
    assert phase(there) == "collection"
    assert there.names() == names
    there.card("● Collection (now)", "Data flows  5")


def test_in_analysis_what_was_forgotten_can_still_be_added(there: RunningBot) -> None:
    create_collected_house(there)
    answer_all_questions(there)
    there.person("ana").click(there.card("Move on to analysis"), "Move on to analysis")
    there.person("ben").click(there.card("● Analysis (now)"), action_id="open:add-asset")
    there.modal("ben", "Add asset")
    there.person("ben").fill("Name", "The cat")
    there.submit("ben")
    there.card("Assets  5")


def test_closing_with_open_gates_asks_for_a_reason_and_reopening_goes_on_where_it_was(
    there: RunningBot,
) -> None:
    create_collected_house(there)
    press(there, "ana", "Close the model")
    form = there.modal("ana", "Close the model")
    assert "These gates are still open" in form.plain
    there.explain_gates("ana", "The house is sold")
    there.submit("ana")
    card = there.card("Closed with", "gates open")
    assert "Add" not in [one.label for one in card.buttons]
    there.command("ben", "/threatmodel add asset")
    there.told("ben", "Reopen it first")
    press(there, "ana", "Reopen the model")
    there.modal("ana", "Reopen the model")
    there.submit("ana")
    there.card("● Collection (now)", "Data flows  5")


def test_a_form_that_was_open_when_the_model_closed_says_so_and_keeps_its_words(there: RunningBot) -> None:
    create_collected_house(there)
    there.command("ben", "/threatmodel add asset")
    there.modal("ben", "Add asset")
    there.person("ben").fill("Name", "The cat")
    press(there, "ana", "Close the model")
    there.modal("ana", "Close the model")
    there.explain_gates("ana", "The house is sold")
    there.submit("ana")
    there.submit("ben")
    form = there.modal("ben", "Add asset")
    assert "Reopen it first" in " ".join(form.errors.values())
    assert form.values["Name"] == "The cat"


def test_handing_over_makes_another_the_facilitator(there: RunningBot) -> None:
    create_collected_house(there)
    press(there, "ana", "Hand over")
    there.modal("ana", "Hand over")
    there.person("ana").choose("Facilitator", "dee")
    there.submit("ana")
    there.card("Facilitator: Dee")


def test_name_and_scope_are_revised_and_the_card_follows(there: RunningBot) -> None:
    create_collected_house(there)
    press(there, "ana", "Name and scope")
    form = there.modal("ana", "Scope")
    assert form.values["Name"] == "The House"
    there.person("ana").fill("Name", "The old house")
    day = there.now().date() + timedelta(days=30)
    there.person("ana").choose("Answers by", day.isoformat())
    there.submit("ana")
    there.card("The old house · TM-1", f"Answers by {day.day} {day:%B %Y}")


def press(there: RunningBot, who: str, label: str) -> None:
    """Press a button of the page More."""
    there.person(who).click(there.card("TM-1"), "More…")
    there.person(who).click(there.modal(who, "More"), label)


def phase(there: RunningBot) -> str:
    return phase_of(there.model().step)


def answer_all_questions(there: RunningBot) -> None:
    """Ben answers every question so that nothing is found, and leaves."""
    answer_all(there, "ben")
    there.modal("ben", "Saved")
    there.person("ben").close()
    assert there.model().of_kind(Kind.DATA_FLOW)


def answer_all(there: RunningBot, who: str) -> None:
    """Answer page after page so that nothing is found; what was saved stands in front then."""
    there.command(who, "/threatmodel questions")
    form: VisibleView | None = there.modal(who, "Open questions")
    while form is not None and form.title == "Open questions":
        for block in form.blocks:
            if block["type"] == "input":
                key = str(block["block_id"])
                if not key.startswith("answer/"):
                    continue
                there.person(who).choose(key, sparing(key.split("/")[2]).value.capitalize())
        there.submit(who)
        form = there.person(who).modal
