"""The summary lists overridden gates, each with its reason."""

from bot.report.sections.summary_section import summary_section
from tests.domain.remediation_story import THREATS
from tests.examples import closed
from tests.report.report_sources import report_source_of


def test_the_summary_lists_each_overridden_gate_with_its_reason() -> None:
    told = str(summary_section(report_source_of(closed(THREATS, minute=60, reason="We move out"))))
    assert "The team overrode" in told
    assert "Threats without a score: TH-1, TH-2, TH-3" in told
    assert "Before closing" in told
    assert "Before remediation" in told
    assert "We move out" in told


def test_a_summary_without_overridden_gates_omits_them() -> None:
    assert "overrode" not in str(summary_section(report_source_of(THREATS[:1])))
