"""Where every button leads, and that everything can be reached."""

import re
from datetime import date
from typing import get_args

import pytest

from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.handlers.submissions.form_submission import action_command
from bot.slack.protocol.block_builders import Message, View
from bot.slack.protocol.targets import ButtonKind, PhaseTarget, Target
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.messages.card_message import card_message
from bot.slack.ui.modals.modal_registry import FORMS, PAGES
from bot.slack.ui.modals.steering.model_forms import MOVES
from domain.commands import (
    ApproveAcceptances,
    BeginAnalysis,
    BeginRemediation,
    Command,
    ConfirmSuggestedThreats,
    ConsiderRow,
    DismissSuggestedThreats,
    DropMitigation,
    HandOver,
    ImplementMitigation,
    LinkMitigation,
    MergeThreats,
    MitigationCommand,
    OpenRound,
    OrderTrustLevels,
    PlanMitigation,
    PlanSuggestedMitigations,
    ProposeAcceptance,
    RecordAssumption,
    ReopenRow,
    ReopenSuggestedThreat,
    ReportThreat,
    ResponseCommand,
    ReviseAssumption,
    ReviseMitigation,
    ReviseScope,
    ReviseThreat,
    Undo,
    UnlinkMitigation,
    WithdrawThreat,
)
from domain.element_kinds import ADD_COMMANDS, REVISE_COMMANDS
from domain.events import RecordedEvent
from domain.history import timeline
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import Stride, SuggestedThreatId, ThreatId
from domain.model import ThreatModel
from domain.register import ThreatRegister
from domain.replay import replay
from tests.examples import ANA, MORNING, at, decide_all, house
from tests.slack.hostile_models import STEPS, STREAM
from tests.slack.tracker_screens import SCREEN, TRACKER_FORMS
from tests.slack.view_contents import (
    button_named,
    button_target,
    buttons_of,
    fixed_naming,
    register_in_step,
    render_page,
    replay_register,
)

NO_COMMAND = ("hours", "look_back", "changes_since", *TRACKER_FORMS)
"""The forms that ask nothing of a model."""


def threatened() -> list[RecordedEvent]:
    """The House, with threats that somebody saw, a dismissed suggested threat and a row with a reason."""
    stride = (Stride.SPOOFING,)
    amina = PersonId("UAMINA")
    seen = [
        ReportThreat(by=amina, at=at(90), title=title, stride=stride)
        for title in ("The plumber is none", "The postman is none")
    ]
    dismissed = (SuggestedThreatId("S01@DF-1"),)
    dismiss = DismissSuggestedThreats(by=amina, at=at(91), suggested_threats=dismissed, reason="We know them")
    consider = ConsiderRow(by=amina, at=at(92), element=ElementId("CO-1"), reason="They live here")
    return decide_all(*seen, dismiss, consider, after=house())


def remedied() -> list[RecordedEvent]:
    """The same, with a mitigation for each thing that may be done with one, and a risk to approve."""
    amina, benji = PersonId("UAMINA"), PersonId("UBENJI")
    first, second = ThreatId("TH-1"), ThreatId("TH-2")
    plans = [
        PlanMitigation(by=amina, at=at(102), threat=first, title=title, owner=benji)
        for title in ("A badge", "A bell", "A dog")
    ]
    bell, dog = MitigationId("MI-2"), MitigationId("MI-3")
    return decide_all(
        BeginAnalysis(by=amina, at=at(100)),
        BeginRemediation(by=amina, at=at(101), reason="no time to vote"),
        *plans,
        ImplementMitigation(by=benji, at=at(103), mitigation=bell, evidence="It rings"),
        DropMitigation(by=benji, at=at(104), mitigation=dog, reason="It barks"),
        ProposeAcceptance(by=amina, at=at(105), threat=second, expires=date(2026, 5, 29), reason="So be it"),
        after=threatened(),
    )


def deed(target: Target, team: ThreatRegister) -> Command:
    levels = [item.id for item in team.items(Kind.TRUST_LEVEL)]
    return action_command(target, lambda: levels, by=ANA, at=MORNING)


def command_of(target: Target) -> type[Command]:
    """The command that a form's submission will ask for."""
    match target.name:
        case "element":
            assert target.kind is not None
            return (REVISE_COMMANDS if target.element else ADD_COMMANDS)[target.kind]
        case "assumption":
            return ReviseAssumption if target.element else RecordAssumption
        case "threat":
            return ReviseThreat if target.element else ReportThreat
        case "move":
            return MOVES[PhaseTarget.of(target).move]
        case "mitigation":
            return ReviseMitigation if target.element.startswith("MI-") else PlanMitigation
        case form:
            command = FORMS[form].command_asked(target)
            assert command is not None, form
            return command


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "model",
    [replay(house()), replay(house()[:1]), replay(remedied())],
    ids=["the house", "an empty one", "in remediation"],
)
def test_every_button_leads_somewhere_and_only_to_what_may_be_done_now(step: str, model: ThreatModel) -> None:
    team = register_in_step(step, model)
    history = timeline(house())
    views: list[Message | View] = [card_message(STREAM, team, fixed_naming)]
    about_all = set(PAGES) - {"response", "portfolio"}  # which is about many models
    views += [render_page(page, team, kind=kind, history=history) for page in about_all for kind in Kind]
    views += [render_page("response", team, element=threat.id) for threat in team.threats]
    followed: set[tuple[ButtonKind, str]] = set()
    for view in views:
        for pressed in buttons_of(view):
            target = button_target(pressed)
            assert target.stream == STREAM, pressed
            assert re.search(r"[A-Za-z]{2}", pressed["text"]["text"]), "words, not signs alone"
            kind = ButtonKind(pressed["action_id"].partition(":")[0])
            if (kind, pressed["value"]) in followed:
                continue  # most buttons are on many pages
            followed.add((kind, pressed["value"]))
            match kind:
                case ButtonKind.OPEN:
                    if target.name not in NO_COMMAND:
                        assert team.allows(command_of(target)), pressed
                    FORMS[target.name].render(
                        FormContext(target=target, person=ANA, register=team, loaded=SCREEN)
                    )
                case ButtonKind.SHOW | ButtonKind.TURN if target.name in PAGES:
                    render_page(target.name, team, kind=target.kind, element=target.element)
                case ButtonKind.TURN:
                    FORMS[target.name].render(
                        FormContext(target=target, person=ANA, register=team, loaded=SCREEN)
                    )
                case ButtonKind.DO:
                    assert team.allows(type(deed(target, team))), pressed
                case ButtonKind.WORD:
                    assert target.name in SLASH_WORDS
                case ButtonKind.TRACKER:
                    assert target.element in {tracker.id for tracker in SCREEN.trackers}
                case other:
                    pytest.fail(f"{other} in a view of a model")


@pytest.mark.parametrize("step", STEPS)
def test_everything_that_may_be_done_now_can_be_reached_from_the_card(step: str) -> None:
    team = register_in_step(step, replay(remedied()))
    seen: set[str] = set()
    reached: set[type[Command]] = set()
    waiting: list[Message | View] = [card_message(STREAM, team, fixed_naming)]
    while waiting:
        for pressed in buttons_of(waiting.pop()):
            if pressed["value"] in seen:
                continue
            seen.add(pressed["value"])
            target = button_target(pressed)
            match ButtonKind(pressed["action_id"].partition(":")[0]):
                case ButtonKind.OPEN if target.name in NO_COMMAND:
                    pass
                case ButtonKind.OPEN:
                    reached.add(command_of(target))
                case ButtonKind.DO:
                    reached.add(type(deed(target, team)))
                case ButtonKind.WORD | ButtonKind.TRACKER:
                    pass
                case _:
                    page = target.name
                    about = target.element
                    waiting.append(
                        render_page(page, team, kind=target.kind, number=target.page, element=about)
                    )
    wanted = {
        one
        for one in (*ADD_COMMANDS.values(), *MOVES.values(), ReviseScope, HandOver, Undo, OrderTrustLevels)
        if team.allows(one)
    }
    remedying = {*get_args(ResponseCommand), *get_args(MitigationCommand)} - _OF_SEVERAL
    wanted |= {one for one in (*_JUDGING, *remedying, OpenRound) if team.allows(one)}
    assert wanted <= reached


_OF_SEVERAL = {ApproveAcceptances, LinkMitigation, PlanSuggestedMitigations, UnlinkMitigation}
"""What takes several threats, or follows from a choice in a form: see test_responding.py."""

_JUDGING = (
    ReportThreat,
    ReviseThreat,
    WithdrawThreat,
    MergeThreats,
    ConfirmSuggestedThreats,
    DismissSuggestedThreats,
    ReopenSuggestedThreat,
    ConsiderRow,
    ReopenRow,
)


@pytest.mark.parametrize(
    ("page", "label"),
    [
        ("register", "Remove"),
        ("assumptions", "Withdraw"),
        ("history", "Undo my last change"),
        ("more", "Take over"),
    ],
)
def test_what_cannot_be_seen_before_is_asked_about_first(page: str, label: str) -> None:
    pressed = button_named(render_page(page, replay_register(house()), kind=Kind.EXTERNAL_DEPENDENCY), label)
    assert pressed["confirm"]["confirm"]["text"]
    assert pressed["confirm"]["deny"]["text"] == "Cancel"
