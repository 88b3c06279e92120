"""Form of the remediation policy: due dates, and the approval of accepted risks and overrides, by band."""

from collections.abc import Collection, Sequence
from datetime import datetime

from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import (
    CheckboxesField,
    ChoiceField,
    FormPart,
    Option,
    Paragraph,
    PeopleField,
)
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.texts.common_texts import person_name
from domain.commands import ChoosePolicy
from domain.dread.scoring import Band
from domain.kernel.elements import PersonId
from domain.kernel.person_names import Naming
from domain.kernel.remediation_policy import BandPolicy, RemediationPolicy
from domain.kernel.text_formatting import join_list


def policy_line(band: Band, policy: BandPolicy, naming: Naming) -> str:
    """Return the policy for a band in one line of mrkdwn."""
    due = f"due after {policy.due_days} days" if policy.due_days is not None else "no suggested due date"
    named = " or ".join(person_name(naming, one) for one in policy.approvers)
    by = named or "any participant except the proposer"
    return f"*{band.capitalize()}*: {due}; accepted for at most {policy.accepted_days} days by {by}"


def _policy(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    return [
        Paragraph(text=_inheritance(register.own_bands)),
        CheckboxesField(
            key="own",
            label="Own values of this model",
            hint=(
                "The other bands follow the workspace settings. A band that you change becomes the model's "
                "own."
            ),
            options=tuple(Option(value=band, text=band.capitalize()) for band in reversed(Band)),
            initial=tuple(register.own_bands),
        ),
        *band_fields(register.policy),
    ]


def _inheritance(own: Collection[Band]) -> str:
    inherited = [band.capitalize() for band in reversed(Band) if band not in own]
    if not inherited:
        return "All values are this model's own. None is inherited from the workspace settings."
    listed = "All values" if not own else f"The values of {join_list(inherited)}"
    return f"{listed} are inherited from the workspace settings and change with them."


def band_fields(policy: RemediationPolicy) -> list[FormPart]:
    """Return the fields of a policy: for each band the due date, the acceptance and its approvers."""
    parts: list[FormPart] = [
        Paragraph(
            text=(
                "Due dates are suggested for new mitigations, counted from the closing of the round. "
                "Accepted risks and overrides of conditions end after the given number of days. Unscored "
                "threats count as critical."
            )
        )
    ]
    for band in reversed(Band):
        parts += _fields(band, policy.of(band))
    return parts


def _fields(band: Band, policy: BandPolicy) -> list[FormPart]:
    due = _NO_DATE if policy.due_days is None else str(policy.due_days)
    return [
        ChoiceField(
            key=f"due_{band}",
            label=f"{band.capitalize()}: mitigations are due after",
            required=True,
            options=(
                *day_options(_DUE_DAYS, policy.due_days),
                Option(value=_NO_DATE, text="No suggested date"),
            ),
            initial=due,
        ),
        ChoiceField(
            key=f"accepted_{band}",
            label=f"{band.capitalize()}: risks are accepted for at most",
            required=True,
            options=day_options(_ACCEPTED_DAYS, policy.accepted_days),
            initial=str(policy.accepted_days),
        ),
        PeopleField(
            key=f"approvers_{band}",
            label=f"{band.capitalize()}: approvers",
            hint="Only these people can approve. If empty, any participant except the proposer can.",
            initial=policy.approvers,
        ),
    ]


def day_options(offered: tuple[int, ...], known: int | None) -> tuple[Option, ...]:
    """Return numbers of days to choose from, with the one that was chosen before."""
    every = sorted({*offered, *([known] if known is not None else [])})
    return tuple(Option(value=str(days), text=f"{days} days") for days in every)


def _choose_policy(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    ticked = values.many("own")
    own = tuple(band for band in Band if band in ticked) if "own" in values.by_key else None
    return ChoosePolicy(by=by, at=at, policy=submitted_policy(values), own=own)


def submitted_policy(values: SubmittedValues) -> RemediationPolicy:
    """Return the policy of the submitted fields; raises StaleButton for an unknown number."""
    return RemediationPolicy(**{str(band): _band_policy(band, values) for band in Band})


def _band_policy(band: Band, values: SubmittedValues) -> BandPolicy:
    due, accepted = values.text(f"due_{band}"), values.text(f"accepted_{band}")
    return BandPolicy(
        due_days=None if due == _NO_DATE else _number(due),
        accepted_days=_number(accepted),
        approvers=values.people(f"approvers_{band}"),
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise StaleButton
    return int(text)


POLICY = Form(
    name="policy",
    writes=WriteEffect.REVISES,
    command_type=ChoosePolicy,
    title=lambda _: "Remediation policy",
    submit="Save",
    parts=_policy,
    build_command=_choose_policy,
)

_NO_DATE = "none"
_DUE_DAYS = (7, 14, 30, 60, 90, 180)
_ACCEPTED_DAYS = (30, 60, 90, 180, 365, 730)
