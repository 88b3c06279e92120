"""Forms of responses: the response to a threat, and the temporary acceptance of a risk."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.targets import ReminderTarget, StaleButton, Target, ThreatResponseTarget
from bot.slack.ui.forms.common_fields import URGENT_FIELD, is_marked_urgent
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, FormEnding, LazyRegister, WriteEffect
from bot.slack.ui.forms.form_fields import (
    DateField,
    FormPart,
    ImpliedChange,
    Paragraph,
    PersonField,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.texts.score_texts import band_suffix
from domain.commands import ChooseResponse, ProposeAcceptance
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.inherited_settings import BandPolicy
from domain.kernel.length_limits import TEXT, WORD
from domain.kernel.response import Response, ResponseKind
from domain.kernel.threat import Threat, ThreatId
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
    known_threat = next((one for one in register.threats if one.id == target.element), None)
    if known_threat is None:
        raise StaleButton(NoSuchThreat(target.element).sentence)
    return known_threat


def threats_of_target(register: ThreatRegister, target: Target) -> list[Threat]:
    """Return the threats of a form about one or several; raises StaleButton if one does not exist."""
    ids = [one for one in target.element.split(",") if one]
    return [threat_of_target(register, replace(target, element=one)) for one in ids or [""]]


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
    lines = [f"• {threat_line(register, one)}" for one in threats[:_LISTED]]
    more = len(threats) - _LISTED
    return "\n".join([*lines, *([f"• and {more} more"] if more > 0 else [])])


def threat_line(register: ThreatRegister, threat: Threat) -> str:
    """Return the threat in a line, with its severity if known."""
    return f"*{escape_name(threat.title)}* · {threat.id}{band_suffix(register, threat.id)}"


def replaced_response(register: ThreatRegister, threat: ThreatId, kind: ResponseKind) -> str:
    """Return a sentence about the response that is replaced."""
    known = _response_to(register, threat)
    if known is None or known.kind is kind:
        return ""
    return f"\nReplaces the current response: *{known.kind}*."


def _response_to(register: ThreatRegister, threat: ThreatId) -> Response | None:
    status = register.statuses.get(threat)
    return status.response if status else None


def _kind(target: Target) -> ResponseKind:
    return ThreatResponseTarget.of(target).response


def _responding(opening: FormContext) -> Sequence[FormPart]:
    register, kind = opening.required_register, _kind(opening.target)
    threats = threats_of_target(register, opening.target)
    known = _response_to(register, threats[0].id) if len(threats) == 1 else None
    old = known if known is not None and known.kind is kind else None
    statement = f"{threat_lines(register, threats)}\n*{kind.capitalize()}*: {RESPONSE_MEANINGS[kind]}."
    replaced = replaced_response(register, threats[0].id, kind) if len(threats) == 1 else ""
    return [
        Paragraph(text=statement + replaced),
        *_for_whom(kind, old),
        TextField(
            key="reason",
            label="Reason",
            limit=TEXT,
            lines=True,
            required=kind is not ResponseKind.MITIGATE,
            initial=old.reason if old else "",
        ),
        PersonField(
            key="owner",
            label="Owner",
            hint="Responsible for the response.",
            initial=old.owner if old else opening.person,
            suggested=old is None,
        ),
        *_until_when(kind, old),
        *_replaced(register, threats, kind),
    ]


def _replaced(register: ThreatRegister, threats: Sequence[Threat], kind: ResponseKind) -> list[ImpliedChange]:
    """Return the responses that are replaced, one for each threat."""
    every = [_in_place_of(register, one.id, kind) for one in threats]
    if len(every) == 1:
        return every
    return [
        replace(one, key=f"response/{threat.id}", label=f"Response to {threat.id}")
        for one, threat in zip(every, threats, strict=True)
    ]


def _in_place_of(register: ThreatRegister, threat: ThreatId, kind: ResponseKind) -> ImpliedChange:
    """Return the response, and the proposal to accept the risk, that are replaced."""
    status = register.statuses.get(threat)
    known = status.response if status else None
    proposal = status.proposal if status and kind is not ResponseKind.ACCEPT else None
    words = [str(known.kind)] if known else []
    if proposal:
        until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
        words.append(f"proposed: accept{until}")
    return ImpliedChange(
        key="response", label="Response", initial="; ".join(words), new_value=lambda _: str(kind)
    )


def _for_whom(kind: ResponseKind, old: Response | None) -> list[FormPart]:
    if kind is not ResponseKind.TRANSFER:
        return []
    return [
        TextField(
            key="transferred_to",
            label="Recipient",
            placeholder="Insurance company",
            limit=WORD,
            required=True,
            initial=old.transferred_to if old else "",
        )
    ]


def _until_when(kind: ResponseKind, old: Response | None) -> list[FormPart]:
    if kind is ResponseKind.MITIGATE:
        return []
    return [DateField(key="due", label="Due", hint=OWNER_AND_DATE_NEEDED, initial=old.due if old else None)]


def _respond(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    return ChooseResponse(
        by=by,
        at=at,
        threat=threat_ids(target)[0],
        also=threat_ids(target)[1:],
        response=_kind(target),
        reason=values.text("reason"),
        transferred_to=values.text("transferred_to"),
        owner=values.person("owner"),
        due=values.day("due"),
    )


def _then_plan(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    """Return the mitigation form, which follows the response *mitigate*."""
    del values, register
    if _kind(target) is not ResponseKind.MITIGATE:
        return None
    return Target(name="mitigation", stream=target.stream, element=target.element, back=target.back)


RESPOND = Form(
    name="respond",
    target=ThreatResponseTarget,
    writes=WriteEffect.REVISES,
    command_type=ChooseResponse,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: f"{_kind(opening.target).capitalize()} {threats_phrase(opening.target)}",
    submit=lambda opening: _kind(opening.target).capitalize(),
    parts=_responding,
    build_command=_respond,
    next_form=_then_plan,
)


def _accepting(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    threats = threats_of_target(register, opening.target)
    proposal, old, replaces = None, None, ""
    if len(threats) == 1:
        proposal, old = _accepted_before(register, threats[0].id)
        replaces = replaced_response(register, threats[0].id, ResponseKind.ACCEPT)
    named = next((one for one in _approvers(register, threats) if one != opening.person), None)
    asked = (old.asked or old.approver) if old else named or register.facilitator
    return [
        Paragraph(
            text=(
                f"{threat_lines(register, threats)}\n"
                f"*Accept*: {RESPONSE_MEANINGS[ResponseKind.ACCEPT]}. After the expiry date, the threat "
                f"is open again.{replaces}"
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
            hint=(
                f"{_longest(register, threats, opening.today)} The facilitator is notified before the expiry "
                "date."
            ),
            required=True,
            initial=proposal.expires if proposal else None,  # an expired acceptance is not offered again
        ),
        PersonField(
            key="approver",
            label="Approver",
            hint=_who_may_approve(register, threats),
            required=True,
            initial=asked if asked != opening.person else None,
            hidden=opening.person if old and asked == opening.person else "",
            suggested=old is None,
        ),
        PersonField(
            key="owner",
            label="Owner",
            hint="Monitors the risk.",
            initial=old.owner if old else opening.person,
            suggested=old is None,
        ),
        URGENT_FIELD,
        *_replaced(register, threats, ResponseKind.ACCEPT),
    ]


def _policies(register: ThreatRegister, threats: Sequence[Threat]) -> list[tuple[str, BandPolicy]]:
    """Return the policy for each band of the threats, with the band in words."""
    bands = dict.fromkeys(register.suggestions[one.id].band for one in threats)
    return [(str(band) if band else "without a score", register.policy.of(band)) for band in bands]


def _longest(register: ThreatRegister, threats: Sequence[Threat], today: date | None) -> str:
    """Return for how long the policy lets the risks be accepted."""
    band, policy = min(_policies(register, threats), key=lambda one: one[1].accepted_days)
    until = f", until {short_day(today + timedelta(days=policy.accepted_days))}" if today else ""
    return f"At most {policy.accepted_days} days ({band}){until}."


def _approvers(register: ThreatRegister, threats: Sequence[Threat]) -> tuple[PersonId, ...]:
    """Return the approvers whom the policy names for all of the threats; empty if it names none."""
    named = [policy.approvers for _, policy in _policies(register, threats) if policy.approvers]
    return tuple(one for one in named[0] if all(one in other for other in named)) if named else ()


def _who_may_approve(register: ThreatRegister, threats: Sequence[Threat]) -> str:
    if any(policy.approvers for _, policy in _policies(register, threats)):
        return "An approver named by the policy, except you. They are notified by direct message."
    return "Any participant except you. They are notified by direct message."


def _accepted_before(register: ThreatRegister, threat: ThreatId) -> tuple[Response | None, Response | None]:
    """Return the current proposal, and the proposal or else the earlier acceptance."""
    status = register.statuses.get(threat)
    proposal = status.proposal if status else None
    known = _response_to(register, threat)
    before = known if known is not None and known.kind is ResponseKind.ACCEPT else None
    return proposal, proposal or before


def _accept(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    return ProposeAcceptance(
        by=by,
        at=at,
        threat=threat_ids(target)[0],
        also=threat_ids(target)[1:],
        expires=values.day("expires"),
        reason=values.text("reason"),
        owner=values.person("owner"),
        approver=values.person("approver"),
        urgent=is_marked_urgent(values),
    )


ACCEPT = Form(
    name="accept",
    target=ReminderTarget,
    writes=WriteEffect.REVISES,
    command_type=ProposeAcceptance,
    from_reminders=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: f"Accept {threats_phrase(opening.target)}",
    submit="Propose",
    parts=_accepting,
    build_command=_accept,
)

_LISTED = 10
