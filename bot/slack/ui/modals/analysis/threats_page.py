"""Page of threats, and the form of a threat."""

from collections.abc import Iterable, Iterator, Sequence

from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button_row,
    confirm,
    context,
    divider,
    link_button,
    modal,
    section,
)
from bot.slack.protocol.escaping import clip, escape, escape_name, one_line
from bot.slack.protocol.targets import Action, MessageTarget, SelectionTarget
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.common_fields import add_another_checkbox, form_for_another, known_threat, long_text
from bot.slack.ui.forms.form import (
    Form,
    FormContext,
    FormSubmission,
    adds_or_revises,
)
from bot.slack.ui.forms.form_fields import (
    MAX_OPTIONS,
    CheckboxesField,
    ChoiceField,
    FormPart,
    Option,
    Paragraph,
    TextField,
)
from bot.slack.ui.modals.analysis.prevented_page import prevented_button
from bot.slack.ui.modals.collecting.element_form import element_options
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import first_names
from bot.slack.ui.texts.remediation_texts import places_text, threat_status_text
from bot.slack.ui.texts.score_texts import medians_line, score_line, score_remarks, vote_reasons
from domain.commands import AnswerQuestions, ChooseResponse, MarkReferenceThreat, ReportThreat, ReviseThreat
from domain.kernel.elements import Kind
from domain.kernel.length_limits import NAME
from domain.kernel.standards import weakness_text
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import Stride, Threat, ThreatId
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState
from domain.voting.scores import RankedThreat
from domain.wording.voting import imported_score, sealed_text

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
    elements = [option for kind in _ORDER for option in element_options(register, kind)]
    old = known_threat(register, target) if target.element else None
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
        stride_field(old.stride if old else ()),
        ChoiceField(
            key="element",
            label="Affected element",
            hint=_TOO_MANY if len(elements) > MAX_OPTIONS else "",
            options=_with_former(elements, register, old),
            initial=old.element if old else None,
        ),
        long_text("description", "Description", old.description if old else ""),
        *([] if old or target.from_message else [add_another_checkbox(target, "threat")]),
    ]


def stride_field(initial: Iterable[Stride] = ()) -> CheckboxesField:
    """Return the choice of a threat's categories."""
    return CheckboxesField(
        key="stride",
        label="STRIDE categories",
        hint="Select one or more.",
        required=True,
        options=tuple(Option(value=one.value, text=one.label, means=STRIDE_MEANINGS[one]) for one in Stride),
        initial=tuple(category.value for category in initial),
    )


def chosen_model(opening: FormContext) -> str | None:
    """Return the option of the form's model."""
    about = (model.value for model in opening.models if f'"{opening.target.stream}"' in model.value)
    return next(about, None)


def _with_former(elements: list[Option], register: ThreatRegister, old: Threat | None) -> tuple[Option, ...]:
    """Return the elements that a threat may concern, and those it concerned before, even if removed."""
    before = old.element if old else None
    if not before or any(element.value == before for element in elements):
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
    build_command=lambda entry: (
        entry.command(ReviseThreat, "threat") if entry.target.element else entry.command(ReportThreat)
    ),
    next_form=lambda saved: None if saved.target.from_message else form_for_another(saved),
)


def threats_page(showing: PageData) -> View:
    """Return every threat with its buttons, merged and withdrawn ones below; or the one in the target.

    A threat that was merged is shown as the one that it was merged into.
    """
    target, register = showing.target, showing.register
    make = ModelButtons(target.stream, back="threats")
    selection = SelectionTarget.of(target).selection  # the element of a form that led back is no selection
    chosen = _chosen(register, ThreatId(selection))
    if chosen is not None:
        every = make.turns("All threats", target.name)
        rows = [actions(every), divider(), *_threat_rows(showing, chosen)]
        return modal("Threats", rows, target=target)
    shown = list_page(register.ranked, target, _ON_A_PAGE)
    head = f"{escape(selection, _ID)} is not a threat of this model now.\n" if selection else ""
    if register.threats:
        worst = ", highest risk first" if any(ranked.score for ranked in register.ranked) else ""
        head += f"*{count_phrase(len(register.threats), 'threat')}*{worst}"
    else:
        head += "*No threats yet.* Report a threat, or confirm suggested threats under Findings."
    count = len(register.suggested_threats)
    blocks = [
        section(head),
        *button_row(
            make.opens("Report a threat", "threat") if register.allows(ReportThreat) else None,
            make.shows(f"Findings ({count})" if count else "Findings", "seen"),
            make.shows("Coverage", "coverage"),
            prevented_button(make, register),
        ),
    ]
    for ranked in shown.items:
        blocks += [divider(), *_threat_rows(showing, ranked)]
    if shown.number + 1 == shown.pages:
        blocks += _former(register)
    return modal("Threats", [*blocks, *page_buttons(shown, target)], target=target)


THREATS = Page(name="threats", target=SelectionTarget, show=threats_page)


def _chosen(register: ThreatRegister, id: ThreatId) -> RankedThreat | None:
    """Return the threat with an ID, or the one that it was merged into."""
    merged = {former.threat.id: former.into for former in register.merged}
    while id in merged:
        id = merged[id]
    return next((ranked for ranked in register.ranked if ranked.threat.id == id), None)


def _scored(register: ThreatRegister, one: RankedThreat) -> list[str]:
    sealed = [f"Round {one.sealed.round}: {sealed_text(one.sealed)}"] if one.sealed else []
    if one.score is None:
        return [*([f"_{imported_score(one.imported)}_"] if one.imported else []), *sealed]
    tally, of = one.score.tally, sum(other.rank is not None for other in register.ranked)
    lines = [
        f"*Rank {one.rank} of {of}* · {score_line(tally)} · {count_phrase(tally.ballots, 'ballot')}",
        medians_line(tally),
        *score_remarks(one.score, revoted=bool(one.score.to_vote_again)),
        *vote_reasons(one.score, most=_REASONS),
    ]
    if one.residual is not None:
        lines.append(f"Residual risk: {score_line(one.residual.tally)}")
    return [*lines, *sealed]


def _threat_rows(showing: PageData, ranked: RankedThreat) -> list[Block]:
    register, one = showing.register, ranked.threat
    scored = _scored(register, ranked)
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
    known = [*_origin(one), *map(weakness_text, one.cwe)]
    return [
        section("\n".join(lines)),
        *([section("\n".join(scored))] if scored else []),
        *([context(" · ".join(known))] if known else []),
        *button_row(*_buttons(showing, ranked)),
    ]


def _origin(one: Threat) -> list[str]:
    """Return the suggested threats that a threat was confirmed from."""
    if not one.suggested_threats:
        return []
    shown = _IDS + 1 if len(one.suggested_threats) == _IDS + 1 else _IDS
    return [f"From {first_names(one.suggested_threats, shown)}"]


def _buttons(showing: PageData, ranked: RankedThreat) -> Iterator[Block]:
    register, one = showing.register, ranked.threat
    make = ModelButtons(showing.target.stream, back="threats")
    if register.allows(ChooseResponse):
        label = "Respond" if register.statuses[one.id].state.unanswered else "Response"
        yield make.turns(label, "response", one.id, spoken=f"{label}: {one.id}")
    if one.link:
        yield link_button("Go to message", one.link)
    if register.allows(ReportThreat):
        yield from _changing(make, register, one)
    if ranked.score and register.allows(MarkReferenceThreat) and showing.reader == register.facilitator:
        # The medians of a reference are shown beside the rubric.
        marked = any(other.threat == one.id for other in register.reference_threats)
        action = Action.UNMARK_REFERENCE_THREAT if marked else Action.MARK_REFERENCE_THREAT
        verb = "Remove" if marked else "Use"
        yield make.does(f"{verb} as reference", action, one.id, spoken=f"{verb} {one.id} as reference")


def _changing(make: ModelButtons, register: ThreatRegister, one: Threat) -> Iterator[Block]:
    yield make.opens("Revise", "threat", one.id, spoken=f"Revise {one.id}")
    if len(one.suggested_threats) > 1:
        yield make.opens("Places…", "places", one.id, spoken=f"Places of {one.id}")
    if register.answers_behind(one.id) and register.allows(AnswerQuestions):
        spoken = f"Change the answers behind {one.id}"
        yield make.opens("Change answers…", "change_answers", one.id, spoken=spoken)
    if len(register.threats) > 1:
        yield make.opens("Merge…", "merge", one.id, spoken=f"Merge {one.id} into another threat")
    asked = confirm(
        f"Withdraw {one.id}?",
        f"“{clip(one_line(one.title), _ASKED)}” is removed from the list of threats. Undo restores it.",
        yes="Withdraw",
        danger=True,
    )
    yield make.does("Withdraw", Action.WITHDRAW_THREAT, one.id, spoken=f"Withdraw {one.id}", confirm=asked)


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
