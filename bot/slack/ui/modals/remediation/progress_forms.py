"""Forms about the progress of a mitigation and its verification."""

from collections.abc import Sequence
from functools import partial

from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.ui.forms.common_fields import URGENT_FIELD, RemindedForm, long_text, other_person_field
from bot.slack.ui.forms.form import Entry, FormCommand, FormContext, WriteEffect
from bot.slack.ui.forms.form_fields import (
    MAX_OPTIONS,
    CheckboxesField,
    DateField,
    FormPart,
    ImpliedChange,
    Option,
    Paragraph,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.modals.remediation.mitigation_form import mitigation_of_target
from bot.slack.ui.texts.common_texts import first_lines
from bot.slack.ui.texts.remediation_texts import place_suffix
from domain.commands import (
    DropMitigation,
    ImplementMitigation,
    ReassignMitigation,
    RefuseVerification,
    RescheduleMitigation,
    VerifyMitigation,
)
from domain.kernel.length_limits import TEXT
from domain.kernel.mitigation import Mitigation, MitigationLink, MitigationState
from domain.kernel.threat import elements_at
from domain.register import ThreatRegister
from domain.rejections import WrongMitigationState
from domain.remediation.issue_proposals import IssueProposal, proposed_due
from domain.remediation.status import TrackedMitigation


def link_text(register: ThreatRegister, link: MitigationLink) -> str:
    """Return a threat in words, for an option; its place first, which tells one option from another."""
    title = next((threat.title for threat in register.threats if threat.id == link.threat), "")
    places = ", ".join(register.name_of(id) for id in elements_at(link.place))
    return f"{f'{places}: ' if places else ''}{link.threat} {title}"


def _links_field(
    register: ThreatRegister,
    links: Sequence[MitigationLink],
    hint: str,
    *,
    ticked: Sequence[MitigationLink] = (),
) -> CheckboxesField:
    return CheckboxesField(
        key="links",
        label="Threats and places",
        hint=hint,
        required=True,
        options=tuple(
            Option(value=_link_value(link), text=link_text(register, link)) for link in links[:MAX_OPTIONS]
        ),
        initial=tuple(_link_value(link) for link in ticked[:MAX_OPTIONS]),
    )


def _link_value(link: MitigationLink) -> str:
    return f"{link.threat}/{link.place}"


def _with_links(
    command: type[ImplementMitigation | VerifyMitigation | RefuseVerification], entry: Entry
) -> FormCommand:
    """Return a command about the chosen threats and places."""
    links = [value.partition("/") for value in entry.values.many("links")]
    return entry.command(
        command,
        "mitigation",
        links=[{"threat": threat, "place": place} if found else None for threat, found, place in links],
    )


def _nothing_chosen(values: SubmittedValues) -> dict[str, str]:
    asked = "links" in values.by_key
    return {"links": "Select at least one."} if asked and not values.many("links") else {}


_PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED, _ = MitigationState


class _MitigationForm(RemindedForm, frozen=True, kw_only=True):
    """A form about a mitigation."""

    about: str = "mitigation"


def _tracked(opening: FormContext, *states: MitigationState) -> TrackedMitigation:
    """Return the mitigation of a form; raises StaleButton, or WrongMitigationState in any other state."""
    tracked = mitigation_of_target(opening.required_register, opening.target)
    if tracked.mitigation.state not in states:
        raise WrongMitigationState(tracked.mitigation.id, tracked.mitigation.state)
    return tracked


def _reason_and_state(label: str, becomes: str, one: Mitigation) -> list[FormPart]:
    """Return the field for the reason of a new state, so that another person's change is shown."""
    return [
        long_text("reason", label, required=True),
        ImpliedChange(key="state", label="State", initial=str(one.state), new_value=lambda _: becomes),
    ]


def _verifying(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    tracked = _tracked(opening, _IMPLEMENTED)
    one = tracked.mitigation
    done = [
        f"✓ {escape(link_text(register, link), _LINE)}"
        for link in tracked.links
        if link not in tracked.unverified
    ]
    evidence = [f"Evidence: {escape(one.evidence, _EVIDENCE)}"] if one.evidence else []
    shown = first_lines(done, _MOST_VERIFIED, "✓ and {} more")
    return [
        Paragraph(text="\n".join([f"*{escape_name(one.title)}* · {one.id}", *evidence, *shown])),
        _links_field(
            register,
            tracked.unverified,
            "Select only what you checked yourself. Your name is recorded.",
        ),
    ]


VERIFY_LINKS = _MitigationForm(
    name="verify_links",
    writes=WriteEffect.ONCE,
    command_type=VerifyMitigation,
    submit="Verify",
    parts=_verifying,
    title=lambda opening: f"Verify {opening.target.element}",
    build_command=partial(_with_links, VerifyMitigation),
    validate=_nothing_chosen,
)


def _refusing(opening: FormContext) -> Sequence[FormPart]:
    tracked = _tracked(opening, _IMPLEMENTED, _VERIFIED)
    one, several = tracked.mitigation, list[FormPart]()
    if len(tracked.links) > 1:
        hint = "Select where it is not effective. Other verifications are kept."
        several.append(_links_field(opening.required_register, tracked.links, hint))
    return [
        Paragraph(text=f"*{escape_name(one.title)}* · {one.id}, threat {', '.join(tracked.threats)}"),
        *several,
        *_reason_and_state("What did the verification find?", "rejected", one),
    ]


REFUSE = _MitigationForm(
    name="refuse",
    command_type=RefuseVerification,
    submit="Reject",
    parts=_refusing,
    title=lambda opening: f"Reject {opening.target.element}",
    build_command=partial(_with_links, RefuseVerification),
    validate=_nothing_chosen,
)


def _about(tracked: TrackedMitigation) -> Paragraph:
    """Return a mitigation in a line."""
    one, threats = tracked.mitigation, ", ".join(tracked.threats) or tracked.threat
    return Paragraph(text=f"*{escape_name(one.title)}* · {one.id}{place_suffix(tracked)}, threat {threats}")


def _implementing(opening: FormContext) -> Sequence[FormPart]:
    tracked = _tracked(opening, _PLANNED, _STARTED)
    one, issue = tracked.mitigation, tracked.issue
    left = tracked.unimplemented
    hint = "Clear those where it is not implemented yet. They stay open."
    own = [link for link in left if one.owner_at(link.place) == opening.person] or left
    where = [_links_field(opening.required_register, left, hint, ticked=own)] if len(left) > 1 else []
    # The address of the issue, if that says that the mitigation is implemented.
    completed = tracked.proposal is IssueProposal.IMPLEMENTED
    return [
        _about(tracked),
        *where,
        *([Paragraph(text=f"Last verification failed: “{escape_name(one.reason)}”")] if one.reason else []),
        TextField(
            key="evidence",
            label="Evidence",
            hint="A link, a test or a setting. Someone else verifies the mitigation with it.",
            limit=TEXT,
            lines=True,
            required=True,
            initial=issue.issue.url if issue and completed else "" if one.implemented_for else one.evidence,
            suggested=not one.evidence,
        ),
    ]


IMPLEMENT = _MitigationForm(
    name="implement",
    command_type=ImplementMitigation,
    title="Mark as implemented",
    submit="Mark as implemented",
    parts=_implementing,
    build_command=partial(_with_links, ImplementMitigation),
    validate=_nothing_chosen,
)


def _dropping(opening: FormContext) -> Sequence[FormPart]:
    tracked = _tracked(opening, _PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED)
    return [_about(tracked), *_reason_and_state("Why is it dropped?", "dropped", tracked.mitigation)]


DROP = _MitigationForm(
    name="drop",
    command_type=DropMitigation,
    title=lambda opening: f"Drop {opening.target.element}",
    submit="Drop",
    parts=_dropping,
)


def _reassigning(opening: FormContext) -> Sequence[FormPart]:
    tracked = _tracked(opening, _PLANNED, _STARTED, _IMPLEMENTED)
    owner, hint = tracked.mitigation.owner, "They are notified by direct message."
    return [_about(tracked), other_person_field("owner", "New owner", hint, owner, opening), URGENT_FIELD]


REASSIGN = _MitigationForm(
    name="reassign",
    command_type=ReassignMitigation,
    title="Reassign",
    submit="Reassign",
    parts=_reassigning,
)


def _rescheduling(opening: FormContext) -> Sequence[FormPart]:
    tracked = _tracked(opening, _PLANNED, _STARTED)
    asked = tracked.issue is not None and tracked.proposal is IssueProposal.DUE
    due = proposed_due(tracked.mitigation, tracked.issue) if tracked.issue and asked else None
    return [
        _about(tracked),
        DateField(
            key="due",
            label="Due",
            hint="At 17:00 in the owner's time zone.",
            required=True,
            initial=due or tracked.mitigation.due,
            suggested=due is not None,
        ),
    ]


RESCHEDULE = _MitigationForm(
    name="reschedule",
    command_type=RescheduleMitigation,
    title=lambda opening: f"Due date of {opening.target.element}",
    parts=_rescheduling,
)

_LINE = 150
_EVIDENCE = 600
_MOST_VERIFIED = 10
