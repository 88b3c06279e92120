"""Open items: candidates, questions, votes, warnings."""

from collections.abc import Iterator, Sequence

from bot.report.document_parts import Bullets, Column, ReportParagraph, Run, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import (
    Cell,
    capitalize_first,
    cell,
    format_day,
    linked_threat,
    quiet,
    table,
)
from bot.report.sections.threat_origins import candidate_evidence, weakness_link
from domain.analysis.rule_findings import Candidate, Question
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister
from domain.voting.turnout import Turnout


def open_items_section(source: ReportSource) -> Section:
    """Return everything that waits for people, except the open items of threats themselves."""
    inner = (
        _votes(source),
        _candidates(source.register),
        _questions(source),
        _warnings(source.register),
    )
    return Section("open", "Still open", (), inner)


def _votes(source: ReportSource) -> Section:
    rounds = source.register.rounds
    if not rounds:
        return Section("votes", "Votes")
    words = ReportParagraph(
        line_of("Votes are sealed until a round is over: only who has voted is known, and here how many.")
    )
    return Section(
        "votes", "Votes that are going on", (words, table(_VOTES, (_round(source, one) for one in rounds)))
    )


def _round(source: ReportSource, one: Turnout) -> tuple[Cell, ...]:
    threats = [linked_threat(source.register, ask.threat) for ask in one.asks]
    about = [part for place, run in enumerate(threats) for part in ([", "] if place else []) + [run]]
    return (
        cell(one.round),
        cell(*about),
        cell(f"{one.cast} of {len(one.voters)}"),
        cell(str(one.quorum)),
        cell("it waits to be settled" if one.to_settle else format_day(source.day_of(one.deadline))),
    )


def _candidates(known: ThreatRegister) -> Section:
    if not known.candidates:
        return Section("candidates", "Candidates")
    count = count_phrase(len(known.candidates), "candidate")
    words = f"{count}: the rules bring them up, and somebody has to confirm each as a threat or dismiss it."
    rows = (_candidate(known, one) for one in known.candidates)
    return Section(
        "candidates", "Candidates to be judged", (ReportParagraph(line_of(words)), table(_CANDIDATES, rows))
    )


def _candidate(known: ThreatRegister, one: Candidate) -> tuple[Cell, ...]:
    rule = one.rule
    weaknesses = [part for number in rule.cwe for part in (" ", weakness_link(number, named=False))]
    again = (line_of(quiet("It was dismissed, and something has changed since.")),) if one.returned else ()
    return (
        (line_of(rule.title), line_of(quiet(f"{rule.category.label}, rule {rule.id}"), *weaknesses), *again),
        cell(one.about),
        tuple(line_of(capitalize_first(words)) for words in candidate_evidence(known, one)) or cell(""),
        tuple(line_of(control.text) for control in rule.controls),
    )


def _questions(source: ReportSource) -> Section:
    questions = source.register.questions
    if not questions:
        return Section("questions", "Questions")
    crossing = sum(one.crossing for one in questions)
    of_these = f", {crossing} of them about flows that cross" if crossing else ""
    open_ones = f"{count_phrase(len(questions), 'question')} without an answer{of_these}"
    words = f"{open_ones}. Until they are answered, the rules are silent there."
    alike: dict[tuple[str, tuple[str, ...]], list[Question]] = {}
    for one in questions:
        alike.setdefault((one.text, one.why), []).append(one)
    rows = (_question(source, *asked, about) for asked, about in alike.items())
    return Section("questions", "Open questions", (ReportParagraph(line_of(words)), table(_QUESTIONS, rows)))


def _question(
    source: ReportSource, text: str, why: tuple[str, ...], about: Sequence[Question]
) -> tuple[Cell, ...]:
    return (
        (line_of(text), *(line_of(quiet(one)) for one in why[:_REASONS])),
        tuple(line_of(f"{one.element_name} ({one.element})", *_asked(source, one)) for one in about),
    )


def _asked(source: ReportSource, one: Question) -> Iterator[Run]:
    if one.answered_unknown:
        yield quiet(", somebody did not know")
    if one.asked_of:
        yield quiet(f", {source.naming(one.asked_of)} is asked")


def _warnings(known: ThreatRegister) -> Section:
    lines = tuple(line_of(one.text) for one in known.warnings)
    return Section("warnings", "What looks odd in the model itself", (Bullets(lines),) if lines else ())


_REASONS = 2
_VOTES = (
    Column("Round", 0.8),
    Column("Threats", 2.4),
    Column("Have voted", 1.0),
    Column("Quorum", 0.8, numbers=True),
    Column("Until", 1.6),
)
_CANDIDATES = (
    Column("Candidate", 2.4),
    Column("Where", 1.6),
    Column("Goes by", 3.0),
    Column("What usually helps", 2.4),
)
_QUESTIONS = (Column("Question", 4.0), Column("About", 3.0))
