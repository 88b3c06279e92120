"""Responses to threats, planned mitigations, accepted risks."""

from collections.abc import Iterator

from bot.report.document_parts import Column, Fact, ReportLine, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import (
    Cell,
    cell,
    format_day,
    format_short_day,
    linked_threat,
    progress_badges,
    quiet,
    quote,
    score_cell,
    state_badges,
    table,
    ticket_links,
)
from domain.kernel.response import Response, ResponseKind
from domain.kernel.threat import Threat
from domain.remediation.status import ThreatState, ThreatStatus, TrackedMitigation
from domain.voting.scores import RankedThreat


def response_facts(source: ReportSource, threat: Threat, status: ThreatStatus) -> Iterator[Fact]:
    """Return a threat's response with owner and due date, its mitigations, and typical controls."""
    response, proposal = status.response, status.proposal
    lines = list(_response(source, status, response)) if response else []
    if proposal is not None:
        lines += _proposal(source, proposal)
    yield Fact("Response", tuple(lines) or (line_of(quiet("No response yet.")),))
    if status.mitigations:
        yield Fact("Mitigations", tuple(_mitigation(source, one) for one in status.mitigations))
    if not status.live_mitigations and not status.state.over:
        controls = source.register.suggestions[threat.id].controls
        usual = (f"{one.text} ({one.control})" for one in controls)
        yield Fact("Suggested controls", tuple(line_of(one) for one in usual))


def accepted_risks_section(source: ReportSource) -> Section:
    """Return the accepted risks with approver, reason and expiry, including proposals."""
    known = source.register
    rows = [
        _accepted_row(source, one, status)
        for one in known.ranked
        if (status := known.statuses[one.threat.id]).state in (ThreatState.ACCEPTED, ThreatState.EXPIRED)
        or status.proposal is not None
    ]
    blocks = (table(_ACCEPTED, rows),) if rows else ()
    return Section("accepted", "Accepted risks", blocks)


def _response(source: ReportSource, status: ThreatStatus, one: Response) -> Iterator[ReportLine]:
    owner, due = source.naming(one.owner), f", due {format_day(one.due)}" if one.due else ""
    match one.kind:
        case ResponseKind.MITIGATE:
            yield line_of(f"Mitigate. Owner: {owner}{due}.")
        case ResponseKind.AVOID:
            yield line_of(f"Avoid: remove the feature or do not build it. Owner: {owner}{due}.")
        case ResponseKind.TRANSFER:
            to = " ".join(one.transferred_to.split())
            yield line_of(f"Transfer to {to}. Owner: {owner}{due}.")
        case ResponseKind.ACCEPT:
            verb = "was" if status.state is ThreatState.EXPIRED else "is"
            until = f" until {format_day(one.expires)}" if one.expires else ""
            approved = f", approved by {source.naming(one.approver)}" if one.approver else ""
            by = f"Proposed by {source.naming(one.by)}{approved}."
            yield line_of(f"The risk {verb} accepted{until}. {by}")
    if one.reason:
        yield line_of(f"Reason: {quote(one.reason)}")


def _proposal(source: ReportSource, one: Response) -> Iterator[ReportLine]:
    until = f" until {format_day(one.expires)}" if one.expires else ""
    waits = f"Waiting for {source.naming(one.asked)} to approve." if one.asked else "Not approved yet."
    yield line_of(f"{source.naming(one.by)} proposed to accept the risk{until}. {waits}")
    if one.reason:
        yield line_of(f"Reason: {quote(one.reason)}")


def _mitigation(source: ReportSource, one: TrackedMitigation) -> ReportLine:
    told = one.mitigation
    who = source.naming(told.owner) if told.owner else "no owner"
    due = f", due {format_day(told.due)}" if told.due else ", no due date"
    words = f"{told.id} {told.title} ({told.control}): {who}{due}"
    return line_of(words, *progress_badges(one), *ticket_links(one))


def _accepted_row(source: ReportSource, one: RankedThreat, status: ThreatStatus) -> tuple[Cell, ...]:
    known, proposed = source.register, status.proposal or status.response
    title = linked_threat(known, one.threat.id, f"{one.threat.id} {one.threat.title}")
    if proposed is None:
        return (cell(title), *(cell("") for _ in _ACCEPTED[1:]))
    approver = source.naming(proposed.approver) if proposed.approver else ""
    return (
        cell(title),
        score_cell(one.score),
        (line_of(*state_badges(status)),),
        cell(format_short_day(proposed.expires) if proposed.expires else ""),
        cell(approver),
        cell(source.naming(proposed.by)),
        cell(quote(proposed.reason) if proposed.reason else ""),
    )


_ACCEPTED = (
    Column("Threat", 2.6),
    Column("Score", 1.2),
    Column("State", 1.4),
    Column("Until", 1.4),
    Column("Approved by", 1.3),
    Column("Proposed by", 1.3),
    Column("Reason", 2.6),
)
