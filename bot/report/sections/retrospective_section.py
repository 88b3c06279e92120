"""How the team looks back on the work."""

from bot.report.document_parts import Fact, Facts, Section, line
from bot.report.report_source import Source
from bot.report.sections.cell_formatting import quoted
from domain.kernel.retrospective import RetrospectiveQuestion


def looking_back(source: Source) -> Section:
    """What people answered, question by question, without their names: they judge each other's work."""
    facts = [
        Fact(question.words, tuple(line(quoted(text)) for text in said))
        for question in RetrospectiveQuestion
        if (said := _answers(source, question))
    ]
    return Section("looking-back", "Looking back", (Facts(tuple(facts)),) if facts else ())


def _answers(source: Source, question: RetrospectiveQuestion) -> list[str]:
    every = (answer for one in source.register.retrospectives for answer in one.answers)
    return sorted(answer.text for answer in every if answer.question is question)
