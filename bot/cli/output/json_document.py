"""Threat model as one JSON object; its keys are part of the interface."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import asdict

from bot.cli.local_moments import format_rfc3339
from bot.cli.model_queries.reminder_lines import ReminderLine
from bot.store.records import StreamSummary
from domain.analysis.coverage import CoverageRow
from domain.analysis.rule_findings import ControlInPlace
from domain.compliance import ControlCounts, section_reviews
from domain.history import TimelineEntry
from domain.kernel.answer_basis import BasisCounts, CheckCounts
from domain.kernel.elements import PLURAL, REGISTERS, Kind
from domain.kernel.import_mark import ImportMark
from domain.kernel.standards import ASVS_SECTIONS
from domain.kernel.threat import Response, Threat, ThreatId, rule_of
from domain.register import RegisterItem, ThreatRegister
from domain.remediation.status import TrackedMitigation
from domain.rules.rule import Rule
from domain.screening.screened_facts import TopicStatus
from domain.voting.scores import RankedThreat, Score
from domain.voting.turnout import Turnout
from domain.wording.steering import import_sentence

PLURAL_KEYS = {kind: words.replace(" ", "_") for kind, words in PLURAL.items()}


def model_json(register: ThreatRegister, reminders: Sequence[ReminderLine] = ()) -> dict[str, object]:
    """Return a model with everything computed; removed elements are last in their lists."""
    return {
        **fields(register, "key", "name", "phase", "version", "labels"),
        "imported": _import(register.imported),
        "registers": {PLURAL_KEYS[kind]: _items(register, kind) for kind in REGISTERS},
        "components": _items(register, Kind.COMPONENT),
        "trust_boundaries": _items(register, Kind.TRUST_BOUNDARY),
        "links": [fields(link, "dependency", "component", "same", "by") for link in register.links],
        "link_proposals": [asdict(proposal) for proposal in register.link_proposals],
        "assumptions": [asdict(assumption) for assumption in register.assumptions],
        "screening": [_topic(one) for one in register.screening if one.answer is not None],
        "questions": [
            {
                **fields(question, "element", "fact", "rules"),
                "suggested": question.suggested.answer if question.suggested else None,
                "answered_unknown": question.answered_unknown,
                "owner": question.asked_of,
                "due": question.due,
            }
            for question in register.questions
        ],
        "suggested_threats": [
            {
                "id": one.id,
                "rule": one.rule.id,
                "element": one.element,
                "stride": [one.rule.category],
                "cwe": list(one.rule.cwe),
                **_published(one.rule),
            }
            for one in register.suggested_threats
        ],
        "suggested_threat_groups": [
            {
                "id": group.id,
                "rule": group.rule.id,
                "suggested_threats": [suggested_threat.id for suggested_threat in group.suggested_threats],
                **fields(group, "threats", "remedy"),
            }
            for group in register.groups
        ],
        "threats": [
            *(_threat(register, threat.threat, ranked=threat) for threat in register.ranked),
            *(_threat(register, one.threat, state="merged", into=one.into) for one in register.merged),
            *(_threat(register, one, state="withdrawn") for one in register.withdrawn),
        ],
        "mitigations": [_mitigation(mitigation) for mitigation in register.mitigations],
        "reminders": [_reminder(reminder) for reminder in reminders],
        "warnings": [asdict(warning) for warning in register.warnings],
        "conditions": [asdict(condition) for condition in register.conditions],
        "dismissed": [
            {
                "id": one.dismissal.suggested_threat,
                "rule": rule_of(one.dismissal.suggested_threat),
                **fields(one.dismissal, "reason", "by", "at"),
                "state": one.state,
            }
            for one in register.dismissed
        ],
        "prevented": [_prevented(register, one) for one in register.prevented],
        "controls_in_place": _numbers(register.in_place),
        "spot_checks": _numbers(register.checks),
        "prompts": [
            {"prompt": one.kind, **fields(one, "element", "by", "threats")}
            for one in register.considered_prompts
        ],
        "coverage": [_row(row) for row in register.coverage.rows],
        "asvs": [
            {
                "section": review.section,
                "title": ASVS_SECTIONS[review.section],
                **counts_json(review.counts),
                "threats": list(review.threats),
            }
            for review in section_reviews(register)
        ],
        "rounds": [_round(round) for round in register.rounds],
        "retrospective": [
            {"by": retrospective.by, "question": answer.question, "answer": answer.text}
            for retrospective in register.retrospectives
            for answer in retrospective.answers
        ],
        **fields(register, "review_due"),
    }


def fields(thing: object, *names: str) -> dict[str, object]:
    """Return these attributes by name: moments in RFC 3339, tuples as lists."""
    return {name: _plain(getattr(thing, name)) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return format_rfc3339(value)
    return list[object](value) if isinstance(value, tuple) else value


def _import(mark: ImportMark | None) -> dict[str, object] | None:
    """Return who imported a model, and up to which event its statements are not verified."""
    if mark is None:
        return None
    sentence = f"{import_sentence(mark, mark.importer)}."
    return {"by": mark.importer, "at": format_rfc3339(mark.at), "until": mark.version - 1, "text": sentence}


def counts_json(counts: ControlCounts) -> dict[str, object]:
    """Return the checks of a section or chapter by result; those in place also by what that rests on."""
    return {
        "checks": counts.total,
        "answered": counts.reviewed,
        **asdict(counts),
        "in_place": counts.in_place.total,
        "in_place_by_basis": asdict(counts.in_place),
    }


def _numbers(counts: BasisCounts | CheckCounts) -> dict[str, int]:
    return {"total": counts.total, **asdict(counts)}


def model_list_json(models: Iterable[StreamSummary]) -> list[dict[str, object]]:
    """Return the models of a database."""
    return [
        {**fields(one, "key", "name", "phase", "version", "updated_at", "channel"), "workspace": one.tenant}
        for one in models
    ]


def history_json(history: Iterable[TimelineEntry]) -> list[dict[str, object]]:
    """Return a history, one entry for each event; erased events have neither author nor time."""
    return [
        {
            **fields(one, "version", "answer"),
            "by": one.by or None,
            **fields(one, "at", "text", "undone", "undoes"),
        }
        for one in history
    ]


def json_text(value: object) -> str:
    """Encode a value as indented JSON text."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _reminder(one: ReminderLine) -> dict[str, object]:
    return {
        **fields(one, "key", "to", "due"),
        "reason": one.occasion.reason,
        "about": one.subject or None,
        "state": one.state,
        "why_not": one.why_not or None,
        **fields(one, "until"),
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
        **fields(item, "id", "name"),
        "description": item.element.description,
        **fields(item, "parent", "removed", "facts"),
        "bases": {fact: _basis(item, fact) for fact in item.facts},
        "assumed": _assumptions(item),
        "sources": [
            {"key": one.key, "file": one.place.file, "line": one.place.line or None, "draft": one.draft}
            for one in item.origins
        ],
        "evidence": {fact: place.text for fact, place in item.evidence.items()},
    }


def _basis(item: RegisterItem, fact: str) -> dict[str, object]:
    """Return what an answer rests on, what a *yes* before it did, and the last spot check."""
    basis, check = item.bases[fact], item.checks.get(fact)
    former = basis.former_yes
    return {
        **fields(basis, "kind", "by", "at"),
        "former_yes": fields(former, "kind", "by", "at") if former else None,
        "assumed": asdict(basis.assumed) if basis.assumed else None,
        "check": fields(check, "outcome", "answer", "evidence", "by", "at") if check else None,
    }


def _published(rule: Rule) -> dict[str, object]:
    """Return the references of a rule about models or people, as far as it has any."""
    told = {"atlas": list(rule.atlas), "owasp_llm": list(rule.owasp_llm), "linddun": rule.linddun}
    return {key: value for key, value in told.items() if value}


def _prevented(register: ThreatRegister, one: ControlInPlace) -> dict[str, object]:
    """Return a threat that a control prevents, with what states the control."""
    return {
        "id": one.id,
        "rule": one.rule.id,
        "title": one.rule.title,
        **fields(one, "element", "peers", "basis"),
        "stride": [one.rule.category],
        "cwe": list(one.rule.cwe),
        "described": [seen.statement for seen in one.observed],
        "controls": [
            {
                **fields(used, "element", "fact", "statement", "answer"),
                **_basis(item, used.fact),
            }
            for used in one.facts
            if (item := register.item(used.element)) is not None
        ],
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
        "facts": [asdict(fact) for fact in item.assumptions.facts if fact.fact not in item.facts],
    }


def _row(row: CoverageRow) -> dict[str, object]:
    return {
        **fields(row, "element", "crossing"),
        "considered": row.considered.reason if row.considered else None,
        "cells": [{"stride": cell.category, **fields(cell, "decided", "by", "wanted")} for cell in row.cells],
    }


def _threat(
    register: ThreatRegister,
    threat: Threat,
    *,
    state: str = "open",
    into: ThreatId | None = None,
    ranked: RankedThreat | None = None,
) -> dict[str, object]:
    """Describe a threat, with its rank and status unless it was merged or withdrawn."""
    status = register.statuses[threat.id] if ranked else None
    response = status.response if status else None
    places = register.places.get(threat.id, ()) if ranked else ()
    return {
        **fields(threat, "id", "title", "description"),
        "statements": list(register.statements.get(threat.id, ())) if ranked else [],
        **fields(threat, "element", "stride", "cwe"),
        "suggested_threats": list(threat.suggested_threats),
        "places": [fields(place, "place", "name", "elements", "state") for place in places],
        "link": threat.link,
        "rank": ranked.rank if ranked else None,
        "score": _score(ranked.score if ranked else None),
        "residual": _score(ranked.residual if ranked else None),
        "imported_score": _score(ranked.imported if ranked else None),
        "sealed": asdict(ranked.sealed) if ranked and ranked.sealed else None,
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
    rest = ("by", "at", "owner", "reason", "due", "transferred_to", "expires", "approver", "approved_at")
    return {"response": response.kind, **fields(response, *rest)}


def _mitigation(one: TrackedMitigation) -> dict[str, object]:
    """Describe a mitigation with the threat it now belongs to; its due date is a day of its owner's."""
    mitigation = one.mitigation
    verified = (link for link in one.links if link not in one.unverified)
    return {
        "id": mitigation.id,
        **fields(one, "threat", "threats"),
        "verified_at": [fields(link, "threat", "place") for link in verified],
        "to_implement_at": [fields(link, "threat", "place") for link in one.unimplemented],
        "to_verify_at": [fields(link, "threat", "place") for link in one.unverified],
        **fields(mitigation, "title", "description", "control", "owner", "due"),
        **fields(one, "due_at", "overdue"),
        **fields(mitigation, "state", "ticket"),
        "issue": _issue(one),
        **fields(mitigation, "evidence", "reason", "implemented_by", "owned_by", "verified_by"),
        "orphan": one.orphan,
    }


def _issue(one: TrackedMitigation) -> dict[str, object] | None:
    """Describe the issue of a mitigation as it was last seen, and what it asks a person."""
    if one.issue is None:
        return None
    issue, seen = one.issue.issue, one.issue.seen
    return {
        **fields(issue, "tracker", "kind", "key", "url"),
        **fields(one.issue, "typed", "state"),
        "reason": seen.reason if seen else "",
        "assignee": seen.assignee if seen else "",
        "assigned_to": seen.person if seen else None,
        "due": seen.due if seen else None,
        "asks": one.proposal,
    }


def _score(score: Score | None) -> dict[str, object] | None:
    """Return the result of a vote, without individual ballots."""
    if score is None:
        return None
    tally = score.tally
    return {
        "total": tally.total,
        "mean": round(tally.mean, 2),
        **fields(tally, "band", "medians", "derived", "sources", "ballots", "contested"),
        "sealed": list(tally.withheld),
        "stands": list(score.stands),
        **fields(tally, "lowest", "highest"),
        "reasons": list(score.reasons),
    }


def _round(turnout: Turnout) -> dict[str, object]:
    """Return an open round: how many have voted and, of a first vote, who; never what."""
    return {
        "id": turnout.round,
        "kind": turnout.kind,
        "threats": [ask.threat for ask in turnout.asks],
        **fields(turnout, "deadline", "quorum", "voters", "voted"),
        "turnout": {"cast": turnout.cast, "of": len(turnout.voters), "missing": turnout.missing},
        "ballots": {"cast": turnout.ballots, "of": turnout.ballots_expected},
    }
