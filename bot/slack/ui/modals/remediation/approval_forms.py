"""The forms of whoever a proposed acceptance waits for: not to agree, or to have somebody else asked."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import FormName, StaleButton, Target
from bot.slack.ui.forms.form import Asking, Form, Opening
from bot.slack.ui.forms.form_fields import Implied, Part, PersonField, TextField, Words
from bot.slack.ui.forms.form_traits import Ending
from bot.slack.ui.forms.submitted_values import Values
from bot.slack.ui.forms.urgent_field import URGENT, is_urgent
from bot.slack.ui.forms.write_effects import Writes
from bot.slack.ui.modals.remediation.response_forms import about_threat, threat_in
from domain.commands import DeclineAcceptance, ReassignApproval
from domain.due_dates import short_day
from domain.elements import PersonId
from domain.limits import TEXT
from domain.own_threats import Threat, ThreatId
from domain.register import ThreatRegister
from domain.rejections import NoProposal, ProposalOver
from domain.responses import Response


def _proposed(register: ThreatRegister, threat: Threat) -> Response:
    """The proposal to accept a threat; raises NoProposal where there is none."""
    standing = register.standings.get(threat.id)
    if standing is None or standing.proposal is None:
        raise NoProposal(threat.id)
    return standing.proposal


def _declining(opening: Opening) -> Sequence[Part]:
    register = opening.known
    threat = threat_in(register, opening.target)
    proposal = _proposed(register, threat)
    until = f"until {short_day(proposal.expires)}: " if proposal.expires else ""
    return [
        Words(text=f"{about_threat(register, threat)}\nWhat was decided before goes on standing."),
        TextField(
            key="reason", label="Why should the risk not be borne?", limit=TEXT, lines=True, required=True
        ),
        Implied(
            key="proposal",
            label="Proposal",
            initial=f"{until}{proposal.reason}",
            becomes=lambda _: "declined",
        ),
    ]


def _decline(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    return DeclineAcceptance(by=by, at=at, threat=ThreatId(target.element), reason=values.text("reason"))


DECLINE = Form(
    name=FormName.DECLINE,
    writes=Writes.REVISES,
    asks=DeclineAcceptance,
    from_reminders=True,
    ending=Ending.IN_WORDS_WITHOUT_PAGE,
    title=lambda opening: f"Not accept {opening.target.element}",
    submit="Decline",
    parts=_declining,
    make=_decline,
)


def _whom_else(opening: Opening) -> str:
    asked = _proposed(opening.known, threat_in(opening.known, opening.target)).asked
    return "Ask somebody else" if asked else "Ask somebody"


def _reassigning(opening: Opening) -> Sequence[Part]:
    register = opening.known
    threat = threat_in(register, opening.target)
    proposal = _proposed(register, threat)
    if proposal.expires is not None and register.standings[threat.id].too_late:
        raise StaleButton(ProposalOver(short_day(proposal.expires)).sentence)
    until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
    because = f" “{escape(proposal.reason, _REASON)}”" if proposal.reason else ""
    return [
        Words(text=f"{about_threat(register, threat)}\n*Accept* it{until}?{because}"),
        PersonField(
            key="approver",
            label="Who should approve it?",
            hint="Anybody who takes part, except whoever proposed it. They are asked by direct message.",
            required=True,
            # Whoever gives away what they are asked has not thought of themselves.
            initial=proposal.asked if proposal.asked != opening.person else None,
            hidden=opening.person if proposal.asked == opening.person else "",
        ),
        URGENT,
    ]


def _reassign(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    approver = values.person("approver")
    if approver is None:
        raise StaleButton
    threat = ThreatId(target.element)
    return ReassignApproval(by=by, at=at, threat=threat, approver=approver, urgent=is_urgent(values))


REASSIGN_APPROVAL = Form(
    name=FormName.REASSIGN_APPROVAL,
    writes=Writes.REVISES,
    asks=ReassignApproval,
    from_reminders=True,
    ending=Ending.IN_WORDS_WITHOUT_PAGE,
    title=_whom_else,
    submit="Ask",
    parts=_reassigning,
    make=_reassign,
)


_REASON = 600
