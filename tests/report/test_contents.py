"""Contents of a report: complete, worst and next due first, without ballots."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.picture.diagram import GraphvizUnavailable
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
from bot.report.sections import report_of
from domain.commands import Command
from domain.decide import decide
from domain.events import Erased, RecordedEvent
from domain.rejections import Rejected
from domain.replay import replay
from tests.depth import examples
from tests.domain.issue_story import DONE, ISSUE, LINKED, see
from tests.domain.remediation_story import TH1, TH2, TH3
from tests.domain.voting_story import CONTESTED, DAY, RD2, VOTERS, ballot_of, open_round
from tests.domain.voting_story import TH1 as PLUMBER
from tests.examples import BEN, CHI, at, decide_all, started
from tests.random_commands import FURNISHED, walks
from tests.report.report_sources import (
    NAMES,
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
        one.name: said(one.lines)
        for block in section(report, id).blocks
        if isinstance(block, Facts)
        for one in block.items
    }


def rows(report: Report, id: str) -> list[dict[str, str]]:
    """The rows of a section's table, by the titles of its columns."""
    (table,) = (block for block in section(report, id).blocks if isinstance(block, ReportTable))
    titles = [one.title for one in table.columns]
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
        "gaps",
        "threat-details",
        "coverage",
        "asvs",
        "gates",
        "registers",
        "answers",
        *(["dismissed"] if name == "web-shop" else []),
        "decisions",
        "people",
    ]
    ranked = report_source_of(example_story_events(name)).register.ranked
    told_of = [one.id for one in section(report, "threat-details").sections]
    assert told_of == [one.threat.id.lower() for one in ranked]
    worst = [row["Threat"].split()[0] for row in rows(report, "worst")]
    assert worst == [one.threat.id for one in ranked[:5]]


def test_the_summary_of_the_house() -> None:
    report = example_report("house")
    assert (report.title, report.key, report.day, report.notice) == ("The House", "TM-1", "4 March 2026", "")
    assert [(one.number, one.name) for one in report.figures] == [
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
    links = {one.link for words in every_line(report) for one in words if isinstance(one, Run)}
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
    assert [one.number for one in report.figures if one.name == "Overdue"] == ["1"]


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
    assert [one.name for one in begun.figures] == ["Elements", "Data flows", "Open questions"]
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
    assert not [one for one in section(report, "diagram").blocks if isinstance(one, Picture)]
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
    threats = [one.threat.id.lower() for one in source.register.ranked]
    assert [id for id in ids if id in threats] == threats
