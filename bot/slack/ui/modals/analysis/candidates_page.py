"""Page of candidates to decide, and of warnings about the model."""

from collections.abc import Sequence
from itertools import groupby

from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    modal,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import ALL, SelectionTarget, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.analysis.candidate_buttons import candidate_buttons, element_buttons
from bot.slack.ui.modals.analysis.candidate_group_blocks import (
    group_blocks,
    groups_to_decide,
    single_candidates,
)
from bot.slack.ui.modals.analysis.candidate_reasons import candidate_reasons, return_reason
from bot.slack.ui.modals.next_step_buttons import questions_target
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.paging import list_page, page_buttons
from bot.slack.ui.texts.common_texts import findings_summary
from bot.slack.ui.texts.rule_texts import known_weaknesses, usual_controls
from domain.analysis.candidate_groups import CandidateGroup
from domain.analysis.rule_findings import Candidate
from domain.analysis.warnings import Warning  # noqa: A004 (the word people read)
from domain.commands import AddAsset, AnswerQuestions, ConfirmCandidates, PlaceComponents
from domain.kernel.elements import SINGULAR, ElementId, Kind, kind_of_id
from domain.kernel.person_names import Naming
from domain.register import ThreatRegister


def candidates_page(showing: PageData) -> View:
    """Return undecided candidates with reasons and controls, then warnings about the model."""
    target, register = showing.target, showing.register
    groups, singles = groups_to_decide(register), single_candidates(register)
    found: tuple[_Found, ...] = (*groups, *singles, *register.warnings)
    shown = list_page(found, target, _ON_A_PAGE)
    counts = findings_summary(register)
    blocks = [section(counts)] if counts else []
    blocks.append(actions(*_first(target.stream, register)))
    if not found:
        blocks.append(
            section(
                "No open findings. The rules are evaluated after every answer. Report any other threat "
                "yourself."
            )
        )
    candidates = [one for one in shown.items if isinstance(one, Candidate)]
    warnings = [one for one in shown.items if isinstance(one, Warning)]
    shown_groups = [one for one in shown.items if isinstance(one, CandidateGroup)]
    if candidates or shown_groups:
        blocks += [divider(), section("*Suggested threats*: confirm or dismiss each.")]
    for one in shown_groups:
        blocks += group_blocks(target.stream, register, one, showing.naming)
    for element, group in groupby(candidates, key=lambda one: one.element):
        blocks += _of_one_element(target.stream, register, element, list(group), showing.naming)
    if warnings:
        blocks += [divider(), section("*Warnings*: possible errors in the model.")]
    blocks += [_warning(target.stream, register, one) for one in warnings]
    blocks += [*page_buttons(shown, target), divider(), actions(*_onward(target.stream, register))]
    return modal("Findings", blocks, target=target)


CANDIDATES = Page(name="seen", show=candidates_page)


def _first(stream: str, register: ThreatRegister) -> list[Block]:
    """Return the most useful actions first: answering questions. Kept short, because phones are small."""
    buttons = [button("Threats", ButtonKind.SHOW, Target(name="threats", stream=stream))]
    if register.questions and register.allows(AnswerQuestions):
        asking = questions_target(stream, register, back="seen")
        buttons.append(button("Answer questions", ButtonKind.OPEN, asking))
    return buttons


def _onward(stream: str, register: ThreatRegister) -> list[Block]:
    """Return the buttons to related pages: placement of components, coverage, dismissals."""
    buttons: list[Block] = []
    if register.items(Kind.COMPONENT) and register.allows(PlaceComponents):
        selection = "" if register.unplaced else ALL
        placing = SelectionTarget(name="place", stream=stream, selection=selection, back="seen")
        buttons.append(button("Place components", ButtonKind.OPEN, placing))
    buttons.append(button("Coverage", ButtonKind.SHOW, Target(name="coverage", stream=stream)))
    if register.dismissed:
        dismissed = Target(name="dismissed", stream=stream)
        buttons.append(button(f"Dismissed ({len(register.dismissed)})", ButtonKind.SHOW, dismissed))
    return buttons


def _of_one_element(
    stream: str, register: ThreatRegister, element: ElementId, group: Sequence[Candidate], naming: Naming
) -> list[Block]:
    blocks: list[Block] = []
    if len(group) > 1:
        about = f"*{escape_name(group[0].element_name)}* · {element} · {len(group)} suggested threats"
        blocks += [divider(), section(about), *_pressed(stream, register, group, element)]
    for one in group:
        blocks += [divider(), *_candidate(stream, register, one, naming, alone=len(group) == 1)]
    return blocks


def _candidate(
    stream: str, register: ThreatRegister, one: Candidate, naming: Naming, *, alone: bool
) -> list[Block]:
    rule = one.rule
    other = f" · {one.peer} {escape_name(one.peer_name)}" if one.peer else ""
    # For several candidates of one element, its name is shown above them all.
    where = f"{one.element} {escape_name(one.element_name)}{other}" if alone else other.removeprefix(" · ")
    lines = [
        f"*{rule.title}* · {rule.category.label}",
        *([where] if where else []),
        *([return_reason(register, one.returned, naming)] if one.returned else []),
        *candidate_reasons(register, one),
        f"*Why it matters:* {rule.explanation}",
        f"*Usual control:* {usual_controls(rule)}",
    ]
    return [
        section("\n".join(lines)),
        context(
            " · ".join((f"Rule {rule.id}", *known_weaknesses(rule))),
            (f"False positive if: {rule.false_alarm}"),
        ),
        *_pressed(stream, register, [one], one.element if alone else None),
    ]


def _pressed(
    stream: str, register: ThreatRegister, group: Sequence[Candidate], revised: ElementId | None
) -> list[Block]:
    """Return the buttons below their subject: beside it they would take half a line on a phone."""
    deciding = _deciding(stream, register, group) if register.allows(ConfirmCandidates) else []
    revise = _revise(stream, register, revised)
    buttons = [*deciding, *([revise] if revise else [])]
    return [actions(*buttons)] if buttons else []


def _deciding(stream: str, register: ThreatRegister, group: Sequence[Candidate]) -> list[Block]:
    """Return the buttons to confirm, or to dismiss with a reason; for several, with a confirmation."""
    if len(group) > 1:
        return element_buttons(stream, group)
    (one,) = group
    threats = next((it.threats for it in register.groups if one in it.candidates), ())
    return candidate_buttons(stream, one, threats)


def _warning(stream: str, register: ThreatRegister, one: Warning) -> Block:
    return section(f"⚠ {escape(one.text, _TEXT)}", accessory=_revise(stream, register, one.element))


def _revise(stream: str, register: ThreatRegister, id: ElementId | None) -> Block | None:
    item = register.item(id) if id else None
    if id is None or item is None or item.removed or not register.allows(AddAsset):
        return None
    kind = kind_of_id(id)
    target = Target(name="element", stream=stream, kind=kind, element=id, back="seen")
    return button(
        "Revise",
        ButtonKind.OPEN,
        target,
        suffix=f"revise-{id}",
        spoken=f"Revise {SINGULAR[kind]} {id}",
    )


_Found = CandidateGroup | Candidate | Warning

_ON_A_PAGE = 10
_TEXT = 500
