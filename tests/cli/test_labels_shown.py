"""Labels of a model, wherever one model is shown: terminal, JSON, report, and the overview for agents."""

import io

from rich.console import Console

from bot.cli.model_queries.model_lookup import ModelSnapshot
from bot.cli.output.json_document import model_json
from bot.cli.output.model_tables import print_model
from bot.mcp_server.answers import overview
from bot.report.markdown_renderer import render_markdown
from bot.report.sections import report_of
from domain.commands import ChooseLabels
from domain.register import register
from domain.replay import replay
from tests.domain.remediation_story import THREATS
from tests.examples import ANA, at, decide_all
from tests.report.report_sources import report_source_of

LABELED = decide_all(ChooseLabels(by=ANA, at=at(40), labels=("team: payments", "PCI DSS")), after=THREATS)


def test_programs_and_agents_have_a_list_of_texts() -> None:
    seen, plain = register(replay(LABELED)), register(replay(THREATS))
    assert (model_json(seen)["labels"], model_json(plain)["labels"]) == (["team: payments", "PCI DSS"], [])
    assert overview(seen)["labels"] == [{"said": "team: payments"}, {"said": "PCI DSS"}]


def test_the_terminal_and_the_report_name_them() -> None:
    out = io.StringIO()
    seen = register(replay(LABELED))
    print_model(ModelSnapshot(register=seen, naming=str, as_of=at(60)), Console(file=out, width=200))
    assert "Labels: team: payments, PCI DSS\n" in out.getvalue()
    page = render_markdown(report_of(report_source_of(tuple(LABELED))))
    assert "team: payments, PCI DSS" in page
    assert "Labels" not in render_markdown(report_of(report_source_of(tuple(THREATS))))
