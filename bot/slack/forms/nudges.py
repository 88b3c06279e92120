"""The forms that a reminder leads to: put it off, say that it is done, give it to somebody else."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.forms.fields import ChoiceField, Part, PersonField, TextField, Words
from bot.slack.forms.form import Asking, Form, Opening, Values
from bot.slack.kit.text import name
from bot.slack.kit.triggers import FormName, StaleButton, Target
from domain.commands import ImplementMitigation, ReassignMitigation, SnoozeNudge
from domain.elements import PersonId
from domain.limits import TEXT
from domain.mitigations import Mitigation, MitigationId
from domain.rejections import NothingSaid


def _snooze(opening: Opening) -> Sequence[Part]:
    return [
        Words(text="This reminder comes again then, in your working hours. The due date stays as it is."),
        ChoiceField(
            key="until",
            label="When shall I come back to it?",
            options=opening.moments,
            initial=opening.moments[0].value if opening.moments else None,
            radio=True,
            required=True,
        ),
    ]


def _make_snooze(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    try:
        until = datetime.fromisoformat(values.text("until"))
    except ValueError as error:
        raise StaleButton from error
    if until.tzinfo is None:
        raise StaleButton
    return SnoozeNudge(by=by, at=at, key=target.deed, until=until)


SNOOZE = Form(
    name=FormName.SNOOZE,
    title=lambda _: "Snooze a reminder",
    submit="Snooze",
    parts=_snooze,
    make=_make_snooze,
)


def _implement(opening: Opening) -> Sequence[Part]:
    return [
        Words(text=_about(_mitigation(opening))),
        TextField(
            key="evidence",
            label="What shows that it is in place?",
            hint="A link, a test, a setting: somebody else will look at it.",
            limit=TEXT,
            lines=True,
            required=True,
        ),
    ]


def _make_implement(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    evidence = values.text("evidence")
    return ImplementMitigation(by=by, at=at, mitigation=MitigationId(target.element), evidence=evidence)


IMPLEMENT = Form(
    name=FormName.IMPLEMENT,
    title=lambda _: "Done",
    submit="It is in place",
    parts=_implement,
    make=_make_implement,
)


def _reassign(opening: Opening) -> Sequence[Part]:
    one = _mitigation(opening)
    return [
        Words(text=_about(one)),
        PersonField(key="owner", label="Who sees to it?", required=True, initial=one.owner),
    ]


def _make_reassign(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    owner = values.person("owner")
    if owner is None:
        raise NothingSaid("Please choose somebody.", field="owner")
    return ReassignMitigation(by=by, at=at, mitigation=MitigationId(target.element), owner=owner)


REASSIGN = Form(
    name=FormName.REASSIGN,
    title=lambda _: "Reassign",
    submit="Reassign",
    parts=_reassign,
    make=_make_reassign,
)


def _mitigation(opening: Opening) -> Mitigation:
    known = (one.mitigation for one in opening.known.mitigations)
    found = next((one for one in known if one.id == opening.target.element), None)
    if found is None:
        raise StaleButton("This mitigation is not part of this model (any more).")
    return found


def _about(one: Mitigation) -> str:
    return f"*{name(one.title)}* · {one.id}"
