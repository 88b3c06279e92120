"""Contents of a report: complete, worst and next due first, without ballots."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.cli.output import register_rows
from bot.picture.charts import draw_coverage
from bot.picture.diagram import GraphvizUnavailable
from bot.report.compliance_report import compliance_report
from bot.report.document_parts import (
    Bullets,
    Facts,
    Meter,
    Picture,
    Report,
    ReportLine,
    ReportParagraph,
    ReportTable,
    Run,
    Section,
    plain_text,
)
from bot.report.markdown_renderer import render_markdown
from bot.report.report_source import ReportChanges
from bot.report.sections import report_of
from bot.report.sections.compliance_section import compliance_section
from bot.report.sections.summary_section import summary_section
from domain.analysis.coverage import DecidedBy
from domain.analysis.rule_findings import apply_rules
from domain.changes import difference
from domain.commands import (
    AnswerLinks,
    AnswerQuestions,
    BeginAnalysis,
    Command,
    ConfirmAssumptions,
    LinkReply,
    OpenFact,
    PlaceComponents,
    Placement,
    Reply,
)
from domain.compliance import NOT_A_CERTIFICATE
from domain.decide import decide
from domain.events import Erased, RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, Rating
from domain.kernel.standards import ASVS_CHAPTERS, chapter_words
from domain.register import ThreatRegister, register
from domain.rejections import Rejected
from domain.replay import replay
from tests.depth import examples
from tests.domain.grouped_story import FLOWS, PLAIN, answers, confirm, dismiss, gateway
from tests.domain.placed_components import element_id
from tests.domain.remediation_story import DONE, ISSUE, LINKED, TH1, TH2, TH3, THREATS, see
from tests.domain.test_assumed_facts import shop
from tests.domain.test_links import AUTH0, CLINIC, LOGIN, MODEL, OPENAI
from tests.domain.voting_story import CONTESTED, DAY, RD2, VOTERS, ballot_of, open_round
from tests.domain.voting_story import TH1 as PLUMBER
from tests.examples import ANA, BEN, CHI, at, closed, decide_all, reasons_for_conditions, started
from tests.random_commands import FURNISHED, walks
from tests.report.report_sources import (
    NAMES,
    NOW,
    REMEDIED,
    example_report,
    example_story_events,
    report_of_events,
    report_source_of,
)


def section(report: Report, id: str) -> Section:
    (found,) = (one for _, one in report.walk() if one.id == id)
    return found


def said(lines: Sequence[ReportLine]) -> str:
    """Lines without their looks, one after the other."""
    return " / ".join(" ".join(plain_text(words).split()) for words in lines)


def facts(report: Report, id: str) -> dict[str, str]:
    """What a section says under which name."""
    return {
        item.name: said(item.lines)
        for block in section(report, id).blocks
        if isinstance(block, Facts)
        for item in block.items
    }


def rows(report: Report, id: str) -> list[dict[str, str]]:
    """The rows of a section's table, by the titles of its columns."""
    (table,) = (block for block in section(report, id).blocks if isinstance(block, ReportTable))
    titles = [column.title for column in table.columns]
    cells = ([said(cell) for cell in row] for row in table.rows)
    return [dict(zip(titles, row, strict=True)) for row in cells]


def every_line(report: Report) -> Iterator[ReportLine]:
    """All words of a report, but those of its pictures."""
    for _, one in report.walk():
        yield (*one.badges, Run(one.title))
        for block in one.blocks:
            match block:
                case ReportParagraph():
                    yield block.line
                case Bullets():
                    yield from block.items
                case Facts():
                    yield from (words for fact in block.items for words in fact.lines)
                case ReportTable():
                    yield from (words for row in block.rows for cell in row for words in cell)
                case Picture():
                    yield (Run(block.alt_text),)


def text_of(report: Report) -> str:
    return "\n".join(plain_text(words) for words in every_line(report))


@pytest.mark.parametrize("name", ["house", "web-shop"])
def test_the_report_of_an_example_lists_threats_from_worst_to_least(name: str) -> None:
    report = example_report(name)
    assert [one.id for one in report.sections] == [
        "summary",
        "scope",
        "diagram",
        "threats",
        *(["prevented"] if name == "web-shop" else []),
        "gaps",
        "threat-details",
        "coverage",
        "asvs",
        "conditions",
        "registers",
        "answers",
        *(["dismissed"] if name == "web-shop" else []),
        "decisions",
        "people",
    ]
    ranked = report_source_of(example_story_events(name)).register.ranked
    told_of = [one.id for one in section(report, "threat-details").sections]
    assert told_of == [threat.threat.id.lower() for threat in ranked]
    worst = [row["Threat"].split()[0] for row in rows(report, "worst")]
    assert worst == [threat.threat.id for threat in ranked[:5]]


def test_the_summary_of_the_house() -> None:
    report = example_report("house")
    assert (report.title, report.key, report.day, report.notice) == ("The House", "TM-1", "4 March 2026", "")
    assert [(figure.number, figure.name) for figure in report.figures] == [
        ("25", "Elements"),
        ("5", "Data flows"),
        ("6", "Threats"),
        ("6", "Open"),
        ("0", "Accepted"),
        ("0", "Overdue"),
    ]
    known = "6 threats: 1 critical, 3 high and 2 medium. 6 are open, 6 without a response."
    assert known in text_of(report)


def test_a_threat_has_score_spread_rule_and_evidence() -> None:
    garage = facts(example_report("house"), "th-6")
    assert garage["Where"] == "Garage → House: Valuables (DF-5)"
    assert garage["Score"].startswith("critical 8.6 of 10, total 43, 4 ballots / Damage 10 (9 to 10)")
    assert "Rule X02: No boundary between different trust levels." in garage["Found by"]
    assert "Based on: the two ends have different trust levels." in garage["Found by"]
    assert garage["Weaknesses"] == "CWE-653 Improper Isolation or Compartmentalization"
    assert facts(example_report("house"), "th-1")["Found by"] == "A participant, not a rule."


def test_a_threat_from_a_rule_has_a_statement_and_refers_to_the_verification_standard() -> None:
    garage = facts(example_report("house"), "th-6")
    assert garage["Threat statement"] == (
        "An attacker can move from the less trusted to the more trusted side through Garage → House: "
        "Valuables because no trust boundary separates the two sides, leading to unauthorized access to "
        "Valuables."
    )
    assert not [name for name in garage if "ASVS" in name]
    assert "Threat statement" not in facts(example_report("house"), "th-1")
    injection = facts(example_report("web-shop"), "th-2")
    assert injection["OWASP ASVS 5.0.0"] == "V1.2 Injection Prevention"


def test_reasons_are_shown_without_names() -> None:
    again = [ballot_of(voter, 4, round=RD2, minute=30) for voter in VOTERS]
    report = report_of_events(decide_all(*again, after=CONTESTED))
    score = facts(report, PLUMBER.lower())
    assert score["Reasons given"] == "“everything breaks” / “nothing breaks”"
    assert not any(name in " ".join(score.values()) for name in NAMES.values())


def test_an_open_round_shows_only_its_turnout() -> None:
    some = decide_all(
        ballot_of(BEN, 7, reason="zebra"), ballot_of(CHI, 3, on=PLUMBER), after=open_round(PLUMBER)
    )
    report = report_of_events(some, at(20))
    (row,) = rows(report, "votes")
    assert (row["Round"], row["Threats"], row["Turnout"]) == ("RD-1", "TH-1", "2 of 4")
    assert "zebra" not in text_of(report)
    assert facts(report, PLUMBER.lower())["Score"] == "Not voted on yet."


def test_a_mitigation_has_its_issue_with_a_link_and_its_state() -> None:
    report = report_of_events(decide_all(see(DONE), after=LINKED))
    (badge,) = rows(report, "mitigations")
    assert badge["Ticket"] == "#12"
    assert badge["State"] == "planned / Issue #12 in Redmine, closed as completed"
    links = {word.link for words in every_line(report) for word in words if isinstance(word, Run)}
    assert ISSUE.url in links


def test_a_mitigation_has_owner_due_date_state_and_ticket() -> None:
    chain, badge = rows(report_of_events(REMEDIED), "mitigations")
    assert chain["Mitigation"] == "MI-2 A chain on the door"
    assert (chain["Owner"], chain["Due"]) == ("Dee", "6 Mar 2026")
    assert (chain["State"], chain["Threat"], chain["Ticket"]) == ("planned", TH1, "ticket")
    assert badge["State"] == "implemented, to be verified / Evidence: “A sign at the door”"
    links = {
        one.link for words in every_line(report_of_events(REMEDIED)) for one in words if isinstance(one, Run)
    }
    assert "https://tickets.example/7" in links


def test_overdue_items_come_first() -> None:
    report = report_of_events(REMEDIED, at(6 * DAY))
    first, *_ = rows(report, "due")
    assert (first["Due"], first["Assigned to"]) == ("6 Mar 2026 overdue", "Dee")
    assert [figure.number for figure in report.figures if figure.name == "Overdue"] == ["1"]


def test_a_threat_has_its_response() -> None:
    report = report_of_events(REMEDIED)
    assert facts(report, TH1.lower())["Response"] == "Mitigate. Owner: Ben. / Reason: “It is so”"
    assert "Ben proposed to accept the risk until 29 May 2026" in facts(report, TH2.lower())["Response"]
    assert facts(report, TH3.lower())["Response"] == "No response yet."
    assert facts(report, TH3.lower())["Suggested controls"] == (
        "Limit load, and prepare a fallback (availability)"
    )


def test_a_model_in_collection_has_a_short_report() -> None:
    begun = report_of_events([started()])
    assert [one.id for one in begun.sections] == ["summary", "decisions", "people"]
    assert [figure.name for figure in begun.figures] == ["Elements", "Data flows", "Open questions"]
    furnished = report_of_events(decide_all(*FURNISHED, after=[started()]))
    assert [one.id for one in furnished.sections] == [
        "summary",
        "diagram",
        "gaps",
        "registers",
        "decisions",
        "people",
    ]


def test_erased_entries_are_counted() -> None:
    said = text_of(report_of_events([*REMEDIED, Erased()]))
    assert "1 entry was erased." in said


def test_the_report_of_a_past_state_has_a_notice() -> None:
    then = report_source_of(example_story_events("house")[:40], at(60), been=True)
    assert report_of(then).notice == "State of 2 March 2026, evaluated with the current rules."


def test_without_a_diagram_the_flows_are_listed_in_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_drawn: object) -> None:
        raise GraphvizUnavailable("It is not installed.")

    monkeypatch.setattr(import_module("bot.report.sections.diagram_section"), "lay_out", missing)
    report = report_of_events(example_story_events("house"))
    assert not [block for block in section(report, "diagram").blocks if isinstance(block, Picture)]
    assert "It is not installed." in text_of(report)
    assert len(rows(report, "diagram")) == 5


@examples(12)
@given(st.sampled_from([decide_all(*FURNISHED, after=[started()]), REMEDIED, CONTESTED]), walks)
def test_any_sequence_of_commands_produces_a_valid_report(
    beginning: Sequence[RecordedEvent], walk: Sequence[Command]
) -> None:
    events = list(beginning)
    for command in walk:
        try:
            events.extend(decide(command, replay(events), lambda: tuple(events)))
        except Rejected:
            continue
    source = report_source_of(events, at(0) + timedelta(days=10))
    report = report_of(replace(source, full=True))

    ids = [one.id for _, one in report.walk()]
    assert len(ids) == len(set(ids))
    assert all(one.blocks or one.sections for _, one in report.walk())
    for words in every_line(report):
        for one in words:
            if isinstance(one, Run) and one.link:
                assert one.link in ids or one.link.startswith("https://")
            assert not isinstance(one, Meter) or 0 <= one.value <= 10
    for table in (
        block for _, one in report.walk() for block in one.blocks if isinstance(block, ReportTable)
    ):
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.columns)}
        assert all(cell for row in table.rows for cell in row)
    threats = [threat.threat.id.lower() for threat in source.register.ranked]
    assert [id for id in ids if id in threats] == threats


@pytest.fixture(scope="module")
def across() -> Report:
    shop, empty = replay(example_story_events("web-shop")), replay([started(name="The shed")])
    return compliance_report([register(shop), register(empty)], date(2026, 11, 28))


def test_controls_are_grouped_by_chapter_and_section_with_the_threats_of_each() -> None:
    source = report_source_of(example_story_events("web-shop"))
    shown = compliance_section(source)
    report = Report(key="", title="", subtitle="", day="", figures=(), sections=(shown,))
    told = rows(report, "asvs")
    names = [row["Section"] for row in told]
    assert names.index("V1 Encoding and Sanitization") < names.index("V1.2 Injection Prevention")
    (injection,) = (row for row in told if row["Section"].startswith("V1.2"))
    assert injection["Threats"].startswith("TH-")
    assert NOT_A_CERTIFICATE in render_markdown(report)


def test_a_short_report_and_a_model_without_checks_have_no_such_section() -> None:
    short = report_of(replace(report_source_of(example_story_events("web-shop")), pictures=False))
    empty = report_of(replace(report_source_of([started()]), full=True))
    for report in (short, empty):
        assert "asvs" not in {one.id for _, one in report.walk()}


def test_across_models_every_chapter_of_the_standard_is_listed(across: Report) -> None:
    (table,) = (block for block in section(across, "chapters").blocks if isinstance(block, ReportTable))
    assert len(table.rows) == len(ASVS_CHAPTERS)
    told = rows(across, "chapters")
    assert {row["Chapter"] for row in told} == {*map(chapter_words, ASVS_CHAPTERS)}
    assert "no rules" in next(row for row in told if row["Chapter"] == "V17 WebRTC")["Answered"]
    assert [row["Model"] for row in rows(across, "models")] == ["The web shop (TM-1)", "The shed (TM-1)"]
    assert NOT_A_CERTIFICATE in render_markdown(across)


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
    assert "External dependencies in the flows" not in str(report_of_events(CLINIC))
    report = report_of_events(events)
    same, apart = rows(report, "links")
    assert (same["External dependency"], same["Component"], same["The same thing"]) == (
        "Auth0 (XD-1)",
        "Auth0 (CO-2)",
        "yes",
    )
    assert "Dependency: yes. Component: no." in same["Answers that differ"]
    assert apart["The same thing"] == "no"
    (registered,) = [row for row in rows(report, "component") if row["ID"] == "CO-2"]
    assert registered["Name"] == "Auth0 (same as XD-1)"


@cache
def grouped() -> Report:
    return report_of_events(decide_all(confirm(*PLAIN), after=gateway()))


def test_the_full_report_lists_every_place_with_its_state() -> None:
    changed = decide_all(confirm(*PLAIN), answers("encrypted", FLOWS[7:], Answer.YES), after=gateway())
    told = facts(report_of_events(changed), "th-1")
    assert "Gateway → Service 1: Orders (DF-1)" in told["Where"]
    assert "Gateway → Service 8: Orders (DF-8), no longer found" in told["Where"]


def test_what_a_threat_is_based_on_is_told_once_for_all_places() -> None:
    told = facts(grouped(), "th-1")
    assert told["Found by"].count("Rule I01") == 1
    assert told["Found by"].count("Based on") == 1


def test_the_list_of_threats_names_the_first_places() -> None:
    events = decide_all(confirm(*PLAIN), after=gateway())
    short = text_of(report_of(replace(report_source_of(events), full=False)))
    assert "Unencrypted data in transit at 8 data flows" in short
    assert "and 4 more" in short


def test_suggested_threats_and_dismissals_of_one_rule_are_one_row() -> None:
    undecided = report_of_events(gateway())
    (row,) = rows(undecided, "suggested-threats")
    assert row["Suggested threat"].startswith("Unencrypted data in transit")
    dismissed = report_of_events(decide_all(dismiss(*PLAIN), after=gateway()))
    (row,) = rows(dismissed, "dismissed")
    assert row["Where"].count("Gateway → Service") == len(FLOWS)


def answered_but_for_assumptions() -> list[RecordedEvent]:
    """The API runs on AWS Lambda, whose isolation is assumed; every other question is answered."""
    lambda_ = Placement(
        component=element_id("CO-2"),
        sort=ComponentKind.PROCESS,
        trust_level=element_id("TL-2"),
        boundary="VPC",
        technology="aws_lambda",
    )
    events = decide_all(
        PlaceComponents(by=ANA, at=at(3), placements=(lambda_,)),
        BeginAnalysis(by=ANA, at=at(3), reasons=reasons_for_conditions()),
        after=shop(rating=Rating.MEDIUM),
    )
    while answers := [
        Reply(
            element=question.element,
            fact=question.fact,
            answer=Answer.NO if question.element.startswith("AS-") else Answer.YES,
        )
        for question in apply_rules(replay(events)).questions
    ]:
        events = decide_all(AnswerQuestions(by=ANA, at=at(4), replies=tuple(answers)), after=events)
    return events


def test_an_open_question_is_listed_with_its_owner_and_day() -> None:
    before = shop(rating=Rating.MEDIUM)
    (asked, *_) = apply_rules(replay(before)).questions
    reply = Reply(element=asked.element, fact=asked.fact, answer=Answer.UNKNOWN)
    events = decide_all(AnswerQuestions(by=ANA, at=at(4), replies=(reply,)), after=before)
    (row,) = rows(report_of_events(events), "question-owners")
    assert row["Question"] == asked.text
    assert row["Elements"] == f"{asked.element_name} ({asked.element})"
    assert (row["Owner"], row["Due"]) == ("Ana", "9 Mar 2026")


def shown(events: list[RecordedEvent]) -> ThreatRegister:
    return register(replay(events))


def test_the_grid_and_the_answers_mark_assumed_values_with_their_source() -> None:
    report = report_of_events(answered_but_for_assumptions())
    cells = [row for row in rows(report, "coverage") if "assumed" in row.values()]
    assert cells
    assert re.search(
        r"cells? (is|are) on trust crossings: \d+ decided, \d+ undecided and \d+ assumed\.", text_of(report)
    )
    (row,) = [one for one in rows(report, "assumed") if one["Use"] == "used instead of an answer"]
    assert row["Element"] == "API (CO-2)"
    assert "not shared between accounts" in row["Reason"]
    assert row["Source"].startswith("https://docs.aws.amazon.com/")


def test_the_chart_and_the_command_line_distinguish_assumed_and_decided_cells() -> None:
    known = shown(answered_but_for_assumptions())
    assert DecidedBy.ASSUMED in {cell.by for row in known.coverage.rows for cell in row.cells}
    drawn = draw_coverage(known)[0].svg
    assert ">assumed<" in drawn
    assert "all decided" not in drawn
    assert "◐" in {cell for cells in register_rows.coverage(known.coverage, str) for cell in cells}


def test_a_confirmed_assumption_is_decided() -> None:
    events = answered_but_for_assumptions()
    facts = tuple(OpenFact(element=one.element, fact=one.assumed.fact) for one in shown(events).assumed)
    report = report_of_events(decide_all(ConfirmAssumptions(by=ANA, at=at(5), facts=facts), after=events))
    assert not [row for row in rows(report, "coverage") if "assumed" in row.values()]
    assert not re.search(r"on trust crossings: [^.]* assumed\.", text_of(report))
    assert (
        ">assumed<"
        not in draw_coverage(
            shown(decide_all(ConfirmAssumptions(by=ANA, at=at(5), facts=facts), after=events))
        )[0].svg
    )


def test_the_summary_lists_each_overridden_condition_with_its_reason() -> None:
    told = str(summary_section(report_source_of(closed(THREATS, minute=60, reason="We move out"))))
    assert "overrode" not in str(summary_section(report_source_of(THREATS[:1])))
    assert "The team overrode" in told
    assert "Threats without a score: TH-1, TH-2, TH-3" in told
    assert "Before closing" in told
    assert "Before remediation" in told
    assert "We move out" in told


def since_the_start(*, nothing: bool = False) -> Report:
    source = report_source_of(REMEDIED)
    before = source.register if nothing else register(replay(THREATS), now=at(6))
    changes = difference(before, source.register, REMEDIED)
    return report_of(replace(source, full=True, since=ReportChanges(moment=at(6), changes=changes)))


def test_changes_come_first_grouped_by_subject() -> None:
    report = since_the_start()
    first = report.sections[0]
    assert first.title == "Changes since 2 March 2026"
    assert [one.title for one in first.sections] == ["Responses", "Accepted risks", "Mitigations"]
    written = render_markdown(report)
    assert (
        "| [A plumber who is none (TH-1)](#th-1) | decided | status: open → in remediation<br>"
        "response: mitigate<br>owner: @\N{WORD JOINER}Ben<br>reason: It is so | Ben, Chi | 2 March 2026 |"
    ) in written
    assert (
        "| Ask for a badge (MI-1) | planned | for: TH-1<br>state: implemented, to be verified<br>" in written
    )


def test_no_changes_are_stated_and_the_section_is_optional() -> None:
    assert "The model has not changed since then." in render_markdown(since_the_start(nothing=True))
    assert not [one for one in report_of(report_source_of(REMEDIED, NOW)).sections if one.id == "changes"]
