"""Forms of candidates: dismissing, considering a row, merging threats."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import (
    MAX_OPTIONS,
    ChoiceField,
    FormPart,
    ImpliedChange,
    Option,
    Paragraph,
    TextField,
)
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.analysis.candidate_selection import candidate_ids
from bot.slack.ui.modals.analysis.threat_form import STRIDE_MEANINGS
from domain.commands import ConsiderRow, DismissCandidates, MergeThreats
from domain.kernel.candidate_decisions import Dismissal
from domain.kernel.elements import ElementId, PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.threat import ThreatId
from domain.register import ThreatRegister
from domain.rejections import NoSuchCandidate


def _dismissing(opening: FormContext) -> Sequence[FormPart]:
    wanted = candidate_ids(opening.target)
    there = {one.id: one for one in opening.required_register.candidates}
    left = [there[one] for one in wanted if one in there]
    if not left:
        raise NoSuchCandidate(wanted[0])
    lines = [f"*{one.rule.title}* · {escape_name(one.about)}" for one in left[:_SHOWN]]
    if len(left) > _SHOWN:
        lines.append(f"and {len(left) - _SHOWN} more")
    alarms = [f"A false alarm if: {left[0].rule.false_alarm}"] if len(left) == 1 else []
    return [
        Paragraph(text="\n".join([*lines, *alarms])),
        TextField(
            key="reason",
            label="Why is this no threat here?",
            placeholder="The door is painted on the wall.",
            hint="It comes back, with your reason beside it, when an answer or a place it goes by changes.",
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
    title=lambda opening: "Dismiss candidates" if "," in opening.target.element else "Dismiss candidate",
    submit="Dismiss",
    parts=_dismissing,
    build_command=_dismiss,
)


def _considering(opening: FormContext) -> Sequence[FormPart]:
    rows = (one for one in opening.required_register.coverage.rows if one.element == opening.target.element)
    row = next(rows, None)
    if row is None:
        raise StaleButton("This is not part of the coverage grid (any more).")
    open_cells = [cell for cell in row.cells if not cell.decided]
    lines = [f"• *{cell.category.label}*: {STRIDE_MEANINGS[cell.category]}" for cell in open_cells]
    return [
        Paragraph(
            text="\n".join([f"*{escape_name(row.name)}* · {row.element}. Could any of this happen?", *lines])
        ),
        TextField(
            key="reason",
            label="Nothing more to find here, because…",
            placeholder="It is a wall without any opening.",
            hint="One reason for the whole row. Threats that you do see are better reported.",
            limit=TEXT,
            lines=True,
            required=True,
            initial=row.considered.reason if row.considered else "",
        ),
    ]


def _consider(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    return ConsiderRow(by=by, at=at, element=ElementId(target.element), reason=values.text("reason"))


CONSIDER = Form(
    name="consider",
    writes=WriteEffect.REVISES,
    command_type=ConsiderRow,
    title=lambda _: "Nothing more here",
    submit="Save",
    parts=_considering,
    build_command=_consider,
)


def _merging(opening: FormContext) -> Sequence[FormPart]:
    register: ThreatRegister = opening.required_register
    merged = next((one for one in register.threats if one.id == opening.target.element), None)
    if merged is None:
        raise StaleButton("This threat is not part of this model (any more).")
    others = [one for one in register.threats if one.id != merged.id]
    if not others:
        raise StaleButton("There is no other threat to merge this one into.")
    return [
        Paragraph(
            text=f"*{escape_name(merged.title)}* · {merged.id} says the same as another threat? "
            "Its categories and its candidates go there; it stays readable."
        ),
        ChoiceField(
            key="kept",
            label="Which threat is kept?",
            hint=f"The first {MAX_OPTIONS} are offered." if len(others) > MAX_OPTIONS else "",
            required=True,
            options=tuple(Option(value=one.id, text=f"{one.id} {one.title}") for one in others),
        ),
    ]


def _merge(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    kept = ThreatId(values.text("kept"))
    return MergeThreats(by=by, at=at, kept=kept, merged=ThreatId(target.element))


MERGE = Form(
    name="merge",
    writes=WriteEffect.ONCE,
    command_type=MergeThreats,
    title=lambda _: "Merge threats",
    submit="Merge",
    parts=_merging,
    build_command=_merge,
)

_SHOWN = 10
