"""Form of an approver: approving several proposed acceptances."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import CheckboxesField, FormPart, Option, Paragraph
from bot.slack.ui.forms.form_traits import FormEnding
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.texts.score_texts import threat_option
from domain.commands import ApproveAcceptances
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.response import Response, SeenProposal
from domain.kernel.threat import ThreatId
from domain.register import ThreatRegister


def approvable_proposals(register: ThreatRegister, person: PersonId) -> list[Response]:
    """Return the proposed acceptances that a person may approve, the worst threat first."""
    found: list[Response] = []
    for one in register.ranked:
        status = register.statuses[one.threat.id]
        proposal = status.proposal
        if proposal is None or status.too_late or proposal.by == person:
            continue
        named = register.policy.of(register.suggestions[one.threat.id].band).approvers
        if not named or person in named:
            found.append(proposal)
    return found


def _approving(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    proposals = approvable_proposals(register, opening.person)
    if not proposals:
        raise StaleButton("No proposal is waiting for your approval.")
    titles = {one.id: one.title for one in register.threats}
    return [
        Paragraph(text="The risks are accepted in your name until the dates shown."),
        CheckboxesField(
            key="proposals",
            label="Risks to accept",
            required=True,
            options=tuple(
                Option(
                    value=f"{one.threat}/{one.at.isoformat()}",
                    text=threat_option(register, one.threat, titles[one.threat]),
                    means=_until(one),
                )
                for one in proposals[:_OFFERED]
            ),
        ),
    ]


def _until(proposal: Response) -> str:
    until = f"Until {short_day(proposal.expires)}" if proposal.expires else "Without an expiry date"
    return f"{until}: {proposal.reason}"


def _nothing_chosen(values: SubmittedValues) -> dict[str, str]:
    return {} if values.many("proposals") else {"proposals": "Select at least one."}


def _approve(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    return ApproveAcceptances(by=by, at=at, proposals=tuple(map(_seen, values.many("proposals"))))


def _seen(value: str) -> SeenProposal:
    threat, _, moment = value.partition("/")
    try:
        return SeenProposal(threat=ThreatId(threat), proposed_at=datetime.fromisoformat(moment))
    except ValueError as error:
        raise StaleButton from error


APPROVE_SEVERAL = Form(
    name="approve_several",
    writes=WriteEffect.ADDS,
    command_type=ApproveAcceptances,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda _: "Approve several risks",
    submit="Approve",
    parts=_approving,
    build_command=_approve,
    validate=_nothing_chosen,
)

_OFFERED = 100
