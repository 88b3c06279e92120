"""A threat at several places in the report: each place is named, and there are never too many."""

from functools import cache

from msgspec.structs import replace

from bot.report.document_parts import Report
from bot.report.sections import report_of
from domain.kernel.answer import Answer
from tests.domain.grouped_story import FLOWS, PLAIN, answers, confirm, dismiss, gateway
from tests.examples import decide_all
from tests.report.report_sources import report_of_events, report_source_of
from tests.report.test_contents import facts, rows, text_of


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


def test_candidates_and_dismissals_of_one_rule_are_one_row() -> None:
    undecided = report_of_events(gateway())
    (row,) = rows(undecided, "candidates")
    assert row["Suggested threat"].startswith("Unencrypted data in transit")
    dismissed = report_of_events(decide_all(dismiss(*PLAIN), after=gateway()))
    (row,) = rows(dismissed, "dismissed")
    assert row["Where"].count("Gateway → Service") == len(FLOWS)
