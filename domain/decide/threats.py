"""Decisions on threats: report, revise, withdraw, merge."""

from msgspec.structs import replace

from domain.commands import MergeThreats, ReportThreat, ReviseThreat, WithdrawThreat
from domain.decide.combined_rejections import combine_rejections
from domain.decide.decision import Decision
from domain.decide.input_checks import clean_link, clean_name, clean_text, require_element, require_threat
from domain.events import ThreatReported, ThreatRevised, ThreatsMerged, ThreatWithdrawn
from domain.kernel.elements import ElementId
from domain.kernel.persistent_maps import values_of
from domain.kernel.stride import Stride
from domain.kernel.threat import Threat, ThreatId
from domain.model import ThreatModel
from domain.model.element_labels import same_name
from domain.rejections import AlreadyReported, ContentMissing, MergedWithItself


def report_threat(command: ReportThreat, decision: Decision) -> Decision:
    """Report a threat; raises AlreadyReported for one with the same content at the same element."""
    link = clean_link(command.link)
    threat = _told(command, decision.model, id=decision.next_threat(), link=link)
    for one in values_of(decision.model.threats):
        if _content(one) == _content(threat):
            raise AlreadyReported(one.title, one.id)
    return decision.record(ThreatReported(**decision.header, threat=threat))


def _content(threat: Threat) -> tuple[ElementId | None, str, str]:
    return threat.element, same_name(threat.title), threat.description


def revise_threat(command: ReviseThreat, decision: Decision) -> Decision:
    """Revise a threat."""
    old = require_threat(decision.model, command.threat)
    new = _told(command, decision.model, id=old.id, link=old.link, before=old)
    if new != old:
        return decision.record(ThreatRevised(**decision.header, threat=new))
    return decision


def withdraw_threat(command: WithdrawThreat, decision: Decision) -> Decision:
    """Withdraw a threat."""
    return decision.record(
        ThreatWithdrawn(**decision.header, threat=require_threat(decision.model, command.threat).id)
    )


def merge_threats(command: MergeThreats, decision: Decision) -> Decision:
    """Merge a threat into another, which takes over categories, weaknesses, candidates and a missing link."""
    merged = require_threat(decision.model, command.merged)
    kept = require_threat(decision.model, command.kept)
    if kept.id == merged.id:
        raise MergedWithItself
    richer = replace(
        kept,
        stride=tuple(one for one in Stride if one in (*kept.stride, *merged.stride)),
        description=kept.description or merged.description,
        element=kept.element or merged.element,
        link=kept.link or merged.link,
        candidates=tuple(dict.fromkeys((*kept.candidates, *merged.candidates))),
        cwe=tuple(dict.fromkeys((*kept.cwe, *merged.cwe))),
    )
    return decision.record(ThreatsMerged(**decision.header, kept=richer, merged=merged.id))


def _told(
    command: ReportThreat | ReviseThreat,
    model: ThreatModel,
    *,
    id: ThreatId,
    link: str,
    before: Threat | None = None,
) -> Threat:
    combine_rejections(
        lambda: clean_name(command.title, what="the threat", field="title"),
        lambda: _check_stride(command),
        lambda: clean_text(command.description, what="The description", field="description"),
    )
    title = clean_name(command.title, what="the threat", field="title")
    # A reference to a removed element may stay if it was there before: the threat outlives the element.
    if command.element is not None and (before is None or command.element != before.element):
        require_element(model, command.element, field="element")
    return Threat(
        id=id,
        title=title,
        stride=tuple(one for one in Stride if one in command.stride),
        description=clean_text(command.description, what="The description", field="description"),
        element=command.element,
        link=link,
        candidates=before.candidates if before else (),
        cwe=before.cwe if before else (),
    )


def _check_stride(command: ReportThreat | ReviseThreat) -> None:
    if not command.stride:
        raise ContentMissing("No STRIDE category is selected. Select at least one.", field="stride")
