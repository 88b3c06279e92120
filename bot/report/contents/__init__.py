"""What a report says of a model, one module a subject; in the order in which a busy reader wants it."""

from bot.report.contents.answers import answers
from bot.report.contents.changed import changed
from bot.report.contents.coverage import coverage
from bot.report.contents.diagram import diagram
from bot.report.contents.dismissed import dismissed
from bot.report.contents.gates import gates
from bot.report.contents.looking_back import looking_back
from bot.report.contents.mitigations import mitigations
from bot.report.contents.people import decisions, people
from bot.report.contents.registers import registers
from bot.report.contents.responses import accepted
from bot.report.contents.scope import scope
from bot.report.contents.summary import figures, summary
from bot.report.contents.threats import threats
from bot.report.contents.undecided import undecided
from bot.report.contents.words import day
from bot.report.parts import Report
from bot.report.shown import kept
from bot.report.source import Source

_SUBJECTS = (
    changed,
    summary,
    scope,
    diagram,
    threats,
    mitigations,
    accepted,
    undecided,
    coverage,
    gates,
    registers,
    answers,
    dismissed,
    looking_back,
    decisions,
    people,
)


def report_of(source: Source) -> Report:
    """Everything that there is to tell of a model at a moment; nothing stands in it of open ballots."""
    known = source.register
    shown = day(source.day_of(source.of))
    return kept(
        Report(
            key=known.key,
            title=known.name,
            subtitle=f"Threat model in {known.phase}, version {known.version}",
            day=shown,
            figures=figures(source),
            sections=tuple(subject(source) for subject in _SUBJECTS),
            notice=f"This is how it was on {shown}, by today's rules." if source.past else "",
        )
    )
