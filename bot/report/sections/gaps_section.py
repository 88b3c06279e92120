"""What remains to be done: gaps, the plan, conditions for closing the model."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot.report.document_parts import (
    Badge,
    Block,
    Bullets,
    Column,
    ReportLine,
    ReportParagraph,
    Run,
    Section,
    Tone,
    line_of,
)
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import (
    Cell,
    candidate_evidence,
    capitalize_first,
    cell,
    format_day,
    format_short_day,
    linked_threat,
    place_name,
    progress_badges,
    quiet,
    quote,
    statement_lines,
    table,
    ticket_links,
    weakness_link,
)
from domain.analysis.candidate_groups import CandidateGroup
from domain.analysis.rule_findings import Question
from domain.kernel.mitigation import MitigationState
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister
from domain.remediation.status import TrackedMitigation
from domain.voting.turnout import Turnout
from domain.wording.trackers import issue_summary


def gaps_section(source: ReportSource) -> Section:
    """Return everything that is undecided, except the open items of threats themselves.

    Long lists are shortened, unless the report is full.
    """
    inner = (
        _gates(source.register),
        _votes(source),
        _candidates(source),
        _questions(source),
        _coverage(source),
        _warnings(source),
    )
    return Section("gaps", "Gaps", (), inner)


def _gates(known: ThreatRegister) -> Section:
    lines = tuple(line_of(one.text) for one in known.gates if not one.met)
    shown = lines and known.phase != "collection"
    return Section("open-gates", "Unmet conditions for closing", (Bullets(lines),) if shown else ())


def _votes(source: ReportSource) -> Section:
    rounds = source.register.rounds
    if not rounds:
        return Section("votes", "Open rounds")
    words = ReportParagraph(
        line_of("Ballots are sealed until the round ends. Until then, only the turnout is shown.")
    )
    return Section("votes", "Open rounds", (words, table(_VOTES, (_round(source, one) for one in rounds))))


def _round(source: ReportSource, one: Turnout) -> tuple[Cell, ...]:
    threats = [linked_threat(source.register, ask.threat) for ask in one.asks]
    about = [part for place, run in enumerate(threats) for part in ([", "] if place else []) + [run]]
    return (
        cell(one.round),
        cell(*about),
        cell(f"{one.cast} of {len(one.voters)}"),
        cell(str(one.quorum)),
        cell(
            "quorum missed, the facilitator decides"
            if one.to_settle
            else format_day(source.day_of(one.deadline))
        ),
    )


def _candidates(source: ReportSource) -> Section:
    candidates = source.register.candidates
    if not candidates:
        return Section("candidates", "Suggested threats")
    count = count_phrase(len(candidates), "threat")
    words = f"The rules suggest {count}. Confirm or dismiss each."
    if source.full:
        blocks = [table(_CANDIDATES, (_candidates_of_rule(source, one) for one in source.register.groups))]
    else:
        by_rule: dict[tuple[str, str], list[str]] = {}
        for one in candidates:
            places = by_rule.setdefault((one.rule.id, one.rule.title), [])
            places.append(place_name(source.register, one.element))
        blocks = _shortened(_CANDIDATES_IN_SHORT, [_names_row(*rule, at) for rule, at in by_rule.items()])
    return Section("candidates", "Undecided suggested threats", (ReportParagraph(line_of(words)), *blocks))


def _candidates_of_rule(source: ReportSource, group: CandidateGroup) -> tuple[Cell, ...]:
    """Return the row of a rule with all places at which it holds."""
    rule, every = group.rule, group.candidates
    weaknesses = [part for number in rule.cwe for part in (" ", weakness_link(number, named=False))]
    returned = sum(one.returned is not None for one in every)
    again = (line_of(quiet(_dismissed_before(returned, len(every)))),) if returned else ()
    evidence = dict.fromkeys(words for one in every for words in candidate_evidence(source.register, one))
    return (
        (line_of(rule.title), line_of(quiet(f"{rule.category.label}, rule {rule.id}"), *weaknesses), *again),
        tuple(line_of(one.about) for one in every),
        tuple(line_of(capitalize_first(words)) for words in evidence) or cell(""),
        tuple(line_of(control.text) for control in rule.controls),
    )


def _dismissed_before(returned: int, of: int) -> str:
    if of == 1:
        return "Reopened after a dismissal: a related answer changed."
    return f"{returned} of {of} reopened after a dismissal: a related answer changed."


def _questions(source: ReportSource) -> Section:
    questions = source.register.questions
    if not questions:
        return Section("questions", "Questions")
    words = f"{_counted(source.register)} Rules that depend on an answer find nothing until it is given."
    if source.full:
        alike: dict[tuple[str, tuple[str, ...]], list[Question]] = {}
        for one in questions:
            alike.setdefault((one.text, one.why), []).append(one)
        blocks = [table(_QUESTIONS, (_question(source, *asked, about) for asked, about in alike.items()))]
    else:
        by_text: dict[str, list[str]] = {}
        for one in questions:
            by_text.setdefault(one.text, []).append(place_name(source.register, one.element))
        blocks = _shortened(_QUESTIONS, [_names_row("", text, at) for text, at in by_text.items()])
    return Section("questions", "Open questions", (ReportParagraph(line_of(words)), *blocks))


def _counted(known: ThreatRegister) -> str:
    """Return how many questions are unanswered, or that the screening comes before their number."""
    if known.pending_screening:
        return f"{known.pending_screening.text}. The screening removes questions that do not apply."
    crossing = sum(one.crossing for one in known.questions)
    of_these = f", {crossing} of them about trust crossings" if crossing else ""
    return f"{count_phrase(len(known.questions), 'question is', 'questions are')} unanswered{of_these}."


def _question(
    source: ReportSource, text: str, why: tuple[str, ...], about: Sequence[Question]
) -> tuple[Cell, ...]:
    return (
        (line_of(text), *(line_of(quiet(one)) for one in why[:_REASONS])),
        tuple(line_of(f"{one.element_name} ({one.element})", *_asked(source, one)) for one in about),
    )


def _asked(source: ReportSource, one: Question) -> Iterator[Run]:
    if one.answered_unknown:
        yield quiet(", answered “don't know”")
    if one.asked_of:
        yield quiet(f", {source.naming(one.asked_of)} was asked")


def _coverage(source: ReportSource) -> Section:
    known = source.register
    undecided = known.coverage.open
    if not undecided or known.phase == "collection":
        return Section("undecided", "Coverage")
    cells = count_phrase(known.coverage.open_cells, "STRIDE cell is", "STRIDE cells are")
    words = f"{cells} on trust crossings and undecided, at {count_phrase(len(undecided), 'element')}."
    rows = [
        (
            cell(f"{place_name(known, row.element)} ({row.element})"),
            cell(", ".join(one.category.label for one in row.open)),
        )
        for row in undecided
    ]
    blocks = [table(_UNDECIDED, rows)] if source.full else _shortened(_UNDECIDED, rows)
    return Section("undecided", "Undecided coverage", (ReportParagraph(line_of(words)), *blocks))


def _warnings(source: ReportSource) -> Section:
    lines = [line_of(one.text) for one in source.register.warnings]
    shown = tuple(lines if source.full else lines[:MAX_ROWS])
    blocks = [Bullets(shown)] if shown else []
    rest = [_more(len(lines) - len(shown))] if len(lines) > len(shown) else []
    return Section("warnings", "Warnings", (*blocks, *rest))


def _shortened(columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]]) -> list[Block]:
    """Return the first rows, and how many more the full report has."""
    more = len(rows) - MAX_ROWS
    return [table(columns, rows[:MAX_ROWS]), *([_more(more)] if more > 0 else [])]


def _more(count: int) -> ReportParagraph:
    return ReportParagraph(line_of(quiet(f"{count} more are in the full report.")))


def _names_row(id: str, text: str, places: Sequence[str]) -> tuple[Cell, ...]:
    names = list(dict.fromkeys(places))
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    rule = (" ", quiet(id)) if id else ()
    return cell(text, *rule), cell(f"{', '.join(names[:_NAMES])}{more}")


MAX_ROWS = 10
"""Maximum rows of each list, unless the report is full."""

_NAMES = 6
_REASONS = 2
_VOTES = (
    Column("Round", 0.8),
    Column("Threats", 2.4),
    Column("Turnout", 1.0),
    Column("Quorum", 0.8, numbers=True),
    Column("Deadline", 1.6),
)
_CANDIDATES = (
    Column("Suggested threat", 2.4),
    Column("Where", 1.6),
    Column("Evidence", 3.0),
    Column("Suggested controls", 2.4),
)
_CANDIDATES_IN_SHORT = (Column("Suggested threat", 3.0), Column("Where", 4.0))
_QUESTIONS = (Column("Question", 4.0), Column("Elements", 3.0))
_UNDECIDED = (Column("Element", 3.0), Column("Undecided", 4.0))


def gates_section(source: ReportSource) -> Section:
    """Return the gates with their states; nothing during collection."""
    known = source.register
    if known.phase == "collection":
        return Section("gates", "Conditions")
    rows = [
        (cell(one.text), cell(Badge("met", Tone.GOOD) if one.met else Badge("not met", Tone.WAITING)))
        for one in known.gates
    ]
    title = "Conditions for closing" if known.phase != "closed" else "Conditions at closing"
    return Section("gates", title, (table(_GATE_COLUMNS, rows),))


_GATE_COLUMNS = (Column("Condition", 5.0), Column("State", 1.0))


def plan_section(source: ReportSource) -> Section:
    """Return all mitigations: overdue ones first, then by due date, dropped ones last."""
    rows = [_row(source, one) for one in sorted(source.register.mitigations, key=_place)]
    return Section("mitigations", "Plan", (table(_COLUMNS, rows),) if rows else ())


def _place(one: TrackedMitigation) -> tuple[int, date]:
    order = list(MitigationState).index(one.mitigation.state)
    return (0 if one.overdue else max(1, order), one.mitigation.due or date.max)


def _row(source: ReportSource, one: TrackedMitigation) -> tuple[Cell, ...]:
    mitigation = one.mitigation
    return (
        (
            line_of(f"{mitigation.id} {mitigation.title}"),
            *(statement_lines(mitigation.description) if mitigation.description else ()),
        ),
        (
            *cell(*_linked_threats(source, one)),
            *([line_of(quiet("withdrawn"))] if one.orphan else []),
        ),
        cell(mitigation.control.value),
        (line_of(*progress_badges(one)), *_shown(source, one)),
        cell(source.naming(mitigation.owner) if mitigation.owner else "no owner"),
        cell(format_short_day(mitigation.due) if mitigation.due else ""),
        tuple(line_of(one) for one in ticket_links(one)) or cell(""),
    )


def _linked_threats(source: ReportSource, one: TrackedMitigation) -> Iterator[str | Run]:
    """Yield the threats that a mitigation serves, with links; the withdrawn one if there is no other."""
    for place, threat in enumerate(one.threats or (one.threat,)):
        if place:
            yield ", "
        yield linked_threat(source.register, threat)


def _shown(source: ReportSource, one: TrackedMitigation) -> Iterator[ReportLine]:
    mitigation = one.mitigation
    if mitigation.evidence:
        yield line_of(f"Evidence: {quote(mitigation.evidence)}")
    if one.issue is not None:
        yield line_of(quiet(f"Issue {issue_summary(one.issue)}"))
    if mitigation.verified_by:
        some = len(one.links) - len(one.unverified)
        where = f", for {some} of {len(one.links)} threats and places" if one.unverified else ""
        yield line_of(f"Verified by {source.naming(mitigation.verified_by)}{where}")
    if mitigation.reason:
        yield line_of(f"Reason: {quote(mitigation.reason)}")


_COLUMNS = (
    Column("Mitigation", 3.0),
    Column("Threat", 0.9),
    Column("Control", 1.4),
    Column("State", 2.4),
    Column("Owner", 1.2),
    Column("Due", 1.4),
    Column("Ticket", 0.8),
)
