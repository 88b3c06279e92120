"""Changes of threats, scores, dismissals and considered rows."""

from collections.abc import Iterator, Mapping, Sequence

from domain.analysis.suggested_threat_groups import count_places
from domain.analysis.suggested_threats import DismissedSuggestedThreat
from domain.changes.authorship import ChangeAuthors
from domain.changes.change import Change, ChangeDetail, ChangeGroup, ChangeType, change_type, changed_detail
from domain.kernel import event_subjects
from domain.kernel.elements import ElementId
from domain.kernel.text_formatting import join_list
from domain.kernel.threat import Consideration, SuggestedThreatId, Threat, ThreatId, rule_of
from domain.model import id_order
from domain.register import ThreatRegister
from domain.voting.scores import RankedThreat, Score


def analysis_changes(
    before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the changes of threats with their scores, of dismissals, and of considered rows."""
    yield from _threats(before, after, authors)
    yield from _dismissals(before, after, authors)
    yield from _rows(before, after, authors)


def _threats(before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors) -> Iterator[Change]:
    was, now = ({threat.threat.id: threat for threat in register.ranked} for register in (before, after))
    for id in sorted({*was, *now}, key=id_order):
        old, new = was.get(id), now.get(id)
        scored = _scores(old, new)
        said = _said(old, new, before, after)
        turn = change_type(id, was, now)
        if turn is ChangeType.CHANGED and not (said or scored):
            continue
        only_scored = turn is ChangeType.CHANGED and not said
        yield Change(
            group=ChangeGroup.THREATS,
            type=turn,
            id=id,
            name=(now.get(id) or was[id]).threat.title,
            how="scored" if only_scored else _how(id, turn, before, after),
            details=(*said, *scored, *(() if turn is ChangeType.CHANGED else _stood(id, before, after))),
            **authors.of(event_subjects.score(id)) if only_scored else authors.of(event_subjects.threat(id)),
        )


def _how(id: ThreatId, turn: ChangeType, before: ThreatRegister, after: ThreatRegister) -> str:
    """Return how a threat was added or removed."""
    merged_then, merged_now = (
        {one.threat.id: one for one in register.merged} for register in (before, after)
    )
    match turn:
        case ChangeType.CHANGED:
            return "revised"
        case ChangeType.ADDED:
            if id in merged_then:
                return f"separated from {merged_then[id].into}"
            if id in {one.id for one in before.withdrawn}:
                return "restored"
            confirmed = any(threat.id == id and threat.suggested_threats for threat in after.threats)
            return "confirmed" if confirmed else "reported"
        case ChangeType.REMOVED:
            return f"merged into {merged_now[id].into}" if id in merged_now else "withdrawn"


def _scores(old: RankedThreat | None, new: RankedThreat | None) -> tuple[ChangeDetail, ...]:
    was, now = old.score if old else None, new.score if new else None
    remained, remains = old.residual if old else None, new.residual if new else None
    return (
        *changed_detail("score", _score(was), _score(now)),
        *changed_detail("residual score", _score(remained), _score(remains)),
    )


def _score(score: Score | None) -> str:
    return f"{score.tally.band}, mean {score.tally.mean:.1f}" if score else ""


def _said(
    old: RankedThreat | None, new: RankedThreat | None, before: ThreatRegister, after: ThreatRegister
) -> tuple[ChangeDetail, ...]:
    """Return the changed details of a threat that exists at both moments."""
    if old is None or new is None:
        return ()
    was, now = old.threat, new.threat
    return (
        *changed_detail("title", was.title, now.title),
        *changed_detail("description", was.description, now.description),
        *changed_detail("categories", _categories(was), _categories(now)),
        *changed_detail("element", _element(was.element, before), _element(now.element, after)),
        *_found_by(was, now),
        *changed_detail("reference threat", _reference_threat(was, before), _reference_threat(now, after)),
    )


def _categories(threat: Threat) -> str:
    return ", ".join(category.label for category in threat.stride)


def _element(id: ElementId | None, register: ThreatRegister) -> str:
    item = register.item(id) if id else None
    return f"{item.name} ({id})" if item else id or ""


def _found_by(was: Threat, now: Threat) -> tuple[ChangeDetail, ...]:
    """Return the change of the suggested threats; of many places the number, and which ones came and went."""
    if max(len(was.suggested_threats), len(now.suggested_threats)) <= _LISTED:
        return changed_detail("found by", ", ".join(was.suggested_threats), ", ".join(now.suggested_threats))
    came = [
        suggested_threat
        for suggested_threat in now.suggested_threats
        if suggested_threat not in was.suggested_threats
    ]
    went = [
        suggested_threat
        for suggested_threat in was.suggested_threats
        if suggested_threat not in now.suggested_threats
    ]
    if not came and not went:
        return ()
    named = [*(f"+ {one}" for one in came), *(f"- {one}" for one in went)]
    more = [f"{len(named) - _LISTED} more"] if len(named) > _LISTED else []
    listed = ", ".join([*named[:_LISTED], *more])
    return changed_detail(
        "places", str(len(was.suggested_threats)), f"{len(now.suggested_threats)} ({listed})"
    )


_LISTED = 4
"""The number of suggested threats that a change names."""


def _reference_threat(threat: Threat, register: ThreatRegister) -> str:
    return "yes" if threat.id in {one.threat for one in register.reference_threats} else ""


def _stood(id: ThreatId, before: ThreatRegister, after: ThreatRegister) -> tuple[ChangeDetail, ...]:
    """Return the status of an added or removed threat; others are reported with their responses."""
    was, now = before.statuses.get(id), after.statuses.get(id)
    return changed_detail("status", was.state.label if was else "", now.state.label if now else "")


def _dismissals(before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors) -> Iterator[Change]:
    """Yield the changes of dismissals; those of one rule in one answer are one change."""
    was, now = (
        {one.dismissal.suggested_threat: one for one in register.dismissed} for register in (before, after)
    )
    together: dict[tuple[object, ...], list[SuggestedThreatId]] = {}
    for id in sorted({*was, *now}):
        turn, details = change_type(id, was, now), _reasons(id, was, now)
        if turn is ChangeType.CHANGED and not details:
            continue
        authorship = authors.of(event_subjects.suggested_threat(id))
        key = (rule_of(id), turn, details, authorship["by"], authorship["at"])
        together.setdefault(key, []).append(id)
    for ids in together.values():
        yield _dismissed_together(ids, was, now, authors)


def _dismissed_together(
    ids: Sequence[SuggestedThreatId],
    was: Mapping[SuggestedThreatId, DismissedSuggestedThreat],
    now: Mapping[SuggestedThreatId, DismissedSuggestedThreat],
    authors: ChangeAuthors,
) -> Change:
    first = ids[0]
    known = [now.get(id) or was[id] for id in ids]
    names = [one.element_name for one in known]
    more = len(names) - _LISTED
    listed = names if more <= 1 else [*names[:_LISTED], f"{more} more"]
    name = f"{known[0].title}, {join_list(listed)}"
    return Change(
        group=ChangeGroup.DISMISSALS,
        type=change_type(first, was, now),
        id=first if len(ids) == 1 else count_places(ids),
        name=name,
        how={
            ChangeType.ADDED: "dismissed",
            ChangeType.CHANGED: "dismissed again",
            ChangeType.REMOVED: "reopened",
        }[change_type(first, was, now)],
        details=_reasons(first, was, now),
        **authors.of(event_subjects.suggested_threat(first)),
    )


def _reasons(
    id: SuggestedThreatId,
    was: Mapping[SuggestedThreatId, DismissedSuggestedThreat],
    now: Mapping[SuggestedThreatId, DismissedSuggestedThreat],
) -> tuple[ChangeDetail, ...]:
    old, new = (one[id].dismissal.reason if id in one else "" for one in (was, now))
    return changed_detail("reason", old, new)


def _rows(before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors) -> Iterator[Change]:
    was, now = (_considered(register) for register in (before, after))
    for id in sorted({*was, *now}, key=lambda one: (one.partition("-")[0], id_order(one))):
        old, new = (one[id].reason if id in one else "" for one in (was, now))
        authorship = authors.of(event_subjects.row(id))
        if old == new or authorship["at"] is None:
            continue  # a row also depends on the kind of its element
        item, turn = after.item(id) or before.item(id), change_type(id, was, now)
        yield Change(
            group=ChangeGroup.ROWS,
            type=turn,
            id=id,
            name=item.name if item else id,
            how={
                ChangeType.ADDED: "considered",
                ChangeType.CHANGED: "considered again",
                ChangeType.REMOVED: "reopened",
            }[turn],
            details=changed_detail("reason", old, new),
            **authorship,
        )


def _considered(register: ThreatRegister) -> dict[ElementId, Consideration]:
    return {row.element: row.considered for row in register.coverage.rows if row.considered}
