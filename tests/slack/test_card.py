"""What the card says."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.sandbox.api import VisibleMessage
from bot.slack.ui.messages.card_message import card_message, status_copy
from bot.store.repositories.cards import card_slot
from bot.store.repositories.deliveries import DeliveryRecord
from domain.commands import AddAsset, CloseThreatModel, ReportThreat
from domain.decide import decide
from domain.kernel.elements import PLURAL, REGISTERS, ModelKey, PersonId
from domain.kernel.threat import ResponseKind, Stride
from domain.next_step.next_step_choice import NextStep, NextStepKind
from domain.register import register
from domain.replay import replay
from tests.domain.remediation_story import TH1, TH2, TH3, THREATS, plan, respond
from tests.examples import (
    ANA,
    answer_screening,
    at,
    closed,
    decide_all,
    house,
    reasons_for_conditions,
    started,
)
from tests.slack.hostile_models import SMALL, STEPS, STREAM, CollectionProgress, build_model
from tests.slack.remediation_steps import begin_remediation, plan_mitigation
from tests.slack.slack_team import SlackTeam, run_bot
from tests.slack.view_contents import (
    PLAIN,
    button_named,
    button_target,
    buttons_of,
    fixed_naming,
    register_in_step,
    replay_register,
    view_text,
)
from tests.slack.voting_steps import person_id, run_bot_on_workspace_clock


def test_the_card_says_where_we_are_what_is_next_and_who_it_waits_for() -> None:
    seen = replay_register(decide_all(answer_screening(PersonId("UAMINA")), after=house()))
    said = view_text(card_message(STREAM, seen, fixed_naming))
    asked = sum(question.at_stake and not question.answered_unknown for question in seen.questions)
    progress = seen.question_progress
    assert said.startswith("The House · TM-1\n● Collection (now) → ○ Analysis → ○ Remediation\n")
    assert f"Next: Answer {asked} open questions\nAny participant can do this" in said
    assert "External dependencies  3  ✓ complete\n" in said
    assert "Assets  4\n" in said
    answered = f"{progress.settled} of {progress.total} questions answered"
    waiting = len(seen.questions) - asked - 1
    later = progress.total - progress.settled - len(seen.questions)
    others = f"{asked} open, {waiting} can wait, 1 with “don't know”, {later} only if an answer raises them"
    counted = f"{answered} ({others})"
    assert f"{counted} · 3 suggested threats · 3 warnings" in said
    assert "Facilitator: Amina · 1 assumption" in said


def test_remediation_may_begin_before_coverage_is_complete_and_all_questions_are_answered() -> None:
    seen = replace(replay_register(decide_all(*more_threats(1), after=THREATS)), phase="analysis")
    step = NextStep(act=NextStepKind.COVER, text="Decide 15 STRIDE cells on trust crossings")
    cases = (
        ("cells left to decide", replace(seen, next=step), True),
        ("questions after the vote", replace(seen, next=replace(step, act=NextStepKind.ANSWER)), True),
        (
            "questions in collection",
            replace(seen, next=replace(step, act=NextStepKind.ANSWER), phase="collection"),
            False,
        ),
        ("no threat yet", replace(seen, next=step, threats=()), False),
        ("threats to score", replace(seen, next=replace(step, act=NextStepKind.OPEN_ROUND)), False),
    )
    wrong = [
        what
        for what, register, offered in cases
        if ("Begin remediation" in str(card_message(STREAM, register, fixed_naming).blocks)) is not offered
    ]
    assert not wrong


def test_what_no_one_could_answer_is_not_called_open() -> None:
    seen = replay_register(decide_all(answer_screening(PersonId("UAMINA")), after=house()))
    unknown = tuple(replace(question, answered_unknown=True) for question in seen.questions)
    said = view_text(card_message(STREAM, replace(seen, questions=unknown), fixed_naming))
    assert f"questions answered ({len(unknown)} with “don't know”, " in said


@pytest.mark.parametrize(
    ("owners", "line"),
    [
        ("", ""),
        ("A", "1 open question for UA, first due 2 March 2026"),
        ("BBB", "3 open questions for UB, first due 2 March 2026"),
        ("BBBAA", "5 open questions: 3 for UB and 2 for UA, first due 2 March 2026"),
        (
            "AAABBCDE",
            "8 open questions: 3 for UA, 2 for UB, 1 for UC and 2 for others, first due 2 March 2026",
        ),
    ],
)
def test_the_card_says_who_owns_open_questions_and_when_the_first_is_due(owners: str, line: str) -> None:
    seen = replay_register(house())
    rest = (replace(one, asked_of=None, due=None) for one in seen.questions)
    asked = tuple(
        replace(one, asked_of=PersonId(f"U{owner}"), due=date(2026, 3, 2 + number))
        for number, (one, owner) in enumerate(zip(rest, owners, strict=False))
    )
    said = view_text(card_message(STREAM, replace(seen, questions=(*asked, *rest)), str))
    assert line in said if line else "first due" not in said


def test_what_waits_for_one_person_names_them() -> None:
    answered = build_model(SMALL[-1], PLAIN, known=CollectionProgress.ANSWERED)
    model = replace(answered, facts=replay(house()).facts)
    waiting = register_in_step("responding", model)
    assert waiting.next.waits_for == ANA
    assert "Waiting for Ana" in view_text(card_message(STREAM, waiting, fixed_naming))


@pytest.mark.parametrize(
    ("step", "row"),
    [
        ("collection", "● Collection (now) → ○ Analysis → ○ Remediation"),
        ("identifying", "✓ Collection → ● Analysis (now) → ○ Remediation"),
        ("voting", "✓ Collection → ● Analysis (now) → ○ Remediation"),
        ("responding", "✓ Collection → ✓ Analysis → ● Remediation (now)"),
        ("tracking", "✓ Collection → ✓ Analysis → ● Remediation (now)"),
        ("closed", "Collection → Analysis → Remediation → ■ Closed"),
        ("archived", "Collection → Analysis → Remediation → ■ Archived"),
    ],
)
def test_the_phases_are_told_in_words_beside_their_marks(step: str, row: str) -> None:
    assert row in view_text(card_message(STREAM, register_in_step(step), fixed_naming))


@pytest.mark.parametrize("step", STEPS)
def test_a_card_has_at_most_one_prominent_button_and_it_does_what_is_next(step: str) -> None:
    model = register_in_step(step)
    primary = [
        one for one in buttons_of(card_message(STREAM, model, fixed_naming)) if one.get("style") == "primary"
    ]
    assert len(primary) == (0 if step == "archived" else 1)


def test_the_card_of_an_empty_model_asks_for_data_flows_first() -> None:
    shown_card = card_message(STREAM, replay_register([started()]), fixed_naming)
    assert button_target(button_named(shown_card, "Add data flows")).name == "flows"
    assert "No findings" in view_text(shown_card)
    assert "Trust levels  0" in view_text(shown_card)


def test_a_closed_model_says_why_and_can_only_be_read_looked_back_on_and_reviewed() -> None:
    events = house()
    closing = CloseThreatModel(
        by=PersonId("UAMINA"), at=at(600), reason="We moved\nout", reasons=reasons_for_conditions()
    )
    shown_card = card_message(
        STREAM, replay_register([*events, *decide(closing, replay(events), tuple)]), fixed_naming
    )
    assert "conditions not met, reason: We moved out" in view_text(shown_card)
    assert {button["text"]["text"] for button in buttons_of(shown_card)} == {
        "Answer retrospective",
        "Findings",
        "More…",
        "Open",
        "Review",
    }


def test_a_closed_model_tells_how_its_threats_stand_and_what_goes_on() -> None:
    over = closed(decide_all(plan(TH1), respond(TH2, ResponseKind.AVOID), after=THREATS), minute=60)
    shown_card = card_message(STREAM, replay_register(over), fixed_naming)
    said = view_text(shown_card)
    assert "3 threats: 1 to be mitigated, 1 avoided, 1 open" in said
    assert "1 mitigation is still open." in said
    assert button_target(button_named(shown_card, "Plan")).name == "plan"


def test_each_register_has_its_add_button_and_a_screen_reader_can_tell_them_apart() -> None:
    adding = [
        button
        for button in buttons_of(card_message(STREAM, replay_register(house()), fixed_naming))
        if button["text"]["text"].startswith("Add ")
    ]
    assert [button_target(one).kind for one in adding] == list(REGISTERS)
    assert len({one["accessibility_label"] for one in adding}) == len(REGISTERS)


def test_flows_are_added_as_lines_until_there_are_two_components_to_choose_from() -> None:
    for events, form in ((house()[:1], "flows"), (house(), "element")):
        adding = [
            button
            for button in buttons_of(card_message(STREAM, replay_register(events), fixed_naming))
            if "add-data_flow" in button["action_id"]
        ]
        assert [button_target(one).name for one in adding] == [form]


def test_each_register_on_the_card_opens_its_list_in_every_phase() -> None:
    for events in (house(), THREATS, closed(THREATS, minute=60)):
        seen = replay_register(events)
        opening = [
            button
            for button in buttons_of(card_message(STREAM, seen, fixed_naming))
            if button_target(button).name == "register"
        ]
        assert [button_target(one).kind for one in opening] == list(REGISTERS)
        assert all(
            one["accessibility_label"] == f"Open {PLURAL[kind]}"
            for one, kind in zip(opening, REGISTERS, strict=True)
        )


def more_threats(count: int) -> list[ReportThreat]:
    return [
        ReportThreat(by=ANA, at=at(20), title=f"Leak {one}", stride=(Stride.INFORMATION_DISCLOSURE,))
        for one in range(count)
    ]


def test_in_remediation_the_card_has_counts_and_the_three_worst_open_threats_with_a_button_each() -> None:
    events = decide_all(plan(TH1), respond(TH2, ResponseKind.AVOID), *more_threats(3), after=THREATS)
    seen = replay_register(events)
    card = card_message(STREAM, seen, fixed_naming)
    said = view_text(card)
    assert "6 threats: 5 open (5 unscored) · 1 avoided\n4 without a response · 1 mitigation to do" in said
    worst = [threat.threat.id for threat in seen.ranked if threat.threat.id != TH2][:3]
    opened = [
        button
        for button in buttons_of(card)
        if button_target(button).name == "response" and "worst" in button["action_id"]
    ]
    assert [button_target(one).element for one in opened] == worst
    assert [one["text"]["text"] for one in opened] == ["Open", "Respond", "Respond"]
    assert len({one["accessibility_label"] for one in opened}) == 3
    assert not [button for button in buttons_of(card) if button["text"]["text"].startswith("Add ")], (
        "the card is short"
    )


def test_what_is_overdue_stands_among_the_counts() -> None:
    late = register(replay(decide_all(plan(TH1), after=THREATS)), now=at(60 * 24 * 60))
    assert "⚠ 1 overdue" in view_text(card_message(STREAM, late, fixed_naming))


def test_where_no_threat_is_open_the_card_says_so() -> None:
    over = [respond(one, ResponseKind.AVOID) for one in (TH1, TH2, TH3)]
    card = card_message(STREAM, replay_register(decide_all(*over, after=THREATS)), fixed_naming)
    assert "3 threats: none open · 3 avoided" in view_text(card)
    assert not [button for button in buttons_of(card) if "worst" in button["action_id"]]


def test_the_card_tells_a_screen_reader_which_model_its_questions_are_of() -> None:
    analyzing = register_in_step("identifying", replace(replay(house()), key=ModelKey("TM-7")))
    asking = button_named(card_message(STREAM, analyzing, fixed_naming), "Answer questions")
    assert asking["accessibility_label"] == "Answer open questions of TM-7"


def test_a_status_copy_leads_to_the_card() -> None:
    copy = status_copy(
        STREAM, replay_register(house()), fixed_naming, "https://the-house.example/archives/C1/p1"
    )
    assert copy.blocks[-1]["elements"][0]["url"] == "https://the-house.example/archives/C1/p1"
    assert copy.blocks[:-1] == card_message(STREAM, replay_register(house()), fixed_naming).blocks
    assert status_copy(STREAM, replay_register(house()), fixed_naming) == card_message(
        STREAM, replay_register(house()), fixed_naming
    )


def test_the_key_stays_readable_behind_the_longest_name() -> None:
    long = replace(replay(house()), name="Mouse " * 500)
    assert card_message(STREAM, register(long), fixed_naming).blocks[0]["text"]["text"].endswith("… · TM-1")


def test_what_becomes_overdue_while_nothing_is_said_shows_at_that_moment(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        begin_remediation(team)
        tomorrow = (team.sandbox.clock.moment() + timedelta(days=1)).date()
        plan_mitigation(team, owner="chi", due=tomorrow)
        team.card("To be mitigated: Chi, due")
        team.sandbox.clock.move(timedelta(days=5).total_seconds())
        team.card("⚠ overdue since")


def test_what_became_overdue_while_the_bot_was_down_shows_after_the_start(tmp_path: Path) -> None:
    path = tmp_path / "threatmodel.db"
    with run_bot_on_workspace_clock(path) as team:
        begin_remediation(team)
        tomorrow = (team.sandbox.clock.moment() + timedelta(days=1)).date()
        plan_mitigation(team, owner="chi", due=tomorrow)
        team.card("To be mitigated: Chi, due")
        team.bot.stop()
        team.sandbox.clock.move(timedelta(days=5).total_seconds())
        with run_bot(path, sandbox=team.sandbox, clock=team.sandbox.clock.moment) as again:
            again.card("⚠ overdue since")


ADD = "open:add-asset"


def test_a_card_that_was_left_behind_goes_also_where_what_its_button_asks_for_is_refused(
    team: SlackTeam,
) -> None:
    team.read_channel()
    team.command("ana", "/threatmodel start The House")
    team.modal("ana", "New threat model")
    team.person("ana").choose("Participants", "ana", "ben")
    team.submit("ana")
    orphan = leave_behind(team)
    team.person("chi").click(orphan, action_id=ADD)

    team.private_message("chi", "not a participant of this model")
    only_the_card_is_left(team, orphan)


def test_a_card_that_was_left_behind_goes_whoever_presses_it(team: SlackTeam) -> None:
    team.start()
    orphan = leave_behind(team)
    team.person("eve").click(orphan, action_id=ADD)

    team.private_message("eve", "Only members of this model's channel")
    only_the_card_is_left(team, orphan)


def test_a_card_that_no_one_recorded_is_the_card_once_it_is_pressed(team: SlackTeam) -> None:
    team.start()
    card = team.card("TM-1")
    team.unit.deliveries.put(replace(record(team), external_id="", shown=""))
    team.person("chi").click(card, action_id=ADD)
    team.modal("chi", "Add asset")
    team.wait(lambda: record(team).external_id == card.ts)
    add_asset(team)

    assert team.card("Assets  1").ts == card.ts
    assert len(team.cards()) == 1


def leave_behind(team: SlackTeam) -> VisibleMessage:
    """Have the bot forget the post of a card, so that it posts another one; returns the first one."""
    card = team.card("TM-1")
    team.unit.deliveries.put(replace(record(team), attempt="never seen", external_id="", shown=""))
    add_asset(team)
    team.wait(lambda: len(team.cards()) == 2)
    team.card("Assets  1")
    return card


def only_the_card_is_left(team: SlackTeam, orphan: VisibleMessage) -> None:
    team.wait(lambda: len(team.cards()) == 1)
    assert team.cards()[0].ts == record(team).external_id != orphan.ts


def record(team: SlackTeam) -> DeliveryRecord:
    found = team.unit.deliveries.find(card_slot(team.streams[0]))
    assert found is not None
    return found


def add_asset(team: SlackTeam) -> None:
    add = AddAsset(by=person_id(team, "ana"), at=team.now(), name="Valuables")
    team.command_handler.execute(add, stream=team.streams[0], key=team.key())
