"""Forms of an approver: declining an acceptance, or asking another approver."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import ReminderTarget, Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import FormPart, ImpliedChange, Paragraph, PersonField, TextField
from bot.slack.ui.forms.form_traits import FormEnding
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.urgent_field import URGENT_FIELD, is_marked_urgent
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.remediation.response_forms import threat_line, threat_of_target
from domain.commands import DeclineAcceptance, ReassignApproval
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.response import Response
from domain.kernel.threat import Threat, ThreatId
from domain.register import ThreatRegister
from domain.rejections import NoProposal, ProposalOver


def _proposed(register: ThreatRegister, threat: Threat) -> Response:
    """Return the proposal to accept a threat; raises NoProposal if there is none."""
    status = register.statuses.get(threat.id)
    if status is None or status.proposal is None:
        raise NoProposal(threat.id)
    return status.proposal


def _declining(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    threat = threat_of_target(register, opening.target)
    proposal = _proposed(register, threat)
    until = f"until {short_day(proposal.expires)}: " if proposal.expires else ""
    return [
        Paragraph(text=(f"{threat_line(register, threat)}\nThe previous response remains in force.")),
        TextField(
            key="reason", label="Why is this risk not acceptable?", limit=TEXT, lines=True, required=True
        ),
        ImpliedChange(
            key="proposal",
            label="Proposal",
            initial=f"{until}{proposal.reason}",
            new_value=lambda _: "declined",
        ),
    ]


def _decline(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    return DeclineAcceptance(by=by, at=at, threat=ThreatId(target.element), reason=values.text("reason"))


DECLINE = Form(
    name="decline",
    target=ReminderTarget,
    writes=WriteEffect.REVISES,
    command_type=DeclineAcceptance,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: f"Decline {opening.target.element}",
    submit="Decline",
    parts=_declining,
    build_command=_decline,
)


def _whom_else(opening: FormContext) -> str:
    asked = _proposed(
        opening.required_register, threat_of_target(opening.required_register, opening.target)
    ).asked
    return "Change approver" if asked else "Choose approver"


def _reassigning(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    threat = threat_of_target(register, opening.target)
    proposal = _proposed(register, threat)
    if proposal.expires is not None and register.statuses[threat.id].too_late:
        raise StaleButton(ProposalOver(short_day(proposal.expires)).sentence)
    until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
    because = f" “{escape(proposal.reason, _REASON)}”" if proposal.reason else ""
    return [
        Paragraph(text=(f"{threat_line(register, threat)}\n*Accept*{until}{because}")),
        PersonField(
            key="approver",
            label="Approver",
            hint="Any participant except the proposer. They are notified by direct message.",
            required=True,
            # The suggested person is never the one who reassigns.
            initial=proposal.asked if proposal.asked != opening.person else None,
            hidden=opening.person if proposal.asked == opening.person else "",
        ),
        URGENT_FIELD,
    ]


def _reassign(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    approver = values.person("approver")
    if approver is None:
        raise StaleButton
    threat = ThreatId(target.element)
    return ReassignApproval(by=by, at=at, threat=threat, approver=approver, urgent=is_marked_urgent(values))


REASSIGN_APPROVAL = Form(
    name="reassign_approval",
    target=ReminderTarget,
    writes=WriteEffect.REVISES,
    command_type=ReassignApproval,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=_whom_else,
    submit="Save",
    parts=_reassigning,
    build_command=_reassign,
)


_REASON = 600
