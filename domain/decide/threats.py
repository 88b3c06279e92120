"""Decisions on threats, and on suggested threats: confirmed as threats or as places of one, or dismissed."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from msgspec.structs import replace

from domain.analysis.rule_findings import SuggestedThreat, apply_rules
from domain.analysis.suggested_threat_groups import SuggestedThreatGrouping, title_of_places
from domain.analysis.suggested_threats import confirmations, placements_of, sort_suggested_threats
from domain.commands import (
    AnswerPrompt,
    ConfirmSuggestedThreats,
    DecideGroup,
    DismissSuggestedThreats,
    MergeThreats,
    RemovePlaces,
    ReportThreat,
    ReviseThreat,
    WithdrawThreat,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import (
    check_count,
    clean_link,
    clean_name,
    clean_text,
    combine_rejections,
    require_element,
    require_reason,
    require_threat,
)
from domain.events import (
    PlacesAdded,
    PlacesRemoved,
    PromptAnswered,
    SuggestedThreatConfirmed,
    SuggestedThreatDismissed,
    ThreatReported,
    ThreatRevised,
    ThreatsMerged,
    ThreatWithdrawn,
)
from domain.kernel.elements import ElementId, kind_of
from domain.kernel.persistent_maps import values_of
from domain.kernel.thought_prompt import PromptAnswer
from domain.kernel.threat import (
    AnswerAtDecision,
    ConfirmedPlace,
    Dismissal,
    ResponseKind,
    Stride,
    SuggestedThreatId,
    Threat,
    ThreatId,
    elements_of,
    rule_of,
)
from domain.model import ThreatModel
from domain.model.element_labels import name_of, same_name
from domain.rejections import (
    AlreadyConfirmed,
    AlreadyDismissed,
    AlreadyReported,
    ContentMissing,
    LastPlace,
    MergedWithItself,
    NoSuchPrompt,
    NoSuchSuggestedThreat,
    NotAPlace,
    OtherRule,
    PlacesSettled,
)
from domain.screening.screened_facts import with_screening


def report_threat(command: ReportThreat, decision: Decision) -> Decision:
    """Report a threat; raises AlreadyReported for one with the same content at the same element."""
    link = clean_link(command.link)
    threat = _described(command, decision.model, id=decision.next_threat(), link=link)
    for value in values_of(decision.model.threats):
        if _content(value) == _content(threat):
            raise AlreadyReported(value.title, value.id)
    return decision.record(ThreatReported(**decision.header, threat=threat))


def answer_prompt(command: AnswerPrompt, decision: Decision) -> Decision:
    """Record who considered a prompt, and the threat that came of it.

    An answer counts also if someone else was faster, or if the model has meanwhile changed so that the
    prompt would no longer be asked.
    """
    element = require_element(decision.model, command.element)
    if kind_of(element) not in command.prompt.kinds:
        raise NoSuchPrompt(command.element)
    threat = None
    if command.title.strip():
        threat = decision.next_threat()
        report = ReportThreat(
            by=command.by,
            at=command.at,
            title=command.title,
            stride=command.stride or command.prompt.stride,
            element=command.element,
        )
        decision = report_threat(report, decision)
    reply = PromptAnswer(
        prompt=command.prompt, element=command.element, by=decision.by, at=decision.at, threat=threat
    )
    known = decision.model.prompts.get((reply.prompt, reply.element, reply.by))
    return decision.record_if(
        known is None or replace(known, at=reply.at) != reply,
        PromptAnswered(**decision.header, reply=reply),
    )


def _content(threat: Threat) -> tuple[ElementId | None, str, str]:
    return threat.element, same_name(threat.title), threat.description


def revise_threat(command: ReviseThreat, decision: Decision) -> Decision:
    """Revise a threat."""
    old = require_threat(decision.model, command.threat)
    new = _described(command, decision.model, id=old.id, link=old.link, before=old)
    return decision.record_if(new != old, ThreatRevised(**decision.header, threat=new))


def withdraw_threat(command: WithdrawThreat, decision: Decision) -> Decision:
    """Withdraw a threat."""
    return decision.record(
        ThreatWithdrawn(**decision.header, threat=require_threat(decision.model, command.threat).id)
    )


def merge_threats(command: MergeThreats, decision: Decision) -> Decision:
    """Merge a threat into another, which takes over categories, weaknesses, places and a missing link."""
    merged = require_threat(decision.model, command.merged)
    kept = require_threat(decision.model, command.kept)
    if kept.id == merged.id:
        raise MergedWithItself
    richer = replace(
        kept,
        stride=tuple(category for category in Stride if category in (*kept.stride, *merged.stride)),
        description=kept.description or merged.description,
        element=kept.element or merged.element,
        link=kept.link or merged.link,
        suggested_threats=tuple(dict.fromkeys((*kept.suggested_threats, *merged.suggested_threats))),
        cwe=tuple(dict.fromkeys((*kept.cwe, *merged.cwe))),
    )
    return decision.record(ThreatsMerged(**decision.header, kept=richer, merged=merged.id))


def _described(
    command: ReportThreat | ReviseThreat,
    model: ThreatModel,
    *,
    id: ThreatId,
    link: str,
    before: Threat | None = None,
) -> Threat:
    title, _, description = combine_rejections(
        lambda: clean_name(command.title, what="the threat", field="title"),
        lambda: _check_stride(command),
        lambda: clean_text(command.description, what="The description", field="description"),
    )
    # A reference to a removed element may stay if it was there before: the threat outlives the element.
    if command.element is not None and (before is None or command.element != before.element):
        require_element(model, command.element, field="element")
    return Threat(
        id=id,
        title=title,
        stride=tuple(category for category in Stride if category in command.stride),
        description=description,
        element=command.element,
        link=link,
        suggested_threats=before.suggested_threats if before else (),
        cwe=before.cwe if before else (),
    )


def _check_stride(command: ReportThreat | ReviseThreat) -> None:
    if not command.stride:
        raise ContentMissing("No STRIDE category is selected. Select at least one.", field="stride")


def confirm_suggested_threats(command: ConfirmSuggestedThreats, decision: Decision) -> Decision:
    """Confirm suggested threats: those of one group as one threat, or as further places of a named one.

    Of several, those that were decided meanwhile are skipped.
    """
    findings = _Findings(decision.model)
    return _confirm(findings.open_of(command.suggested_threats), command.threat, findings, decision)


def dismiss_suggested_threats(command: DismissSuggestedThreats, decision: Decision) -> Decision:
    """Dismiss suggested threats, with a reason; of several, those that were decided meanwhile are skipped."""
    reason = require_reason(command.reason, _WHY_NOT)
    return _dismiss(_Findings(decision.model).open_of(command.suggested_threats), reason, decision)


def decide_group(command: DecideGroup, decision: Decision) -> Decision:
    """Confirm some places and dismiss others; those that were decided meanwhile are skipped."""
    reason = require_reason(command.reason, _WHY_NOT) if command.dismissed else ""
    findings = _Findings(decision.model)
    chosen = (*command.confirmed, *command.dismissed)
    left = {one.id for one in findings.open_of(chosen, many=True)}
    confirmed = [findings.yielded[one] for one in dict.fromkeys(command.confirmed) if one in left]
    is_confirmed = frozenset(command.confirmed)
    dismissed = [
        findings.yielded[one]
        for one in dict.fromkeys(command.dismissed)
        if one in left and one not in is_confirmed
    ]
    if confirmed:
        decision = _confirm(confirmed, command.threat, findings, decision)
    return _dismiss(dismissed, reason, decision) if dismissed else decision


def remove_places(command: RemovePlaces, decision: Decision) -> Decision:
    """Remove places from a threat; at least one stays."""
    old = require_threat(decision.model, command.threat)
    leaving = dict.fromkeys(command.suggested_threats)
    if not leaving:
        raise ContentMissing("Please choose at least one place.", field="places")
    for one in leaving:
        if one not in old.suggested_threats:
            raise NotAPlace(old.id, one)
    staying = tuple(
        suggested_threat for suggested_threat in old.suggested_threats if suggested_threat not in leaving
    )
    if not staying:
        raise LastPlace(old.id)
    threat = replace(
        old,
        title=retitled(decision.model, old, staying),
        element=_first_place(old, staying),
        suggested_threats=staying,
    )
    removed = PlacesRemoved(**decision.header, threat=threat, suggested_threats=tuple(leaving))
    return decision.record(removed)


class _Findings:
    """The suggested threats that the rules yield for a model, and the decisions on them."""

    def __init__(self, model: ThreatModel) -> None:
        # What is shown rests also on what the screening and other answers imply.
        model = with_screening(model)
        found = apply_rules(model).suggested_threats
        self.yielded = {SuggestedThreatId(one.id): one for one in found}
        self.grouping = SuggestedThreatGrouping(model, self.yielded)
        self._undecided = frozenset(one.id for one in sort_suggested_threats(model, found).undecided)
        self._confirmed = confirmations(model)

    def open_of(self, ids: Iterable[SuggestedThreatId], *, many: bool = False) -> list[SuggestedThreat]:
        """Return the undecided suggested threats with these IDs; a single one may also be dismissed already.

        Raises Rejected if none of them is left to decide.
        """
        wanted = tuple(dict.fromkeys(ids))
        if not wanted:
            raise ContentMissing(
                "No suggested threat is selected. Select at least one.", field="places" if many else None
            )
        check_count("suggested threats", len(wanted))
        there = [self.yielded[id] for id in wanted if id in self.yielded and id not in self._confirmed]
        left = there if len(wanted) == 1 and not many else [one for one in there if one.id in self._undecided]
        if left:
            return left
        if wanted[0] in self._confirmed:
            raise AlreadyConfirmed(wanted[0], self._confirmed[wanted[0]])
        raise AlreadyDismissed(there[0].id) if there else NoSuchSuggestedThreat(wanted[0])


def _confirm(
    suggested_threats: Sequence[SuggestedThreat], id: ThreatId | None, findings: _Findings, decision: Decision
) -> Decision:
    if id is not None:
        return _add_places(require_threat(decision.model, id), suggested_threats, findings, decision)
    groups: dict[str, list[SuggestedThreat]] = {}
    for suggested_threat in suggested_threats:
        groups.setdefault(findings.grouping.group_of(SuggestedThreatId(suggested_threat.id)), []).append(
            suggested_threat
        )
    for group in groups.values():
        decision = _confirm_group(group, decision)
    return decision


def _confirm_group(group: Sequence[SuggestedThreat], decision: Decision) -> Decision:
    first, *others = group
    rule, ids = first.rule, tuple(SuggestedThreatId(one.id) for one in group)
    threat = Threat(
        id=decision.next_threat(),
        title=title_of_places(rule, ids, first.about),
        stride=(rule.category,),
        description=rule.explanation,
        element=first.element,
        suggested_threats=ids,
        cwe=rule.cwe,
    )
    confirmed = SuggestedThreatConfirmed(
        **decision.header,
        suggested_threat=ids[0],
        threat=threat,
        rule_version=rule.version,
        facts=_facts_of(first),
        others=tuple(map(_place, others)),
    )
    return decision.record(confirmed)


def _add_places(
    old: Threat, suggested_threats: Sequence[SuggestedThreat], findings: _Findings, decision: Decision
) -> Decision:
    """Add suggested threats to a threat whose response does not depend on the places that it has."""
    for suggested_threat in suggested_threats:
        if not findings.grouping.can_hold(old, SuggestedThreatId(suggested_threat.id)):
            raise OtherRule(suggested_threat.id, old.id)
    _check_response(decision.model, old.id)
    every = (
        *old.suggested_threats,
        *(SuggestedThreatId(suggested_threat.id) for suggested_threat in suggested_threats),
    )
    threat = replace(old, title=retitled(decision.model, old, every), suggested_threats=every)
    added = PlacesAdded(**decision.header, threat=threat, places=tuple(map(_place, suggested_threats)))
    return decision.record(added)


def _check_response(model: ThreatModel, threat: ThreatId) -> None:
    """Raise Rejected if the risk was accepted, transferred or avoided, or if acceptance is proposed."""
    kinds = {value.kind for value in values_of(model.responses) if model.home_of(value.threat) == threat}
    if model.proposals.get(threat) is not None:
        raise PlacesSettled(threat, "waiting for approval")
    for kind, state in _SETTLED.items():
        if kind in kinds:
            raise PlacesSettled(threat, state)


def retitled(model: ThreatModel, old: Threat, suggested_threats: tuple[SuggestedThreatId, ...]) -> str:
    """Return the title for other places, unless a person has written the title."""
    rule = next((one for one in model.catalog.rules if one.id == rule_of(suggested_threats[0])), None)
    if rule is None or old.title != title_of_places(
        rule, old.suggested_threats, _about(model, old.suggested_threats[0])
    ):
        return old.title
    return title_of_places(rule, suggested_threats, _about(model, suggested_threats[0]))


def _about(model: ThreatModel, suggested_threat: SuggestedThreatId) -> str:
    return ", ".join(name_of(model, element) for element in elements_of(suggested_threat))


def _first_place(old: Threat, staying: tuple[SuggestedThreatId, ...]) -> ElementId | None:
    """Return the element of a threat after places were removed; one that a person chose stays."""
    automatic = elements_of(old.suggested_threats[0])[0]
    return elements_of(staying[0])[0] if old.element == automatic else old.element


def _dismiss(suggested_threats: Sequence[SuggestedThreat], reason: str, decision: Decision) -> Decision:
    made = (_dismissal(suggested_threat, reason, decision) for suggested_threat in suggested_threats)
    new = [one for one in made if not _is_same(decision.model.dismissals.get(one.suggested_threat), one)]
    for _, some in groupby(new, key=lambda one: rule_of(one.suggested_threat)):
        first, *others = some
        dismissed = SuggestedThreatDismissed(**decision.header, dismissal=first, others=tuple(others))
        decision = decision.record(dismissed)
    return decision


def _dismissal(suggested_threat: SuggestedThreat, reason: str, decision: Decision) -> Dismissal:
    id = SuggestedThreatId(suggested_threat.id)
    return Dismissal(
        suggested_threat=id,
        reason=reason,
        rule_version=suggested_threat.rule.version,
        facts=_facts_of(suggested_threat),
        by=decision.by,
        at=decision.at,
        places=placements_of(decision.model, id),
    )


def _is_same(old: Dismissal | None, new: Dismissal) -> bool:
    return old is not None and replace(old, by=new.by, at=new.at) == new


def _place(suggested_threat: SuggestedThreat) -> ConfirmedPlace:
    id, version = SuggestedThreatId(suggested_threat.id), suggested_threat.rule.version
    return ConfirmedPlace(suggested_threat=id, rule_version=version, facts=_facts_of(suggested_threat))


def _facts_of(suggested_threat: SuggestedThreat) -> tuple[AnswerAtDecision, ...]:
    return tuple(
        AnswerAtDecision(element=used.element, fact=used.fact, answer=used.answer)
        for used in suggested_threat.facts
    )


_WHY_NOT = "The reason is missing. Explain why this threat does not apply."

_SETTLED = {
    ResponseKind.ACCEPT: "accepted",
    ResponseKind.TRANSFER: "transferred",
    ResponseKind.AVOID: "avoided",
}
