"""Forms of responses: the response to a threat, and the temporary acceptance of a risk."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.targets import StaleButton, Target, ThreatResponseTarget
from bot.slack.ui.forms.common_fields import (
    URGENT_FIELD,
    RemindedForm,
    known_threat,
    long_text,
    other_person_field,
)
from bot.slack.ui.forms.form import (
    Entry,
    Form,
    FormCommand,
    FormContext,
    FormEnding,
    Saved,
)
from bot.slack.ui.forms.form_fields import (
    ChoiceField,
    DateField,
    FormPart,
    ImpliedChange,
    Option,
    Paragraph,
    PersonField,
    TextField,
)
from bot.slack.ui.texts.common_texts import first_lines
from bot.slack.ui.texts.score_texts import band_suffix
from domain.commands import ChooseResponse, ProposeAcceptance
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.inherited_settings import BandPolicy
from domain.kernel.length_limits import TEXT, WORD
from domain.kernel.threat import Response, ResponseKind, Threat, ThreatId
from domain.register import ThreatRegister
from domain.rejections import NoSuchThreat

RESPONSE_MEANINGS: dict[ResponseKind, str] = {
    ResponseKind.MITIGATE: "implement controls",
    ResponseKind.ACCEPT: "tolerate the risk until a date, with the approval of someone else",
    ResponseKind.TRANSFER: "shift the risk to a third party, such as an insurer",
    ResponseKind.AVOID: "remove the feature or the exposure",
}
"""Each response in plain words."""


OWNER_AND_DATE_NEEDED = "Required for high and critical threats before closing."
"""Why an optional field should be filled in."""


def threat_of_target(register: ThreatRegister, target: Target) -> Threat:
    """Return the threat of a form; raises StaleButton if it does not exist."""
    return known_threat(register, target, NoSuchThreat(target.element).sentence)


def threats_of_target(register: ThreatRegister, target: Target) -> list[Threat]:
    """Return the threats of a form about one or several; raises StaleButton if one does not exist."""
    ids = [id for id in target.element.split(",") if id]
    return [threat_of_target(register, replace(target, element=id)) for id in ids or [""]]


def threat_ids(target: Target) -> tuple[ThreatId, ...]:
    """Return the IDs of the threats of a form; raises StaleButton for none."""
    ids = tuple(ThreatId(one) for one in target.element.split(",") if one)
    if not ids:
        raise StaleButton
    return ids


def threats_phrase(target: Target) -> str:
    """Return the threat of a form by its ID, or the number of several."""
    ids = threat_ids(target)
    return ids[0] if len(ids) == 1 else f"{len(ids)} threats"


def threat_lines(register: ThreatRegister, threats: Sequence[Threat]) -> str:
    """Return one threat in a line, or several as a list."""
    if len(threats) == 1:
        return threat_line(register, threats[0])
    lines = [f"• {threat_line(register, threat)}" for threat in threats]
    return "\n".join(first_lines(lines, _LISTED, "• and {} more"))


def threat_line(register: ThreatRegister, threat: Threat) -> str:
    """Return the threat in a line, with its severity if known."""
    return f"*{escape_name(threat.title)}* · {threat.id}{band_suffix(register, threat.id)}"


def replaced_response(register: ThreatRegister, threats: Sequence[Threat], kind: ResponseKind) -> str:
    """Return a sentence about the response that is replaced, if the form is about one threat."""
    known = _response_to(register, threats)
    if known is None or known.kind is kind:
        return ""
    return f"\nReplaces the current response: *{known.kind}*."


def _response_to(register: ThreatRegister, threats: Sequence[Threat]) -> Response | None:
    status = register.statuses.get(threats[0].id) if len(threats) == 1 else None
    return status.response if status else None


def _kind(target: Target) -> ResponseKind:
    return ThreatResponseTarget.of(target).response


def _responding(opening: FormContext) -> Sequence[FormPart]:
    register, kind = opening.required_register, _kind(opening.target)
    threats = threats_of_target(register, opening.target)
    known = _response_to(register, threats)
    old = known if known is not None and known.kind is kind else None
    statement = f"{threat_lines(register, threats)}\n*{kind.capitalize()}*: {RESPONSE_MEANINGS[kind]}."
    parts: list[FormPart] = [Paragraph(text=statement + replaced_response(register, threats, kind))]
    if kind is ResponseKind.TRANSFER:
        recipient = TextField(
            key="transferred_to",
            label="Recipient",
            placeholder="Insurance company",
            limit=WORD,
            required=True,
            initial=old.transferred_to if old else "",
        )
        parts.append(recipient)
    parts += [
        long_text("reason", "Reason", old.reason if old else "", required=kind is not ResponseKind.MITIGATE),
        _owner_field("Responsible for the response.", old, opening),
    ]
    if kind is not ResponseKind.MITIGATE:
        due = old.due if old else None
        parts.append(DateField(key="due", label="Due", hint=OWNER_AND_DATE_NEEDED, initial=due))
    return [*parts, *_replaced(register, threats, kind)]


def _owner_field(hint: str, old: Response | None, opening: FormContext) -> PersonField:
    return PersonField(
        key="owner",
        label="Owner",
        hint=hint,
        initial=old.owner if old else opening.person,
        suggested=old is None,
    )


def _replaced(
    register: ThreatRegister, threats: Sequence[Threat], kind: ResponseKind
) -> Iterator[ImpliedChange]:
    """Yield the response, and the proposal to accept the risk, that are replaced, for each threat."""
    for threat in threats:
        status = register.statuses.get(threat.id)
        known = status.response if status else None
        proposal = status.proposal if status and kind is not ResponseKind.ACCEPT else None
        words = [str(known.kind)] if known else []
        if proposal:
            until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
            words.append(f"proposed: accept{until}")
        several = len(threats) > 1
        yield ImpliedChange(
            key=f"response/{threat.id}" if several else "response",
            label=f"Response to {threat.id}" if several else "Response",
            initial="; ".join(words),
            new_value=lambda _: str(kind),
        )


def _then_plan(saved: Saved) -> Target | None:
    """Return the mitigation form, which follows the response *mitigate*."""
    target = saved.target
    if _kind(target) is not ResponseKind.MITIGATE:
        return None
    return Target(name="mitigation", stream=target.stream, element=target.element, back=target.back)


def _about_threats(
    entry: Entry, command: type[ChooseResponse | ProposeAcceptance], **given: object
) -> FormCommand:
    """Return a command about the threats of a form."""
    first, *also = threat_ids(entry.target)
    return entry.command(command, threat=first, also=also, **given)


RESPOND = Form(
    name="respond",
    target=ThreatResponseTarget,
    command_type=ChooseResponse,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: f"{_kind(opening.target).capitalize()} {threats_phrase(opening.target)}",
    submit=lambda opening: _kind(opening.target).capitalize(),
    parts=_responding,
    build_command=lambda entry: _about_threats(entry, ChooseResponse, response=_kind(entry.target)),
    next_form=_then_plan,
)


def _accepting(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    threats = threats_of_target(register, opening.target)
    # The current proposal, or else the earlier acceptance.
    status = register.statuses.get(threats[0].id) if len(threats) == 1 else None
    proposal, known = (status.proposal if status else None), _response_to(register, threats)
    old = proposal or (known if known is not None and known.kind is ResponseKind.ACCEPT else None)
    approvers = policy_approvers(register, threats)
    named = next((person for person in approvers if person != opening.person), None)
    asked = (old.asked or old.approver) if old else named or register.facilitator
    policies = _policies(register, threats)
    who = (
        "An approver named by the policy, except you."
        if any(policy.approvers for _, policy in policies)
        else "Any participant except you."
    )
    approver = approver_field(
        f"{who} They are notified by direct message.", asked, approvers, opening, proposer=opening.person
    )
    return [
        Paragraph(
            text=(
                f"{threat_lines(register, threats)}\n"
                f"*Accept*: {RESPONSE_MEANINGS[ResponseKind.ACCEPT]}. After the expiry date, the threat "
                f"is open again.{replaced_response(register, threats, ResponseKind.ACCEPT)}"
            )
        ),
        TextField(
            key="reason",
            label="Why is this risk acceptable?",
            placeholder="Internal tool without customer data; replaced in June.",
            limit=TEXT,
            lines=True,
            required=True,
            initial=old.reason if old else "",
        ),
        DateField(
            key="expires",
            label="Expires",
            hint=f"{_longest(policies, opening.today)} The facilitator is notified before the expiry date.",
            required=True,
            initial=proposal.expires if proposal else None,  # an expired acceptance is not offered again
        ),
        replace(approver, suggested=True) if old is None else approver,
        _owner_field("Monitors the risk.", old, opening),
        URGENT_FIELD,
        *_replaced(register, threats, ResponseKind.ACCEPT),
    ]


def _policies(register: ThreatRegister, threats: Sequence[Threat]) -> list[tuple[str, BandPolicy]]:
    """Return the policy for each band of the threats, with the band in words."""
    bands = dict.fromkeys(register.suggestions[threat.id].band for threat in threats)
    return [(str(band) if band else "without a score", register.policy.of(band)) for band in bands]


def _longest(policies: Sequence[tuple[str, BandPolicy]], today: date | None) -> str:
    """Return for how long the policy lets the risks be accepted."""
    band, policy = min(policies, key=lambda each: each[1].accepted_days)
    until = f", until {short_day(today + timedelta(days=policy.accepted_days))}" if today else ""
    return f"At most {policy.accepted_days} days ({band}){until}."


def policy_approvers(register: ThreatRegister, threats: Sequence[Threat]) -> tuple[PersonId, ...]:
    """Return the approvers whom the policy names for all of the threats; empty if it names none."""
    named = [policy.approvers for _, policy in _policies(register, threats) if policy.approvers]
    return tuple(one for one in named[0] if all(one in other for other in named)) if named else ()


def approver_field(
    hint: str,
    asked: PersonId | None,
    approvers: Sequence[PersonId],
    opening: FormContext,
    *,
    proposer: PersonId,
) -> ChoiceField | PersonField:
    """Return the field for an approver: one whom the policy names, but not the proposer, or anyone."""
    allowed = [person for person in approvers if person != proposer]
    if not allowed:
        return other_person_field("approver", "Approver", hint, asked, opening)
    return ChoiceField(
        key="approver",
        label="Approver",
        hint=hint,
        required=True,
        options=tuple(Option(value=person, text=opening.naming(person)) for person in allowed),
        initial=asked if asked in allowed else None,
    )


ACCEPT = RemindedForm(
    name="accept",
    command_type=ProposeAcceptance,
    title=lambda opening: f"Accept {threats_phrase(opening.target)}",
    submit="Propose",
    parts=_accepting,
    build_command=lambda entry: _about_threats(entry, ProposeAcceptance, expires=entry.values.day("expires")),
)

_LISTED = 10
