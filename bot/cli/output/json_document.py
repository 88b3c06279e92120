"""Threat model as one JSON object; its keys are part of the interface."""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import asdict

from bot.cli.local_moments import format_rfc3339
from bot.cli.model_queries.reminder_lines import ReminderLine
from bot.store.records import StreamSummary
from domain.analysis.candidate_groups import CandidateGroup
from domain.analysis.candidates import DismissedCandidate
from domain.analysis.coverage import CoverageRow
from domain.analysis.rule_findings import Candidate, Question
from domain.compliance import ControlCounts, SectionReview, section_reviews
from domain.history import TimelineEntry
from domain.kernel.asvs_sections import ASVS_SECTIONS
from domain.kernel.candidate_decisions import rule_of
from domain.kernel.elements import REGISTERS, Kind
from domain.kernel.import_mark import ImportMark
from domain.kernel.mitigation import MitigationLink
from domain.kernel.response import Response
from domain.kernel.threat import Threat, ThreatId
from domain.register import RegisterItem, ThreatRegister
from domain.remediation.place_status import PlaceStatus
from domain.remediation.status import ThreatStatus, TrackedMitigation
from domain.screening.screened_facts import TopicStatus
from domain.voting.scores import Score, SealedResult
from domain.voting.turnout import Turnout
from domain.wording.import_sentence import import_sentence

PLURAL_KEYS = {
    Kind.EXTERNAL_DEPENDENCY: "external_dependencies",
    Kind.ENTRY_POINT: "entry_points",
    Kind.ASSET: "assets",
    Kind.TRUST_LEVEL: "trust_levels",
    Kind.DATA_FLOW: "data_flows",
    Kind.COMPONENT: "components",
    Kind.TRUST_BOUNDARY: "trust_boundaries",
}


def model_json(register: ThreatRegister, reminders: Sequence[ReminderLine] = ()) -> dict[str, object]:
    """Return a model with everything computed; removed elements are last in their lists."""
    return {
        "key": register.key,
        "name": register.name,
        "phase": register.phase,
        "version": register.version,
        "labels": list(register.labels),
        "imported": _import(register.imported),
        "registers": {PLURAL_KEYS[kind]: _items(register, kind) for kind in REGISTERS},
        "components": _items(register, Kind.COMPONENT),
        "trust_boundaries": _items(register, Kind.TRUST_BOUNDARY),
        "links": [
            {"dependency": one.dependency, "component": one.component, "same": one.same, "by": one.by}
            for one in register.links
        ],
        "link_proposals": [asdict(one) for one in register.link_proposals],
        "assumptions": [asdict(one) for one in register.assumptions],
        "screening": [_topic(one) for one in register.screening if one.answer is not None],
        "questions": [_question(one) for one in register.questions],
        "candidates": [_candidate(one) for one in register.candidates],
        "candidate_groups": [_group(one) for one in register.groups],
        "threats": [
            *(
                _threat(
                    one.threat,
                    status=register.statuses[one.threat.id],
                    rank=one.rank,
                    score=one.score,
                    residual=one.residual,
                    imported=one.imported,
                    sealed=one.sealed,
                    statements=register.statements.get(one.threat.id, ()),
                    places=register.places.get(one.threat.id, ()),
                )
                for one in register.ranked
            ),
            *(_threat(one.threat, state="merged", into=one.into) for one in register.merged),
            *(_threat(one, state="withdrawn") for one in register.withdrawn),
        ],
        "mitigations": [_mitigation(one) for one in register.mitigations],
        "reminders": [_reminder(one) for one in reminders],
        "warnings": [asdict(one) for one in register.warnings],
        "gates": [asdict(one) for one in register.gates],
        "dismissed": [_dismissed(one) for one in register.dismissed],
        "coverage": [_row(one) for one in register.coverage.rows],
        "asvs": [_section_review(one) for one in section_reviews(register)],
        "rounds": [_round(one) for one in register.rounds],
        "retrospective": [
            {"by": one.by, "question": answer.question, "answer": answer.text}
            for one in register.retrospectives
            for answer in one.answers
        ],
        "review_due": format_rfc3339(register.review_due) if register.review_due else None,
    }


def _import(mark: ImportMark | None) -> dict[str, object] | None:
    """Return who imported a model, and up to which event its statements are not verified."""
    if mark is None:
        return None
    sentence = f"{import_sentence(mark, mark.importer)}."
    return {"by": mark.importer, "at": format_rfc3339(mark.at), "until": mark.version - 1, "text": sentence}


def _section_review(one: SectionReview) -> dict[str, object]:
    counts = one.counts
    return {
        "section": one.section,
        "title": ASVS_SECTIONS[one.section],
        **counts_json(counts),
        "threats": list(one.threats),
    }


def counts_json(counts: ControlCounts) -> dict[str, int]:
    """Return the checks of a section or chapter by result."""
    return {"checks": counts.total, "answered": counts.reviewed, **asdict(counts)}


def model_list_json(models: Iterable[StreamSummary]) -> list[dict[str, object]]:
    """Return the models of a database."""
    return [
        {
            "key": one.key,
            "name": one.name,
            "phase": one.phase,
            "version": one.version,
            "updated_at": format_rfc3339(one.updated_at),
            "channel": one.channel,
            "workspace": one.tenant,
        }
        for one in models
    ]


def history_json(history: Iterable[TimelineEntry]) -> list[dict[str, object]]:
    """Return a history, one entry for each event; erased events have neither author nor time."""
    return [
        {
            "version": one.version,
            "answer": one.answer,
            "by": one.by or None,
            "at": format_rfc3339(one.at) if one.at else None,
            "text": one.text,
            "undone": one.undone,
            "undoes": one.undoes,
        }
        for one in history
    ]


def json_text(value: object) -> str:
    """Encode a value as indented JSON text."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _reminder(one: ReminderLine) -> dict[str, object]:
    """Return a reminder for programs."""
    return {
        "key": one.key,
        "to": one.to,
        "due": format_rfc3339(one.due),
        "reason": one.occasion.reason,
        "about": one.subject or None,
        "state": one.state,
        "why_not": one.why_not or None,
        "until": format_rfc3339(one.until) if one.until else None,
    }


def _items(register: ThreatRegister, kind: Kind) -> list[dict[str, object]]:
    removed = [item for item in register.removed if item.kind is kind]
    return [_item(item) for item in (*register.items(kind), *removed)]


def _item(item: RegisterItem) -> dict[str, object]:
    attributes = asdict(item.element)
    # What sort of component or asset it is goes by the word that people read.
    if "sort" in attributes:
        attributes["kind"] = attributes.pop("sort")
    return {
        **attributes,
        "id": item.id,
        "name": item.name,
        "description": item.element.description,
        "parent": item.parent,
        "removed": item.removed,
        "facts": item.facts,
        "assumed": _assumptions(item),
        "sources": [
            {"key": one.key, "file": one.place.file, "line": one.place.line or None, "draft": one.draft}
            for one in item.origins
        ],
        "evidence": {fact: place.text for fact, place in item.evidence.items()},
    }


def _topic(one: TopicStatus) -> dict[str, object]:
    """Return the answer about a topic of the screening, and which elements have reopened it since."""
    said = one.answer
    return {
        "topic": one.topic.id,
        "label": one.topic.label,
        "answer": said.answer if said else None,
        "by": said.by if said else None,
        "confirmed_by": said.confirmed_by if said else None,
        "reopened_by": [id for id, _ in one.reopened_by],
    }


def _assumptions(item: RegisterItem) -> dict[str, object] | None:
    """Return the assumptions about an element that are not answered."""
    if item.assumptions is None:
        return None
    return {
        "catalog": item.assumptions.catalog,
        "facts": [asdict(one) for one in item.assumptions.facts if one.fact not in item.facts],
    }


def _question(question: Question) -> dict[str, object]:
    return {
        "element": question.element,
        "fact": question.fact,
        "rules": list(question.rules),
        "suggested": question.suggested.answer if question.suggested else None,
    }


def _candidate(candidate: Candidate) -> dict[str, object]:
    return {
        "id": candidate.id,
        "rule": candidate.rule.id,
        "element": candidate.element,
        "stride": [candidate.rule.category],
        "cwe": list(candidate.rule.cwe),
    }


def _dismissed(one: DismissedCandidate) -> dict[str, object]:
    said = one.dismissal
    return {
        "id": said.candidate,
        "rule": rule_of(said.candidate),
        "reason": said.reason,
        "by": said.by,
        "at": format_rfc3339(said.at),
        "state": one.state,
    }


def _row(row: CoverageRow) -> dict[str, object]:
    return {
        "element": row.element,
        "crossing": row.crossing,
        "considered": row.considered.reason if row.considered else None,
        "cells": [
            {"stride": cell.category, "decided": cell.decided, "by": cell.by, "wanted": cell.wanted}
            for cell in row.cells
        ],
    }


def _group(one: CandidateGroup) -> dict[str, object]:
    return {
        "id": one.id,
        "rule": one.rule.id,
        "candidates": [candidate.id for candidate in one.candidates],
        "threats": list(one.threats),
        "remedy": one.remedy,
    }


def _threat(
    threat: Threat,
    *,
    state: str = "open",
    into: ThreatId | None = None,
    imported: Score | None = None,
    status: ThreatStatus | None = None,
    rank: int | None = None,
    score: Score | None = None,
    residual: Score | None = None,
    sealed: SealedResult | None = None,
    statements: Sequence[str] = (),
    places: Sequence[PlaceStatus] = (),
) -> dict[str, object]:
    response = status.response if status else None
    return {
        "id": threat.id,
        "title": threat.title,
        "description": threat.description,
        "statements": list(statements),
        "element": threat.element,
        "stride": list(threat.stride),
        "cwe": list(threat.cwe),
        "candidates": list(threat.candidates),
        "places": [
            {"place": one.place, "name": one.name, "elements": list(one.elements), "state": one.state}
            for one in places
        ],
        "link": threat.link,
        "rank": rank,
        "score": _score(score),
        "residual": _score(residual),
        "imported_score": _score(imported),
        "sealed": asdict(sealed) if sealed else None,
        "response": response.kind if response else None,
        "state": status.state if status else state,
        "decision": _response(response),
        "proposal": _response(status.proposal if status else None),
        "overdue": status is not None and status.overdue,
        "merged_into": into,
    }


def _response(response: Response | None) -> dict[str, object] | None:
    """Return the response to a threat, chosen or proposed."""
    if response is None:
        return None
    return {
        "response": response.kind,
        "by": response.by,
        "at": format_rfc3339(response.at),
        "owner": response.owner,
        "reason": response.reason,
        "due": response.due,
        "transferred_to": response.transferred_to,
        "expires": response.expires,
        "approver": response.approver,
        "approved_at": format_rfc3339(response.approved_at) if response.approved_at else None,
    }


def _mitigation(one: TrackedMitigation) -> dict[str, object]:
    """Describe a mitigation with the threat it now belongs to; its due date is a day of its owner's."""
    told = one.mitigation
    return {
        "id": told.id,
        "threat": one.threat,
        "threats": list(one.threats),
        "verified_at": [_link(each) for each in one.links if each not in one.unverified],
        "to_verify_at": [_link(each) for each in one.unverified],
        "title": told.title,
        "description": told.description,
        "control": told.control,
        "owner": told.owner,
        "due": told.due,
        "due_at": format_rfc3339(one.due_at) if one.due_at else None,
        "overdue": one.overdue,
        "state": told.state,
        "ticket": told.ticket,
        "issue": _issue(one),
        "evidence": told.evidence,
        "reason": told.reason,
        "implemented_by": told.implemented_by,
        "owned_by": list(told.owned_by),
        "verified_by": told.verified_by,
        "orphan": one.orphan,
    }


def _issue(one: TrackedMitigation) -> dict[str, object] | None:
    """Describe the issue of a mitigation as it was last seen, and what it asks a person."""
    if one.issue is None:
        return None
    issue, seen = one.issue.issue, one.issue.seen
    return {
        "tracker": issue.tracker,
        "kind": issue.kind,
        "key": issue.key,
        "url": issue.url,
        "typed": one.issue.typed,
        "state": one.issue.state,
        "reason": seen.reason if seen else "",
        "assignee": seen.assignee if seen else "",
        "assigned_to": seen.person if seen else None,
        "due": seen.due if seen else None,
        "asks": one.proposal,
    }


def _link(link: MitigationLink) -> dict[str, object]:
    """Describe a threat and the place at which a mitigation serves it."""
    return {"threat": link.threat, "place": link.place}


def _score(score: Score | None) -> dict[str, object] | None:
    """Return the result of a vote, without individual ballots."""
    if score is None:
        return None
    tally = score.tally
    return {
        "total": tally.total,
        "mean": round(tally.mean, 2),
        "band": tally.band,
        "medians": tally.medians,
        "derived": tally.derived,
        "sources": tally.sources,
        "ballots": tally.ballots,
        "contested": list(tally.contested),
        "sealed": list(tally.withheld),
        "stands": list(score.stands),
        "lowest": tally.lowest,
        "highest": tally.highest,
        "reasons": list(score.reasons),
    }


def _round(turnout: Turnout) -> dict[str, object]:
    """Return an open round: how many have voted and, of a first vote, who; never what."""
    return {
        "id": turnout.round,
        "kind": turnout.kind,
        "threats": [ask.threat for ask in turnout.asks],
        "deadline": format_rfc3339(turnout.deadline),
        "quorum": turnout.quorum,
        "voters": list(turnout.voters),
        "voted": list(turnout.voted),
        "turnout": {"cast": turnout.cast, "of": len(turnout.voters), "missing": turnout.missing},
        "ballots": {"cast": turnout.ballots, "of": turnout.ballots_expected},
    }
