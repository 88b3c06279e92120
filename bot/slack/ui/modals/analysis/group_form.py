"""Form to decide the places of one rule: some are confirmed, others dismissed or left for later."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import (
    CheckboxesField,
    ChoiceField,
    FormPart,
    Option,
    Paragraph,
    TextField,
)
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.analysis.candidate_selection import candidate_ids
from domain.analysis.rule_findings import Candidate
from domain.commands import DecideGroup
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.threat import ThreatId
from domain.register import ThreatRegister
from domain.rejections import NoSuchCandidate

CONFIRM = "confirm"
DISMISS = "dismiss"
LATER = "later"


def _parts(opening: FormContext) -> Sequence[FormPart]:
    register, wanted = opening.required_register, candidate_ids(opening.target)
    there = {one.id: one for one in register.candidates}
    left = [there[one] for one in wanted if one in there]
    if not left:
        raise NoSuchCandidate(wanted[0])
    rule = left[0].rule
    return [
        Paragraph(text=(f"*{rule.title}*\n{rule.explanation}\nFalse positive if: {rule.false_alarm}")),
        CheckboxesField(key="places", label="Places", options=tuple(map(_option, left))),
        ChoiceField(
            key="decision",
            label="Selected places",
            options=(
                Option(value=CONFIRM, text="Confirm as one threat"),
                *_known_threats(register, left[0]),
                Option(value=DISMISS, text="Dismiss"),
            ),
            initial=CONFIRM,
            required=True,
        ),
        ChoiceField(
            key="others",
            label="Other places",
            options=(Option(value=LATER, text="Decide later"), Option(value=DISMISS, text="Dismiss")),
            initial=LATER,
            required=True,
        ),
        TextField(
            key="reason",
            label="Why does this threat not apply there?",
            hint="Required to dismiss. It reappears if a related answer changes.",
            limit=TEXT,
            lines=True,
        ),
    ]


def _option(one: Candidate) -> Option:
    came_back = "dismissed before" if one.returned else ""
    return Option(value=one.id, text=one.about, means=" · ".join(filter(None, (one.element, came_back))))


def _known_threats(register: ThreatRegister, one: Candidate) -> tuple[Option, ...]:
    """Return the threats to which the places can be added."""
    group = next((group for group in register.groups if one in group.candidates), None)
    titles = {threat.id: threat.title for threat in register.threats}
    known = group.threats if group else ()
    return tuple(Option(value=id, text=f"Add to {id}: {titles[id]}") for id in known[:_OFFERED])


def _decide(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    every, ticked = candidate_ids(target), values.many("places")
    chosen = tuple(one for one in every if one in ticked)
    others = tuple(one for one in every if one not in ticked)
    decision = values.text("decision")
    dismissed = (
        *(chosen if decision == DISMISS else ()),
        *(others if values.text("others") == DISMISS else ()),
    )
    return DecideGroup(
        by=by,
        at=at,
        confirmed=() if decision == DISMISS else chosen,
        dismissed=dismissed,
        threat=None if decision in (CONFIRM, DISMISS) else ThreatId(decision),
        reason=values.text("reason") if dismissed else "",
    )


_OFFERED = 90
"""Threats that a menu offers beside the other options."""

GROUP = Form(
    name="group",
    writes=WriteEffect.ADDS,
    command_type=DecideGroup,
    title=lambda _: "Choose places",
    submit="Save",
    parts=_parts,
    build_command=_decide,
)
