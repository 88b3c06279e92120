"""Preconditions of forms: the command of a form, and whether it could be executed."""

from typing import get_args

from bot.slack.protocol.requests import Request
from bot.slack.protocol.targets import Target
from bot.slack.queries.services import Services
from bot.slack.ui.modals.modal_registry import FORMS
from domain.commands import (
    ApproveAcceptances,
    Command,
    DeclineAcceptance,
    DeclineClosing,
    MitigationCommand,
    ReassignApproval,
)
from domain.decide.permissions import FACILITATORS, is_asked, is_named_approver, owns
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.lifecycle import check_allowed
from domain.rejections import NotAParticipant, NotTheFacilitator


def check_form_opens(services: Services, request: Request, target: Target) -> None:
    """Raise Rejected if the form could not be submitted; the submission is checked again."""
    asks = form_command_type(target)
    if asks is None or not target.stream:
        return
    model = services.command_handler.model(services.stream(target))
    check_allowed(model, asks)
    if asks in _TRACKING and owns(model, MitigationId(target.element), request.person):
        return
    if asks is ReassignApproval and is_asked(model, ThreatId(target.element), request.person):
        return
    if asks in _APPROVING and is_named_approver(model, request.person):
        return
    if not model.participates(request.person):
        raise NotAParticipant(model.facilitator)
    if asks in FACILITATORS and request.person != model.facilitator:
        raise NotTheFacilitator(model.facilitator)


def form_command_type(target: Target) -> type[Command] | None:
    """Return the command type of a form; None if opening it needs no check."""
    return FORMS[target.name].command_asked(target) if target.name in FORMS else None


_APPROVING: frozenset[type[Command]] = frozenset({ApproveAcceptances, DeclineAcceptance, DeclineClosing})
_TRACKING: frozenset[type[Command]] = frozenset(get_args(MitigationCommand))
