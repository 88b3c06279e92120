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
    Facts,
    Figure,
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
    controls_in_place,
    format_day,
    format_short_day,
    linked_threat,
    linked_threats,
    listing,
    paragraph,
    paragraphs,
    progress_badges,
    prompts_considered,
    quiet,
    quote,
    score_text,
    state_badges,
    stated,
    statement_lines,
    strong,
    titled_threat,
)
from bot.report.sections.threat_list_section import in_charge, places_cell
from domain.dread.scoring import Band
from domain.history import TimelineEntry
from domain.kernel.elements import SYSTEM, Kind, PersonId
from domain.kernel.mitigation import MitigationState
from domain.kernel.text_formatting import count_phrase, join_list, with_names
from domain.lifecycle import phase_of
from domain.phase_conditions import TITLES
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState

MAX_DUE_ROWS = 3
MAX_ROWS = 5
"""Maximum rows of tasks and of threats; the complete lists follow further down."""


class _Due(msgspec.Struct, frozen=True):
    """A task; without a due date it comes last."""

    until: date | None
    what: Cell
    who: str
    about: Cell = ()
    late: bool = False


def _due(source: ReportSource) -> Iterator[Block]:
    """Yield overdue tasks first, then by due date; tasks without a date come last."""
    known = source.register
    every = [*_mitigations(source), *_responses(source), *_rounds(source)]
    if known.phase == "collection" and known.answers_by and known.questions:
        pending = known.pending_screening
        questions = count_phrase(len(known.questions), "open question")
        left = f"the screening: {pending.open_topics}" if pending else questions
        every.append(_Due(known.answers_by, cell(f"Answer {left}"), ""))
    every.sort(key=lambda one: (not one.late, one.until or date.max))
    yield from listing(
        every[:MAX_DUE_ROWS],
        (Column("Due", 1.6), _until),
        (Column("Task", 3.4), lambda one: one.what),
        (Column("Assigned to", 1.6), lambda one: one.who),
        (Column("Threat", 1.2), lambda one: one.about),
    )
    more = len(every) - MAX_DUE_ROWS
    if more > 0:
        where = Run("Plan", link="mitigations") if known.mitigations else Run("Threats", link="threats")
        yield paragraph(f"{more} more are listed under ", where, ".")


def _until(one: _Due) -> Cell:
    late = (Badge("overdue", Tone.CRITICAL),) if one.late else ()
    return cell(format_short_day(one.until) or "no due date", *late)


def _mitigations(source: ReportSource) -> Iterator[_Due]:
    known = source.register
    for one in known.mitigations:
        mitigation, about = one.mitigation, cell(linked_threat(known, one.threat))
        status = known.statuses.get(one.threat)
        if status is None or status.state is ThreatState.ACCEPTED:
            continue
        where = f", at {one.at}" if one.at else ""
        if mitigation.state.to_do:
            what = cell(f"{mitigation.id} {mitigation.title}{where}", *progress_badges(one)[:1])
            who = source.naming(mitigation.owner) if mitigation.owner else "no owner"
            yield _Due(mitigation.due, what, who, about, one.overdue)
        elif mitigation.state is MitigationState.IMPLEMENTED:
            what = cell(f"Verify {mitigation.id} {mitigation.title}{where}")
            yield _Due(mitigation.due, what, "someone other than the owner", about)


def _responses(source: ReportSource) -> Iterator[_Due]:
    known = source.register
    for status in known.statuses.values():
        response, about = status.response, cell(linked_threat(known, status.threat))
        if response is None:
            continue
        who = source.naming(response.owner)
        if status.state is ThreatState.ACCEPTED:
            yield _Due(response.expires, cell("Acceptance expires"), who, about)
        elif status.state is ThreatState.EXPIRED:
            what = cell("Respond again: the acceptance has expired")
            yield _Due(response.expires, what, who, about, late=True)
        elif status.state.over and response.due and response.due >= source.day_of(source.as_of):
            yield _Due(response.due, cell(f"Check that the threat is {status.state}"), who, about)


def _rounds(source: ReportSource) -> Iterator[_Due]:
    known = source.register
    for round in known.rounds:
        what = cell(f"Vote in {round.round} ({round.cast} of {len(round.voters)} have voted)")
        about = linked_threats(known, (ask.threat for ask in round.asks))
        yield _Due(source.day_of(round.deadline), what, "the voters", about)


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
    unfinished = sum(not status.state.over for status in statuses)
    accepted = sum(status.state is ThreatState.ACCEPTED for status in statuses)
    overdue = sum(mitigation.overdue for mitigation in known.mitigations if not mitigation.orphan)
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
    return Section(
        "summary",
        "Summary",
        (
            paragraph(*_phase(source)),
            *([paragraph(_threats(known))] if known.threats else []),
            *controls_in_place(known),
            *prompts_considered(known),
            *_passed(source),
            *(paragraph(one) for one in screened_out(source)),
        ),
        (
            Section("worst", "Highest open risks", tuple(_worst(source))),
            Section("due", "Due next", tuple(_due(source))),
        ),
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
    """Yield the overridden conditions, each with the reason and the person responsible."""
    passed = source.register.passed
    if passed:
        conditions = count_phrase(len(passed), "unmet condition")
        yield paragraph(strong(f"The team overrode {conditions}:"))
    yield from listing(
        passed,
        (
            Column("Unmet condition", 3.2),
            lambda one: one.override.text or TITLES.get(one.override.condition, one.override.condition),
        ),
        (
            Column("Step", 1.4),
            lambda one: "Before closing" if one.step == "closed" else f"Before {phase_of(one.step)}",
        ),
        (Column("Reason", 3.2), lambda one: one.override.reason),
        (
            Column("By", 1.6),
            lambda one: f"{source.naming(one.by)}, {format_day(source.day_of(one.at))}",
        ),
        (Column("Until", 1.2), lambda one: format_day(one.override.until)),
    )


def _threats(known: ThreatRegister) -> str:
    bands = Counter(threat.score.tally.band if threat.score else None for threat in known.ranked)
    band_counts = [f"{bands[band]} {band}" for band in reversed(Band) if bands[band]]
    band_counts += [f"{bands[None]} not scored"] if bands[None] else []
    bad = "none scored yet" if set(bands) == {None} else join_list(band_counts)
    return f"{count_phrase(len(known.threats), 'threat')}: {bad}. {_left_to_do(known)}."


def _left_to_do(known: ThreatRegister) -> str:
    unfinished = sum(not status.state.over for status in known.statuses.values())
    silent = sum(status.needs_response for status in known.statuses.values())
    asked_for = sum(status.waits_for_approval for status in known.statuses.values())
    if not unfinished:
        return "None is open"
    is_open = f"{unfinished} {'is' if unfinished == 1 else 'are'} open"
    left = [f"{silent} without a response"] if silent else []
    left += [f"{asked_for} waiting for approval"] if asked_for else []
    return ", ".join([is_open, *(left or ["each with a response"])])


def _worst(source: ReportSource) -> Iterator[Block]:
    known = source.register
    unfinished = [threat for threat in known.ranked if not known.statuses[threat.threat.id].state.over]
    yield from listing(
        unfinished[:MAX_ROWS],
        (Column("Threat", 3.6), lambda one: cell(titled_threat(known, one.threat))),
        (Column("Where", 1.6), lambda one: places_cell(known, one.threat)),
        (Column("Score", 1.7), lambda one: (score_text(one.score),)),
        (Column("State", 1.6), lambda one: cell(*state_badges(known.statuses[one.threat.id]))),
        (Column("Assigned to", 1.8), lambda one: in_charge(source, known.statuses[one.threat.id])),
    )
    more = len(unfinished) - MAX_ROWS
    if more > 0:
        yield paragraph(f"{more} more are listed under ", Run("Threats", link="threats"), ".")


def _worst_tone(known: ThreatRegister) -> Tone:
    unfinished = (threat for threat in known.ranked if not known.statuses[threat.threat.id].state.over)
    bands = [one.score.tally.band for one in unfinished if one.score]
    return Tone(bands[0].value) if bands else Tone.WAITING


_PHASES = {
    "collection": "is in collection: the team describes the system.",
    "analysis": "is in analysis: the team identifies threats and scores them.",
    "remediation": "is in remediation: the team responds to the threats.",
    "closed": "is closed.",
    "archived": "is archived.",
}


def scope_section(source: ReportSource) -> Section:
    """Return the subject of the model, its exclusions, its facilitator, and its assumptions."""
    known = source.register
    due = known.answers_by if known.phase == "collection" else None
    facts = stated(
        ("Labels", statement_lines(", ".join(known.labels))),
        ("Out of scope", statement_lines(known.out_of_scope)),
        ("Answers due", statement_lines(format_day(due))),
    )
    blocks = (*paragraphs(known.description), *([Facts(facts)] if facts else []))
    return Section("scope", "Scope", blocks, _assumptions(source))


def _assumptions(source: ReportSource) -> tuple[Section, ...]:
    lines = tuple(
        line_of(" ".join(one.text.split()), quiet(f" ({one.id}, stated by {source.naming(one.held_by)})"))
        for one in source.register.assumptions
    )
    return (Section("assumptions", "Assumptions", (Bullets(lines),)),) if lines else ()


def decisions_section(source: ReportSource) -> Section:
    """Return phase changes, decisions, rounds, responses, acceptances and closings; count the rest."""
    return Section("decisions", "Decisions", tuple(_decisions(source)))


def participants_section(source: ReportSource) -> Section:
    """Return everyone who contributed, by name and without content; no name is linked to a ballot."""
    known = source.register
    spoke = dict.fromkeys(one.by for one in source.history if one.by not in (SYSTEM, _NOBODY))
    silent = [participant for participant in known.participants if participant not in spoke]
    facts = stated(
        ("Facilitator", [line_of(source.naming(known.facilitator))]),
        ("Contributors", [line_of(_names(source, list(spoke)))] if spoke else []),
        ("Invited, no contribution yet", [line_of(_names(source, silent))] if silent else []),
    )
    return Section("people", "Participants", (Facts(facts),))


def _decisions(source: ReportSource) -> Iterator[Block]:
    decisions = [one for one in source.history if one.decides]
    erased = sum(one.at is None for one in source.history)
    rest = len(source.history) - len(decisions) - erased
    yield from listing(
        decisions,
        (Column("Date", 1.3), lambda one: format_day(source.day_of(one.at)) if one.at else ""),
        (Column("By", 1.2), lambda one: "the bot" if one.by == SYSTEM else source.naming(one.by)),
        (Column("Decision", 5.0), lambda one: _decision(source, one)),
    )
    if rest:
        entries = count_phrase(rest, "other entry")
        yield paragraph(
            f"The model's history has {entries}, such as additions, revisions, answers and votes."
        )
    if erased:
        were = count_phrase(erased, "entry was", "entries were")
        yield paragraph(f"{were} erased. The content cannot be restored.")


def _decision(source: ReportSource, one: TimelineEntry) -> Cell:
    undone = (quiet(" (undone later)"),) if one.undone else ()
    return cell(with_names(one.text, one.people, source.naming), *undone)


def _names(source: ReportSource, some: list[PersonId]) -> str:
    return ", ".join(sorted((source.naming(one) for one in some), key=str.casefold))


_NOBODY = PersonId("")
