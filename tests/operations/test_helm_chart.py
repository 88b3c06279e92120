"""The chart is rendered and validated without a cluster, and agrees with what the bot really does."""

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from bot.metrics import Metrics
from bot.server_process import LEAVE_SECONDS
from bot.settings import VARIABLES
from bot.slack.protocol.app_ids import EVENTS_PATH, LINK_PATH
from bot.slack.slack_bot import STOP_SECONDS
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead
from bot.slack.transport.http_sites import OperatorSite
from bot.slack.transport.install_pages import PATHS as INSTALL_PATHS
from bot.slack.transport.tracker_webhooks import PATH as WEBHOOK_PATH
from bot.store.postgres.connections import CONNECTIONS
from bot.store.postgres.server_health import FEW_CONNECTIONS
from tests.operations import tools

CHART: Final = Path(__file__).resolve().parents[2] / "deploy/helm/threatmodel"
KUBERNETES: Final = "1.37"
OPERATOR: Final = "monitoring.coreos.com/"
"""The API of the Prometheus operator, whose objects Kubernetes alone does not know."""

Values = Mapping[str, Any]

GIVEN: Final[Values] = {
    "image": {"repository": "registry.example.org/threatmodel", "tag": "1.2.3"},
    "existingSecrets": {"slack": "slack", "database": "database", "keys": "keys"},
}
TRACKER: Final[Values] = {"to": [{"ipBlock": {"cidr": "10.0.0.7/32"}}], "ports": [3000]}
HTTP: Final[Values] = {
    **GIVEN,
    "delivery": "http",
    "ingress": {"enabled": True, "host": "threats.example.org", "tlsSecret": "threats-tls"},
    "autoscaling": {"enabled": True},
    "databaseCertificateAuthority": "database-ca",
    "settings": {"HOLIDAYS": "2026-12-25"},
    "networkPolicy": {
        "databaseTo": [{"ipBlock": {"cidr": "10.1.2.3/32"}}],
        "trackers": [
            TRACKER,
            {
                "to": [{"namespaceSelector": {}}, {"ipBlock": {"cidr": "203.0.113.9/32"}}],
                "ports": [8080, 8443],
            },
        ],
    },
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"operator": "Exists"}],
    "imagePullSecrets": [{"name": "registry"}],
    "priorityClassName": "high",
}
CONTROLLER: Final[Values] = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}
}
SOCKET: Final[Values] = {**GIVEN, "delivery": "socket", "replicas": 9, "databaseConnections": 180}
DELIVERIES: Final = {"http": HTTP, "socket": SOCKET}

both = pytest.mark.parametrize("values", DELIVERIES.values(), ids=DELIVERIES)


@functools.cache
def chart() -> Any:
    return tools.module("helm_python.chart", "helm-python-sdk").Chart.load(str(CHART))


def rendered(values: Values) -> dict[str, dict[str, Any]]:
    """Render the chart, validate each object, and return them by kind."""
    return _rendered(json.dumps(values))


@functools.cache
def _rendered(written: str) -> dict[str, dict[str, Any]]:
    values = json.loads(written)
    kubernetes = tools.module("kubernetes_validate", "kubernetes-validate")
    chart().validate_schema(values)
    texts = chart().render(values=values, name="threats")
    manifests = [text for name, text in texts.items() if name.endswith(".yaml")]
    objects = [one for text in manifests for one in yaml.safe_load_all(text) if one]
    for one in objects:
        if not one["apiVersion"].startswith(OPERATOR):
            kubernetes.validate(one, KUBERNETES, strict=True)
    return {one["kind"]: one for one in objects}


def pod(values: Values) -> dict[str, Any]:
    return rendered(values)["Deployment"]["spec"]["template"]


def container(values: Values) -> dict[str, Any]:
    (one,) = pod(values)["spec"]["containers"]
    return one


def variables(values: Values) -> dict[str, str]:
    return {one["name"]: one["value"] for one in container(values)["env"]}


@both
def test_lint_finds_nothing(values: Values) -> None:
    report = tools.module("helm_python.chart", "helm-python-sdk").lint(str(CHART), values, strict=True)
    assert report["errors"] == []
    assert [one for one in report["messages"] if one["error"] != "icon is recommended"] == []


def test_http_has_a_way_in_and_socket_mode_only_for_installing() -> None:
    common = {"Deployment", "NetworkPolicy", "PodDisruptionBudget", "ServiceAccount"}
    assert set(rendered(SOCKET)) == common
    assert set(rendered(HTTP)) == common | {"Service", "Ingress", "HorizontalPodAutoscaler"}
    (only,) = rendered(SOCKET)["NetworkPolicy"]["spec"]["ingress"]
    assert [one["port"] for one in only["ports"]] == ["metrics"]
    installing = rendered({**SOCKET, "ingress": HTTP["ingress"]})
    assert set(installing) == common | {"Service", "Ingress"}
    assert len(installing["NetworkPolicy"]["spec"]["ingress"]) == 2


def test_every_public_page_is_behind_the_ingress() -> None:
    (rule,) = rendered(HTTP)["Ingress"]["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert path["pathType"] == "Prefix"
    outside = [one for one in (EVENTS_PATH, *INSTALL_PATHS) if not one.startswith(f"{path['path']}/")]
    assert outside == []


def test_links_to_models_and_webhooks_are_behind_the_ingress_where_they_are_configured() -> None:
    public = "https://threats.example.org"
    with_links = {**HTTP, "settings": {**HTTP.get("settings", {}), "PUBLIC_URL": public}}
    (rule,) = rendered(with_links)["Ingress"]["spec"]["rules"]
    paths = {LINK_PATH.rstrip("/"), WEBHOOK_PATH.rstrip("/")}
    assert paths <= {path["path"] for path in rule["http"]["paths"]}
    (usual,) = rendered(HTTP)["Ingress"]["spec"]["rules"]
    assert paths.isdisjoint(path["path"] for path in usual["http"]["paths"])
    assert variables(with_links)["PUBLIC_URL"] == public


@both
def test_agents_have_a_way_in_where_they_are_enabled(values: Values) -> None:
    assert "MCP_PORT" not in variables(values)
    policy = {**values.get("networkPolicy", {}), "ingressFrom": [CONTROLLER]}
    agents = {**values, "agents": {"enabled": True}, "networkPolicy": policy}
    enabled = {**agents, "ingress": HTTP["ingress"]}
    ports = {one["name"]: str(one["containerPort"]) for one in container(enabled)["ports"]}
    assert variables(enabled)["MCP_PORT"] == ports["mcp"]
    objects = rendered(enabled)
    served = {one["name"]: one["targetPort"] for one in objects["Service"]["spec"]["ports"]}
    (rule,) = objects["Ingress"]["spec"]["rules"]
    leads = {one["path"]: one["backend"]["service"]["port"]["name"] for one in rule["http"]["paths"]}
    assert served[leads["/mcp"]] == "mcp"
    admitted = [port["port"] for one in objects["NetworkPolicy"]["spec"]["ingress"] for port in one["ports"]]
    assert "mcp" in admitted
    assert "mcp" in [one["name"] for one in rendered(agents)["Service"]["spec"]["ports"]]


@both
@pytest.mark.parametrize("policy", [{}, {"ingressFrom": []}, {"enabled": False, "ingressFrom": [CONTROLLER]}])
def test_agents_are_refused_without_a_named_source_of_traffic(values: Values, policy: Values) -> None:
    with pytest.raises(Exception, match=r"needs networkPolicy.enabled and networkPolicy.ingressFrom: name"):
        rendered({**values, "agents": {"enabled": True}, "networkPolicy": policy})


NOTHING: Final[list[object]] = []


def reaching(tracker: Values) -> Values:
    return {**GIVEN, "networkPolicy": {"trackers": [tracker]}}


def test_trackers_elsewhere_than_at_the_usual_port_can_be_reached_and_nothing_more() -> None:
    def reached(values: Values) -> list[tuple[list[str], list[int]]]:
        rules = rendered(values)["NetworkPolicy"]["spec"]["egress"]
        places = [sorted(str(to.get("ipBlock", {}).get("cidr")) for to in one.get("to", ())) for one in rules]
        return [
            (place, [port["port"] for port in one["ports"]]) for place, one in zip(places, rules, strict=True)
        ]

    dns, *_ = rendered(SOCKET)["NetworkPolicy"]["spec"]["egress"]
    assert dns["to"] == [{"namespaceSelector": {}}], "DNS runs anywhere in a cluster"
    usual = [(["None"], [53, 53]), (["0.0.0.0/0", "2000::/3"], [443])]
    assert reached(SOCKET) == [*usual, ([], [5432])]
    trackers = [(["10.0.0.7/32"], [3000]), (["203.0.113.9/32", "None"], [8080, 8443])]
    assert reached(HTTP) == [*usual, *trackers, (["10.1.2.3/32"], [5432])]


def test_more_rules_of_egress_are_added_as_they_are() -> None:
    proxy = {"to": [{"ipBlock": {"cidr": "10.9.9.9/32"}}], "ports": [{"protocol": "TCP", "port": 3128}]}
    policy = {"networkPolicy": {"extraEgress": [proxy]}}
    assert rendered({**GIVEN, **policy})["NetworkPolicy"]["spec"]["egress"][-1] == proxy


@both
def test_as_many_replicas_as_may_run_fit_into_the_connections_of_the_database(values: Values) -> None:
    most = values.get("replicas") or rendered(values)["HorizontalPodAutoscaler"]["spec"]["maxReplicas"]
    needed = (most + 1) * CONNECTIONS + FEW_CONNECTIONS
    rendered({**values, "databaseConnections": needed})
    with pytest.raises(Exception, match=f"{most} replicas and one more .* max_connections = {needed}"):
        rendered({**values, "databaseConnections": needed - 1})


def test_replicas_are_added_by_the_share_of_one_core_that_each_uses() -> None:
    (metric,) = rendered(HTTP)["HorizontalPodAutoscaler"]["spec"]["metrics"]
    assert metric["resource"]["target"] == {"type": "AverageValue", "averageValue": "700m"}


@both
def test_all_objects_can_have_another_name_and_the_account_an_identity(values: Values) -> None:
    identity = {"iam.example.org/role": "threats"}
    named = {**values, "fullnameOverride": "tm", "serviceAccount": {"annotations": identity}}
    objects = rendered(named)
    assert {one["metadata"]["name"] for one in objects.values()} == {"tm"}
    assert objects["ServiceAccount"]["metadata"]["annotations"] == identity
    assert pod(named)["spec"]["serviceAccountName"] == "tm"
    if "HorizontalPodAutoscaler" in objects:
        assert objects["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == "tm"
        backends = objects["Ingress"]["spec"]["rules"][0]["http"]["paths"]
        assert {one["backend"]["service"]["name"] for one in backends} == {"tm"}


@both
def test_the_prometheus_operator_gets_the_port_and_the_alerts_of_this_project(values: Values) -> None:
    objects = rendered({**values, "monitoring": {"enabled": True, "labels": {"release": "prometheus"}}})
    rules, monitor = objects["PrometheusRule"], objects["PodMonitor"]
    assert rules["spec"] == yaml.safe_load((CHART.parents[1] / "monitoring/alerts.yaml").read_text())
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert endpoint["port"] in [one["name"] for one in container(values)["ports"]]
    selected = monitor["spec"]["selector"]["matchLabels"]
    assert selected.items() <= pod(values)["metadata"]["labels"].items()
    assert {one["metadata"]["labels"]["release"] for one in (rules, monitor)} == {"prometheus"}


@both
def test_the_notes_name_what_to_do_next(values: Values) -> None:
    notes = chart().render(values=values, name="threats")["threatmodel/templates/NOTES.txt"]
    assert "deployment/threats -- threatmodel doctor" in notes
    assert (EVENTS_PATH in notes) == (values is HTTP)
    assert "image.digest" in notes


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({**GIVEN, "delivery": "socket", "replicas": 10}, "/replicas.*maximum: got 10, want 9"),
        ({**SOCKET, "autoscaling": {"enabled": True}}, "/autoscaling/enabled"),
        ({**GIVEN, "replicas": 0}, "/replicas"),
        ({**GIVEN, "image": {"repository": "threatmodel"}}, "/image"),
        ({**GIVEN, "existingSecrets": {"slack": "slack"}}, "/existingSecrets"),
        ({**GIVEN, "ingress": {"enabled": True, "host": "threats.example.org"}}, "/ingress/tlsSecret"),
        ({**GIVEN, "replica": 3}, "'replica' not allowed"),
        (reaching({"ports": [3000]}), "/networkPolicy/trackers/0"),
        (reaching({**TRACKER, "to": NOTHING}), "trackers/0/to"),
        (reaching({**TRACKER, "ports": NOTHING}), "trackers/0/ports"),
        (reaching({**TRACKER, "ports": [0]}), "trackers/0/ports/0"),
        (reaching({**TRACKER, "host": "redmine"}), "'host' not allowed"),
        ({**GIVEN, "settings": {"METRICS_PORT": "9000"}}, "METRICS_PORT"),
        ({**GIVEN, "settings": {"MCP_PORT": "9000"}}, "MCP_PORT"),
    ],
)
def test_values_that_cannot_work_are_refused(values: Values, fault: str) -> None:
    with pytest.raises(Exception, match=f"(?s){fault}"):
        chart().validate_schema(values)


@pytest.mark.parametrize("name", ["DATABASE_URL", *(one.name for one in VARIABLES if one.secret)])
def test_no_secret_is_taken_as_a_plain_value(name: str) -> None:
    with pytest.raises(Exception, match=f"invalid propertyName '{name}'"):
        chart().validate_schema({**GIVEN, "settings": {name: "made-up"}})


@both
def test_a_pod_has_no_privileges(values: Values) -> None:
    spec, one = pod(values)["spec"], container(values)
    dockerfile = (CHART.parents[1] / "Dockerfile").read_text()
    assert f"--uid {spec['securityContext']['runAsUser']} " in dockerfile
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert one["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    writable = [mount for mount in one["volumeMounts"] if not mount.get("readOnly")]
    assert [mount["mountPath"] for mount in writable] == ["/tmp"]


@both
def test_what_selects_the_pods_finds_them(values: Values) -> None:
    objects, labels = rendered(values), pod(values)["metadata"]["labels"]
    selectors = [
        objects["Deployment"]["spec"]["selector"]["matchLabels"],
        objects["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ]
    if "Service" in objects:
        selectors.append(objects["Service"]["spec"]["selector"])
        ingress = objects["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
        assert ingress["name"] == objects["Service"]["metadata"]["name"]
        assert ingress["port"]["name"] == objects["Service"]["spec"]["ports"][0]["name"]
    for selector in selectors:
        assert selector
        assert selector.items() <= labels.items()


@both
def test_ports_and_settings_are_those_of_the_bot(values: Values) -> None:
    set_here = variables(values)
    ports = {one["name"]: str(one["containerPort"]) for one in container(values)["ports"]}
    assert ports == {"http": set_here["PORT"], "metrics": set_here["METRICS_PORT"]}
    assert pod(values)["metadata"]["annotations"]["prometheus.io/port"] == ports["metrics"]
    known = {variable.name: variable for variable in VARIABLES}
    assert [name for name, value in set_here.items() if value and not known[name].right(value)] == []


def test_http_stays_http_although_the_secret_has_a_token_of_socket_mode() -> None:
    assert variables(HTTP)["SLACK_APP_TOKEN"] == ""
    assert "SLACK_APP_TOKEN" not in variables(SOCKET)


@both
def test_life_does_not_depend_on_the_database_and_readiness_does(values: Values) -> None:
    def unreachable() -> str:
        raise AssertionError("the database was asked")

    site, one = OperatorSite(Metrics(), readiness_problem=unreachable), container(values)
    for probe in ("startupProbe", "livenessProbe"):
        answer = site.admit(request(one[probe]["httpGet"]["path"]))
        assert isinstance(answer, HttpResponse), "it is answered without a thread"
        assert answer.status == 200
    ask = site.admit(request(one["readinessProbe"]["httpGet"]["path"]))
    assert not isinstance(ask, HttpResponse)
    with pytest.raises(AssertionError, match="the database was asked"):
        ask()


def request(path: str) -> HttpRequest:
    return HttpRequest(head=RequestHead(method="GET", path=path, query="", headers={}), body=b"")


@both
def test_the_end_of_a_pod_leaves_the_bot_its_time(values: Values) -> None:
    before = container(values).get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    # The servers end one after the other, then the bot.
    needed = before + 3 * (LEAVE_SECONDS + 2) + STOP_SECONDS
    assert pod(values)["spec"]["terminationGracePeriodSeconds"] > needed
    assert (before > 0) == (values is HTTP)


def test_no_replica_ends_before_another_is_ready() -> None:
    strategy = rendered(HTTP)["Deployment"]["spec"]["strategy"]["rollingUpdate"]
    assert strategy == {"maxUnavailable": 0, "maxSurge": 1}
    connections = rendered(SOCKET)["Deployment"]["spec"]["replicas"] + strategy["maxSurge"]
    assert connections <= 10, "Slack allows ten connections for each app"


def test_a_digest_wins_over_a_tag() -> None:
    digest = f"sha256:{'0' * 64}"
    image = {**GIVEN["image"], "digest": digest}
    assert container({**GIVEN, "image": image})["image"].endswith(f":1.2.3@{digest}")


def test_every_value_is_described() -> None:
    text = (CHART / "values.yaml").read_text()
    schema = yaml.safe_load((CHART / "values.schema.json").read_text())["properties"]
    assert set(yaml.safe_load(text)) | {"global"} == set(schema)
    used = set(re.findall(r"\.Values\.(\w+)", "".join(one.read_text() for one in CHART.rglob("templates/*"))))
    assert used == set(schema) - {"global"}
