"""What a report says of a model, one module a subject; in the order in which a busy reader wants it."""

from bot.report.document_parts import Report
from bot.report.report_cleanup import kept
from bot.report.report_source import Source
from bot.report.sections.answers_section import answers
from bot.report.sections.cell_formatting import day
from bot.report.sections.changes_section import changed
from bot.report.sections.coverage_section import coverage
from bot.report.sections.diagram_section import diagram
from bot.report.sections.dismissed_section import dismissed
from bot.report.sections.gates_section import gates
from bot.report.sections.mitigations_section import mitigations
from bot.report.sections.open_items_section import undecided
from bot.report.sections.participants_section import decisions, people
from bot.report.sections.registers_section import registers
from bot.report.sections.responses_section import accepted
from bot.report.sections.retrospective_section import looking_back
from bot.report.sections.scope_section import scope
from bot.report.sections.summary_section import figures, summary
from bot.report.sections.threats_section import threats

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
