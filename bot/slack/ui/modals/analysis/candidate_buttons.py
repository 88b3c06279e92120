"""Buttons that decide candidates: one, all of an element, or all places of a group."""

from collections.abc import Sequence

from bot.slack.protocol.block_builders import Block, button, confirm
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.ui.modals.analysis.candidate_selection import encode_candidates
from domain.analysis.rule_findings import Candidate
from domain.kernel.threat import ThreatId


def candidate_buttons(stream: str, one: Candidate, threats: Sequence[ThreatId]) -> list[Block]:
    """Return the buttons to confirm one candidate, to add it to a threat, or to dismiss it."""
    return [
        _confirm(stream, [one], "Confirm", spoken=one.id, style=True),
        *_additions(stream, [one], threats, "Add"),
        _dismiss(stream, [one], "Dismiss…", spoken=one.id),
    ]


def element_buttons(stream: str, group: Sequence[Candidate]) -> list[Block]:
    """Return the buttons for the candidates of several rules about one element."""
    many = len(group)
    asked = confirm(
        f"Confirm {many} suggested threats?",
        f"Each becomes a separate threat: {', '.join(one.rule.title for one in group)}.",
        yes="Confirm",
    )
    spoken = f"all {many} of {group[0].element}"
    return [
        _confirm(stream, group, f"Confirm all {many}", spoken=spoken, asked=asked),
        _dismiss(stream, group, f"Dismiss all {many}…", spoken=spoken),
    ]


def place_buttons(stream: str, group: Sequence[Candidate], threats: Sequence[ThreatId]) -> list[Block]:
    """Return the buttons for the places of one rule: all at once, or a form to choose some."""
    many, rule = len(group), group[0].rule
    spoken = f"all {many} places of {rule.id}"
    choosing = Target(name="group", stream=stream, element=_ids(group), back="seen")
    return [
        _confirm(stream, group, f"Confirm all {many}", spoken=spoken, style=True),
        *_additions(stream, group, threats, f"Add all {many}"),
        button(
            "Choose places…", ButtonKind.OPEN, choosing, suffix=f"group-{rule.id}", spoken=f"Choose {rule.id}"
        ),
        _dismiss(stream, group, f"Dismiss all {many}…", spoken=spoken),
    ]


def _confirm(
    stream: str,
    group: Sequence[Candidate],
    label: str,
    *,
    spoken: str,
    style: bool = False,
    asked: Block | None = None,
) -> Block:
    return button(
        label,
        ButtonKind.DO,
        Target(name=Action.CONFIRM, stream=stream, element=_ids(group)),
        suffix=f"confirm-{len(group)}",
        style="primary" if style else None,
        spoken=f"Confirm {spoken}",
        confirm=asked,
    )


def _additions(
    stream: str, group: Sequence[Candidate], threats: Sequence[ThreatId], label: str
) -> list[Block]:
    """Return a button for each of the first threats that already have places of the rule."""
    return [
        button(
            f"{label} to {threat}",
            ButtonKind.DO,
            SelectionTarget(name=Action.ADD_PLACES, stream=stream, element=_ids(group), selection=threat),
            suffix=f"add-{threat}",
            spoken=f"Add {group[0].id} to {threat}",
        )
        for threat in threats[:_OFFERED]
    ]


def _dismiss(stream: str, group: Sequence[Candidate], label: str, *, spoken: str) -> Block:
    dismissing = Target(name="dismiss", stream=stream, element=_ids(group), back="seen")
    return button(
        label, ButtonKind.OPEN, dismissing, suffix=f"dismiss-{len(group)}", spoken=f"Dismiss {spoken}"
    )


def _ids(group: Sequence[Candidate]) -> str:
    return encode_candidates(one.id for one in group)


_OFFERED = 2
"""The number of threats to which a button of their own adds places; the form offers all of them."""
