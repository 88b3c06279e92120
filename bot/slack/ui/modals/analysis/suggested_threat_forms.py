"""Forms that decide suggested threats: one, several, and those of a group."""

from collections.abc import Sequence

from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.targets import StaleButton
from bot.slack.ui.forms.common_fields import NOT_IN_MODEL, known_threat, long_text
from bot.slack.ui.forms.form import Entry, Form, FormCommand, FormContext, WriteEffect
from bot.slack.ui.forms.form_fields import (
    MAX_OPTIONS,
    CheckboxesField,
    ChoiceField,
    FormPart,
    ImpliedChange,
    Option,
    Paragraph,
    TextField,
)
from bot.slack.ui.modals.analysis.suggested_threats_page import suggested_threat_ids
from bot.slack.ui.texts.common_texts import first_lines
from domain.analysis.rule_findings import SuggestedThreat
from domain.commands import DecideGroup, DismissSuggestedThreats, MergeThreats, RemovePlaces
from domain.kernel.length_limits import TEXT
from domain.register import ThreatRegister
from domain.rejections import NoSuchSuggestedThreat

CONFIRM = "confirm"
_DISMISSED = "dismiss"
LATER = "later"


def _open_suggested_threats(opening: FormContext) -> list[SuggestedThreat]:
    """Return the undecided suggested threats of a form; raises NoSuchSuggestedThreat without any."""
    wanted = suggested_threat_ids(opening.target)
    there = {
        suggested_threat.id: suggested_threat
        for suggested_threat in opening.required_register.suggested_threats
    }
    left = [there[id] for id in wanted if id in there]
    if not left:
        raise NoSuchSuggestedThreat(wanted[0])
    return left


def _parts(opening: FormContext) -> Sequence[FormPart]:
    register, left = opening.required_register, _open_suggested_threats(opening)
    rule = left[0].rule
    group = next((group for group in register.groups if left[0] in group.suggested_threats), None)
    titles = {threat.id: threat.title for threat in register.threats}
    places = tuple(
        _place(each.id, each.about, each.element, "dismissed before" if each.returned else "")
        for each in left
    )
    known = group.threats[:_OFFERED] if group else ()
    return [
        Paragraph(text=f"*{rule.title}*\n{rule.explanation}\nFalse positive if: {rule.false_alarm}"),
        CheckboxesField(key="places", label="Places", options=places),
        ChoiceField(
            key="decision",
            label="Selected places",
            options=(
                Option(value=CONFIRM, text="Confirm as one threat"),
                *(Option(value=id, text=f"Add to {id}: {titles[id]}") for id in known),
                Option(value=_DISMISSED, text="Dismiss"),
            ),
            initial=CONFIRM,
            required=True,
        ),
        ChoiceField(
            key="others",
            label="Other places",
            options=(Option(value=LATER, text="Decide later"), Option(value=_DISMISSED, text="Dismiss")),
            initial=LATER,
            required=True,
        ),
        long_text(
            "reason",
            "Why does this threat not apply there?",
            hint="Required to dismiss. It reappears if a related answer changes.",
        ),
    ]


def _place(id: str, name: str, *means: str) -> Option:
    return Option(value=id, text=name, means=" · ".join(filter(None, means)))


def _decide(entry: Entry) -> FormCommand:
    every, ticked = suggested_threat_ids(entry.target), entry.values.many("places")
    chosen = tuple(id for id in every if id in ticked)
    others = tuple(id for id in every if id not in ticked)
    decision = entry.text("decision")
    confirming = decision != _DISMISSED
    dismissed = (
        *(() if confirming else chosen),
        *(others if entry.text("others") == _DISMISSED else ()),
    )
    return entry.command(
        DecideGroup,
        confirmed=chosen if confirming else (),
        dismissed=dismissed,
        threat=decision if confirming and decision != CONFIRM else None,
        reason=entry.text("reason") if dismissed else "",
    )


_OFFERED = 90
"""Threats that a menu offers beside the other options."""

GROUP = Form(
    name="group",
    writes=WriteEffect.ADDS,
    command_type=DecideGroup,
    title="Choose places",
    parts=_parts,
    build_command=_decide,
)


def _places_parts(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    threat = known_threat(register, opening.target)
    if not threat.suggested_threats:
        raise StaleButton(NOT_IN_MODEL)
    text = "Select the places to remove. They are suggested again, to be confirmed or dismissed."
    return [
        Paragraph(text=f"*{escape_name(threat.title)}* · {threat.id}\n{text}"),
        CheckboxesField(
            key="places",
            label="Places to remove",
            required=True,
            options=tuple(
                _place(each.place, each.name, *each.elements, each.state.label)
                for each in register.places[threat.id]
                if each.place in threat.suggested_threats
            ),
        ),
    ]


PLACES = Form(
    name="places",
    writes=WriteEffect.ONCE,
    command_type=RemovePlaces,
    title="Places of a threat",
    submit="Remove",
    parts=_places_parts,
    build_command=lambda entry: entry.command(
        RemovePlaces, "threat", suggested_threats=entry.values.many("places")
    ),
)


def _dismissing(opening: FormContext) -> Sequence[FormPart]:
    left, wanted = _open_suggested_threats(opening), suggested_threat_ids(opening.target)
    named = [f"*{each.rule.title}* · {escape_name(each.about)}" for each in left]
    alarms = [f"False positive if: {left[0].rule.false_alarm}"] if len(left) == 1 else []
    return [
        Paragraph(text="\n".join([*first_lines(named, _SHOWN), *alarms])),
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
            ImpliedChange(  # the reason for a dismissal that replaces an earlier one
                key=f"dismissed/{before.suggested_threat}",
                label=f"Reason for {before.suggested_threat}",
                initial=before.reason,
                new_value=lambda values: values.text("reason"),
            )
            for each in opening.required_register.dismissed
            if (before := each.dismissal).suggested_threat in wanted
        ),
    ]


DISMISS = Form(
    name="dismiss",
    command_type=DismissSuggestedThreats,
    title=lambda opening: "Dismiss suggestions" if "," in opening.target.element else "Dismiss suggestion",
    submit="Dismiss",
    parts=_dismissing,
    build_command=lambda entry: entry.command(
        DismissSuggestedThreats, suggested_threats=suggested_threat_ids(entry.target)
    ),
)


def _merging(opening: FormContext) -> Sequence[FormPart]:
    register: ThreatRegister = opening.required_register
    merged = known_threat(register, opening.target)
    others = [threat for threat in register.threats if threat.id != merged.id]
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
            options=tuple(Option(value=threat.id, text=f"{threat.id} {threat.title}") for threat in others),
        ),
    ]


MERGE = Form(
    name="merge",
    writes=WriteEffect.ONCE,
    command_type=MergeThreats,
    title="Merge threats",
    submit="Merge",
    parts=_merging,
    about="merged",
)

_SHOWN = 10
