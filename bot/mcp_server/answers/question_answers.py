"""Open questions as agents read them."""

from bot.mcp_server.said_text import said
from domain.analysis.rule_findings import Question
from domain.built_in_catalog import BUILT_IN


def question_answer(question: Question) -> dict[str, object]:
    """Return a question about an element: what a yes and a no state, and why it is asked."""
    fact = BUILT_IN.facts[question.fact]
    return {
        "element": question.element,
        "element_name": said(question.element_name),
        "fact": question.fact,
        "question": question.text,
        "yes_states": fact.statement,
        "no_states": fact.denial or None,
        "why": list(question.why),
        "suggested": question.suggested.answer.value if question.suggested else None,
        "answered_unknown": question.answered_unknown,
    }
