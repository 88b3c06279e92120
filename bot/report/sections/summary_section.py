"""The beginning of a report: summary, due dates, scope and participants."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import msgspec

from bot.report.document_parts import (
    Badge,
    Block,
    Bullets,
    Column,
    Fact,
    Facts,
    Figure,
    ReportParagraph,
    Run,
    Section,
    Tone,
    line_of,
)
from bot.report.report_source import ReportSource
from bot.report.sections.diagram_section import screened_out
from bot.report.sections.section_formatting import (
    Cell,
    cell,
    format_day,
    format_short_day,
    linked_threat,
    paragraphs,
    progress_badges,
    quiet,
    quote,
    score_text,
    state_badges,
    statement_lines,
    strong,
    table,
)
from bot.report.sections.threat_list_section import in_charge, places_cell
from domain.dread.scoring import Band
from domain.gates import TITLES
from domain.history import TimelineEntry
from domain.kernel.elements import SYSTEM, Kind, PersonId
from domain.kernel.gate_overrides import PassedGate
from domain.kernel.mitigation import MitigationState
from domain.kernel.person_names import with_names
from domain.kernel.text_formatting import count_phrase, join_list
from domain.lifecycle import phase_of
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState
from domain.voting.scores import RankedThreat

MAX_DUE_ROWS = 3
"""Maximum rows; the complete list follows further down."""


def due_section(source: ReportSource) -> Section:
    """Return overdue tasks first, then by due date; tasks without a date come last."""
    return Section("due", "Due next", tuple(_blocks(source)))


class _Due(msgspec.Struct, frozen=True, kw_only=True):
    """A task; without a due date it comes last."""

    until: date | None
    late: bool
    what: tuple[str | Run | Badge, ...]
    who: str
    about: Cell


def _blocks(source: ReportSource) -> Iterator[Block]:
    known = source.register
    every = [*_mitigations(source), *_responses(source), *_rounds(source)]
    if known.phase == "collection" and known.answers_by and known.questions:
        pending = known.pending_screening
        left = (
            f"the screening: {pending.open_topics}"
            if pending
            else count_phrase(len(known.questions), "open question")
        )
        what = (f"Answer {left}",)
        every.append(_Due(until=known.answers_by, late=False, what=what, who="", about=cell("")))
    every.sort(key=lambda one: (not one.late, one.until or date.max))
    if not every:
        return
    yield table(_DUE_COLUMNS, (_due_row(one) for one in every[:MAX_DUE_ROWS]))
    more = len(every) - MAX_DUE_ROWS
    if more > 0:
        where = Run("Plan", link="mitigations") if known.mitigations else Run("Threats", link="threats")
        yield ReportParagraph(line_of(f"{more} more are listed under ", where, "."))


def _due_row(one: _Due) -> tuple[Cell, ...]:
    until = format_short_day(one.until) if one.until else "no due date"
    return (
        cell(until, *([Badge("overdue", Tone.CRITICAL)] if one.late else [])),
        cell(*one.what),
        cell(one.who),
        one.about,
    )


def _mitigations(source: ReportSource) -> Iterator[_Due]:
    known = source.register
    for one in known.mitigations:
        told = one.mitigation
        status = known.statuses.get(one.threat)
        if status is None or status.state is ThreatState.ACCEPTED:
            continue
        if told.state.to_do:
            yield _Due(
                until=told.due,
                late=one.overdue,
                what=(f"{told.id} {told.title}", *progress_badges(one)[:1]),
                who=source.naming(told.owner) if told.owner else "no owner",
                about=cell(linked_threat(known, one.threat)),
            )
        elif told.state is MitigationState.IMPLEMENTED:
            yield _Due(
                until=told.due,
                late=False,
                what=(f"Verify {told.id} {told.title}",),
                who="someone other than the owner",
                about=cell(linked_threat(known, one.threat)),
            )


def _responses(source: ReportSource) -> Iterator[_Due]:
    known = source.register
    for one in known.statuses.values():
        response, about = one.response, cell(linked_threat(known, one.threat))
        if response is None:
            continue
        who = source.naming(response.owner)
        if one.state is ThreatState.ACCEPTED:
            what = "Acceptance expires"
            yield _Due(until=response.expires, late=False, what=(what,), who=who, about=about)
        elif one.state is ThreatState.EXPIRED:
            what = "Respond again: the acceptance has expired"
            yield _Due(until=response.expires, late=True, what=(what,), who=who, about=about)
        elif one.state.over and response.due and response.due >= source.day_of(source.as_of):
            what = f"Check that the threat is {one.state}"
            yield _Due(until=response.due, late=False, what=(what,), who=who, about=about)


def _rounds(source: ReportSource) -> Iterator[_Due]:
    known = source.register
    for one in known.rounds:
        what = f"Vote in {one.round} ({one.cast} of {len(one.voters)} have voted)"
        threats = [linked_threat(known, ask.threat) for ask in one.asks]
        about = [part for place, run in enumerate(threats) for part in ([", "] if place else []) + [run]]
        until = source.day_of(one.deadline)
        yield _Due(until=until, late=False, what=(what,), who="the voters", about=cell(*about))


_DUE_COLUMNS = (Column("Due", 1.6), Column("Task", 3.4), Column("Assigned to", 1.6), Column("Threat", 1.2))


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


def scope_section(source: ReportSource) -> Section:
    """Return the subject of the model, its exclusions, its facilitator, and its assumptions."""
    facts = tuple(_facts(source))
    blocks = (*paragraphs(source.register.description), *([Facts(facts)] if facts else []))
    return Section("scope", "Scope", blocks, _assumptions(source))


def _facts(source: ReportSource) -> Iterator[Fact]:
    known = source.register
    if known.labels:
        yield Fact("Labels", (line_of(", ".join(known.labels)),))
    if known.out_of_scope:
        yield Fact("Out of scope", statement_lines(known.out_of_scope))
    if known.answers_by and known.phase == "collection":
        yield Fact("Answers due", (line_of(format_day(known.answers_by)),))


def _assumptions(source: ReportSource) -> tuple[Section, ...]:
    every = source.register.assumptions
    if not every:
        return ()
    lines = tuple(
        line_of(" ".join(one.text.split()), quiet(f" ({one.id}, stated by {source.naming(one.held_by)})"))
        for one in every
    )
    return (Section("assumptions", "Assumptions", (Bullets(lines),)),)


def decisions_section(source: ReportSource) -> Section:
    """Return phase changes, decisions, rounds, responses, acceptances and closings; count the rest."""
    return Section("decisions", "Decisions", tuple(_decisions(source)))


def participants_section(source: ReportSource) -> Section:
    """Return everyone who contributed, by name and without content; no name is linked to a ballot."""
    known = source.register
    spoke = dict.fromkeys(one.by for one in source.history if one.by not in (SYSTEM, _NOBODY))
    silent = [one for one in known.participants if one not in spoke]
    facts = [Fact("Facilitator", (line_of(source.naming(known.facilitator)),))]
    facts += [Fact("Contributors", (line_of(_names(source, list(spoke))),))] if spoke else []
    facts += [Fact("Invited, no contribution yet", (line_of(_names(source, silent)),))] if silent else []
    return Section("people", "Participants", (Facts(tuple(facts)),))


def _decisions(source: ReportSource) -> Iterator[Block]:
    decisions = [one for one in source.history if one.decides]
    erased = sum(one.at is None for one in source.history)
    rest = len(source.history) - len(decisions) - erased
    if decisions:
        yield table(_COLUMNS, (_row(source, one) for one in decisions))
    if rest:
        entries = count_phrase(rest, "other entry")
        yield ReportParagraph(
            line_of(f"The model's history has {entries}, such as additions, revisions, answers and votes.")
        )
    if erased:
        were = count_phrase(erased, "entry was", "entries were")
        yield ReportParagraph(line_of(f"{were} erased. The content cannot be restored."))


def _row(source: ReportSource, one: TimelineEntry) -> tuple[Cell, ...]:
    text = with_names(one.text, one.people, source.naming)
    undone = (quiet(" (undone later)"),) if one.undone else ()
    who = "the bot" if one.by == SYSTEM else source.naming(one.by)
    when = format_day(source.day_of(one.at)) if one.at else ""
    return cell(when), cell(who), cell(text, *undone)


def _names(source: ReportSource, some: list[PersonId]) -> str:
    return ", ".join(sorted((source.naming(one) for one in some), key=str.casefold))


_NOBODY = PersonId("")
_COLUMNS = (Column("Date", 1.3), Column("By", 1.2), Column("Decision", 5.0))
