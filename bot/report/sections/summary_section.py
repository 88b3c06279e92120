"""Summary: the state of the work, and the worst threats."""

from collections import Counter
from collections.abc import Iterator

from bot.report.document_parts import Block, Column, Figure, ReportParagraph, Run, Section, Tone, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.coverage_section import screened_out
from bot.report.sections.due_section import due_section
from bot.report.sections.section_formatting import (
    Cell,
    cell,
    format_day,
    linked_threat,
    quote,
    score_text,
    state_badges,
    strong,
    table,
)
from bot.report.sections.threat_list_section import in_charge, places_cell
from domain.dread.scoring import Band
from domain.gates import TITLES
from domain.kernel.elements import Kind
from domain.kernel.gate_overrides import PassedGate
from domain.kernel.text_formatting import count_phrase, join_list
from domain.lifecycle import phase_of
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState
from domain.voting.scores import RankedThreat

MAX_ROWS = 5
"""Maximum rows; the complete list follows further down."""


def summary_figures(source: ReportSource) -> tuple[Figure, ...]:
    """Return the key figures of a model; before the first threat, the progress of collection."""
    known = source.register
    counts = (
        Figure(str(sum(len(one.items) for one in known.lists.values())), "Elements"),
        Figure(str(len(known.items(Kind.DATA_FLOW))), "Data flows"),
    )
    if not known.threats:
        if pending := known.pending_screening:
            return (*counts, Figure(str(pending.open), "Screening topics open", Tone.WAITING))
        questions = len(known.questions)
        tone = Tone.WAITING if questions else Tone.NEUTRAL
        return (*counts, Figure(str(questions), "Open questions", tone))
    statuses = list(known.statuses.values())
    unfinished = sum(not one.state.over for one in statuses)
    accepted = sum(one.state is ThreatState.ACCEPTED for one in statuses)
    overdue = sum(one.overdue for one in known.mitigations if not one.orphan)
    return (
        *counts,
        Figure(str(len(statuses)), "Threats"),
        Figure(str(unfinished), "Open", _worst_tone(known) if unfinished else Tone.GOOD),
        Figure(str(accepted), "Accepted"),
        Figure(str(overdue), "Overdue", Tone.CRITICAL if overdue else Tone.GOOD),
    )


def summary_section(source: ReportSource) -> Section:
    """Return the state of the work, with the worst open threats and the next due dates."""
    known = source.register
    inner = [
        Section("worst", "Highest open risks", tuple(_worst(source))),
        due_section(source),
    ]
    return Section(
        "summary",
        "Summary",
        (
            ReportParagraph(line_of(*_phase(source))),
            *([ReportParagraph(line_of(_threats(known)))] if known.threats else []),
            *_passed(source),
            *_screening(source),
        ),
        tuple(one for one in inner if one.blocks),
    )


def _phase(source: ReportSource) -> Iterator[str | Run]:
    known = source.register
    yield strong(known.name)
    yield f" ({known.key}) {_PHASES.get(known.phase, 'is in progress.')}"
    if known.closing_reason and known.phase == "closed":
        yield f" Reason for closing: {quote(known.closing_reason)}."
    if known.closing is not None:
        critical = count_phrase(len(known.closing.critical), "critical threat")
        who = source.naming(known.closing.by)
        yield f" {who} proposed to close it with {critical} open. A second person must confirm."
    if known.review_due:
        again = format_day(source.day_of(known.review_due))
        yield f" The review was due on {again}." if known.review_overdue else f" Next review: {again}."
    if known.phase in ("collection", "analysis", "remediation"):
        waits_for = known.next.waits_for
        who = f" ({source.naming(waits_for)})" if waits_for else ""
        yield f" Next: {known.next.text}{who}."


def _passed(source: ReportSource) -> Iterator[Block]:
    """Yield the overridden gates, each with the reason and the person responsible."""
    passed = source.register.passed
    if not passed:
        return
    yield ReportParagraph(
        line_of(strong(f"The team overrode {count_phrase(len(passed), 'unmet condition')}:"))
    )
    yield table(_PASSED, (_passed_row(source, one) for one in passed))


def _passed_row(source: ReportSource, one: PassedGate) -> tuple[Cell, ...]:
    gate = one.override
    return (
        cell(gate.text or TITLES.get(gate.gate, gate.gate)),
        cell("Before closing" if one.step == "closed" else f"Before {phase_of(one.step)}"),
        cell(gate.reason),
        cell(f"{source.naming(one.by)}, {format_day(source.day_of(one.at))}"),
        cell(format_day(gate.until) if gate.until else ""),
    )


def _screening(source: ReportSource) -> Iterator[Block]:
    """Yield the features that were screened out, and who confirmed it."""
    yield from (ReportParagraph(line_of(one)) for one in screened_out(source))


def _threats(known: ThreatRegister) -> str:
    bands = Counter(one.score.tally.band if one.score else None for one in known.ranked)
    band_counts = [f"{bands[band]} {band}" for band in reversed(Band) if bands[band]]
    band_counts += [f"{bands[None]} not scored"] if bands[None] else []
    bad = "none scored yet" if set(bands) == {None} else join_list(band_counts)
    return f"{count_phrase(len(known.threats), 'threat')}: {bad}. {_left_to_do(known)}."


def _left_to_do(known: ThreatRegister) -> str:
    unfinished = sum(not one.state.over for one in known.statuses.values())
    silent = sum(one.needs_response for one in known.statuses.values())
    asked_for = sum(one.waits_for_approval for one in known.statuses.values())
    if not unfinished:
        return "None is open"
    is_open = f"{unfinished} {'is' if unfinished == 1 else 'are'} open"
    left = [f"{silent} without a response"] if silent else []
    left += [f"{asked_for} waiting for approval"] if asked_for else []
    return ", ".join([is_open, *(left or ["each with a response"])])


def _worst(source: ReportSource) -> Iterator[Block]:
    known = source.register
    unfinished = [one for one in known.ranked if not known.statuses[one.threat.id].state.over]
    if not unfinished:
        return
    shown, more = unfinished[:MAX_ROWS], len(unfinished) - MAX_ROWS
    yield table(_WORST, (_worst_row(source, one) for one in shown))
    if more > 0:
        yield ReportParagraph(line_of(f"{more} more are listed under ", Run("Threats", link="threats"), "."))


def _worst_row(source: ReportSource, one: RankedThreat) -> tuple[Cell, ...]:
    known, status = source.register, source.register.statuses[one.threat.id]
    return (
        cell(linked_threat(known, one.threat.id, f"{one.threat.id} {one.threat.title}")),
        places_cell(known, one.threat),
        (score_text(one.score),),
        cell(*state_badges(status)),
        cell(in_charge(source, status)),
    )


def _worst_tone(known: ThreatRegister) -> Tone:
    unfinished = (one for one in known.ranked if not known.statuses[one.threat.id].state.over)
    bands = [one.score.tally.band for one in unfinished if one.score]
    return Tone(bands[0].value) if bands else Tone.WAITING


_PHASES = {
    "collection": "is in collection: the team describes the system.",
    "analysis": "is in analysis: the team identifies threats and scores them.",
    "remediation": "is in remediation: the team responds to the threats.",
    "closed": "is closed.",
    "archived": "is archived.",
}
_PASSED = (
    Column("Unmet condition", 3.2),
    Column("Step", 1.4),
    Column("Reason", 3.2),
    Column("By", 1.6),
    Column("Until", 1.2),
)
_WORST = (
    Column("Threat", 3.6),
    Column("Where", 1.6),
    Column("Score", 1.7),
    Column("State", 1.6),
    Column("Assigned to", 1.8),
)
