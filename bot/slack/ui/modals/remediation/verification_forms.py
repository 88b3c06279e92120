"""Forms of verification: the threats and places for which a mitigation is verified or rejected."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import ReminderTarget, Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import (
    MAX_OPTIONS,
    CheckboxesField,
    FormPart,
    ImpliedChange,
    Option,
    Paragraph,
    TextField,
)
from bot.slack.ui.forms.form_traits import FormEnding
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.remediation.mitigation_form import mitigation_of_target
from domain.commands import RefuseVerification, VerifyMitigation
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.mitigation import MitigationId, MitigationLink, MitigationState
from domain.kernel.threat import PlaceId, ThreatId, elements_at
from domain.register import ThreatRegister
from domain.rejections import WrongMitigationState


def link_text(register: ThreatRegister, link: MitigationLink) -> str:
    """Return a threat and its place in words, for an option."""
    title = next((one.title for one in register.threats if one.id == link.threat), "")
    places = ", ".join(register.name_of(one) for one in elements_at(link.place))
    return f"{link.threat} {title}{f': {places}' if places else ''}"


def _options(register: ThreatRegister, links: Sequence[MitigationLink]) -> tuple[Option, ...]:
    return tuple(Option(value=_encoded(one), text=link_text(register, one)) for one in links[:MAX_OPTIONS])


def _encoded(link: MitigationLink) -> str:
    return f"{link.threat}/{link.place}"


def _chosen(values: SubmittedValues) -> tuple[MitigationLink, ...]:
    links: list[MitigationLink] = []
    for value in values.many("links"):
        threat, found, place = value.partition("/")
        if not found:
            raise StaleButton
        links.append(MitigationLink(threat=ThreatId(threat), place=PlaceId(place)))
    return tuple(links)


def _nothing_chosen(values: SubmittedValues) -> dict[str, str]:
    asked = "links" in values.by_key
    return {"links": "Select at least one."} if asked and not values.many("links") else {}


def _verifying(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    tracked = mitigation_of_target(register, opening.target)
    one = tracked.mitigation
    if one.state is not MitigationState.IMPLEMENTED:
        raise WrongMitigationState(one.id, one.state)
    done = [
        f"✓ {escape(link_text(register, link), _LINE)}"
        for link in tracked.links
        if link not in tracked.unverified
    ]
    shown = done[:_VERIFIED]
    if len(done) > len(shown):
        shown.append(f"✓ and {len(done) - len(shown)} more")
    evidence = [f"Evidence: {escape(one.evidence, _EVIDENCE)}"] if one.evidence else []
    return [
        Paragraph(text="\n".join([f"*{escape_name(one.title)}* · {one.id}", *evidence, *shown])),
        CheckboxesField(
            key="links",
            label="Threats and places",
            hint="Select only what you checked yourself. Your name is recorded.",
            required=True,
            options=_options(register, tracked.unverified),
        ),
    ]


def _verify(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    return VerifyMitigation(by=by, at=at, mitigation=MitigationId(target.element), links=_chosen(values))


VERIFY_LINKS = Form(
    name="verify_links",
    target=ReminderTarget,
    writes=WriteEffect.ONCE,
    command_type=VerifyMitigation,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: f"Verify {opening.target.element}",
    submit="Verify",
    parts=_verifying,
    build_command=_verify,
    validate=_nothing_chosen,
)


def _refusing(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    tracked = mitigation_of_target(register, opening.target)
    one = tracked.mitigation
    if one.state not in (MitigationState.IMPLEMENTED, MitigationState.VERIFIED):
        raise WrongMitigationState(one.id, one.state)
    several = [
        CheckboxesField(
            key="links",
            label="Threats and places",
            hint="Select where it is not effective. Other verifications are kept.",
            required=True,
            options=_options(register, tracked.links),
        )
    ]
    return [
        Paragraph(text=f"*{escape_name(one.title)}* · {one.id}, threat {', '.join(tracked.threats)}"),
        *(several if len(tracked.links) > 1 else []),
        TextField(
            key="reason", label="What did the verification find?", limit=TEXT, lines=True, required=True
        ),
        ImpliedChange(key="state", label="State", initial=str(one.state), new_value=lambda _: "rejected"),
    ]


def _refuse(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    return RefuseVerification(
        by=by,
        at=at,
        mitigation=MitigationId(target.element),
        reason=values.text("reason"),
        links=_chosen(values),
    )


REFUSE = Form(
    name="refuse",
    target=ReminderTarget,
    writes=WriteEffect.REVISES,
    command_type=RefuseVerification,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: f"Reject {opening.target.element}",
    submit="Reject",
    parts=_refusing,
    build_command=_refuse,
    validate=_nothing_chosen,
)

_LINE = 150
_EVIDENCE = 600
_VERIFIED = 10
