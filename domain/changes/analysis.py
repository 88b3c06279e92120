"""What has changed about threats and candidates: reported, withdrawn, merged, scored, dismissed."""

from collections.abc import Iterator

from domain.analysis.candidates import Dismissed
from domain.changes.authorship import Deeds
from domain.changes.change import Change, Detail, Group, Turn
from domain.changes.comparison import changed, turn_of
from domain.kernel import subjects
from domain.kernel.decisions import CandidateId, Consideration
from domain.kernel.elements import ElementId
from domain.kernel.threat import Threat, ThreatId
from domain.model import id_order
from domain.register import ThreatRegister
from domain.voting.scores import RankedThreat, Score


def judged(before: ThreatRegister, after: ThreatRegister, deeds: Deeds) -> Iterator[Change]:
    """Threats with their scores, candidates that were dismissed, rows in which nothing more was found."""
    yield from _threats(before, after, deeds)
    yield from _dismissals(before, after, deeds)
    yield from _rows(before, after, deeds)


def _threats(before: ThreatRegister, after: ThreatRegister, deeds: Deeds) -> Iterator[Change]:
    was, now = ({one.threat.id: one for one in seen.ranked} for seen in (before, after))
    for id in sorted({*was, *now}, key=id_order):
        old, new = was.get(id), now.get(id)
        scored = _scores(old, new)
        said = _said(old, new, before, after)
        turn = turn_of(id, was, now)
        if turn is Turn.CHANGED and not (said or scored):
            continue
        only_scored = turn is Turn.CHANGED and not said
        deed = deeds.of(subjects.score(id)) if only_scored else deeds.of(subjects.threat(id))
        yield Change(
            group=Group.THREATS,
            turn=turn,
            id=id,
            name=(now.get(id) or was[id]).threat.title,
            how="scored" if only_scored else _how(id, turn, before, after),
            details=(*said, *scored, *(() if turn is Turn.CHANGED else _stood(id, before, after))),
            by=deed.by,
            at=deed.at,
        )


def _how(id: ThreatId, turn: Turn, before: ThreatRegister, after: ThreatRegister) -> str:
    """How a threat came to be one, or to be none any more."""
    merged_then, merged_now = ({one.threat.id: one for one in seen.merged} for seen in (before, after))
    match turn:
        case Turn.CHANGED:
            return "revised"
        case Turn.CAME:
            if id in merged_then:
                return f"parted from {merged_then[id].into}"
            if id in {one.id for one in before.withdrawn}:
                return "brought back"
            confirmed = any(one.id == id and one.candidates for one in after.threats)
            return "confirmed" if confirmed else "reported"
        case Turn.WENT:
            return f"merged into {merged_now[id].into}" if id in merged_now else "withdrawn"


def _scores(old: RankedThreat | None, new: RankedThreat | None) -> tuple[Detail, ...]:
    was, now = old.score if old else None, new.score if new else None
    remained, remains = old.residual if old else None, new.residual if new else None
    return (
        *changed("score", _score(was), _score(now)),
        *changed("what remains", _score(remained), _score(remains)),
    )


def _score(score: Score | None) -> str:
    return f"{score.tally.band}, mean {score.tally.mean:.1f}" if score else ""


def _said(
    old: RankedThreat | None, new: RankedThreat | None, before: ThreatRegister, after: ThreatRegister
) -> tuple[Detail, ...]:
    """What is said about a threat that is there at both moments."""
    if old is None or new is None:
        return ()
    was, now = old.threat, new.threat
    return (
        *changed("title", was.title, now.title),
        *changed("description", was.description, now.description),
        *changed("categories", _categories(was), _categories(now)),
        *changed("element", _element(was.element, before), _element(now.element, after)),
        *changed("found by", _found_by(was), _found_by(now)),
        *changed("yardstick", _yardstick(was, before), _yardstick(now, after)),
    )


def _categories(threat: Threat) -> str:
    return ", ".join(one.words for one in threat.stride)


def _element(id: ElementId | None, seen: ThreatRegister) -> str:
    item = seen.item(id) if id else None
    return f"{item.name} ({id})" if item else id or ""


def _found_by(threat: Threat) -> str:
    return ", ".join(threat.candidates)


def _yardstick(threat: Threat, seen: ThreatRegister) -> str:
    return "yes" if threat.id in {one.threat for one in seen.yardsticks} else ""


def _stood(id: ThreatId, before: ThreatRegister, after: ThreatRegister) -> tuple[Detail, ...]:
    """How a threat stands that has come, or stood that has gone; of the others responses tell it."""
    was, now = before.standings.get(id), after.standings.get(id)
    return changed("stands", was.state.words if was else "", now.state.words if now else "")


def _dismissals(before: ThreatRegister, after: ThreatRegister, deeds: Deeds) -> Iterator[Change]:
    was, now = ({one.dismissal.candidate: one for one in seen.dismissed} for seen in (before, after))
    for id in sorted({*was, *now}):
        turn, details = turn_of(id, was, now), _reasons(id, was, now)
        if turn is Turn.CHANGED and not details:
            continue
        known, deed = now.get(id) or was[id], deeds.of(subjects.candidate(id))
        yield Change(
            group=Group.DISMISSALS,
            turn=turn,
            id=id,
            name=f"{known.title}, {known.element_name}",
            how={Turn.CAME: "dismissed", Turn.CHANGED: "dismissed anew", Turn.WENT: "taken up again"}[turn],
            details=details,
            by=deed.by,
            at=deed.at,
        )


def _reasons(
    id: CandidateId, was: dict[CandidateId, Dismissed], now: dict[CandidateId, Dismissed]
) -> tuple[Detail, ...]:
    old, new = (one[id].dismissal.reason if id in one else "" for one in (was, now))
    return changed("reason", old, new)


def _rows(before: ThreatRegister, after: ThreatRegister, deeds: Deeds) -> Iterator[Change]:
    was, now = (_considered(seen) for seen in (before, after))
    for id in sorted({*was, *now}, key=lambda one: (one.partition("-")[0], id_order(one))):
        old, new = (one[id].reason if id in one else "" for one in (was, now))
        deed = deeds.of(subjects.row(id))
        if old == new or deed.at is None:
            continue  # a row also comes and goes with what its element is
        item, turn = after.item(id) or before.item(id), turn_of(id, was, now)
        yield Change(
            group=Group.ROWS,
            turn=turn,
            id=id,
            name=item.name if item else id,
            how={Turn.CAME: "considered", Turn.CHANGED: "considered anew", Turn.WENT: "reopened"}[turn],
            details=changed("reason", old, new),
            by=deed.by,
            at=deed.at,
        )


def _considered(seen: ThreatRegister) -> dict[ElementId, Consideration]:
    return {row.element: row.considered for row in seen.coverage.rows if row.considered}
