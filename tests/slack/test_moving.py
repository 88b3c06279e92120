"""Moving on and back, taking over, closing and reopening, by buttons."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.ui.forms.form_fields import field_key
from bot.store import CommandKey
from domain.commands import CloseThreatModel, Command, DrawFlows, FlowByNames, RemoveElement
from domain.events import Event, RecordedEvent
from domain.kernel.elements import Kind, PersonId
from domain.lifecycle import phase_of
from domain.next_step.next_step_choice import NextStepKind
from domain.register import register
from domain.replay import replay
from tests.depth import count, examples
from tests.domain.test_walks import beginnings, walked
from tests.examples import ANA, at, reasons_for_conditions
from tests.random_commands import walks
from tests.slack.collected_house import create_collected_house
from tests.slack.next_step_player import PEOPLE, steps_on
from tests.slack.question_steps import answer_every_page
from tests.slack.remediation_steps import begin_remediation, execute_commands
from tests.slack.slack_team import SlackTeam, run_at_the_same_time
from tests.slack.voting_steps import person_id, report_threats


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
    team.explain_conditions("ana", "We only look at one door")
    team.submit("ana")
    assert phase(team) == "analysis"
    assert "● Analysis (now)" in team.card("Analysis (now)").plain
    team.command("ben", "/threatmodel history")
    assert "We only look at one door" in team.modal("ben", "History").plain


def test_conditions_with_long_reasons_are_counted_to_their_author_and_not_cut_off(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    press(team, "ana", "Begin analysis")
    team.modal("ana", "Begin analysis")
    team.explain_conditions("ana", "We look at one door of this house, and at nothing else for now. " * 4)
    team.submit("ana")
    saved = team.modal("ana", "Saved").plain
    assert "You moved to analysis, with 1 unmet condition. The thread of the card has the reasons." in saved


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
    copy = next(message for message in team.person("ana").sees("#house") if message.ephemeral)
    for flow in team.model().of_kind(Kind.DATA_FLOW):
        removal = RemoveElement(by=PersonId(team.person("ben").id), at=datetime.now(UTC), element=flow.id)
        team.command_handler.execute(removal, stream=stream, key=CommandKey(flow.id))
    team.person("ana").click(copy, "Begin analysis")
    assert "a data flow" in team.modal("ana", "Begin analysis").plain
    assert phase(team) == "collection"


def test_moving_on_lists_the_first_open_questions_and_leads_to_all_of_them(team: SlackTeam) -> None:
    create_collected_house(team)
    report_threats(team, "Somebody reads the mail")
    questions = register(team.model()).questions
    press(team, "ana", "Begin remediation")
    form = team.modal("ana", "Begin remediation")
    assert f"{len(questions)} questions are still open." in form.plain
    facts = list({question.fact: question.text for question in questions}.values())
    assert [text in form.plain for text in facts[:5]] == [True] * 4 + [False]
    assert re.search(r"and \d+ more", form.plain)
    team.person("ana").click(form, "Answer questions")
    team.modal("ana", "Open questions")


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


def test_closing_with_open_conditions_asks_for_a_reason_and_reopening_goes_on_where_it_was(
    team: SlackTeam,
) -> None:
    create_collected_house(team)
    press(team, "ana", "Close the model")
    form = team.modal("ana", "Close the model")
    assert "These conditions are not met" in form.plain
    team.explain_conditions("ana", "The house is sold")
    team.submit("ana")
    card = team.card("Closed with", "conditions not met")
    assert "Add" not in [button.label for button in card.buttons]
    team.command("ben", "/threatmodel add asset")
    team.private_message("ben", "Reopen it first")
    press(team, "ana", "Reopen the model")
    team.modal("ana", "Reopen the model")
    team.submit("ana")
    team.card("● Collection (now)", "Data flows  5")


def test_a_closing_that_is_refused_no_longer_asks_about_a_condition_that_was_met_meanwhile(
    team: SlackTeam,
) -> None:
    create_collected_house(team)
    press(team, "ana", "Close the model")
    before = team.modal("ana", "Close the model")
    team.explain_conditions("ana", "The house is sold")
    team.person("ana").choose("Next review", (team.now().date() - timedelta(days=3)).isoformat())
    answer_all_questions(team)
    team.submit("ana")
    after = team.modal("ana", "Close the model")
    assert "⚠" in after.plain
    asked, left = (
        {
            field_key(str(block["block_id"])): block["element"].get("initial_value")
            for block in form.blocks
            if "reason_" in str(block.get("block_id"))
        }
        for form in (before, after)
    )
    assert left.keys() < asked.keys()
    assert {*left.values()} == {"The house is sold"}, "what was typed for the others stays"


def test_a_form_that_was_open_when_the_model_closed_says_so_and_keeps_its_words(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "The cat")
    press(team, "ana", "Close the model")
    team.modal("ana", "Close the model")
    team.explain_conditions("ana", "The house is sold")
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


def proposed(team: SlackTeam) -> None:
    """Ana proposes to close a model with a threat that nobody has scored, and asks Ben."""
    begin_remediation(team)
    team.command("ana", "/threatmodel close")
    form = team.modal("ana", "Close the model")
    assert "Someone else must confirm the closing" in form.plain
    assert form.view.as_slack()["submit"]["text"] == "Propose closing"
    team.explain_conditions("ana", f"We move out{' soon' * 200}, for good")
    team.person("ana").choose("Who should confirm it?", "ben")
    team.submit("ana")
    team.wait(lambda: team.model().closing is not None)
    team.person("ana").close(all_of_them=True)


def test_the_model_stays_open_until_someone_else_confirms(team: SlackTeam) -> None:
    proposed(team)
    assert phase_of(team.model().step) == "remediation"
    team.card("Confirm or decline closing the model with 1 open critical threat", "Waiting for Ben")
    team.wait(lambda: any("asks you to confirm" in one.plain for one in team.person("ben").direct_messages()))
    team.command("ana", "/threatmodel close")
    assert "Waiting for Ben to confirm it" in team.modal("ana", "Close the model?").plain
    team.person("ana").close(all_of_them=True)
    team.command("chi", "/threatmodel close")
    page = team.modal("chi", "Close the model?")
    assert "We move out" in page.plain
    assert "soon, for good" in page.plain, "the person who confirms reads the whole reason"
    assert "1 critical or unscored threat would remain open:" in page.plain
    team.person("chi").click(page, "Confirm closing")
    team.wait(lambda: phase_of(team.model().step) == "closed")
    team.card("Closed with", "conditions not met")
    team.wait(lambda: "The House (TM-1) is closed." in told(team, "chi")[0])


def test_a_page_that_was_open_when_the_proposal_changed_confirms_nothing(team: SlackTeam) -> None:
    proposed(team)
    team.command("chi", "/threatmodel close")
    page = team.modal("chi", "Close the model?")
    ana, reasons = person_id(team, "ana"), reasons_for_conditions("Another reason")
    execute_commands(team, CloseThreatModel(by=ana, at=team.now(), reasons=reasons))
    team.person("chi").click(page, "Confirm closing")
    team.wait(lambda: "Ana has changed the proposal" in str(told(team, "chi")))
    assert phase_of(team.model().step) == "remediation"


def told(team: SlackTeam, who: str) -> list[str]:
    """What a person reads in the modal and in messages to them alone."""
    seen = team.person(who).modal
    return [seen.plain if seen else "", *team.private_messages(who)]


def test_anyone_who_declines_says_why_and_the_proposer_is_told(team: SlackTeam) -> None:
    proposed(team)
    team.command("ben", "/threatmodel close")
    team.person("ben").click(team.modal("ben", "Close the model?"), "Decline…")
    team.modal("ben", "Decline closing")
    team.person("ben").fill("Reason", "Score it first")
    team.submit("ben")
    team.wait(lambda: team.model().closing is None)
    assert phase_of(team.model().step) == "remediation"
    team.wait(lambda: any("Score it first" in one.plain for one in team.person("ana").direct_messages()))


def test_the_proposer_withdraws(team: SlackTeam) -> None:
    proposed(team)
    team.command("ana", "/threatmodel close")
    team.person("ana").click(team.modal("ana", "Close the model?"), "Withdraw proposal")
    team.wait(lambda: team.model().closing is None)


NOW = at(60 * 24)
FOLLOWED = count(3, deep=25)
"""How many next steps are taken, one after the other."""


@examples(8, deep=200)
@given(beginnings, walks, st.data())
def test_every_next_step_can_be_taken_from_its_button(
    beginning: str, walk: Sequence[Command], data: st.DataObject
) -> None:
    _follow(walked(beginning, walk), lambda ways: data.draw(st.sampled_from(ways)), steps=FOLLOWED)


def test_components_without_any_trust_level_can_be_placed() -> None:
    drawn = DrawFlows(by=ANA, at=at(1), flows=(FlowByNames(source="Guest", target="House"),))
    after = _follow(walked("empty", [drawn]), lambda ways: ways[-1], steps=2)
    assert not register(replay(after), NOW).unplaced


def _follow(
    events: list[RecordedEvent],
    choose: Callable[[list[list[Event]]], list[Event]],
    *,
    steps: int,
) -> list[RecordedEvent]:
    """Take some next steps, one after the other, and return all events; fail at one that cannot be taken."""
    model = replay(events)
    for number in range(steps):
        now = NOW + timedelta(minutes=number)
        step = register(model, now).next
        if step.act is NextStepKind.NOTHING or {*PEOPLE} <= {*step.not_for}:
            break
        ways = list(islice(steps_on(model, events, now), 3))
        assert ways, f"nothing leads on from “{step.text}”"
        said = choose(ways)
        events.extend(said)
        model = replay(said, model)
    return events
