"""Form to assign all that a person has to do to another person, such as when someone leaves."""

from collections.abc import Iterator, Sequence

from bot.slack.protocol.block_builders import Block
from bot.slack.protocol.targets import StaleButton
from bot.slack.ui.forms.common_fields import URGENT_FIELD
from bot.slack.ui.forms.form import Form, FormContext, FormEnding, WriteEffect
from bot.slack.ui.forms.form_fields import MAX_OPTIONS, ChoiceField, FormPart, Option, Paragraph, PersonField
from bot.slack.ui.model_buttons import ModelButtons
from domain.commands import ReassignAll
from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import count_phrase, join_list
from domain.register import ThreatRegister
from domain.remediation.duties import Duties


def reassign_all_button(make: ModelButtons, register: ThreatRegister) -> Block | None:
    """Return the button to the form; None while no one has anything to do."""
    if not register.duties or not register.allows(ReassignAll):
        return None
    return make.opens("Reassign all of a person's…", "reassign_all", suffix="reassign-all")


def _parts(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    if not register.duties:
        raise StaleButton("No one has anything to do in this model.")
    people = sorted(register.duties, key=lambda person: person not in register.departed)
    return [
        Paragraph(
            text="For when someone leaves, is away or changes teams. All of it goes to one person, who can "
            "reassign it one by one after that."
        ),
        ChoiceField(
            key="of",
            label="From",
            required=True,
            radio=True,
            options=tuple(
                Option(
                    value=person,
                    text=_called(opening, person),
                    means=duties_text(register.duties[person]),
                )
                for person in people[:MAX_OPTIONS]
            ),
            initial=people[0] if people[0] in register.departed else None,
        ),
        PersonField(
            key="person",
            label="To",
            required=True,
            hint="They are notified by direct message. Approvals that they may not give stay as they are.",
        ),
        URGENT_FIELD,
    ]


def _called(opening: FormContext, person: PersonId) -> str:
    left = " (left)" if person in opening.required_register.departed else ""
    return f"{opening.naming(person)}{left}"


def duties_text(duties: Duties) -> str:
    """Return `2 mitigations (MI-1, MI-4), 12 questions`: all that would be assigned to another person."""
    return join_list(list(_counts(duties)))


def _counts(duties: Duties) -> Iterator[str]:
    if duties.mitigations:
        ids = ", ".join(one.id for one in duties.mitigations[:_SHOWN])
        more = ", …" if len(duties.mitigations) > _SHOWN else ""
        yield f"{count_phrase(len(duties.mitigations), 'mitigation')} ({ids}{more})"
    for count, word in (
        (len(duties.approvals), "approval"),
        (len(duties.questions), "question"),
        (len(duties.components), "component"),
    ):
        if count:
            yield count_phrase(count, word)


_SHOWN = 2

REASSIGN_ALL = Form(
    name="reassign_all",
    writes=WriteEffect.ONCE,
    command_type=ReassignAll,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title="Reassign all",
    submit="Reassign",
    parts=_parts,
)
