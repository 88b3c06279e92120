"""Rows of a model's tables: threats, votes, suggested threats, mitigations, reminders, changes."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from bot.cli.local_moments import format_moment, format_rfc3339
from bot.cli.model_queries.model_lookup import ModelDifference
from bot.cli.model_queries.reminder_lines import ReminderLine
from bot.cli.output.json_document import fields
from bot.cli.output.text_grid import text_grid
from bot.cli.terminal_text import terminal_text
from bot.report.sections.section_formatting import suggested_threat_evidence
from domain.analysis.coverage import Coverage, CoverageCell, CoverageRow, DecidedBy
from domain.analysis.suggested_threats import DismissalState, DismissedSuggestedThreat
from domain.changes import Change
from domain.dread.metrics import Metric
from domain.dread.scoring import Tally
from domain.kernel.closing import Retrospective
from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import Naming, with_names
from domain.kernel.threat import Response, Stride
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState, ThreatStatus, TrackedMitigation
from domain.reminder_deliveries import THREAD
from domain.reminders import Occasion
from domain.voting.scores import RankedThreat, Score
from domain.voting.turnout import Turnout
from domain.wording.controls import control_lines
from domain.wording.trackers import issue_summary, proposal_question
from domain.wording.voting import imported_score, sealed_text, withheld_text

Rows = Iterable[Sequence[str]]


def responses(register: ThreatRegister, naming: Naming) -> Rows:
    """Yield how the threats stand, the worst first, once any has a response; who answers for each."""
    if not any(status.response or status.proposal for status in register.statuses.values()):
        return
    for ranked in register.ranked:
        threat, status = ranked.threat, register.statuses[ranked.threat.id]
        response = status.response
        until = status.until or (response.due if response else None)
        yield (
            threat.id,
            threat.title,
            status.state.replace("_", " "),
            _who(response.owner if response else None, naming),
            until.isoformat() if until else "",
            "; ".join(_reasons(status, naming)),
        )


def mitigations(tracked: Iterable[TrackedMitigation], naming: Naming) -> Rows:
    """Yield the mitigations by id, with those that were dropped."""
    for one in tracked:
        planned = one.mitigation
        yield (
            planned.id,
            planned.title,
            ", ".join(one.threats) or one.threat,
            planned.control,
            planned.state,
            _who(planned.owner, naming),
            planned.due.isoformat() if planned.due else "",
            "; ".join(_remarks(one, naming)),
        )


def retrospectives(given: Iterable[Retrospective], naming: Naming) -> Rows:
    """Yield what people answered when they looked back."""
    return ((naming(one.by), answer.question.text, answer.text) for one in given for answer in one.answers)


def _reasons(status: ThreatStatus, naming: Naming) -> Iterable[str]:
    response = status.response
    if status.overdue:
        yield "overdue"
    if status.proposal:
        asked = naming(status.proposal.asked) if status.proposal.asked else "another participant"
        yield f"waits for {asked} to approve what {_proposed(status.proposal, naming)}"
    if response is None:
        return
    if response.transferred_to:
        yield f"to {response.transferred_to}"
    if response.approver:
        verb = "was" if status.state is ThreatState.EXPIRED else "is"
        yield f"{verb} approved by {naming(response.approver)}"
    if response.reason:
        yield response.reason


def _proposed(proposal: Response, naming: Naming) -> str:
    until = f" until {proposal.expires.isoformat()}" if proposal.expires else ""
    return f"{naming(proposal.by)} proposed: accept it{until}, because {proposal.reason}"


def _remarks(one: TrackedMitigation, naming: Naming) -> Iterable[str]:
    told = one.mitigation
    if one.orphan:
        yield "its threat was withdrawn"
    if one.at:
        yield f"at {one.at}"
    if one.overdue:
        yield "overdue"
    if one.places_done:
        yield f"implemented at {one.places_done}"
    if told.evidence:
        yield told.evidence
    if told.verified_by:
        yield f"verified by {naming(told.verified_by)}"
    if told.reason:
        yield told.reason
    if told.ticket:
        yield told.ticket
    if one.issue is not None:
        yield f"issue {issue_summary(one.issue)}"
        if one.proposal is not None:
            yield proposal_question(one.issue, one.proposal)


def _who(person: PersonId | None, naming: Naming) -> str:
    return naming(person) if person else ""


def threats(ranked: Iterable[RankedThreat]) -> Rows:
    """Yield the threats, worst first, without the names of voters."""
    for threat in ranked:
        yield str(threat.rank) if threat.rank else "", threat.threat.id, threat.threat.title, *_scored(threat)


def rounds(turnouts: Iterable[Turnout], naming: Naming) -> Rows:
    """Yield the open rounds: who has voted, never what."""
    for turnout in turnouts:
        about = ", ".join(ask.threat for ask in turnout.asks)
        # Of a second vote, only the number of missing voters.
        missing = ", ".join(naming(person) for person in turnout.waits_for) or (str(turnout.missing or ""))
        voted = f"{turnout.cast} of {len(turnout.voters)}"
        yield turnout.round, about, format_moment(turnout.deadline), str(turnout.quorum), voted, missing


def _scored(one: RankedThreat) -> tuple[str, ...]:
    score = one.score
    sealed = [f"{one.sealed.round}: {sealed_text(one.sealed)}"] if one.sealed else []
    if score is None:
        remarks = sealed or [imported_score(one.imported) if one.imported else "no score yet"]
        return (*("" for _ in range(4 + len(Metric))), *remarks)
    tally = score.tally
    medians = (_number(tally, metric) for metric in Metric)
    return (
        tally.band,
        f"{tally.mean:.1f}",
        f"{tally.total:g}",
        *medians,
        str(tally.ballots),
        "; ".join([*_vote_remarks(score, one.residual), *sealed]),
    )


def _number(tally: Tally, metric: Metric) -> str:
    """Return the median of a metric, or its derived number in parentheses."""
    if metric in tally.medians:
        return f"{tally.medians[metric]:g}"
    return f"({tally.derived[metric]})" if metric in tally.derived else "?"


def _vote_remarks(score: Score, residual: Score | None) -> Iterable[str]:
    tally = score.tally
    if tally.contested:
        again = ", being voted on again" if score.to_vote_again else ""
        yield f"contested{again}: {', '.join(one.label for one in tally.contested)}"
    if tally.lowest and tally.highest:
        yield f"single ballots from {tally.lowest} to {tally.highest}"
    if tally.derived:
        yield f"derived, not voted: {', '.join(one.label for one in tally.derived)}"
    if score.to_follow_up:
        yield f"being voted on: {', '.join(one.label for one in score.to_follow_up)}"
    if tally.held:
        yield f"held at {tally.band} by its damage"
    yield from (line.rstrip(".") for line in withheld_text(score))
    if residual:
        yield f"remains {residual.tally.band} ({residual.tally.mean:.1f})"


def suggested_threats(register: ThreatRegister, naming: Naming) -> Rows:
    """Yield the open suggested threats with their evidence."""
    for one in register.suggested_threats:
        rule, why = one.rule, "; ".join(suggested_threat_evidence(register, one, naming))
        yield one.id, rule.title, one.about, why, rule.category_label, ", ".join(map(str, rule.cwe))


def prevented(register: ThreatRegister, naming: Naming) -> Rows:
    """Yield the threats that a control prevents, with on whose word it is in place."""
    for one in register.prevented:
        controls = "; ".join(control_lines(one, naming))
        yield one.id, one.rule.title, one.about, controls, one.basis.label, one.rule.category_label


def dismissed(found: Iterable[DismissedSuggestedThreat], naming: Naming) -> Rows:
    """Yield the dismissed suggested threats, the latest first: reason, author and current state."""
    for one in found:
        dismissal = one.dismissal
        newer = "the rule has a newer version" if one.rule_changed else ""
        yield (
            dismissal.suggested_threat,
            one.title,
            one.element_name,
            dismissal.reason,
            naming(dismissal.by),
            format_moment(dismissal.at),
            "; ".join(filter(None, (_FATES[one.state], newer))),
        )


def coverage(grid: Coverage, naming: Naming) -> Rows:
    """Yield the grid, a letter of STRIDE a column; an empty cell does not apply."""
    for row in grid.rows:
        cells = {cell.category: cell for cell in row.cells}
        signs = (_sign(cells[category]) if category in cells else "" for category in Stride)
        yield row.element, row.name, *signs, _considered(row, naming)


def _sign(cell: CoverageCell) -> str:
    if cell.decided:
        return " ".join(["✓", *cell.threats])
    if cell.by is DecidedBy.ASSUMED:
        return "◐"
    return "●" if cell.wanted else "○"


def _considered(one: CoverageRow, naming: Naming) -> str:
    return f"{one.considered.reason} ({naming(one.considered.by)})" if one.considered else ""


_FATES = {
    DismissalState.HOLDS: "",
    DismissalState.RETURNED: "to be decided again",
    DismissalState.SILENT: "the rule no longer suggests it",
    DismissalState.ORPHAN: "its element was removed",
}


def reminders(lines: Iterable[ReminderLine], naming: Naming) -> Rows:
    """Yield the last and the next reminders of every person."""
    for line in lines:
        state = line.state + (f": {line.why_not}" if line.why_not else "")
        to = "the thread" if line.to == THREAD else naming(line.to)
        about = naming(PersonId(line.subject)) if line.occasion is Occasion.NOT_REACHED else line.subject
        yield format_moment(line.due), to, about, line.occasion.reason, state


def print_changes(since: ModelDifference, zone: str | None, out: Console) -> None:
    """Print what has changed: a table for each sort of thing."""
    known = since.after.register
    out.print(Text(f"{known.key}  {terminal_text(known.name)}", style="bold"))
    first, last = format_moment(since.before.as_of, zone), format_moment(since.until, zone)
    out.print(Text(f"From {first} to {last}, by today's rules"))
    if not since.changes:
        out.print(Text("Nothing in the model has changed."))
    else:
        out.print(text_grid(_CHANGED, _changes(since, zone)))


def changes_json(since: ModelDifference) -> dict[str, object]:
    """Return the difference as JSON."""
    return {
        "key": since.after.register.key,
        "since": format_rfc3339(since.before.as_of),
        "until": format_rfc3339(since.until),
        "changes": [_change(change) for change in since.changes],
    }


_CHANGED = ("About", "What", "How", "From → to", "By", "When last")


def _changes(since: ModelDifference, zone: str | None) -> Rows:
    naming, heading = since.after.naming, ""
    for change in since.changes:
        yield (
            change.group.label if change.group.label != heading else "",
            with_names(change.called, change.people, naming),
            change.how,
            with_names("; ".join(detail.text for detail in change.details), change.people, naming),
            ", ".join(naming(person) for person in change.by),
            format_moment(change.at, zone) if change.at else "",
        )
        heading = change.group.label


def _change(one: Change) -> dict[str, object]:
    return {
        "about": one.group.value,
        "turn": one.type.value,
        "id": one.id or None,
        "name": one.name,
        "how": one.how,
        "details": [fields(detail, "name", "before", "now") for detail in one.details],
        **fields(one, "by", "at"),
    }
