"""Forms about the progress of a mitigation and its verification."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.targets import ReminderTarget, StaleButton, Target
from bot.slack.ui.forms.common_fields import URGENT_FIELD, command_of_fields
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, FormEnding, WriteEffect
from bot.slack.ui.forms.form_fields import (
    MAX_OPTIONS,
    CheckboxesField,
    DateField,
    FormPart,
    ImpliedChange,
    Option,
    Paragraph,
    PersonField,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.modals.remediation.mitigation_form import mitigation_of_target
from domain.commands import (
    DropMitigation,
    ImplementMitigation,
    ReassignMitigation,
    RefuseVerification,
    RescheduleMitigation,
    VerifyMitigation,
)
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.mitigation import MitigationId, MitigationLink, MitigationState
from domain.kernel.threat import PlaceId, ThreatId, elements_at
from domain.register import ThreatRegister
from domain.rejections import WrongMitigationState
from domain.remediation.issue_proposals import IssueProposal, proposed_due
from domain.remediation.status import TrackedMitigation


def link_text(register: ThreatRegister, link: MitigationLink) -> str:
    """Return a threat and its place in words, for an option."""
    title = next((one.title for one in register.threats if one.id == link.threat), "")
    places = ", ".join(register.name_of(one) for one in elements_at(link.place))
    return f"{link.threat} {title}{f': {places}' if places else ''}"


def _options(register: ThreatRegister, links: Sequence[MitigationLink]) -> tuple[Option, ...]:
    return tuple(Option(value=_encoded(one), text=link_text(register, one)) for one in links[:MAX_OPTIONS])


def _encoded(link: MitigationLink) -> str:
    return f"{link.threat}/{link.place}"


def _chosen(values: SubmittedValues) -> tuple[MitigationLink, ...]:
    links: list[MitigationLink] = []
    for value in values.many("links"):
        threat, found, place = value.partition("/")
        if not found:
            raise StaleButton
        links.append(MitigationLink(threat=ThreatId(threat), place=PlaceId(place)))
    return tuple(links)


def _nothing_chosen(values: SubmittedValues) -> dict[str, str]:
    asked = "links" in values.by_key
    return {"links": "Select at least one."} if asked and not values.many("links") else {}


def _verifying(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    tracked = mitigation_of_target(register, opening.target)
    one = tracked.mitigation
    if one.state is not MitigationState.IMPLEMENTED:
        raise WrongMitigationState(one.id, one.state)
    done = [
        f"✓ {escape(link_text(register, link), _LINE)}"
        for link in tracked.links
        if link not in tracked.unverified
    ]
    shown = done[:_MOST_VERIFIED]
    if len(done) > len(shown):
        shown.append(f"✓ and {len(done) - len(shown)} more")
    evidence = [f"Evidence: {escape(one.evidence, _EVIDENCE)}"] if one.evidence else []
    return [
        Paragraph(text="\n".join([f"*{escape_name(one.title)}* · {one.id}", *evidence, *shown])),
        CheckboxesField(
            key="links",
            label="Threats and places",
            hint="Select only what you checked yourself. Your name is recorded.",
            required=True,
            options=_options(register, tracked.unverified),
        ),
    ]


def _verify(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    return VerifyMitigation(by=by, at=at, mitigation=MitigationId(target.element), links=_chosen(values))


VERIFY_LINKS = Form(
    name="verify_links",
    target=ReminderTarget,
    writes=WriteEffect.ONCE,
    command_type=VerifyMitigation,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: f"Verify {opening.target.element}",
    submit="Verify",
    parts=_verifying,
    build_command=_verify,
    validate=_nothing_chosen,
)


def _refusing(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    tracked = mitigation_of_target(register, opening.target)
    one = tracked.mitigation
    if one.state not in (MitigationState.IMPLEMENTED, MitigationState.VERIFIED):
        raise WrongMitigationState(one.id, one.state)
    several = [
        CheckboxesField(
            key="links",
            label="Threats and places",
            hint="Select where it is not effective. Other verifications are kept.",
            required=True,
            options=_options(register, tracked.links),
        )
    ]
    return [
        Paragraph(text=f"*{escape_name(one.title)}* · {one.id}, threat {', '.join(tracked.threats)}"),
        *(several if len(tracked.links) > 1 else []),
        TextField(
            key="reason", label="What did the verification find?", limit=TEXT, lines=True, required=True
        ),
        ImpliedChange(key="state", label="State", initial=str(one.state), new_value=lambda _: "rejected"),
    ]


def _refuse(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    return RefuseVerification(
        by=by,
        at=at,
        mitigation=MitigationId(target.element),
        reason=values.text("reason"),
        links=_chosen(values),
    )


REFUSE = Form(
    name="refuse",
    target=ReminderTarget,
    writes=WriteEffect.REVISES,
    command_type=RefuseVerification,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: f"Reject {opening.target.element}",
    submit="Reject",
    parts=_refusing,
    build_command=_refuse,
    validate=_nothing_chosen,
)

_LINE = 150
_EVIDENCE = 600
_MOST_VERIFIED = 10


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


IMPLEMENT = Form(
    name="implement",
    target=ReminderTarget,
    writes=WriteEffect.REVISES,
    command_type=ImplementMitigation,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title="Mark as implemented",
    submit="Mark as implemented",
    parts=_implementing,
    build_command=command_of_fields(ImplementMitigation, about="mitigation"),
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
    build_command=command_of_fields(DropMitigation, about="mitigation"),
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


REASSIGN = Form(
    name="reassign",
    target=ReminderTarget,
    writes=WriteEffect.REVISES,
    command_type=ReassignMitigation,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title="Reassign",
    submit="Reassign",
    parts=_reassigning,
    build_command=command_of_fields(ReassignMitigation, about="mitigation"),
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
    build_command=command_of_fields(RescheduleMitigation, about="mitigation"),
)
