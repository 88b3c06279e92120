"""What a form leads to, and whether somebody would fill it in for nothing."""

from typing import get_args

from bot.slack.asking.requests import Asked
from bot.slack.forms.mitigating import is_mitigation
from bot.slack.kit.triggers import FormName, Target
from bot.slack.replying.deeds import MOVES
from bot.slack.tools import Tools
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
    DeclineClosing,
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
    ReassignApproval,
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
from domain.decide.access import FACILITATORS, is_asked, owns
from domain.lifecycle import check_allowed
from domain.mitigations import MitigationId
from domain.own_threats import ThreatId
from domain.rejections import NotAParticipant, NotTheFacilitator


def check_open(tools: Tools, asked: Asked, target: Target) -> None:
    """Raise Rejected where a form would be filled in for nothing; what counts is checked when it comes."""
    asks = asked_by(target)
    if asks is None or not target.stream:
        return
    model = tools.workshop.model(tools.stream(target))
    check_allowed(model, asks)
    if asks in _TRACKING and owns(model, MitigationId(target.element), asked.person):
        return
    if asks is ReassignApproval and is_asked(model, ThreatId(target.element), asked.person):
        return
    if not model.participates(asked.person):
        raise NotAParticipant(model.facilitator)
    if asks in FACILITATORS and asked.person != model.facilitator:
        raise NotTheFacilitator(model.facilitator)


def asked_by(target: Target) -> type[Command] | None:
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
    FormName.REASSIGN_APPROVAL: ReassignApproval,
    FormName.DECLINE: DeclineAcceptance,
    FormName.MITIGATION: PlanMitigation,
    FormName.IMPLEMENT: ImplementMitigation,
    FormName.REFUSE: RefuseVerification,
    FormName.DROP: DropMitigation,
    FormName.REASSIGN: ReassignMitigation,
    FormName.RESCHEDULE: RescheduleMitigation,
    FormName.DECLINE_CLOSING: DeclineClosing,
    FormName.SCOPE: ReviseScope,
    FormName.PARTICIPANTS: ChooseParticipants,
    FormName.TERMS: ChooseTerms,
    FormName.HAND_OVER: HandOver,
    FormName.RETROSPECTIVE: AnswerRetrospective,
}
"""The command that each form asks for, one of its kind where it asks for several."""
_MOVES: dict[str, type[Command]] = {**MOVES}
_TRACKING: frozenset[type[Command]] = frozenset(get_args(Tracking))
