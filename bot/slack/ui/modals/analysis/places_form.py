"""Form with the places of a threat: those that are ticked are removed and need a decision again."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import CheckboxesField, FormPart, Option, Paragraph
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from domain.commands import RemovePlaces
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.remediation.place_status import PlaceStatus


def _parts(opening: FormContext) -> Sequence[FormPart]:
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
            options=tuple(map(_option, places)),
        ),
    ]


def _option(one: PlaceStatus) -> Option:
    means = " · ".join(filter(None, (*one.elements, one.state.label)))
    return Option(value=one.place, text=one.name, means=means)


def _remove(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    candidates = tuple(map(CandidateId, values.many("places")))
    return RemovePlaces(by=by, at=at, threat=ThreatId(target.element), candidates=candidates)


PLACES = Form(
    name="places",
    writes=WriteEffect.ONCE,
    command_type=RemovePlaces,
    title=lambda _: "Places of a threat",
    submit="Remove",
    parts=_parts,
    build_command=_remove,
)
