"""The portfolio from the terminal: a table, JSON, and one HTML file."""

import json
from pathlib import Path

from bot.store import StreamId, open_store
from tests.cli.conftest import RunCli
from tests.report.test_html import HOSTILE, Page
from tests.store.saying import say, started

FEW = 2


def test_the_portfolio_is_a_table_or_json(house: RunCli) -> None:
    assert house("demo", "web-shop").exit_code == 0

    told = house("portfolio", "--zone", "Europe/Berlin")
    assert "TM-1 The House" in told.stdout, told.stderr
    assert "2 models (2 active)" in told.stdout

    found = json.loads(house("portfolio", "--json", "--sort", "name").stdout)
    assert [one["key"] for one in found["models"]] == ["TM-1", "TM-2"]
    assert found["totals"]["models"] == FEW
    assert found["totals"]["open"]["total"] == sum(one["open"]["total"] for one in found["models"])
    assert found["trend"][-1]["open"] == found["totals"]["open"]


def test_filters_leave_models_out_and_say_so(house: RunCli) -> None:
    assert json.loads(house("portfolio", "--label", "none", "--json").stdout)["models"] == []
    assert house("portfolio", "--label", "no\x1bne").stdout == (
        "No model matches the filter (label “no�ne”); there is 1 model.\n"
    )
    several = house("portfolio", "--phase", "closed", "--phase", "analysis", "--overdue")
    assert several.stdout == (
        "No model matches the filter (in closed or analysis; something is overdue); there is 1 model.\n"
    )
    mine = house(
        "portfolio",
        "--facilitator",
        json.loads(house("portfolio", "--json").stdout)["models"][0]["facilitator"],
    )
    assert "Filter: facilitated by" in mine.stdout
    assert json.loads(house("portfolio", "--facilitator", "U0OTHER", "--json").stdout)["models"] == []
    assert house("portfolio", "--sort", "beauty").exit_code == 2


def test_without_models_and_with_several_workspaces(run_cli: RunCli, database: Path) -> None:
    store = open_store(f"sqlite:///{database}")
    assert "There is no threat model." in run_cli("portfolio").stdout
    say(store, started(), stream=StreamId("T1/TM-1"))
    say(store, started(), stream=StreamId("T2/TM-1"))
    store.close()
    refused = run_cli("portfolio")
    assert (refused.exit_code, "--workspace" in refused.stderr) == (2, True)
    assert "1 model (1 active)" in run_cli("portfolio", "--workspace", "T2").stdout


def test_the_page_is_one_file_that_runs_no_text_of_users(
    run_cli: RunCli, database: Path, tmp_path: Path
) -> None:
    store = open_store(f"sqlite:///{database}")
    say(store, started(name=f"x{HOSTILE}"))
    store.close()
    file = tmp_path / "portfolio.html"

    written = run_cli("portfolio", "--html", str(file))

    assert written.stdout == f"The portfolio was written to {file}.\n", written.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    page = Page(file.read_bytes())
    assert (page.elements["script"], page.elements["img"], page.elements["link"]) == (0, 0, 0)
    assert "<script>alert(1)</script>" in page.said
    assert "\x1b" not in run_cli("portfolio").stdout
    run_cli("portfolio", "--label", f"y{HOSTILE}", "--html", str(file))
    filtered = Page(file.read_bytes())
    assert (filtered.elements["script"], filtered.elements["img"]) == (0, 0)
    assert "label “y" in filtered.said
    assert "1 not shown" in filtered.said
