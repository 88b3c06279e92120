"""The report says which external dependencies are components of the flows, and where their answers differ."""

from domain.commands import AnswerLinks, AnswerQuestions, LinkReply, Reply
from domain.kernel.answer import Answer
from tests.domain.test_links import AUTH0, CLINIC, LOGIN, MODEL, OPENAI
from tests.examples import ANA, BEN, at, decide_all
from tests.report.report_sources import report_of_events
from tests.report.test_contents import rows


def test_links_have_a_table_with_answers_that_differ() -> None:
    events = decide_all(
        AnswerQuestions(
            by=ANA,
            at=at(4),
            replies=(
                Reply(element=AUTH0, fact="patched_in_time", answer=Answer.YES),
                Reply(element=LOGIN, fact="patched_in_time", answer=Answer.NO),
            ),
        ),
        AnswerLinks(
            by=BEN,
            at=at(5),
            replies=(
                LinkReply(dependency=AUTH0, component=LOGIN, same=True),
                LinkReply(dependency=OPENAI, component=MODEL, same=False),
            ),
        ),
        after=CLINIC,
    )
    report = report_of_events(events)
    same, apart = rows(report, "links")
    assert (same["External dependency"], same["Component"], same["The same thing"]) == (
        "Auth0 (XD-1)",
        "Auth0 (CO-2)",
        "yes",
    )
    assert "Dependency: yes. Component: no." in same["Answers that differ"]
    assert apart["The same thing"] == "no"
    (registered,) = [one for one in rows(report, "component") if one["ID"] == "CO-2"]
    assert registered["Name"] == "Auth0 (same as XD-1)"


def test_a_report_without_links_has_no_table_of_them() -> None:
    assert "External dependencies in the flows" not in str(report_of_events(CLINIC))
