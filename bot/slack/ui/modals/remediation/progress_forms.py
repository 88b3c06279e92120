"""The forms that say how far a mitigation has come: done, refused, dropped; another owner or date."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.slack.protocol.escaping import name
from bot.slack.protocol.interactions import FormName, StaleButton, Target
from bot.slack.ui.forms.form import Asking, Form, Opening
from bot.slack.ui.forms.form_fields import DayField, Implied, Part, PersonField, TextField, Words
from bot.slack.ui.forms.form_traits import Ending
from bot.slack.ui.forms.submitted_values import Values
from bot.slack.ui.forms.urgent_field import URGENT, is_urgent
from bot.slack.ui.forms.write_effects import Writes
from bot.slack.ui.modals.remediation.mitigation_form import mitigation_in
from domain.commands import (
    DropMitigation,
    ImplementMitigation,
    ReassignMitigation,
    RefuseVerification,
    RescheduleMitigation,
)
from domain.elements import PersonId
from domain.limits import TEXT
from domain.mitigations import MitigationId, MitigationState
from domain.rejections import MitigationElsewhere


def _about(opening: Opening, *states: MitigationState) -> Words:
    """The mitigation in a line; raises StaleButton where it is in none of the states."""
    tracked = mitigation_in(opening.known, opening.target)
    one = tracked.mitigation
    if one.state not in states:
        raise MitigationElsewhere(one.id, one.state)
    return Words(text=f"*{name(one.title)}* · {one.id}, against {tracked.threat}")


_PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED, _ = MitigationState


def _implementing(opening: Opening) -> Sequence[Part]:
    about = _about(opening, _PLANNED, _STARTED)
    one = mitigation_in(opening.known, opening.target).mitigation
    refused = [Words(text=f"It did not hold before: “{name(one.reason)}”")] if one.reason else []
    return [
        about,
        *refused,
        TextField(
            key="evidence",
            label="What shows that it is in place?",
            hint="A link, a test, a setting: somebody else looks at it next, and says whether it holds.",
            limit=TEXT,
            lines=True,
            required=True,
            initial=one.evidence,
        ),
    ]


def _implement(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    mitigation = MitigationId(target.element)
    return ImplementMitigation(by=by, at=at, mitigation=mitigation, evidence=values.text("evidence"))


IMPLEMENT = Form(
    name=FormName.IMPLEMENT,
    writes=Writes.REVISES,
    asks=ImplementMitigation,
    from_reminders=True,
    ending=Ending.IN_WORDS_WITHOUT_PAGE,
    title=lambda _: "Done",
    submit="It is in place",
    parts=_implementing,
    make=_implement,
)


def _with_reason(label: str, becomes: str, *states: MitigationState) -> Callable[[Opening], Sequence[Part]]:
    return lambda opening: [
        _about(opening, *states),
        TextField(key="reason", label=label, limit=TEXT, lines=True, required=True),
        Implied(
            key="state",
            label="State",
            initial=str(mitigation_in(opening.known, opening.target).mitigation.state),
            becomes=lambda _: becomes,
        ),
    ]


def _refuse(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    mitigation = MitigationId(target.element)
    return RefuseVerification(by=by, at=at, mitigation=mitigation, reason=values.text("reason"))


REFUSE = Form(
    name=FormName.REFUSE,
    writes=Writes.REVISES,
    asks=RefuseVerification,
    from_reminders=True,
    ending=Ending.IN_WORDS_WITHOUT_PAGE,
    title=lambda opening: f"{opening.target.element} does not hold",
    submit="It does not hold",
    parts=_with_reason("What does not hold?", "does not hold", _IMPLEMENTED, _VERIFIED),
    make=_refuse,
)


def _drop(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    mitigation = MitigationId(target.element)
    return DropMitigation(by=by, at=at, mitigation=mitigation, reason=values.text("reason"))


DROP = Form(
    name=FormName.DROP,
    writes=Writes.REVISES,
    asks=DropMitigation,
    ending=Ending.IN_WORDS_WITHOUT_PAGE,
    title=lambda opening: f"Drop {opening.target.element}",
    submit="Drop it",
    parts=_with_reason(
        "Why will it not be put in place?", "dropped", _PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED
    ),
    make=_drop,
)


def _reassigning(opening: Opening) -> Sequence[Part]:
    about = _about(opening, _PLANNED, _STARTED, _IMPLEMENTED)
    owner = mitigation_in(opening.known, opening.target).mitigation.owner
    return [
        about,
        PersonField(
            key="owner",
            label="Who sees to it?",
            hint="They are notified by direct message.",
            required=True,
            # Whoever gives away what is theirs has not thought of themselves.
            initial=owner if owner != opening.person else None,
            hidden=opening.person if owner == opening.person else "",
        ),
        URGENT,
    ]


def _reassign(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    owner = values.person("owner")
    if owner is None:
        raise StaleButton
    mitigation = MitigationId(target.element)
    return ReassignMitigation(by=by, at=at, mitigation=mitigation, owner=owner, urgent=is_urgent(values))


REASSIGN = Form(
    name=FormName.REASSIGN,
    writes=Writes.REVISES,
    asks=ReassignMitigation,
    from_reminders=True,
    ending=Ending.IN_WORDS_WITHOUT_PAGE,
    title=lambda _: "Reassign",
    submit="Reassign",
    parts=_reassigning,
    make=_reassign,
)


def _rescheduling(opening: Opening) -> Sequence[Part]:
    about = _about(opening, _PLANNED, _STARTED)
    due = mitigation_in(opening.known, opening.target).mitigation.due
    hint = "Until 17:00 where the owner is."
    return [about, DayField(key="due", label="Due", hint=hint, required=True, initial=due)]


def _reschedule(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    due = values.day("due")
    if due is None:
        raise StaleButton
    return RescheduleMitigation(by=by, at=at, mitigation=MitigationId(target.element), due=due)


RESCHEDULE = Form(
    name=FormName.RESCHEDULE,
    writes=Writes.REVISES,
    asks=RescheduleMitigation,
    ending=Ending.IN_WORDS_WITHOUT_PAGE,
    title=lambda opening: f"Due date of {opening.target.element}",
    submit="Save",
    parts=_rescheduling,
    make=_reschedule,
)
