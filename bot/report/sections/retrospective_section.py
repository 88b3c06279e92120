"""Answers of the retrospective."""

from bot.report.document_parts import Fact, Facts, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import quote
from domain.kernel.retrospective import RetrospectiveQuestion


def retrospective_section(source: ReportSource) -> Section:
    """Return the answers by question, without names, because they are about colleagues' work."""
    facts = [
        Fact(question.text, tuple(line_of(quote(text)) for text in said))
        for question in RetrospectiveQuestion
        if (said := _answers(source, question))
    ]
    return Section("looking-back", "Retrospective", (Facts(tuple(facts)),) if facts else ())


def _answers(source: ReportSource, question: RetrospectiveQuestion) -> list[str]:
    every = (answer for one in source.register.retrospectives for answer in one.answers)
    return sorted(answer.text for answer in every if answer.question is question)
