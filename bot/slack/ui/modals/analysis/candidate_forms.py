"""Forms that decide candidates: one, several, and those of a group."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.ui.forms.common_fields import command_of_fields
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, WriteEffect
from bot.slack.ui.forms.form_fields import (
    MAX_OPTIONS,
    CheckboxesField,
    ChoiceField,
    FormPart,
    ImpliedChange,
    Option,
    Paragraph,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.modals.analysis.candidates_page import candidate_ids
from domain.analysis.rule_findings import Candidate
from domain.commands import DecideGroup, DismissCandidates, MergeThreats, RemovePlaces
from domain.kernel.candidate_decisions import CandidateId, Dismissal
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.threat import ThreatId
from domain.register import ThreatRegister
from domain.rejections import NoSuchCandidate
from domain.remediation.status import PlaceStatus

CONFIRM = "confirm"
_DISMISS = "dismiss"
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
                Option(value=_DISMISS, text="Dismiss"),
            ),
            initial=CONFIRM,
            required=True,
        ),
        ChoiceField(
            key="others",
            label="Other places",
            options=(Option(value=LATER, text="Decide later"), Option(value=_DISMISS, text="Dismiss")),
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
        *(chosen if decision == _DISMISS else ()),
        *(others if values.text("others") == _DISMISS else ()),
    )
    return DecideGroup(
        by=by,
        at=at,
        confirmed=() if decision == _DISMISS else chosen,
        dismissed=dismissed,
        threat=None if decision in (CONFIRM, _DISMISS) else ThreatId(decision),
        reason=values.text("reason") if dismissed else "",
    )


_OFFERED = 90
"""Threats that a menu offers beside the other options."""

GROUP = Form(
    name="group",
    writes=WriteEffect.ADDS,
    command_type=DecideGroup,
    title="Choose places",
    submit="Save",
    parts=_parts,
    build_command=_decide,
)


def _places_parts(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    threat = next((one for one in register.threats if one.id == opening.target.element), None)
    if threat is None or not threat.candidates:
        raise StaleButton("This threat is not in this model.")
    places = [one for one in register.places[threat.id] if one.place in threat.candidates]
    return [
        Paragraph(
            text=(
                f"*{escape_name(threat.title)}* · {threat.id}\n"
                "Select the places to remove. They are suggested again, to be confirmed or dismissed."
            )
        ),
        CheckboxesField(
            key="places",
            label="Places to remove",
            required=True,
            options=tuple(map(_places_option, places)),
        ),
    ]


def _places_option(one: PlaceStatus) -> Option:
    means = " · ".join(filter(None, (*one.elements, one.state.label)))
    return Option(value=one.place, text=one.name, means=means)


def _remove(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    candidates = tuple(map(CandidateId, values.many("places")))
    return RemovePlaces(by=by, at=at, threat=ThreatId(target.element), candidates=candidates)


PLACES = Form(
    name="places",
    writes=WriteEffect.ONCE,
    command_type=RemovePlaces,
    title="Places of a threat",
    submit="Remove",
    parts=_places_parts,
    build_command=_remove,
)


def _dismissing(opening: FormContext) -> Sequence[FormPart]:
    wanted = candidate_ids(opening.target)
    there = {one.id: one for one in opening.required_register.candidates}
    left = [there[one] for one in wanted if one in there]
    if not left:
        raise NoSuchCandidate(wanted[0])
    lines = [f"*{one.rule.title}* · {escape_name(one.about)}" for one in left[:_SHOWN]]
    if len(left) > _SHOWN:
        lines.append(f"and {len(left) - _SHOWN} more")
    alarms = [f"False positive if: {left[0].rule.false_alarm}"] if len(left) == 1 else []
    return [
        Paragraph(text="\n".join([*lines, *alarms])),
        TextField(
            key="reason",
            label="Why does this threat not apply?",
            placeholder="The endpoint is reachable from the admin VPN only.",
            hint="It reappears, with your reason, if a related answer changes.",
            limit=TEXT,
            lines=True,
            required=True,
        ),
        *(
            _dismissed(one.dismissal)
            for one in opening.required_register.dismissed
            if one.dismissal.candidate in wanted
        ),
    ]


def _dismissed(before: Dismissal) -> ImpliedChange:
    """Return the reason for a dismissal that replaces an earlier one."""
    return ImpliedChange(
        key=f"dismissed/{before.candidate}",
        label=f"Reason for {before.candidate}",
        initial=before.reason,
        new_value=lambda values: values.text("reason"),
    )


def _dismiss(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    return DismissCandidates(by=by, at=at, candidates=candidate_ids(target), reason=values.text("reason"))


DISMISS = Form(
    name="dismiss",
    writes=WriteEffect.REVISES,
    command_type=DismissCandidates,
    title=lambda opening: "Dismiss suggestions" if "," in opening.target.element else "Dismiss suggestion",
    submit="Dismiss",
    parts=_dismissing,
    build_command=_dismiss,
)


def _merging(opening: FormContext) -> Sequence[FormPart]:
    register: ThreatRegister = opening.required_register
    merged = next((one for one in register.threats if one.id == opening.target.element), None)
    if merged is None:
        raise StaleButton("This threat is not in this model.")
    others = [one for one in register.threats if one.id != merged.id]
    if not others:
        raise StaleButton("There is no other threat to merge this one into.")
    return [
        Paragraph(
            text=(
                f"*{escape_name(merged.title)}* · {merged.id} duplicates another threat. Its categories "
                "and confirmed suggested threats move there; it stays readable."
            )
        ),
        ChoiceField(
            key="kept",
            label="Threat to keep",
            hint=f"The first {MAX_OPTIONS} threats are listed." if len(others) > MAX_OPTIONS else "",
            required=True,
            options=tuple(Option(value=one.id, text=f"{one.id} {one.title}") for one in others),
        ),
    ]


MERGE = Form(
    name="merge",
    writes=WriteEffect.ONCE,
    command_type=MergeThreats,
    title="Merge threats",
    submit="Merge",
    parts=_merging,
    build_command=command_of_fields(MergeThreats, about="merged"),
)

_SHOWN = 10
