"""Pages of candidates and of dismissed ones."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from msgspec.structs import replace

from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    confirm,
    context,
    divider,
    modal,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name, one_line
from bot.slack.protocol.targets import ALL, Action, ButtonKind, SelectionTarget, StaleButton, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.next_step_buttons import questions_target
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.texts.common_texts import (
    element_name,
    findings_summary,
    known_weaknesses,
    person_name,
    usual_controls,
)
from domain.analysis.candidate_groups import CandidateGroup, count_places
from domain.analysis.candidates import DismissalState, DismissedCandidate
from domain.analysis.rule_findings import Candidate, FactUsed
from domain.analysis.warnings import Warning  # noqa: A004 (the word people read)
from domain.commands import AddAsset, AnswerQuestions, ConfirmCandidates, PlaceComponents, ReopenCandidate
from domain.kernel.candidate_decisions import (
    AnswerChange,
    CandidateId,
    Dismissal,
    PlacementChange,
    Reappearance,
    rule_of,
)
from domain.kernel.elements import SINGULAR, Component, DataFlow, ElementId, Kind, kind_of_id
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import count_phrase, join_list
from domain.kernel.threat import ThreatId
from domain.register import ThreatRegister

MOST = 100
"""The largest number of candidates that one button decides."""

_CHARACTERS = 1_500
"""Characters of their IDs; the rest of a button's value holds the model and the page."""


def encode_candidates(ids: Iterable[str]) -> str:
    """Return IDs in one text; the rule is left out where it is that of the one before: `I01@DF-1,DF-2`."""
    parts: list[str] = []
    rule = ""
    for id in map(CandidateId, ids):
        same = rule_of(id) == rule
        parts.append(id.partition("@")[2] if same else id)
        rule = rule_of(id)
    return ",".join(parts)


def candidate_ids(target: Target) -> tuple[CandidateId, ...]:
    """Return the candidates that a button or form is about; raises StaleButton for none."""
    ids = tuple(_decoded(target.element.split(",")))
    if not ids:
        raise StaleButton
    return ids


def chunks_of_candidates(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield runs of IDs that fit into the value of a button."""
    first = 0
    while first < len(ids):
        last = min(first + MOST, len(ids))
        while len(encode_candidates(ids[first:last])) > _CHARACTERS:
            last -= 1
        yield ids[first:last]
        first = last


def _decoded(parts: Iterable[str]) -> Iterator[CandidateId]:
    rule = ""
    for part in filter(None, parts):
        head = rule_of(CandidateId(part))
        is_whole = "-" not in head or not rule  # the ID of an element has a hyphen, that of a rule has none
        rule = head if is_whole else rule
        yield CandidateId(part if is_whole else f"{rule}@{part}")


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


def candidate_reasons(register: ThreatRegister, one: Candidate) -> list[str]:
    """Return the facts of the model that raised a candidate: placements first, then answers."""
    ends = _ends(register, one.element)
    reasons = [
        *([ends] if ends else []),
        *(f"{seen.statement}{_whose(register, one, seen.element)}" for seen in one.observed),
        *(_answer_text(register, one, fact) for fact in one.facts),
    ]
    return [f"*Based on:* {'; '.join(reasons)}"] if reasons else []


def common_reasons(register: ThreatRegister, every: Sequence[Candidate]) -> list[str]:
    """Return the facts that raised several candidates of one rule, each once.

    Where they concern many other elements, the elements are left out.
    """
    if len(every) == 1:
        return candidate_reasons(register, every[0])
    observed = [seen.statement for one in every for seen in one.observed]
    answers = [_answer_text(register, one, fact) for one in every for fact in one.facts]
    reasons = list(dict.fromkeys((*observed, *answers)))
    if len(reasons) > _FACTS:
        nameless = [f"“{fact.statement}”: *{fact.answer.label}*" for one in every for fact in one.facts]
        reasons = list(dict.fromkeys((*observed, *nameless)))[:_FACTS]
    return [f"*Based on:* {'; '.join(reasons)}"] if reasons else []


def dismissal_reason(dismissal: Dismissal, naming: Naming) -> str:
    """Return who dismissed a candidate, and why."""
    return f"{person_name(naming, dismissal.by)}: “{escape(one_line(dismissal.reason), _REASON)}”"


def return_reason(register: ThreatRegister, back: Reappearance, naming: Naming) -> str:
    """Return that a candidate was dismissed before, and what has changed since."""
    changed = [_changed(register, one) for one in back.changes]
    moved = [_moved(register, one) for one in back.moved]
    changes = "; ".join([*changed, *moved])
    return f"↩ *Dismissed before* by {dismissal_reason(back.dismissal, naming)}. Since then: {changes}"


def _changed(register: ThreatRegister, one: AnswerChange) -> str:
    fact = register.catalog.find_fact(one.fact)
    statement = fact.statement if fact else one.fact.replace("_", " ")
    before, now = (answer.label if answer else "not answered" for answer in (one.before, one.now))
    return f"“{statement}” was *{before}* and is *{now}* ({element_name(register, one.element)})"


def _moved(register: ThreatRegister, change: PlacementChange) -> str:
    before, now = (_where(register, one.trust_level, one.boundaries) for one in (change.before, change.now))
    return f"{element_name(register, change.now.element)} was *{before}* and is *{now}*"


def _answer_text(register: ThreatRegister, one: Candidate, fact: FactUsed) -> str:
    return f"“{fact.statement}”: *{fact.answer.label}*{_whose(register, one, fact.element)}"


def _whose(register: ThreatRegister, one: Candidate, about: ElementId) -> str:
    """Return the other element that a fact concerns; the candidate's own element is shown above already."""
    return "" if about == one.element else f" ({element_name(register, about)})"


def _ends(register: ThreatRegister, id: ElementId) -> str:
    item = register.item(id)
    if item is None or not isinstance(item.element, DataFlow):
        return ""
    return f"{_place(register, item.element.source)} → {_place(register, item.element.target)}"


def _place(register: ThreatRegister, id: ElementId) -> str:
    item = register.item(id)
    if item is None or not isinstance(item.element, Component):
        return element_name(register, id)
    boundary = item.element.boundary
    where = _where(register, item.element.trust_level, (boundary,) if boundary else ())
    return f"{escape_name(item.name)} ({where})"


def _where(register: ThreatRegister, level: ElementId | None, boundaries: Sequence[ElementId]) -> str:
    trusted = f"trusted as {element_name(register, level)}" if level else "at no trust level"
    inside = [f"in {element_name(register, one)}" for one in boundaries] or ["in no boundary"]
    return ", ".join([trusted, *inside])


_REASON = 300
_FACTS = 6


def groups_to_decide(register: ThreatRegister) -> list[CandidateGroup]:
    """Return the groups with several places, those with a common remedy side by side."""
    several = [one for group in register.groups for one in _parts(group) if len(one.candidates) > 1]
    first = {one.remedy: number for number, one in reversed(list(enumerate(several))) if one.remedy}
    order = {one.id: first.get(one.remedy, number) for number, one in reversed(list(enumerate(several)))}
    return sorted(several, key=lambda one: order[one.id])


def single_candidates(register: ThreatRegister) -> list[Candidate]:
    """Return the candidates that are alone in their group, in their order."""
    grouped = {one.id for group in groups_to_decide(register) for one in group.candidates}
    return [one for one in register.candidates if one.id not in grouped]


def group_blocks(stream: str, register: ThreatRegister, group: CandidateGroup, naming: Naming) -> list[Block]:
    """Return the places of a group with its reasons and controls, and the buttons to decide them."""
    rule, every = group.rule, group.candidates
    returned = [one.returned for one in every if one.returned]
    lines = [
        f"*{rule.title}* · {rule.category.label} · *{count_places(CandidateId(one.id) for one in every)}*",
        *_place_lines(every),
        *(return_reason(register, one, naming) for one in returned[:_RETURNED]),
        *common_reasons(register, every),
        f"*Why it matters:* {rule.explanation}",
        f"*Usual control:* {usual_controls(rule)}",
        *_common_remedy(register, group),
    ]
    buttons = place_buttons(stream, every, group.threats) if register.allows(ConfirmCandidates) else []
    return [
        divider(),
        section("\n".join(lines)),
        context(
            " · ".join((f"Rule {rule.id}", *known_weaknesses(rule))),
            (f"False positive if: {rule.false_alarm}"),
        ),
        *([actions(*buttons)] if buttons else []),
    ]


def _parts(group: CandidateGroup) -> Iterator[CandidateGroup]:
    """Yield a group in parts that one button can decide."""
    by_id = {one.id: one for one in group.candidates}
    for ids in chunks_of_candidates(list(by_id)):
        yield replace(group, candidates=tuple(by_id[id] for id in ids))


def _place_lines(candidates: Sequence[Candidate]) -> list[str]:
    """Return the names of the first places, and how many more there are."""
    lines = [f"• {escape_name(one.about)} ({one.element}){_came_back(one)}" for one in candidates[:_SHOWN]]
    more = len(candidates) - _SHOWN
    return [*lines, f"and {more} more"] if more > 0 else lines


def _came_back(one: Candidate) -> str:
    return " ↩" if one.returned else ""


def _common_remedy(register: ThreatRegister, group: CandidateGroup) -> list[str]:
    """Return that one change usually fixes other groups as well, where they share elements."""
    here = {one.element for one in group.candidates}
    others = [
        other.rule.title
        for other in register.groups
        if group.remedy
        and other.remedy == group.remedy
        and other.id != group.id
        and here & _elements(other.candidates)
    ]
    if not others:
        return []
    titles = join_list([f"“{one}”" for one in others])
    return [f"_{group.remedy} usually fixes {titles} as well. Each is decided separately._"]


def _elements(candidates: Iterable[Candidate]) -> set[str]:
    return {one.element for one in candidates}


_SHOWN = 8
_RETURNED = 2


def dismissals_page(showing: PageData) -> View:
    """Return every dismissal, latest first, each with a button to reopen it."""
    target, register = showing.target, showing.register
    shown = list_page(register.dismissed, target, _ON_A_PAGE)
    blocks = [section(f"*{count_phrase(shown.of, 'dismissed suggested threat')}*")]
    for one in shown.items:
        reason_text = one.dismissal
        again = _again(target.stream, one) if register.allows(ReopenCandidate) else None
        lines = [
            f"*{escape_name(one.title)}* · {reason_text.candidate}",
            escape_name(one.element_name) if one.element_name else "",
            f"Dismissed by {dismissal_reason(reason_text, showing.naming)}",
        ]
        blocks += [divider(), section("\n".join(line for line in lines if line), accessory=again)]
        changed = " The rule was updated since then." if one.rule_changed else ""
        if one.state is not DismissalState.HOLDS or changed:
            blocks.append(context(f"{_FATES[one.state]}{changed}".strip()))
    return modal(
        "Dismissed suggestions",
        [*blocks, *page_buttons(shown, target)],
        target=target,
    )


DISMISSALS = Page(name="dismissed", show=dismissals_page)


def _again(stream: str, one: DismissedCandidate) -> Block:
    id = one.dismissal.candidate
    reopening = Target(name=Action.REOPEN_CANDIDATE, stream=stream, element=id)
    return button("Reopen", ButtonKind.DO, reopening, suffix="again", spoken=f"Reopen {id}")


_FATES = {
    DismissalState.HOLDS: "",
    DismissalState.RETURNED: "↩ Its basis has changed, so it needs a new decision.",
    DismissalState.SILENT: "The rule no longer suggests it.",
    DismissalState.ORPHAN: "Its element was removed; the decision is kept.",
}
_ON_A_PAGE = 20


def candidates_page(showing: PageData) -> View:
    """Return undecided candidates with reasons and controls, then warnings about the model."""
    target, register = showing.target, showing.register
    groups, singles = groups_to_decide(register), single_candidates(register)
    found: tuple[_Found, ...] = (*groups, *singles, *register.warnings)
    shown = list_page(found, target, _CANDIDATES_ON_A_PAGE)
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

_CANDIDATES_ON_A_PAGE = 10
_TEXT = 500
