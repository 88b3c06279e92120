"""Forms for the progress of a mitigation: implemented, refused, dropped; another owner or date."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import ReminderTarget, Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import (
    DateField,
    FormPart,
    ImpliedChange,
    Paragraph,
    PersonField,
    TextField,
)
from bot.slack.ui.forms.form_traits import FormEnding
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.urgent_field import URGENT_FIELD, is_marked_urgent
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.remediation.mitigation_form import mitigation_of_target
from domain.commands import (
    DropMitigation,
    ImplementMitigation,
    ReassignMitigation,
    RescheduleMitigation,
)
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.mitigation import MitigationId, MitigationState
from domain.rejections import WrongMitigationState
from domain.remediation.issue_proposals import IssueProposal, proposed_due
from domain.remediation.status import TrackedMitigation


def _about(opening: FormContext, *states: MitigationState) -> Paragraph:
    """Return the mitigation in a line; raises StaleButton unless it is in one of the states."""
    tracked = mitigation_of_target(opening.required_register, opening.target)
    one = tracked.mitigation
    if one.state not in states:
        raise WrongMitigationState(one.id, one.state)
    threats = ", ".join(tracked.threats) or tracked.threat
    return Paragraph(text=f"*{escape_name(one.title)}* · {one.id}, threat {threats}")


_PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED, _ = MitigationState


def _implementing(opening: FormContext) -> Sequence[FormPart]:
    about = _about(opening, _PLANNED, _STARTED)
    tracked = mitigation_of_target(opening.required_register, opening.target)
    one = tracked.mitigation
    refused = [Paragraph(text=f"Last verification failed: “{escape_name(one.reason)}”")] if one.reason else []
    return [
        about,
        *refused,
        TextField(
            key="evidence",
            label="Evidence",
            hint="A link, a test or a setting. Someone else verifies the mitigation with it.",
            limit=TEXT,
            lines=True,
            required=True,
            initial=_evidence(tracked),
            suggested=not one.evidence,
        ),
    ]


def _evidence(tracked: TrackedMitigation) -> str:
    """Return the evidence, or the address of the issue if that says that the mitigation is implemented."""
    issue, completed = tracked.issue, tracked.proposal is IssueProposal.IMPLEMENTED
    return issue.issue.url if issue and completed else tracked.mitigation.evidence


def _implement(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    mitigation = MitigationId(target.element)
    return ImplementMitigation(by=by, at=at, mitigation=mitigation, evidence=values.text("evidence"))


IMPLEMENT = Form(
    name="implement",
    target=ReminderTarget,
    writes=WriteEffect.REVISES,
    command_type=ImplementMitigation,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda _: "Mark as implemented",
    submit="Mark as implemented",
    parts=_implementing,
    build_command=_implement,
)


def _with_reason(
    label: str, becomes: str, *states: MitigationState
) -> Callable[[FormContext], Sequence[FormPart]]:
    return lambda opening: [
        _about(opening, *states),
        TextField(key="reason", label=label, limit=TEXT, lines=True, required=True),
        ImpliedChange(
            key="state",
            label="State",
            initial=str(mitigation_of_target(opening.required_register, opening.target).mitigation.state),
            new_value=lambda _: becomes,
        ),
    ]


def _drop(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    mitigation = MitigationId(target.element)
    return DropMitigation(by=by, at=at, mitigation=mitigation, reason=values.text("reason"))


DROP = Form(
    name="drop",
    target=ReminderTarget,
    from_reminders=True,
    writes=WriteEffect.REVISES,
    command_type=DropMitigation,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: f"Drop {opening.target.element}",
    submit="Drop",
    parts=_with_reason("Why is it dropped?", "dropped", _PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED),
    build_command=_drop,
)


def _reassigning(opening: FormContext) -> Sequence[FormPart]:
    about = _about(opening, _PLANNED, _STARTED, _IMPLEMENTED)
    owner = mitigation_of_target(opening.required_register, opening.target).mitigation.owner
    return [
        about,
        PersonField(
            key="owner",
            label="New owner",
            hint="They are notified by direct message.",
            required=True,
            # The suggested person is never the one who reassigns.
            initial=owner if owner != opening.person else None,
            hidden=opening.person if owner == opening.person else "",
        ),
        URGENT_FIELD,
    ]


def _reassign(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    owner = values.person("owner")
    if owner is None:
        raise StaleButton
    mitigation = MitigationId(target.element)
    return ReassignMitigation(
        by=by, at=at, mitigation=mitigation, owner=owner, urgent=is_marked_urgent(values)
    )


REASSIGN = Form(
    name="reassign",
    target=ReminderTarget,
    writes=WriteEffect.REVISES,
    command_type=ReassignMitigation,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda _: "Reassign",
    submit="Reassign",
    parts=_reassigning,
    build_command=_reassign,
)


def _rescheduling(opening: FormContext) -> Sequence[FormPart]:
    about = _about(opening, _PLANNED, _STARTED)
    tracked = mitigation_of_target(opening.required_register, opening.target)
    asked = tracked.issue is not None and tracked.proposal is IssueProposal.DUE
    due = proposed_due(tracked.mitigation, tracked.issue) if tracked.issue and asked else None
    return [
        about,
        DateField(
            key="due",
            label="Due",
            hint="At 17:00 in the owner's time zone.",
            required=True,
            initial=due or tracked.mitigation.due,
            suggested=due is not None,
        ),
    ]


def _reschedule(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    due = values.day("due")
    if due is None:
        raise StaleButton
    return RescheduleMitigation(by=by, at=at, mitigation=MitigationId(target.element), due=due)


RESCHEDULE = Form(
    name="reschedule",
    target=ReminderTarget,
    from_reminders=True,
    writes=WriteEffect.REVISES,
    command_type=RescheduleMitigation,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: f"Due date of {opening.target.element}",
    submit="Save",
    parts=_rescheduling,
    build_command=_reschedule,
)
