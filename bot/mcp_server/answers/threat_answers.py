"""Threats, suggested threats and mitigations as agents read them: results of closed votes, never ballots."""

from collections.abc import Iterable

from bot.mcp_server.said_text import said
from domain.analysis.candidate_groups import CandidateGroup
from domain.kernel.person_names import Naming
from domain.kernel.threat import Threat, places_of
from domain.register import ThreatRegister
from domain.remediation.control_suggestions import ControlSuggestion
from domain.remediation.status import TrackedMitigation
from domain.voting.scores import RankedThreat, Score
from domain.voting.turnout import Turnout
from domain.wording.trackers import proposal_question


def ranked_threat(register: ThreatRegister, one: RankedThreat) -> dict[str, object]:
    """Return a threat with its rank, score and status."""
    threat, status = one.threat, register.statuses[one.threat.id]
    return {
        **threat_answer(threat),
        "statements": [said(text) for text in register.statements.get(threat.id, ())],
        "rank": one.rank,
        "score": _score(one.score),
        "residual_score": _score(one.residual),
        "imported_score": _score(one.imported),
        "response": status.response.kind.value if status.response else None,
        "state": status.state.value,
        "overdue": status.overdue,
        "mitigations": [
            served.mitigation.id for served in register.mitigations if threat.id in served.threats
        ],
    }


def threat_answer(threat: Threat) -> dict[str, object]:
    """Return what a threat is."""
    return {
        "id": threat.id,
        "title": said(threat.title),
        "description": said(threat.description),
        "elements": list(places_of(threat)),
        "stride": [one.value for one in threat.stride],
        "cwe": [f"CWE-{one}" for one in threat.cwe],
    }


def suggested_threat(group: CandidateGroup) -> dict[str, object]:
    """Return the suggested threats of a rule that wait for the team's decision: their count and elements."""
    rule = group.rule
    return {
        "rule": rule.id,
        "title": rule.title,
        "explanation": rule.explanation,
        "stride": rule.category.value,
        "cwe": [f"CWE-{one}" for one in rule.cwe],
        "count": len(group.candidates),
        "elements": list(dict.fromkeys(one.element for one in group.candidates)),
    }


def mitigation_answer(one: TrackedMitigation, naming: Naming) -> dict[str, object]:
    """Return a mitigation with its state."""
    planned = one.mitigation
    return {
        "id": planned.id,
        "title": said(planned.title),
        "description": said(planned.description),
        "threats": list(one.threats),
        "control": planned.control.value,
        "state": planned.state.value,
        "owner": said(naming(planned.owner)) if planned.owner else None,
        "due": planned.due.isoformat() if planned.due else None,
        "overdue": one.overdue,
        "ticket": said(planned.ticket),
        "evidence": said(planned.evidence),
        "issue": _issue(one),
    }


def _issue(one: TrackedMitigation) -> dict[str, object] | None:
    """Return the issue of a mitigation in a tracker, and what it asks a person; without the assignee."""
    if one.issue is None:
        return None
    issue = one.issue
    return {
        "key": said(issue.issue.key),
        "url": said(issue.issue.url),
        "tracker": issue.issue.kind.label,
        "state": issue.state.value,
        "due": issue.seen.due.isoformat() if issue.seen and issue.seen.due else None,
        "asks": said(proposal_question(issue, one.proposal)) if one.proposal else "",
    }


def usual_controls(controls: Iterable[ControlSuggestion]) -> list[dict[str, str]]:
    """Return suggested controls, each with the rule that names it if one does."""
    return [{"control": one.control.value, "text": one.text, "rule": one.rule} for one in controls]


def open_round(turnout: Turnout) -> dict[str, object]:
    """Return an open round with its turnout as a count: neither ballots nor the people who cast them."""
    return {
        "id": turnout.round,
        "kind": turnout.kind.value,
        "threats": [ask.threat for ask in turnout.asks],
        "deadline": turnout.deadline.isoformat(),
        "turnout": {"cast": turnout.cast, "of": len(turnout.voters)},
    }


def _score(score: Score | None) -> dict[str, object] | None:
    """Return the published result of a vote, without numbers of ballots."""
    if score is None:
        return None
    tally = score.tally
    return {
        "total": tally.total,
        "mean": round(tally.mean, 2),
        "band": tally.band.value,
        "ballots": tally.ballots,
    }
