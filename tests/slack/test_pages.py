"""What the pages say: lists, suggested threats, history, assumptions."""

import re
from collections.abc import Callable, Generator
from datetime import UTC, datetime

import pytest

from bot.slack.handlers.dispatch_table import BUTTON_HANDLERS
from bot.slack.handlers.dispatcher import ANOTHER_MODEL
from bot.slack.handlers.modal_loading import load_form, load_page
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import Action, ButtonKind, DayTarget, MessageTarget, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.modal_registry import PAGES
from bot.store import StreamId
from domain.changes import difference
from domain.commands import Undo
from domain.decide import decide
from domain.history import TimelineEntry, timeline
from domain.kernel.elements import Kind, PersonId
from domain.kernel.threat import ResponseKind
from domain.register import register
from domain.replay import replay
from tests.domain.remediation_story import TH1, TH2, TH3, THREATS, plan, respond, start
from tests.examples import BEN, at, decide_all, house
from tests.slack.access_actions import ABOUT
from tests.slack.access_harness import (
    SECRETS,
    AccessHarness,
    channel_id_of,
    open_access_harness,
    outcome_of,
    person_id_of,
)
from tests.slack.collected_house import create_collected_house
from tests.slack.hostile_models import LARGE, STREAM, CollectionProgress, build_model
from tests.slack.slack_team import SlackTeam
from tests.slack.test_private import everything
from tests.slack.view_contents import (
    PLAIN,
    button_named,
    button_target,
    buttons_of,
    fixed_naming,
    past_model,
    render_page,
    replay_register,
    view_text,
)


def test_a_list_tells_what_is_known_of_each_element() -> None:
    said = view_text(render_page("register", replay_register(house()), kind=Kind.COMPONENT))
    assert "5 components" in said
    assert "Garage · CO-5\nType: process · Trust level: Visitors · Innermost boundary: Locks" in said
    flows = view_text(render_page("register", replay_register(house()), kind=Kind.DATA_FLOW))
    assert (
        "Resident → House: Valuables, Important papers · DF-1\nEntry point: Front door · Crosses Locks"
        in flows
    )


def test_a_list_is_marked_complete_and_reopened_from_its_page() -> None:
    team = replay_register(house())
    done = button_target(button_named(render_page("register", team, kind=Kind.ASSET), "Mark complete"))
    assert (done.name, done.kind) == (Action.COMPLETE_REGISTER, Kind.ASSET)
    again = button_target(
        button_named(render_page("register", team, kind=Kind.EXTERNAL_DEPENDENCY), "Mark incomplete")
    )
    assert (again.name, again.kind) == (Action.REOPEN_REGISTER, Kind.EXTERNAL_DEPENDENCY)


def test_a_suggested_threat_is_told_with_its_rule_its_facts_and_what_usually_helps() -> None:
    said = view_text(render_page("seen", replay_register(house())))
    boundary = said[said.index("No boundary between different trust levels") :]
    for words in (
        "Elevation of privilege",
        "DF-5 Garage → House: Valuables",
        "Garage (trusted as Visitors, in Locks) → House (trusted as Residents, in Locks)",
        "Why it matters: An attacker in the less trusted part",
        "Usual control: Define a boundary between the two, and check rights where it is crossed",
        "Rule X02 · CWE-653",
        "False positive if: One of the trust levels is entered wrongly",
    ):
        assert words in boundary
    assert "“the caller is authenticated”: no (Front door)" in said
    assert "⚠ TL-1 “Passers-by” is not" in said


def test_history_tells_the_newest_answer_first_with_who_and_when() -> None:
    said = view_text(render_page("history", replay_register(house()), history=timeline(house())))
    assert said.index("marked the external dependencies complete") < said.index("answered “no”")
    assert "Amina · <!date^1772444520^{date_short_pretty}, {time}|2026-03-02 09:42 UTC>" in said
    assert "Benji · " in said
    assert "recorded the assumption “The windows are nailed shut”" in said


def test_a_day_tells_how_the_threats_stood_then_and_what_was_decided_since() -> None:
    then = decide_all(plan(TH1), respond(TH2, ResponseKind.AVOID), after=THREATS)
    now = decide_all(start(), respond(TH3, ResponseKind.TRANSFER), after=then)
    was, became = (register(replay(events), at(60 * 24 * 30)) for events in (then, now))
    past = past_model(was, difference(was, became, now))
    showing = PageData(
        target=DayTarget(name="as_of", stream=STREAM, day=past.day),
        reader=BEN,
        model=became,
        naming=fixed_naming,
        past=past,
    )
    said = view_text(PAGES["as_of"].show(showing))
    assert "3 threats: 1 to be mitigated, 1 avoided, 1 open" in said
    assert "⚠ 1 mitigation overdue" in said
    assert (
        "A plumber who is none · TH-1\n\N{EM SPACE}○ To be mitigated: UCHI, ⚠ overdue since 6 March 2026"
        in said
    )
    assert "Curtains left open · TH-2\n\N{EM SPACE}● Avoided: Ben, no due date" in said
    assert "(TH-1) progressed by UCHI: status: to be mitigated → in remediation" in said
    assert "Glue in the lock (TH-3) decided by Ben: status: open → transferred; response: transfer;" in said
    assert "Ask for a badge (MI-1) changed by UCHI: state: planned → started" in said


def test_what_was_taken_back_stays_in_the_history_and_is_marked() -> None:
    events = house()
    undo = decide(Undo(by=PersonId("UAMINA"), at=at(600)), replay(events), lambda: events)
    told = [*events, *undo]
    said = view_text(render_page("history", replay_register(told), history=timeline(told)))
    assert "reopened the external dependencies" in said
    assert "✗ undone\nmarked the external dependencies complete" in said


def pages(show: Callable[[int], View]) -> list[View]:
    """All pages of a list, turned as a reader turns them."""
    turned = [show(0)]
    while following := [button for button in buttons_of(turned[-1]) if button["text"]["text"] == "Next page"]:
        turned.append(show(button_target(following[0]).page))
    return turned


def test_a_thousand_entries_are_read_by_turning_pages_each_once_the_newest_first() -> None:
    history = tuple(
        TimelineEntry(
            version=number,
            answer=number - number % 3,
            by=BEN,
            at=datetime.fromtimestamp(number, UTC),
            text=f"said no. {number}.",
        )
        for number in range(1, 1_001)
    )
    turned = pages(
        lambda page: render_page("history", replay_register(house()), number=page, history=history)
    )
    read = [int(number) for view in turned for number in re.findall(r"said no\. (\d+)\.", view_text(view))]
    assert sorted(read) == list(range(1, 1_001))
    assert [one - one % 3 for one in read] == sorted((one - one % 3 for one in read), reverse=True)


def test_an_answer_of_many_long_words_is_told_whole() -> None:
    history = tuple(
        TimelineEntry(version=number, answer=1, by=BEN, at=at(0), text=f"said no. {number}. {'so ' * 90}")
        for number in range(1, 41)
    )
    said = view_text(render_page("history", replay_register(house()), history=history))
    assert re.findall(r"said no\. (\d+)\.", said) == [str(number) for number in range(1, 41)]


def test_sixty_assumptions_are_read_by_turning_pages() -> None:
    team = register(build_model(LARGE, PLAIN, known=CollectionProgress.ANSWERED))
    turned = pages(lambda page: render_page("assumptions", team, number=page))
    revised = [
        button_target(button).element
        for view in turned
        for button in buttons_of(view)
        if button["text"]["text"] == "Revise"
    ]
    assert revised == [assumption.id for assumption in team.assumptions]


@pytest.mark.parametrize(
    "page",
    [
        "register",
        "seen",
        "threats",
        "dismissed",
        "prevented",
        "coverage",
        "history",
        "assumptions",
    ],
)
def test_a_page_beyond_the_end_shows_the_last_one(page: str) -> None:
    team = replay_register(house())
    beyond = render_page(page, team, kind=Kind.ASSET, number=9_999, history=timeline(house()))
    assert view_text(beyond) == view_text(render_page(page, team, kind=Kind.ASSET, history=timeline(house())))


PRESSED: dict[ButtonKind, tuple[str, ...]] = {
    ButtonKind.OPEN: ("scope", "element", "move"),
    ButtonKind.SHOW: ("more", "history"),
    ButtonKind.TURN: ("more", "lists"),
    ButtonKind.DO: (Action.UNDO, Action.REMOVE, Action.TAKE_OVER, Action.COMPLETE_REGISTER),
    ButtonKind.WORD: ("status", "threats", "undo"),
    ButtonKind.FILTER: ("more", "lists"),
    ButtonKind.CHOOSE: ("threat",),
    ButtonKind.DRAFT: ("draft",),
    ButtonKind.TRACKER: ("disconnect",),
}
"""What is pressed, by trigger: each of them would show the page again, or put another in its place."""


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Generator[AccessHarness]:
    with open_access_harness(tmp_path_factory.mktemp("pages") / "threatmodel.db") as opened:
        yield opened


def test_every_trigger_is_tried() -> None:
    assert set(PRESSED) | {ButtonKind.LINK} == set(BUTTON_HANDLERS) == set(ButtonKind)


@pytest.mark.parametrize(
    ("trigger", "what"), [(trigger, what) for trigger, whats in PRESSED.items() for what in whats]
)
def test_a_value_of_ones_own_model_opens_nothing_in_a_page_of_another_one(
    harness: AccessHarness, trigger: ButtonKind, what: str
) -> None:
    theirs, ours = harness.begin("private"), harness.begin("public")
    before = [harness.version(one) for one in (theirs, ours)]
    page = load_page(harness.services, Target(name="lists", stream=theirs), person_id_of("member"))
    if trigger is ButtonKind.CHOOSE:
        held = MessageTarget(name=what, stream=theirs, channel=channel_id_of("private"), message="2.2")
        page = load_form(harness.services, held, person_id_of("member"))
    value = Target(name=what, stream=ours, kind=Kind.ASSET, element=ABOUT.get(what, ""))
    said = harness.press("member", "public", trigger, value, page)
    assert outcome_of(said) == "STALE" or ANOTHER_MODEL in said
    assert not [word for word in SECRETS if word in said], said
    assert [harness.version(one) for one in (theirs, ours)] == before


@pytest.mark.parametrize(
    "page", sorted(set(PAGES) - {"why", "response", "tracker_accounts", "tracker_webhook"})
)
def test_every_page_refuses_what_is_about_another_model(harness: AccessHarness, page: str) -> None:
    theirs, ours = harness.begin("private"), harness.begin("public")
    shown = load_page(
        harness.services, Target(name=page, stream=theirs, kind=Kind.ASSET), person_id_of("member")
    )
    value = Target(name=Action.COMPLETE_REGISTER, stream=ours, kind=Kind.ASSET)
    assert ANOTHER_MODEL in harness.press("member", "public", ButtonKind.DO, value, shown)


@pytest.mark.parametrize("what", ["lists", "hours"])
def test_who_is_not_let_into_the_page_presses_nothing_in_it_whatever_the_button_says(
    harness: AccessHarness, what: str
) -> None:
    theirs = harness.begin("private")
    page = load_page(harness.services, Target(name="lists", stream=theirs), person_id_of("member"))
    for trigger in (ButtonKind.TURN, ButtonKind.SHOW, ButtonKind.DO):
        said = harness.press(
            "stranger", "public", trigger, Target(name=what, channel=channel_id_of("public")), page
        )
        assert not [word for word in SECRETS if word in said]
        assert outcome_of(said) in ("no", "STALE"), said


def test_a_page_of_a_channel_that_was_left_is_not_shown_again(team: SlackTeam) -> None:
    create_collected_house(team)
    team.sandbox.invite_bot("#house-keys")
    team.start("ben", "The keys", "#house-keys")
    team.person("ben").close()
    team.person("ben").click(team.card("TM-1", where="#house"), "More…")
    page = team.modal("ben", "More")
    keys = StreamId(team.streams[1])
    view = team.sandbox.client.parts.views.find(view_id=page.id).as_slack()
    press = {
        "type": "block_actions",
        "api_app_id": "A0THREATM",
        "team": {"id": "T0SANDBOX"},
        "user": {"id": team.person("ben").id, "team_id": "T0SANDBOX"},
        "trigger_id": "7.7",
        "container": {"type": "view", "view_id": page.id},
        "view": view,
        "actions": [
            {
                "action_id": "do:take-over",
                "block_id": "b",
                "action_ts": "7.8",
                "type": "button",
                "value": f'{{"v":1,"w":"take_over","s":"{keys}"}}',
            }
        ],
    }
    team.person("ben").leave("#house")
    version = team.model(1).version
    team.sandbox.client.sender.send("interactive", press)
    team.wait(lambda: ANOTHER_MODEL in everything(team, "ben"))
    assert team.model(1).version == version
    assert "Lists" not in everything(team, "ben")
