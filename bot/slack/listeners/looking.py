"""Pressing a button that opens a form or shows a page."""

from typing import get_args

from bot.slack.asking.requests import Asked, Submission
from bot.slack.forms import FORMS
from bot.slack.forms.mitigating import is_mitigation
from bot.slack.kit.triggers import FormName, Page, StaleButton, Target
from bot.slack.listeners.importing import read_file
from bot.slack.replying.answers import NOTHING, Answer, show, tell, turn
from bot.slack.replying.deeds import MOVES
from bot.slack.replying.opening import form_for, form_or_page_for, page_for
from bot.slack.tools import Tools
from bot.slack.views import refusal, refusal_modal
from domain.commands import (
    AddAsset,
    AnswerQuestions,
    AnswerRetrospective,
    AskPerson,
    ChooseParticipants,
    ChooseResponse,
    ChooseTerms,
    Command,
    ConsiderRow,
    DeclineAcceptance,
    DismissCandidates,
    DrawFlows,
    DropMitigation,
    HandOver,
    ImplementMitigation,
    MergeThreats,
    NameElements,
    OpenRound,
    PlaceComponents,
    PlanMitigation,
    ProposeAcceptance,
    ReassignMitigation,
    RecordAssumption,
    RefuseVerification,
    ReportThreat,
    RescheduleMitigation,
    ReviseMitigation,
    ReviseScope,
    SettleRound,
    Tracking,
)
from domain.decide.access import FACILITATORS, owns
from domain.lifecycle import check_allowed
from domain.mitigations import MitigationId
from domain.rejections import NotAParticipant, NotTheFacilitator
from domain.voting import participates

NO_QUESTIONS = "There is no open question just now. New ones come up as the model grows."


def open_form(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Open the form that a button names."""
    if target.what == FormName.IMPORT:
        return read_file(tools, asked, target)
    if target.what == FormName.QUESTIONS and not tools.register(tools.stream(target)).questions:
        return tell(asked, refusal(NO_QUESTIONS), view=refusal_modal(NO_QUESTIONS, target))
    check_open(tools, asked, target)
    return show(asked, form_for(tools, target, asked.person), again=target)


def show_page(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Show the page that a button names."""
    return show(asked, page_for(tools, target, asked.person), again=target)


def turn_page(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Show a page or form in place of the one that the button stands in."""
    check_open(tools, asked, target)
    return turn(asked, form_or_page_for(tools, target, asked.person))


def check_open(tools: Tools, asked: Asked, target: Target) -> None:
    """Raise Rejected where a form would be filled in for nothing; what counts is checked when it comes."""
    asks = _asked_by(target)
    if asks is None or not target.stream:
        return
    model = tools.workshop.model(tools.stream(target))
    check_allowed(model, asks)
    if asks in _TRACKING and owns(model, MitigationId(target.element), asked.person):
        return
    if not participates(model, asked.person):
        raise NotAParticipant(model.facilitator)
    if asks in FACILITATORS and asked.person != model.facilitator:
        raise NotTheFacilitator(model.facilitator)


def _asked_by(target: Target) -> type[Command] | None:
    """The command that a form leads to, None where nothing speaks against opening it."""
    if target.what == FormName.MOVE:
        return _MOVES.get(target.deed)
    if target.what == FormName.MITIGATION and is_mitigation(target):
        return ReviseMitigation
    return _ASKS.get(target.what)


_ASKS: dict[str, type[Command]] = {
    FormName.NAMES: NameElements,
    FormName.FLOWS: DrawFlows,
    FormName.PLACE: PlaceComponents,
    FormName.ELEMENT: AddAsset,
    FormName.QUESTIONS: AnswerQuestions,
    FormName.ASK: AskPerson,
    FormName.ASSUMPTION: RecordAssumption,
    FormName.THREAT: ReportThreat,
    FormName.DISMISS: DismissCandidates,
    FormName.CONSIDER: ConsiderRow,
    FormName.MERGE: MergeThreats,
    FormName.OPEN_ROUND: OpenRound,
    FormName.SETTLE_ROUND: SettleRound,
    FormName.RESPOND: ChooseResponse,
    FormName.ACCEPT: ProposeAcceptance,
    FormName.DECLINE: DeclineAcceptance,
    FormName.MITIGATION: PlanMitigation,
    FormName.IMPLEMENT: ImplementMitigation,
    FormName.REFUSE: RefuseVerification,
    FormName.DROP: DropMitigation,
    FormName.REASSIGN: ReassignMitigation,
    FormName.RESCHEDULE: RescheduleMitigation,
    FormName.SCOPE: ReviseScope,
    FormName.PARTICIPANTS: ChooseParticipants,
    FormName.TERMS: ChooseTerms,
    FormName.HAND_OVER: HandOver,
    FormName.RETROSPECTIVE: AnswerRetrospective,
}
"""The command that each form asks for, one of its kind where it asks for several."""


def look_back(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Show the model as it was on the day that was chosen."""
    if not isinstance(asked, Submission):
        raise StaleButton
    day = FORMS[FormName.LOOK_BACK].parse(asked.view).day("day")
    shown = Target(what=Page.AS_OF, stream=target.stream, day=day)
    return show(asked, page_for(tools, shown, asked.person), again=shown)


def follow_link(tools: Tools, asked: Asked, target: Target) -> Answer:
    """A link was followed: Slack opens it, and nothing is left to do."""
    del tools, asked, target
    return NOTHING


_MOVES: dict[str, type[Command]] = {**MOVES}
_TRACKING: frozenset[type[Command]] = frozenset(get_args(Tracking))
