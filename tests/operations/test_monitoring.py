"""Alerts and dashboard ask for metrics that the bot has, and the guide says what to do for each alert."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import pytest
import yaml
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from deploy.docs.generator.pages import ROOT, anchors
from tests.operations import tools
from tests.slack.slack_team import QUICK, run_bot

ALERTS: Final = ROOT / "deploy/monitoring/alerts.yaml"
DASHBOARD: Final = ROOT / "deploy/monitoring/dashboard.json"
SCRAPED: Final = {"job", "instance"}
"""Labels that Prometheus adds."""

RULES: Final[list[dict[str, Any]]] = [
    rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]
]
PANELS: Final[list[dict[str, Any]]] = json.loads(DASHBOARD.read_text())["panels"]

IDENTIFYING: Final = {"workspace", "team", "tenant", "enterprise", "channel", "person", "user", "model"}


class Selector(msgspec.Struct, frozen=True):
    """Metric in an expression, with the labels that it is selected by and their exact values."""

    metric: str
    labels: tuple[tuple[str, str], ...]


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, set[str]]]:
    """The labels of each metric of a bot that has shown something, with the values that occurred."""
    with run_bot(
        tmp_path_factory.mktemp("metrics") / "threatmodel.db", pace=replace(QUICK, update=0.01)
    ) as team:
        team.start()
        team.card("The House")
        team.wait(lambda: b'outcome="posted"' in team.bot.metrics.text())
        text = team.bot.metrics.text().decode()
    found: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for name, value in sample.labels.items():
                labels.setdefault(name, set()).add(value)
    return found


def parsed(expression: str) -> Any:
    """Parse an expression; of Grafana's variables only durations occur in it."""
    parser = tools.module("promql_parser", "promql-parser")
    return parser.parse(re.sub(r"\$__(rate_interval|range)", "5m", expression))


def nodes(node: Any) -> Iterator[Any]:
    """Yield an expression and all that it consists of."""
    yield node
    parts: list[Any] = list(getattr(node, "args", None) or [])
    parts += [getattr(node, name, None) for name in ("lhs", "rhs", "expr", "vector_selector")]
    for part in parts:
        if part is not None:
            yield from nodes(part)


def selectors(tree: Any) -> Iterator[Selector]:
    """Yield each metric that an expression reads."""
    for node in nodes(tree):
        if type(node).__name__ == "VectorSelector":
            yield Selector(node.name, tuple((one.name, one.value) for one in node.matchers.matchers))


def groupings(tree: Any) -> Iterator[str]:
    """Yield each label by which an expression groups."""
    for node in nodes(tree):
        if type(node).__name__ == "AggregateExpr" and node.modifier is not None:
            yield from node.modifier.labels


EXPRESSIONS: Final = {
    **{rule["alert"]: rule["expr"] for rule in RULES},
    **{
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in PANELS
        for target in panel["targets"]
    },
}

each_expression = pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)


@each_expression
def test_metrics_and_labels_exist(expression: str, metrics: dict[str, dict[str, set[str]]]) -> None:
    tree = parsed(expression)
    read = list(selectors(tree))
    assert read, "it reads nothing"
    for one in read:
        assert one.metric in metrics
        for label, value in one.labels:
            known = metrics[one.metric].get(label)
            assert known is not None, f"{one.metric} has no label {label}"
            for word in value.split("|"):
                assert word in known or f'"{word}"' in SOURCES, f"{label} is never {word}"
    labels = {label for one in read for label in metrics[one.metric]}
    assert set(groupings(tree)) <= labels | SCRAPED


SOURCES: Final = "".join(
    path.read_text()
    for folder in ("bot/delivery", "bot/slack/handlers", "bot/slack/slots")
    for path in sorted((ROOT / folder).glob("*.py"))
)


@each_expression
def test_replicas_are_not_added_up_where_they_count_the_same(expression: str) -> None:
    shared = [one.metric for one in selectors(parsed(expression)) if _of_the_database(one.metric)]
    assert not shared or expression.startswith("max("), f"{shared} is of the database, which all share"


def _of_the_database(metric: str) -> bool:
    return metric.startswith("threatmodel_work_") or metric in (
        "threatmodel_reminders_overdue",
        "threatmodel_trackers_stopped",
    )


def test_every_metric_is_on_the_dashboard(metrics: dict[str, dict[str, set[str]]]) -> None:
    shown = {
        selector.metric
        for panel in PANELS
        for target in panel["targets"]
        for selector in selectors(parsed(target["expr"]))
    }
    ours = {name for name in metrics if name.startswith("threatmodel_")}
    helpers = {name for name in ours if name.endswith(("_created", "_sum", "_count"))}
    assert ours - helpers <= shown


def test_no_metric_tells_workspaces_or_people_apart(metrics: dict[str, dict[str, set[str]]]) -> None:
    labels = {label for labels in metrics.values() for label in labels}
    assert labels & IDENTIFYING == set()
    values = {value for labels in metrics.values() for values in labels.values() for value in values}
    assert [value for value in values if re.fullmatch(r"[TCDUEW]0[0-9A-Z]{6,}", value)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_leads_to_its_section_of_the_guide(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert rule["annotations"]["summary"].endswith(".")
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert anchor == rule["alert"].lower()
    assert anchor in anchors((ROOT / page).read_text())


def test_the_guide_has_no_section_of_an_alert_that_does_not_exist() -> None:
    (page,) = {rule["annotations"]["runbook"].partition("#")[0] for rule in RULES}
    headings = re.findall(r"(?m)^#+ (Threatmodel\w+)$", (ROOT / page).read_text())
    assert headings == [rule["alert"] for rule in RULES]


def test_panels_lie_beside_and_below_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
