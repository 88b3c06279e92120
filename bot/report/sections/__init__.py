"""Sections of a report, one module for each subject, in reading order."""

from collections.abc import Iterator

from msgspec.structs import replace

from bot.report.document_parts import Report, Section, without_empty_sections
from bot.report.report_source import ReportSource
from bot.report.sections.compliance_section import compliance_section
from bot.report.sections.diagram_section import coverage_section, diagram_section
from bot.report.sections.gaps_section import conditions_section, gaps_section, plan_section
from bot.report.sections.prevented_section import prevented_section
from bot.report.sections.registers_section import (
    answers_section,
    changes_section,
    register_sections,
    retrospective_section,
)
from bot.report.sections.section_formatting import format_day
from bot.report.sections.summary_section import (
    decisions_section,
    participants_section,
    scope_section,
    summary_figures,
    summary_section,
)
from bot.report.sections.threat_list_section import threat_list_section
from bot.report.sections.threats_section import accepted_risks_section, dismissed_section, threats_section
from domain.wording.steering import import_sentence

_MAIN = (
    changes_section,
    summary_section,
    scope_section,
    diagram_section,
    threat_list_section,
    plan_section,
    accepted_risks_section,
    prevented_section,
    gaps_section,
)
_APPENDIX = (
    threats_section,
    coverage_section,
    compliance_section,
    conditions_section,
    register_sections,
    answers_section,
    dismissed_section,
    retrospective_section,
    decisions_section,
    participants_section,
)


def _subject_of(phase: str) -> str:
    """Return what the report is about, for the title page."""
    return f"{phase.capitalize()} threat model" if phase in _ENDED else f"Threat model in {phase}"


_ENDED = ("closed", "archived")


def report_of(source: ReportSource) -> Report:
    """Return the report of a model at a moment, without open ballots.

    It ends with the gaps; the appendix follows only in a full report.
    """
    known = source.register
    shown = format_day(source.day_of(source.as_of))
    return without_empty_sections(
        Report(
            key=known.key,
            title=known.name,
            subtitle=f"{_subject_of(known.phase)}, version {known.version}",
            day=shown,
            figures=summary_figures(source),
            sections=(
                *(subject(source) for subject in _MAIN),
                *(_appended(subject(source)) for subject in _APPENDIX if source.full),
            ),
            notice=" ".join(_notices(source, shown)),
        )
    )


def _notices(source: ReportSource, shown: str) -> Iterator[str]:
    if source.past:
        yield f"State of {shown}, evaluated with the current rules."
    if mark := source.register.imported:
        yield f"{import_sentence(mark, source.naming(mark.importer))}."


def _appended(section: Section) -> Section:
    return replace(section, title=f"Appendix: {section.title}")
