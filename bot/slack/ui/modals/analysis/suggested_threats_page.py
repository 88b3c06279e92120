"""Pages of suggested threats and of dismissed ones."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby

from msgspec.structs import replace

from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button_row,
    confirm,
    context,
    divider,
    modal,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name, one_line
from bot.slack.protocol.targets import ALL, Action, SelectionTarget, StaleButton, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.analysis.thought_prompts_form import prompt_blocks
from bot.slack.ui.modals.next_step_buttons import questions_target
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import (
    element_name,
    findings_summary,
    first_lines,
    person_name,
    usual_controls,
)
from domain.analysis.rule_findings import SuggestedThreat
from domain.analysis.stakes import Stake
from domain.analysis.suggested_threat_groups import (
    SharedReason,
    SuggestedThreatGroup,
    count_places,
    missing_controls,
    shared_reasons,
)
from domain.analysis.suggested_threats import DismissalState
from domain.analysis.warnings import Warning  # noqa: A004 (the word people read)
from domain.commands import (
    AddAsset,
    AnswerQuestions,
    ConfirmSuggestedThreats,
    PlaceComponents,
    ReopenSuggestedThreat,
)
from domain.kernel.elements import SINGULAR, Component, DataFlow, ElementId, Kind, kind_of_id
from domain.kernel.text_formatting import Naming, count_phrase, join_list
from domain.kernel.threat import (
    AnswerChange,
    Dismissal,
    PlacementChange,
    Reappearance,
    SuggestedThreatId,
    ThreatId,
    rule_of,
)
from domain.model.element_labels import name_elements
from domain.register import ThreatRegister
from domain.wording.controls import decided_by, former_controls

MOST = 100
"""The largest number of suggested threats that one button decides."""

_CHARACTERS = 1_500
"""Characters of their IDs; the rest of a button's value holds the model and the page."""


def encode_suggested_threats(ids: Iterable[str]) -> str:
    """Return IDs in one text; the rule is left out where it is that of the one before: `I01@DF-1,DF-2`."""
    parts: list[str] = []
    rule = ""
    for id in map(SuggestedThreatId, ids):
        same = rule_of(id) == rule
        parts.append(id.partition("@")[2] if same else id)
        rule = rule_of(id)
    return ",".join(parts)


def suggested_threat_ids(target: Target) -> tuple[SuggestedThreatId, ...]:
    """Return the suggested threats that a button or form is about; raises StaleButton for none."""
    ids = tuple(_decoded(target.element.split(",")))
    if not ids:
        raise StaleButton
    return ids


def chunks_of_suggested_threats(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield runs of IDs that fit into the value of a button."""
    first = 0
    while first < len(ids):
        last = min(first + MOST, len(ids))
        while len(encode_suggested_threats(ids[first:last])) > _CHARACTERS:
            last -= 1
        yield ids[first:last]
        first = last


def _decoded(parts: Iterable[str]) -> Iterator[SuggestedThreatId]:
    rule = ""
    for part in filter(None, parts):
        head = rule_of(SuggestedThreatId(part))
        is_whole = "-" not in head or not rule  # the ID of an element has a hyphen, that of a rule has none
        rule = head if is_whole else rule
        yield SuggestedThreatId(part if is_whole else f"{rule}@{part}")


def _decisions(
    make: ModelButtons,
    group: Sequence[SuggestedThreat],
    threats: Sequence[ThreatId] = (),
    *,
    several: str = "",
    asked: Block | None = None,
) -> Iterator[Block]:
    """Yield the buttons to confirm suggested threats, to add them to a threat, or to dismiss them.

    `several` says which suggested threats these are; a form then chooses among the places of one rule.
    """
    ids, many = encode_suggested_threats(each.id for each in group), f" all {len(group)}" if several else ""
    spoken = f"all {len(group)} {several}" if several else group[0].id
    suffix = f"confirm-{len(group)}"
    yield make.does(
        f"Confirm{many}",
        Action.CONFIRM,
        ids,
        suffix=suffix,
        primary=asked is None,
        spoken=f"Confirm {spoken}",
        confirm=asked,
    )
    for threat in threats[:_OFFERED]:
        adding = SelectionTarget(name=Action.ADD_PLACES, element=ids, selection=threat)
        label, words = f"Add{many} to {threat}", f"Add {group[0].id} to {threat}"
        yield make.does(label, adding, suffix=f"add-{threat}", spoken=words)
    if several and asked is None:
        rule = group[0].rule.id
        yield make.opens("Choose places…", "group", ids, suffix=f"group-{rule}", spoken=f"Choose {rule}")
    suffix = f"dismiss-{len(group)}"
    yield make.opens(f"Dismiss{many}…", "dismiss", ids, suffix=suffix, spoken=f"Dismiss {spoken}")
    if asked is None and any(each.facts for each in group):
        yield make.opens(
            "Change answers…", "change_answers", ids, spoken=f"Change the answers behind {spoken}"
        )


def _all_of_element(make: ModelButtons, group: Sequence[SuggestedThreat]) -> Iterator[Block]:
    """Yield the buttons for the suggested threats of several rules about one element."""
    asked = confirm(
        f"Confirm {len(group)} suggested threats?",
        f"Each becomes a separate threat: {', '.join(each.rule.title for each in group)}.",
        yes="Confirm",
    )
    return _decisions(make, group, several=f"of {group[0].element}", asked=asked)


_OFFERED = 2
"""The number of threats to which a button of their own adds places; the form offers all of them."""


def suggested_threat_reasons(register: ThreatRegister, one: SuggestedThreat) -> list[str]:
    """Return the facts of the model that raised a suggested threat: placements first, then answers."""
    ends = _ends(register, one.element)
    return _based_on(
        [
            *([ends] if ends else []),
            *(f"{seen.statement}{_whose(register, one, seen.element)}" for seen in one.observed),
            *_answers(register, one),
        ]
    )


def _based_on(reasons: Sequence[str]) -> list[str]:
    return [f"*Based on:* {'; '.join(reasons)}"] if reasons else []


def _answers(register: ThreatRegister, one: SuggestedThreat) -> Iterator[str]:
    for fact in one.facts:
        yield f"“{fact.statement}”: *{fact.answer.label}*{_whose(register, one, fact.element)}"


def common_reasons(register: ThreatRegister, every: Sequence[SuggestedThreat]) -> list[str]:
    """Return the facts that raised several suggested threats of one rule, each once.

    One that is not true of each place itself names the elements that it is true of.
    """
    if len(every) == 1:
        return suggested_threat_reasons(register, every[0])
    reasons = [_shared_reason(register, one) for one in shared_reasons(every)]
    return _based_on(first_lines(reasons, _FACTS))


def _shared_reason(register: ThreatRegister, one: SharedReason) -> str:
    words = f"“{one.statement}”: *{one.answer.label}*" if one.answer else one.statement
    return words + _only_at(register, one.elements)


def _only_at(register: ThreatRegister, elements: Sequence[ElementId]) -> str:
    return f" ({name_elements(elements, partial(element_name, register))})" if elements else ""


def dismissal_reason(dismissal: Dismissal, naming: Naming) -> str:
    """Return who dismissed a suggested threat, and why."""
    return f"{person_name(naming, dismissal.by)}: “{escape(one_line(dismissal.reason), _REASON)}”"


def return_reason(register: ThreatRegister, back: Reappearance, naming: Naming) -> str:
    """Return that a suggested threat was dismissed before, and what has changed since."""
    changed = [_changed(register, change) for change in back.changes]
    moved = [_moved(register, one) for one in back.moved]
    changes = "; ".join(first_lines([*changed, *moved], _CHANGES))
    return f"↩ *Dismissed before* by {dismissal_reason(back.dismissal, naming)}. Since then: {changes}"


def former_control_lines(every: Iterable[SuggestedThreat], naming: Naming) -> list[str]:
    """Return which of the missing controls were in place before, on whose word and since when."""
    facts = (used for one in every for used in one.facts)
    lines = [escape_name(line, _REASON) for line in dict.fromkeys(former_controls(facts, naming))]
    return first_lines([f"↩ *Changed:* {line}" for line in lines], _FORMER)


def _changed(register: ThreatRegister, one: AnswerChange) -> str:
    fact = register.catalog.facts.get(one.fact)
    statement = fact.statement if fact else one.fact.replace("_", " ")
    before, now = (answer.label if answer else "not answered" for answer in (one.before, one.now))
    return f"“{statement}” was *{before}* and is *{now}* ({element_name(register, one.element)})"


def _moved(register: ThreatRegister, change: PlacementChange) -> str:
    before, now = (_where(register, one.trust_level, one.boundaries) for one in (change.before, change.now))
    return f"{element_name(register, change.now.element)} was *{before}* and is *{now}*"


def _whose(register: ThreatRegister, one: SuggestedThreat, about: ElementId) -> str:
    """Return the other element that a fact concerns; the threat's own element is shown above already."""
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
    inside = [f"in {element_name(register, boundary)}" for boundary in boundaries] or ["in no boundary"]
    return ", ".join([trusted, *inside])


_REASON = 300
_FACTS = 6
_FORMER = 2
_CHANGES = 4
"""The number of changes that are shown for a suggested threat that came back; the rest is counted."""


def suggestions(register: ThreatRegister) -> list[SuggestedThreatGroup | SuggestedThreat]:
    """Return groups of several places and suggested threats that are alone, those with most at stake first.

    Groups with a common remedy stay side by side, and so do suggested threats of one element.
    """
    found: dict[str, list[SuggestedThreatGroup | SuggestedThreat]] = {}
    for group in register.groups:
        for part in _parts(group):
            several = len(part.suggested_threats) > 1
            key = (group.remedy or group.id) if several else part.suggested_threats[0].element
            found.setdefault(key, []).append(part if several else part.suggested_threats[0])
    return [one for alike in found.values() for one in alike]


def group_blocks(
    make: ModelButtons, register: ThreatRegister, group: SuggestedThreatGroup, naming: Naming
) -> list[Block]:
    """Return the places of a group with its reasons and controls, and the buttons to decide them."""
    rule, every = group.rule, group.suggested_threats
    returned = [one.returned for one in every if one.returned]
    places = [f"• {escape_name(one.about)} ({one.element}){' ↩' if one.returned else ''}" for one in every]
    count = count_places(SuggestedThreatId(one.id) for one in every)
    lines = [
        f"*{rule.title}* · {rule.category_label} · *{count}*",
        *first_lines(places, _SHOWN),
        *(return_reason(register, one, naming) for one in returned[:_RETURNED]),
        *former_control_lines(every, naming),
        *common_reasons(register, every),
    ]
    deciding = register.allows(ConfirmSuggestedThreats)
    buttons = _decisions(make, every, group.threats, several=f"places of {rule.id}") if deciding else ()
    remedy = _common_remedy(register, group)
    return [divider(), *_rule_rows(register, every, group.stake, lines, remedy), *button_row(*buttons)]


def _rule_rows(
    register: ThreatRegister,
    every: Sequence[SuggestedThreat],
    stake: Stake,
    lines: Sequence[str],
    remedy: Sequence[str] = (),
) -> list[Block]:
    """Return what was found, what its rule says about it, and why it stands where it does."""
    rule = every[0].rule
    usual = usual_controls(
        (control, _only_at(register, places)) for control, places in missing_controls(every)
    )
    about = (f"*Why it matters:* {rule.explanation}", f"*Usual control:* {usual}")
    return [
        section("\n".join([*lines, *about, *remedy])),
        context(
            " · ".join(
                (f"Rule {rule.id}", *rule.references, *(escape_name(words, _REASON) for words in stake.words))
            ),
            f"False positive if: {rule.false_alarm}",
        ),
    ]


def _parts(group: SuggestedThreatGroup) -> Iterator[SuggestedThreatGroup]:
    """Yield a group in parts that one button can decide."""
    by_id = {suggested_threat.id: suggested_threat for suggested_threat in group.suggested_threats}
    for ids in chunks_of_suggested_threats(list(by_id)):
        yield replace(group, suggested_threats=tuple(by_id[id] for id in ids))


def _common_remedy(register: ThreatRegister, group: SuggestedThreatGroup) -> list[str]:
    """Return that one change usually fixes other groups as well, where they share elements."""
    here = {suggested_threat.element for suggested_threat in group.suggested_threats}
    others = [
        f"“{other.rule.title}”"
        for other in register.groups
        if group.remedy
        and other.remedy == group.remedy
        and other.id != group.id
        and not here.isdisjoint(suggested_threat.element for suggested_threat in other.suggested_threats)
    ]
    if not others:
        return []
    return [f"_{group.remedy} usually fixes {join_list(others)} as well. Each is decided separately._"]


_SHOWN = 8
_RETURNED = 2


def dismissals_page(showing: PageData) -> View:
    """Return every dismissal, latest first, each with a button to reopen it."""
    target, register = showing.target, showing.register
    make = ModelButtons(target.stream, back="dismissed")
    shown = list_page(register.dismissed, target, _ON_A_PAGE)
    blocks = [section(f"*{count_phrase(shown.of, 'dismissed suggested threat')}*")]
    for item in shown.items:
        id, again = item.dismissal.suggested_threat, None
        if register.allows(ReopenSuggestedThreat):
            again = make.does(
                "Reopen", Action.REOPEN_SUGGESTED_THREAT, id, suffix="again", spoken=f"Reopen {id}"
            )
        lines = [
            f"*{escape_name(item.title)}* · {id}",
            escape_name(item.element_name) if item.element_name else "",
            f"Dismissed by {dismissal_reason(item.dismissal, showing.naming)}",
        ]
        blocks += [divider(), section("\n".join(filter(None, lines)), accessory=again)]
        if item.facts and register.allows(AnswerQuestions):
            spoken = f"Change the answers behind {id}"
            blocks.append(actions(make.opens("Change answers…", "change_answers", id, spoken=spoken)))
        changed = " The rule was updated since then." if item.rule_changed else ""
        if item.state is not DismissalState.HOLDS or changed:
            blocks.append(context(f"{_FATES[item.state]}{changed}".strip()))
    return modal("Dismissed suggestions", [*blocks, *page_buttons(shown, target)], target=target)


DISMISSALS = Page(name="dismissed", show=dismissals_page)


_FATES = {
    DismissalState.HOLDS: "",
    DismissalState.RETURNED: "↩ Its basis has changed, so it needs a new decision.",
    DismissalState.SILENT: "The rule no longer suggests it.",
    DismissalState.ORPHAN: "Its element was removed; the decision is kept.",
}
_ON_A_PAGE = 20


def suggested_threats_page(showing: PageData) -> View:
    """Return undecided suggested threats with reasons and controls, then warnings about the model."""
    target, register, naming = showing.target, showing.register, showing.naming
    make = ModelButtons(target.stream, back="seen")
    found: tuple[_Found, ...] = (*suggestions(register), *register.warnings)
    shown = list_page(found, target, _SUGGESTED_THREATS_ON_A_PAGE)
    counts = findings_summary(register)
    blocks = [section(counts)] if counts else []
    first = [make.shows("Threats", "threats")]  # kept short, because phones are small
    if register.questions and register.allows(AnswerQuestions):
        first.append(make.opens("Answer questions", questions_target(target.stream, register)))
    blocks.append(actions(*first))
    if not found and not register.waiting_controls:
        blocks.append(section(_NO_FINDINGS))
    if register.waiting_controls and shown.number == 0:
        blocks.append(section("\n".join(_waiting_controls(register))))
    suggested = [item for item in shown.items if not isinstance(item, Warning)]
    warnings = [item for item in shown.items if isinstance(item, Warning)]
    if suggested:
        about = "*Suggested threats*: confirm or dismiss each. Those with most at stake come first."
        blocks += [divider(), section(about)]
    groups = [list(alike) for _, alike in groupby(suggested, key=_element)]
    for alike in groups[:1]:
        blocks += _suggested(make, register, alike, naming)
    if shown.number == 0:
        blocks += prompt_blocks(make, register)
    for alike in groups[1:]:
        blocks += _suggested(make, register, alike, naming)
    if warnings:
        blocks += [divider(), section("*Warnings*: possible errors in the model.")]
    for warning in warnings:
        revise = _revise(make, register, warning.element)
        blocks.append(section(f"⚠ {escape(warning.text, _TEXT)}", accessory=revise))
    blocks += [*page_buttons(shown, target), divider(), *button_row(*_related(make, register))]
    return modal("Findings", blocks, target=target)


def _waiting_controls(register: ThreatRegister) -> list[str]:
    """Return the controls stated to be missing without a suggested threat yet, each with what decides it."""
    name_of = partial(element_name, register)
    lines = [
        f"• {name_of(one.element)}: {one.statement}. {decided_by(one, register.catalog, name_of)}"
        for one in register.waiting_controls
    ]
    return [_WAITING, *first_lines(lines, _SHOWN)]


_WAITING = "*Missing, but no threat yet*: these depend on an answer, which is among the first open questions."


def _element(one: SuggestedThreatGroup | SuggestedThreat) -> str:
    """Return the element of a suggested threat, or the group itself."""
    return one.element if isinstance(one, SuggestedThreat) else one.id


def _suggested(
    make: ModelButtons,
    register: ThreatRegister,
    alike: Sequence[SuggestedThreatGroup | SuggestedThreat],
    naming: Naming,
) -> Iterator[Block]:
    """Yield groups, or the suggested threats of one element together."""
    for one in alike:
        if isinstance(one, SuggestedThreatGroup):
            yield from group_blocks(make, register, one, naming)
    if singles := [one for one in alike if isinstance(one, SuggestedThreat)]:
        yield from _of_one_element(make, register, singles, naming)


_NO_FINDINGS = (
    "No open findings. The rules are evaluated after every answer. Report any other threat yourself."
)


def _related(make: ModelButtons, register: ThreatRegister) -> Iterator[Block]:
    """Yield the buttons to related pages: placement of components, coverage, dismissals."""
    if register.items(Kind.COMPONENT) and register.allows(PlaceComponents):
        placing = SelectionTarget(name="place", selection="" if register.unplaced else ALL)
        yield make.opens("Place components", placing)
    yield make.shows("Coverage", "coverage")
    if register.dismissed:
        yield make.shows(f"Dismissed ({len(register.dismissed)})", "dismissed")


SUGGESTED_THREATS = Page(name="seen", show=suggested_threats_page)


def _of_one_element(
    make: ModelButtons, register: ThreatRegister, group: Sequence[SuggestedThreat], naming: Naming
) -> Iterator[Block]:
    (first, *others), deciding = group, register.allows(ConfirmSuggestedThreats)
    if others:
        yield divider()
        about = f"*{escape_name(first.element_name)}* · {first.element} · {len(group)} suggested threats"
        yield section(about)
        buttons = _all_of_element(make, group) if deciding else ()
        yield from button_row(*buttons, _revise(make, register, first.element))
    for one in group:
        yield divider()
        yield from _suggested_threat(register, one, naming, alone=not others)
        threats = next((group.threats for group in register.groups if one in group.suggested_threats), ())
        buttons = _decisions(make, [one], threats) if deciding else ()
        yield from button_row(*buttons, None if others else _revise(make, register, one.element))


def _suggested_threat(
    register: ThreatRegister, one: SuggestedThreat, naming: Naming, *, alone: bool
) -> list[Block]:
    other = f"{one.peer} {escape_name(one.peer_name)}" if one.peer else ""
    # For several suggested threats of one element, its name is shown above them all.
    name = f"{one.element} {escape_name(one.element_name)}" if alone else ""
    lines = [
        f"*{one.rule.title}* · {one.rule.category_label}",
        " · ".join(filter(None, (name, other))),
        return_reason(register, one.returned, naming) if one.returned else "",
        *former_control_lines([one], naming),
        *suggested_threat_reasons(register, one),
    ]
    return _rule_rows(register, [one], one.stake, list(filter(None, lines)))


def _revise(make: ModelButtons, register: ThreatRegister, id: ElementId | None) -> Block | None:
    item = register.item(id) if id else None
    if id is None or item is None or item.removed or not register.allows(AddAsset):
        return None
    kind = kind_of_id(id)
    target, spoken = Target(name="element", kind=kind, element=id), f"Revise {SINGULAR[kind]} {id}"
    return make.opens("Revise", target, suffix=f"revise-{id}", spoken=spoken)


_Found = SuggestedThreatGroup | SuggestedThreat | Warning

_SUGGESTED_THREATS_ON_A_PAGE = 5
_TEXT = 500
