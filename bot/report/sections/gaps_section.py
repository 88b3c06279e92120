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
    capitalize_first,
    cell,
    format_day,
    format_short_day,
    linked_threats,
    listing,
    paragraph,
    place_name,
    progress_badges,
    quiet,
    quote,
    shared_evidence,
    statement_lines,
    table,
    ticket_links,
    weakness_link,
)
from domain.analysis.rule_findings import Question
from domain.analysis.suggested_threat_groups import SuggestedThreatGroup, missing_controls
from domain.kernel.elements import ElementId
from domain.kernel.mitigation import MitigationState
from domain.kernel.text_formatting import count_phrase
from domain.model.element_labels import name_elements
from domain.register import ThreatRegister
from domain.remediation.status import TrackedMitigation
from domain.voting.turnout import Turnout
from domain.wording.controls import decided_by
from domain.wording.trackers import issue_summary


def gaps_section(source: ReportSource) -> Section:
    """Return everything that is undecided, except the open items of threats themselves.

    Long lists are shortened, unless the report is full.
    """
    sections = (
        _conditions,
        _votes,
        _suggested_threats,
        _missing_controls,
        _owned_questions,
        _questions,
        _coverage,
        _warnings,
    )
    return Section("gaps", "Gaps", (), tuple(section(source) for section in sections))


def _conditions(source: ReportSource) -> Section:
    known = source.register
    lines = tuple(line_of(condition.text) for condition in known.conditions if not condition.met)
    shown = lines and known.phase != "collection"
    return Section("open-conditions", "Unmet conditions for closing", (Bullets(lines),) if shown else ())


def _votes(source: ReportSource) -> Section:
    known = source.register
    rows = listing(
        known.rounds,
        (Column("Round", 0.8), lambda one: one.round),
        (Column("Threats", 2.4), lambda one: linked_threats(known, (ask.threat for ask in one.asks))),
        (Column("Turnout", 1.0), lambda one: f"{one.cast} of {len(one.voters)}"),
        (Column("Quorum", 0.8, numbers=True), lambda one: str(one.quorum)),
        (Column("Deadline", 1.6), lambda one: _deadline(source, one)),
    )
    words = paragraph("Ballots are sealed until the round ends. Until then, only the turnout is shown.")
    return Section("votes", "Open rounds", (words, *rows) if rows else ())


def _deadline(source: ReportSource, one: Turnout) -> str:
    if one.to_settle:
        return "quorum missed, the facilitator decides"
    return format_day(source.day_of(one.deadline))


def _suggested_threats(source: ReportSource) -> Section:
    known = source.register
    if not known.suggested_threats:
        return Section("suggested-threats", "Suggested threats")
    count = count_phrase(len(known.suggested_threats), "threat")
    words = paragraph(
        f"The rules suggest {count}. Confirm or dismiss each. Those with most at stake come first."
    )
    if source.full:
        blocks = listing(
            known.groups,
            (Column("Suggested threat", 2.4), _suggested),
            (Column("Where", 1.6), lambda one: tuple(line_of(each.about) for each in one.suggested_threats)),
            (Column("Evidence", 3.0), lambda one: _evidence(source, one)),
            (
                Column("Suggested controls", 2.4),
                lambda one: tuple(
                    line_of(control.text, *_only_at(known, places))
                    for control, places in missing_controls(one.suggested_threats)
                ),
            ),
        )
    else:
        by_rule: dict[tuple[str, str], list[SuggestedThreatGroup]] = {}
        for group in known.groups:
            by_rule.setdefault((group.rule.id, group.rule.title), []).append(group)
        columns = (Column("Suggested threat", 3.0), Column("Where", 4.0))
        rows = [
            _names_row(
                *rule,
                [place_name(known, each.element) for group in groups for each in group.suggested_threats],
                groups[0].stake.words,
            )
            for rule, groups in by_rule.items()
        ]
        blocks = _shortened(source, columns, rows)
    return Section("suggested-threats", "Undecided suggested threats", (words, *blocks))


def _suggested(group: SuggestedThreatGroup) -> Cell:
    rule, every = group.rule, group.suggested_threats
    weaknesses = [part for number in rule.cwe for part in (" ", weakness_link(number, named=False))]
    returned = sum(one.returned is not None for one in every)
    some = f"{returned} of {len(every)} reopened" if len(every) > 1 else "Reopened"
    again = (line_of(quiet(f"{some} after a dismissal: a related answer changed.")),) if returned else ()
    category = quiet(f"{rule.category_label}, rule {rule.id}")
    return (line_of(rule.title), line_of(category, *weaknesses), *_stake_lines(group.stake.words), *again)


def _stake_lines(words: Sequence[str]) -> Iterator[ReportLine]:
    """Yield why suggested threats stand where they do."""
    yield from (line_of(quiet(one)) for one in words)


def _evidence(source: ReportSource, group: SuggestedThreatGroup) -> Cell:
    evidence = shared_evidence(source.register, group.suggested_threats, source.naming)
    return tuple(line_of(capitalize_first(words)) for words in evidence)


def _only_at(known: ThreatRegister, places: Sequence[ElementId]) -> tuple[Run, ...]:
    return (quiet(f" ({name_elements(places, known.name_of)})"),) if places else ()


def _missing_controls(source: ReportSource) -> Section:
    """Return the controls stated to be missing without a threat yet, each with what decides it."""
    known = source.register
    rows = [
        (cell(place_name(known, one.element)), cell(f"{capitalize_first(one.statement)}. {decides}"))
        for one in known.waiting_controls
        for decides in (decided_by(one, known.catalog, known.name_of),)
    ]
    columns = (Column("Element", 3.0), Column("Missing control", 4.0))
    blocks = _shortened(source, columns, rows) if rows else ()
    return Section("missing-controls", "Missing, but no threat yet", blocks)


def _questions(source: ReportSource) -> Section:
    known = source.register
    if not known.questions:
        return Section("questions", "Questions")
    words = f"{_counted(known)} Rules that depend on an answer find nothing until it is given."
    if source.full:
        alike: dict[tuple[str, tuple[str, ...]], list[Question]] = {}
        for question in known.questions:
            alike.setdefault((question.text, question.why), []).append(question)
        rows = [_question(source, *asked, about) for asked, about in alike.items()]
    else:
        by_text: dict[str, list[str]] = {}
        for question in known.questions:
            by_text.setdefault(question.text, []).append(place_name(known, question.element))
        rows = [_names_row("", text, at) for text, at in by_text.items()]
    blocks = _shortened(source, (Column("Question", 4.0), Column("Elements", 3.0)), rows)
    return Section("questions", "Open questions", (paragraph(words), *blocks))


def _owned_questions(source: ReportSource) -> Section:
    """Return the questions that someone is to answer until a day, the earliest first."""
    places: dict[tuple[date, str, str], list[str]] = {}
    for one in source.register.questions:
        if one.asked_of and one.due:
            about = (one.due, source.naming(one.asked_of), one.text)
            places.setdefault(about, []).append(f"{one.element_name} ({one.element})")
    rows = [
        (cell(text), cell(", ".join(names)), cell(owner), cell(format_short_day(due)))
        for (due, owner, text), names in sorted(places.items())
    ]
    columns = (Column("Question", 4.0), Column("Elements", 3.0), Column("Owner", 2.0), Column("Due", 2.0))
    blocks = _shortened(source, columns, rows) if rows else ()
    return Section("question-owners", "Open questions with an owner", blocks)


def _counted(known: ThreatRegister) -> str:
    """Return how many questions are unanswered, or that the screening comes before their number."""
    if known.pending_screening:
        return f"{known.pending_screening.text}. The screening removes questions that do not apply."
    crossing = sum(question.crossing for question in known.questions)
    of_these = f", {crossing} of them about trust crossings" if crossing else ""
    return f"{count_phrase(len(known.questions), 'question is', 'questions are')} unanswered{of_these}."


def _question(
    source: ReportSource, text: str, why: tuple[str, ...], about: Sequence[Question]
) -> tuple[Cell, Cell]:
    return (
        (line_of(text), *(line_of(quiet(one)) for one in why[:_REASONS])),
        tuple(line_of(f"{one.element_name} ({one.element})", *_asked(source, one)) for one in about),
    )


def _asked(source: ReportSource, one: Question) -> Iterator[Run]:
    if one.answered_unknown:
        yield quiet(", answered “don't know”")
    if one.asked_of:
        yield quiet(f", owner {source.naming(one.asked_of)}")


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
    blocks = _shortened(source, (Column("Element", 3.0), Column("Undecided", 4.0)), rows)
    return Section("undecided", "Undecided coverage", (paragraph(words), *blocks))


def _warnings(source: ReportSource) -> Section:
    lines = tuple(line_of(warning.text) for warning in source.register.warnings)
    shown = lines if source.full else lines[:MAX_ROWS]
    return Section("warnings", "Warnings", (Bullets(shown), *_more(len(lines) - len(shown))) if shown else ())


def _shortened(
    source: ReportSource, columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]]
) -> tuple[Block, ...]:
    """Return the first rows, and how many more the full report has; there all of them."""
    most = len(rows) if source.full else MAX_ROWS
    return (table(columns, rows[:most]), *_more(len(rows) - most))


def _more(count: int) -> tuple[ReportParagraph, ...]:
    return (paragraph(quiet(f"{count} more are in the full report.")),) if count > 0 else ()


def _names_row(id: str, text: str, places: Sequence[str], stake: Sequence[str] = ()) -> tuple[Cell, Cell]:
    names = list(dict.fromkeys(places))
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    rule = (" ", quiet(id)) if id else ()
    where = cell(f"{', '.join(names[:_NAMES])}{more}")
    return (*cell(text, *rule), *_stake_lines(stake)), where


MAX_ROWS = 10
"""Maximum rows of each list, unless the report is full."""

_NAMES = 6
_REASONS = 2


def conditions_section(source: ReportSource) -> Section:
    """Return the conditions with their states; nothing during collection."""
    known = source.register
    if known.phase == "collection":
        return Section("conditions", "Conditions")
    met, not_met = Badge("met", Tone.GOOD), Badge("not met", Tone.WAITING)
    rows = [(cell(condition.text), cell(met if condition.met else not_met)) for condition in known.conditions]
    title = "Conditions for closing" if known.phase != "closed" else "Conditions at closing"
    return Section("conditions", title, (table((Column("Condition", 5.0), Column("State", 1.0)), rows),))


def plan_section(source: ReportSource) -> Section:
    """Return all mitigations: overdue ones first, then by due date, dropped ones last."""
    rows = listing(
        sorted(source.register.mitigations, key=_place),
        (Column("Mitigation", 3.0), _mitigation),
        (Column("Threat", 0.9), lambda one: _served(source.register, one)),
        (Column("Control", 1.4), lambda one: one.mitigation.control.value),
        (Column("State", 2.4), lambda one: (line_of(*progress_badges(one)), *_progress(source, one))),
        (
            Column("Owner", 1.2),
            lambda one: source.naming(one.mitigation.owner) if one.mitigation.owner else "no owner",
        ),
        (Column("Due", 1.4), lambda one: format_short_day(one.mitigation.due)),
        (Column("Ticket", 0.8), lambda one: tuple(line_of(link) for link in ticket_links(one))),
    )
    return Section("mitigations", "Plan", rows)


def _place(one: TrackedMitigation) -> tuple[int, date]:
    order = list(MitigationState).index(one.mitigation.state)
    return (0 if one.overdue else max(1, order), one.mitigation.due or date.max)


def _mitigation(one: TrackedMitigation) -> Cell:
    name = f"{one.mitigation.id} {one.mitigation.title}"
    where = [line_of(quiet(one.at))] if one.at else []
    return (line_of(name), *where, *statement_lines(one.mitigation.description))


def _served(known: ThreatRegister, one: TrackedMitigation) -> Cell:
    """Return the threats that a mitigation serves, with links; the withdrawn one if there is no other."""
    withdrawn = [line_of(quiet("withdrawn"))] if one.orphan else []
    return (*linked_threats(known, one.threats or (one.threat,)), *withdrawn)


def _progress(source: ReportSource, one: TrackedMitigation) -> Iterator[ReportLine]:
    mitigation = one.mitigation
    if one.places_done:
        yield line_of(f"Implemented at {one.places_done}")
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
