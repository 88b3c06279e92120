"""Blocks of candidate groups: the places of one rule, decided together."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from bot.slack.protocol.block_builders import Block, actions, context, divider, section
from bot.slack.protocol.escaping import escape_name
from bot.slack.ui.modals.analysis.candidate_buttons import place_buttons
from bot.slack.ui.modals.analysis.candidate_reasons import common_reasons, return_reason
from bot.slack.ui.modals.analysis.candidate_selection import chunks_of_candidates
from bot.slack.ui.texts.rule_texts import known_weaknesses, usual_controls
from domain.analysis.candidate_groups import CandidateGroup, count_places
from domain.analysis.rule_findings import Candidate
from domain.commands import ConfirmCandidates
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import join_list
from domain.register import ThreatRegister


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
