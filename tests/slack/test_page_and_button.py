"""A button inside a page is about the page's own model, and both are checked for access."""

from collections.abc import Generator

import pytest

from bot.slack.handlers.dispatch_table import BUTTON_HANDLERS
from bot.slack.handlers.dispatcher import ANOTHER_MODEL
from bot.slack.handlers.modal_loading import load_form, load_page
from bot.slack.protocol.targets import Action, ButtonKind, MessageTarget, Target
from bot.slack.ui.modals.modal_registry import PAGES
from bot.store import StreamId
from domain.kernel.elements import Kind
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
from tests.slack.slack_team import SlackTeam
from tests.slack.test_private import everything

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
