"""Page of threats, and the form of a threat."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    confirm,
    context,
    divider,
    link_button,
    modal,
    section,
)
from bot.slack.protocol.escaping import clip, escape, escape_name, one_line
from bot.slack.protocol.targets import Action, ButtonKind, MessageTarget, SelectionTarget, StaleButton, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.common_fields import add_another_checkbox, form_for_another
from bot.slack.ui.forms.form import (
    Form,
    FormCommand,
    FormContext,
    FormSubmission,
    LazyRegister,
    adds_or_revises,
)
from bot.slack.ui.forms.form_fields import (
    MAX_OPTIONS,
    CheckboxesField,
    ChoiceField,
    FormPart,
    Option,
    Paragraph,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.modals.collecting.element_form import element_options
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.texts.remediation_texts import places_text, threat_status_text
from bot.slack.ui.texts.score_texts import medians_line, score_line, score_remarks, vote_reasons
from domain.commands import ChooseResponse, MarkYardstick, ReportThreat, ReviseThreat
from domain.kernel.cwe_weaknesses import weakness_text
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.kernel.length_limits import NAME, TEXT
from domain.kernel.person_names import Naming
from domain.kernel.stride import Stride
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import Threat, ThreatId
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState
from domain.voting.scores import RankedThreat
from domain.wording.score_numbers import imported_score
from domain.wording.sealed_results import sealed_text

STRIDE_MEANINGS: dict[Stride, str] = {
    Stride.SPOOFING: "An attacker impersonates a user or system.",
    Stride.TAMPERING: "Data or code is changed without authorization.",
    Stride.REPUDIATION: "An action can be denied because it cannot be proven.",
    Stride.INFORMATION_DISCLOSURE: "Data is disclosed to unauthorized parties.",
    Stride.DENIAL_OF_SERVICE: "A service becomes slow or unavailable.",
    Stride.ELEVATION_OF_PRIVILEGE: "A user gains permissions they should not have.",
}
"""Each category in plain words."""


def _threat(opening: FormContext) -> Sequence[FormPart]:
    target, register = opening.target, opening.required_register
    elements = [one for kind in _ORDER for one in element_options(register, kind)]
    old = _old(register, target) if target.element else None
    parts: list[FormPart] = []
    if len(opening.models) > 1:
        parts.append(
            ChoiceField(
                key="model",
                label="Threat model",
                options=opening.models,
                initial=chosen_model(opening),
                required=True,
                rerenders=True,
            )
        )
    if target.from_message:
        parts.append(Paragraph(text="The threat will link to the message."))
    return [
        *parts,
        TextField(
            key="title",
            label="What could go wrong?",
            placeholder="Forged OIDC callback",
            limit=NAME,
            required=True,
            initial=old.title if old else "",
        ),
        CheckboxesField(
            key="stride",
            label="STRIDE categories",
            hint="Select one or more.",
            required=True,
            options=tuple(
                Option(value=one.value, text=one.label, means=STRIDE_MEANINGS[one]) for one in Stride
            ),
            initial=tuple(one.value for one in old.stride) if old else (),
        ),
        ChoiceField(
            key="element",
            label="Affected element",
            hint=_TOO_MANY if len(elements) > MAX_OPTIONS else "",
            options=_with_former(elements, register, old),
            initial=old.element if old else None,
        ),
        TextField(
            key="description",
            label="Description",
            limit=TEXT,
            lines=True,
            initial=old.description if old else "",
        ),
        *([] if old or target.from_message else [add_another_checkbox(target, "threat")]),
    ]


def chosen_model(opening: FormContext) -> str | None:
    """Return the option of the form's model."""
    about = (one.value for one in opening.models if f'"{opening.target.stream}"' in one.value)
    return next(about, None)


def _old(register: ThreatRegister, target: Target) -> Threat:
    known_threat = next((one for one in register.threats if one.id == target.element), None)
    if known_threat is None:
        raise StaleButton("This threat is not in this model.")
    return known_threat


def _with_former(elements: list[Option], register: ThreatRegister, old: Threat | None) -> tuple[Option, ...]:
    """Return the elements that a threat may concern, and those it concerned before, even if removed."""
    before = old.element if old else None
    if not before or any(one.value == before for one in elements):
        return tuple(elements)
    item = register.item(before)
    return (*elements, Option(value=before, text=item.name if item else before))


_ORDER = (
    Kind.COMPONENT,
    Kind.DATA_FLOW,
    Kind.ENTRY_POINT,
    Kind.ASSET,
    Kind.EXTERNAL_DEPENDENCY,
    Kind.TRUST_BOUNDARY,
    Kind.TRUST_LEVEL,
)
"""Flows and the components they connect come first."""
_TOO_MANY = f"The first {MAX_OPTIONS} elements are listed. Name any other in the description."


def _make_threat(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    try:
        stride = tuple(Stride(one) for one in values.many("stride"))
    except ValueError as error:
        raise StaleButton from error
    title, description = values.text("title"), values.text("description")
    element = ElementId(values.text("element")) if values.text("element") else None
    if target.element:
        return ReviseThreat(
            by=by,
            at=at,
            threat=ThreatId(target.element),
            title=title,
            description=description,
            element=element,
            stride=stride,
        )
    return ReportThreat(by=by, at=at, title=title, description=description, element=element, stride=stride)


def _after_threat(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    return None if target.from_message else form_for_another(values, target, register)


THREAT = Form(
    name="threat",
    target=MessageTarget,
    submission=FormSubmission.CHOSEN_MODEL,
    writes=adds_or_revises,
    command_type=ReportThreat,
    single_element=True,
    set_by_buttons=("model", "element"),
    title=lambda opening: "Revise threat" if opening.target.element else "Report a threat",
    submit=lambda opening: "Save" if opening.target.element else "Report",
    parts=_threat,
    build_command=_make_threat,
    next_form=_after_threat,
)


def threats_page(showing: PageData) -> View:
    """Return every threat with its buttons, merged and withdrawn ones below; or the one in the target.

    A threat that was merged is shown as the one that it was merged into.
    """
    target, register = showing.target, showing.register
    selection = SelectionTarget.of(target).selection  # the element of a form that led back is no selection
    chosen = _chosen(register, ThreatId(selection))
    if chosen is not None:
        every = button("All threats", ButtonKind.TURN, Target(name=target.name, stream=target.stream))
        return modal("Threats", [actions(every), divider(), *_threats_threat(showing, chosen)], target=target)
    shown = list_page(register.ranked, target, _ON_A_PAGE)
    missing = f"{escape(selection, _ID)} is not a threat of this model now.\n" if selection else ""
    blocks = [section(f"{missing}{_counts(register)}"), actions(*_onward(target.stream, register))]
    for one in shown.items:
        blocks += [
            divider(),
            *_threats_threat(showing, one),
        ]
    if shown.number + 1 == shown.pages:
        blocks += _former(register)
    return modal("Threats", [*blocks, *page_buttons(shown, target)], target=target)


THREATS = Page(name="threats", target=SelectionTarget, show=threats_page)


def _chosen(register: ThreatRegister, id: ThreatId) -> RankedThreat | None:
    """Return the threat with an ID, or the one that it was merged into."""
    merged = {one.threat.id: one.into for one in register.merged}
    while id in merged:
        id = merged[id]
    return next((one for one in register.ranked if one.threat.id == id), None)


def _counts(register: ThreatRegister) -> str:
    if register.threats:
        worst = ", highest risk first" if any(one.score for one in register.ranked) else ""
        return f"*{count_phrase(len(register.threats), 'threat')}*{worst}"
    return "*No threats yet.* Report a threat, or confirm suggested threats under Findings."


def _onward(stream: str, register: ThreatRegister) -> list[Block]:
    buttons: list[Block] = []
    if register.allows(ReportThreat):
        reporting = Target(name="threat", stream=stream, back="threats")
        buttons.append(button("Report a threat", ButtonKind.OPEN, reporting))
    count = len(register.candidates)
    came_up = f"Findings ({count})" if count else "Findings"
    return [
        *buttons,
        button(came_up, ButtonKind.SHOW, Target(name="seen", stream=stream)),
        button("Coverage", ButtonKind.SHOW, Target(name="coverage", stream=stream)),
    ]


def _scored(register: ThreatRegister, one: RankedThreat, naming: Naming) -> list[str]:
    sealed = [f"Round {one.sealed.round}: {sealed_text(one.sealed)}"] if one.sealed else []
    if one.score is None:
        return [*([f"_{imported_score(one.imported)}_"] if one.imported else []), *sealed]
    tally, of = one.score.tally, sum(other.rank is not None for other in register.ranked)
    lines = [
        f"*Rank {one.rank} of {of}* · {score_line(tally)} · {count_phrase(tally.ballots, 'ballot')}",
        medians_line(tally),
        *score_remarks(one.score, revoted=bool(one.score.to_vote_again)),
        *vote_reasons(one.score, naming, most=_REASONS),
    ]
    if one.residual is not None:
        lines.append(f"Residual risk: {score_line(one.residual.tally)}")
    return [*lines, *sealed]


def _threats_threat(showing: PageData, ranked: RankedThreat) -> list[Block]:
    stream, register, one = showing.target.stream, showing.register, ranked.threat
    scored = _scored(register, ranked, showing.naming)
    places = places_text(register, one)
    about = f" · {places}" if places else ""
    lines = [
        f"*{escape_name(one.title, _TEXT)}* · {one.id}",
        f"{', '.join(category.label for category in one.stride)}{about}",
    ]
    if one.description:
        lines.append(escape(one.description, _TEXT))
    lines += [escape(statement, _TEXT) for statement in register.statements.get(one.id, ())[:_STATEMENTS]]
    status = register.statuses[one.id]
    if status.state is not ThreatState.OPEN or register.allows(ChooseResponse):
        lines.append(threat_status_text(status, showing.naming))
    blocks = [section("\n".join(lines)), *([section("\n".join(scored))] if scored else [])]
    origin = [f"From {_list_ids(one.candidates)}"] if one.candidates else []
    known = [*origin, *map(weakness_text, one.cwe)]
    if known:
        blocks.append(context(" · ".join(known)))
    buttons = [link_button("Go to message", one.link)] if one.link else []
    if register.allows(ReportThreat):
        buttons += _changing(stream, register, one)
    if register.allows(ChooseResponse):
        buttons.insert(0, _planning(stream, register, one))
    if ranked.score and register.allows(MarkYardstick) and showing.reader == register.facilitator:
        buttons.append(_measuring(stream, register, one))
    return [*blocks, *([actions(*buttons)] if buttons else [])]


def _list_ids(candidates: Sequence[str]) -> str:
    more = len(candidates) - _IDS
    return ", ".join(candidates) if more <= 1 else f"{', '.join(candidates[:_IDS])} and {more} more"


def _planning(stream: str, register: ThreatRegister, one: Threat) -> Block:
    label = "Respond" if register.statuses[one.id].state.unanswered else "Response"
    about = Target(name="response", stream=stream, element=one.id)
    return button(label, ButtonKind.TURN, about, spoken=f"{label}: {one.id}")


def _measuring(stream: str, register: ThreatRegister, one: Threat) -> Block:
    """Return the button for a yardstick, whose medians are shown beside the rubric."""
    if any(other.threat == one.id for other in register.yardsticks):
        unmarked = Target(name=Action.UNMARK_YARDSTICK, stream=stream, element=one.id)
        return button(
            "Remove as reference", ButtonKind.DO, unmarked, spoken=(f"Remove {one.id} as reference")
        )
    marked = Target(name=Action.MARK_YARDSTICK, stream=stream, element=one.id)
    return button("Use as reference", ButtonKind.DO, marked, spoken=f"Use {one.id} as reference")


def _changing(stream: str, register: ThreatRegister, one: Threat) -> list[Block]:
    revising = Target(name="threat", stream=stream, element=one.id, back="threats")
    merging = Target(name="merge", stream=stream, element=one.id, back="threats")
    withdrawal = Target(name=Action.WITHDRAW_THREAT, stream=stream, element=one.id)
    asked = confirm(
        f"Withdraw {one.id}?",
        f"“{clip(one_line(one.title), _ASKED)}” is removed from the list of threats. Undo restores it.",
        yes="Withdraw",
        danger=True,
    )
    removing = Target(name="places", stream=stream, element=one.id, back="threats")
    places = button("Places…", ButtonKind.OPEN, removing, spoken=f"Places of {one.id}")
    merge = button("Merge…", ButtonKind.OPEN, merging, spoken=f"Merge {one.id} into another threat")
    return [
        button("Revise", ButtonKind.OPEN, revising, spoken=f"Revise {one.id}"),
        *([places] if len(one.candidates) > 1 else []),
        *([merge] if len(register.threats) > 1 else []),
        button("Withdraw", ButtonKind.DO, withdrawal, spoken=f"Withdraw {one.id}", confirm=asked),
    ]


def _former(register: ThreatRegister) -> list[Block]:
    """Return the withdrawn threats; only the latest ones if there are many."""
    merged = [
        f"{one.threat.id} “{escape_name(one.threat.title, _FORMER)}”: merged into {one.into}"
        for one in register.merged
    ]
    withdrawn = [f"{one.id} “{escape_name(one.title, _FORMER)}”: withdrawn" for one in register.withdrawn]
    lines = [*merged, *withdrawn]
    if not lines:
        return []
    more = [f"and {len(lines) - _MAX_FORMER} more: see *History*"] if len(lines) > _MAX_FORMER else []
    return [divider(), context("\n".join([*lines[-_MAX_FORMER:], *more]))]


_ON_A_PAGE = 15
_STATEMENTS = 3
_TEXT = 500
_REASONS = 8
_IDS = 4
_ID = 20
_ASKED = 200
_FORMER = 60
_MAX_FORMER = 12
