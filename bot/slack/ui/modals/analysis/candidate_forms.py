"""Forms of candidates: dismissing, merging threats."""

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
from domain.commands import DismissCandidates, MergeThreats
from domain.kernel.candidate_decisions import Dismissal
from domain.kernel.elements import PersonId
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
