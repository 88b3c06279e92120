"""What is done about threats: the response to each, its mitigations in short, accepted risks."""

from collections.abc import Iterator

from bot.report.document_parts import Column, Fact, Section, Words, line
from bot.report.report_source import Source
from bot.report.sections.cell_formatting import (
    Cell,
    cell,
    day,
    linked,
    linked_threat,
    progress_badges,
    quiet,
    quoted,
    score_words,
    state_badges,
    table,
)
from domain.kernel.response import Response, ResponseKind
from domain.kernel.threat import Threat
from domain.remediation.control_suggestions import suggest_controls
from domain.remediation.status import ThreatState, ThreatStatus, TrackedMitigation
from domain.voting.scores import RankedThreat


def response_facts(source: Source, threat: Threat, status: ThreatStatus) -> Iterator[Fact]:
    """The response to a threat with whose it is and until when, what is planned, and what usually helps."""
    response, proposal = status.response, status.proposal
    lines = list(_response(source, status, response)) if response else []
    if proposal is not None:
        lines += _proposal(source, proposal)
    yield Fact("Response", tuple(lines) or (line(quiet("Nobody has said yet what to do about it.")),))
    if status.mitigations:
        yield Fact("Mitigations", tuple(_mitigation(source, one) for one in status.mitigations))
    if not status.live_mitigations and not status.state.over:
        usual = (
            f"{one.text} ({one.control})" if one.text else f"A control for {one.control}"
            for one in suggest_controls(threat)
        )
        yield Fact("What usually helps", tuple(line(one) for one in usual))


def accepted(source: Source) -> Section:
    """The risks that somebody bears, with who approved that, why and until when; proposals too."""
    known = source.register
    rows = [
        _accepted_row(source, one, status)
        for one in known.ranked
        if (status := known.statuses[one.threat.id]).state in (ThreatState.ACCEPTED, ThreatState.EXPIRED)
        or status.proposal is not None
    ]
    blocks = (table(_ACCEPTED, rows),) if rows else ()
    return Section("accepted", "Accepted risks", blocks)


def _response(source: Source, status: ThreatStatus, one: Response) -> Iterator[Words]:
    owner, due = source.naming(one.owner), f", by {day(one.due)}" if one.due else ""
    match one.kind:
        case ResponseKind.MITIGATE:
            yield line(f"Mitigate; {owner} sees to it{due}.")
        case ResponseKind.AVOID:
            yield line(f"Avoid: what it is about is not to be done any more; {owner} sees to it{due}.")
        case ResponseKind.TRANSFER:
            to = " ".join(one.transferred_to.split())
            yield line(f"Transfer to {to}; {owner} sees to it{due}.")
        case ResponseKind.ACCEPT:
            verb = "was" if status.state is ThreatState.EXPIRED else "is"
            until = f" until {day(one.expires)}" if one.expires else ""
            approver = f" and {source.naming(one.approver)} approved" if one.approver else ""
            yield line(f"The risk {verb} accepted{until}, as {source.naming(one.by)} proposed{approver}.")
    if one.reason:
        yield line(f"Because: {quoted(one.reason)}")


def _proposal(source: Source, one: Response) -> Iterator[Words]:
    until = f" until {day(one.expires)}" if one.expires else ""
    waits = (
        f"; it waits for {source.naming(one.asked)} to approve" if one.asked else "; nobody has approved yet"
    )
    yield line(f"{source.naming(one.by)} proposes to accept the risk{until}{waits}.")
    if one.reason:
        yield line(f"Because: {quoted(one.reason)}")


def _mitigation(source: Source, one: TrackedMitigation) -> Words:
    told = one.mitigation
    who = source.naming(told.owner) if told.owner else "nobody owns it"
    due = f", due {day(told.due)}" if told.due else ", no due date"
    ticket = (linked("ticket", told.ticket),) if told.ticket else ()
    words = f"{told.id} {told.title} ({told.control}): {who}{due}"
    return line(words, *progress_badges(one), *ticket)


def _accepted_row(source: Source, one: RankedThreat, status: ThreatStatus) -> tuple[Cell, ...]:
    known, proposed = source.register, status.proposal or status.response
    title = linked_threat(known, one.threat.id, f"{one.threat.id} {one.threat.title}")
    if proposed is None:
        return (cell(title), *(cell("") for _ in _ACCEPTED[1:]))
    approver = source.naming(proposed.approver) if proposed.approver else ""
    return (
        cell(title),
        (score_words(one.score),),
        (line(*state_badges(status)),),
        cell(day(proposed.expires) if proposed.expires else ""),
        cell(approver),
        cell(source.naming(proposed.by)),
        cell(quoted(proposed.reason) if proposed.reason else ""),
    )


_ACCEPTED = (
    Column("Threat", 2.6),
    Column("Score", 1.7),
    Column("State", 1.4),
    Column("Until", 1.4),
    Column("Approved by", 1.3),
    Column("Proposed by", 1.3),
    Column("Because", 2.6),
)
