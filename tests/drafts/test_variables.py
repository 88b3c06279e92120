"""What variables hide is compared like a literal; values come from defaults and environment files."""

import json
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from bot.drafts import SourceFile, read_draft
from bot.drafts.compose_reader import EXPOSING
from bot.drafts.draft_drift import decode_known, drift_from_model, drift_of, encode_known, known_of
from bot.drafts.environment_values import read_variables, substitute
from bot.drafts.kubernetes_reader import HIDDEN, HIDDEN_IN
from domain.replay import replay
from tests.domain.drafted_shop import accept, seen_all
from tests.drafts.fixture_drafts import draft_of
from tests.drafts.test_fixtures import faults
from tests.drafts.test_readers import configured, plan, resource
from tests.examples import decide_all, started

SERVICE = 'services:\n  app:\n    image: acme/app\n    ports: ["127.0.0.1:3000:3000"]\n'
POD = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"
    "spec: {template: {spec: {containers: [{name: web, image: acme/web}]}}}\n"
)
NO_VALUE = ", and the files do not have the value"


def added(before: str, after: str, **variables: str) -> list[str]:
    """What a change of a file is, compared with what was known before."""
    known = decode_known(encode_known(known_of(draft_of(before))))
    file = SourceFile(name="compose.yaml", content=after.encode(), variables=variables)
    draft = read_draft([file], terminal=True)
    assert faults(draft) == []
    assert drift_of(draft, known_of(draft)).drifts == ()
    return [drift.text for drift in drift_of(draft, known).drifts]


SUBSTITUTED = {
    "${SET}": "set",
    "$SET": "set",
    "a${SET}b": "asetb",
    "${EMPTY}": "",
    "${EMPTY:-word}": "word",
    "${EMPTY-word}": "",
    "${NONE:-word}": "word",
    "${NONE-word}": "word",
    "${NONE:-${NONE:-inner}}": "inner",
    "${NONE:-${SET}}x": "setx",
    "${NONE:-${OTHER}}": "${OTHER}",
    "${SET:?missing}": "set",
    "${NONE:?missing {or} not}": "${NONE} not}",
    "${NONE?missing}": "${NONE}",
    "${EMPTY:?missing}": "${EMPTY}",
    "${EMPTY?missing}": "",
    "${SET:+word}": "word",
    "${EMPTY:+word}": "",
    "${EMPTY+word}": "word",
    "${NONE:+word}": "word",
    "$$SET and $${SET}": "$$SET and $${SET}",
    "${NONE": "${NONE",
    "${EMPTY}${NONE:-a": "${NONE:-a",
    "$": "$",
}


def test_variables_are_replaced_as_compose_does_it() -> None:
    variables = {"SET": "set", "EMPTY": ""}
    assert {text: substitute(text, variables) for text in SUBSTITUTED} == SUBSTITUTED
    assert len(substitute("${A:-" * 3_000, {})) < 20_000


def test_an_environment_file_is_read_without_its_credentials() -> None:
    text = (
        "# a comment\nPORT=80\nexport HOST = 'a $PORT'\nADDRESS=\"$PORT:81\" # why\nEMPTY=\n"
        "DB_PASSWORD=marked\nAPI_TOKEN='marked'\nnot a variable\nBARE=a b #c\n"
    )
    assert read_variables(text) == {
        "PORT": "80",
        "HOST": "a $PORT",
        "ADDRESS": "80:81",
        "EMPTY": "",
        "BARE": "a b",
    }


PORTS = {
    '"${ADMIN_PORT}:${ADMIN_PORT}"': "app published on ${ADMIN_PORT}",
    '"${ADMIN_PORT}:9000"': "app published on ${ADMIN_PORT}",
    '"${ADMIN_PORT:?set it}:9000"': "app published on ${ADMIN_PORT}",
    '"${ADMIN}"': "app published on ${ADMIN}",
    '"${BIND}:9000:9000"': "app port 9000",
    '{target: 9000, published: "${ADMIN_PORT}"}': "app published on ${ADMIN_PORT}",
    '"${ADMIN_PORT:-9000}:9000"': "app port 9000",
    '"${DEBUG:+9000:}9000"': "app port 9000",
    '"9000:9000"': "app port 9000",
    '"90x0:9000"': "app published on 90x0",
}


@pytest.mark.parametrize("port", PORTS)
def test_a_port_behind_a_variable_is_a_new_entry_point(port: str) -> None:
    after = SERVICE.replace('3000"]', f'3000", {port}]')
    assert added(SERVICE, after) == [f"New entry point “{PORTS[port]}”"]


def test_two_ports_behind_variables_are_two_also_for_one_port_inside() -> None:
    one = SERVICE.replace('3000"]', '3000", "${A}:80"]')
    assert added(one, one.replace('"${A}:80"', '"${A}:80", "${B}:80"')) == [
        "New entry point “app published on ${B}”"
    ]


def test_a_port_of_the_same_number_on_every_address_is_a_wider_exposure() -> None:
    wider = ["“app port 3000” can be reached from other machines (before: the same host)"]
    for address in ("0.0.0.0:", "${BIND}:", ""):
        after = SERVICE.replace('3000"]', f'3000", "{address}3000:3000"]')
        assert added(SERVICE, after) == wider, address


def test_values_come_from_an_environment_file() -> None:
    after = SERVICE.replace('3000"]', '3000", "${BIND}:${ADMIN_PORT}:80"]\n    privileged: "${PRIV}"')
    assert added(SERVICE, after, BIND="127.0.0.1", ADMIN_PORT="9000", PRIV="false") == [
        "New entry point “app port 9000”, reachable from the same host"
    ]
    assert added(SERVICE, after, BIND="0.0.0.0", ADMIN_PORT="9000", PRIV="true") == [
        "“app”: it runs with more privileges than it needs",
        "“app”: it is not isolated from other workloads on its host",
        "New entry point “app port 9000”",
    ]


MOUNTS = {
    '["${DOCKER_SOCK}:/var/run/docker.sock"]': [
        "“app”: it runs with more privileges than it needs",
        f"app mounts ${{DOCKER_SOCK}} as /var/run/docker.sock{NO_VALUE}",
    ],
    '["${DATA}:/data:ro"]': [f"app mounts ${{DATA}} as /data{NO_VALUE}"],
    '["./${DATA}:/data"]': [f"app mounts ./${{DATA}} as /data{NO_VALUE}"],
    '["$MOUNT"]': [f"app mounts ${{MOUNT}}{NO_VALUE}"],
    '[{type: bind, source: "${DATA}", target: /data}]': [f"app mounts ${{DATA}} as /data{NO_VALUE}"],
    '["${DATA:-./data}:/data", "named-${X}:/x", {type: volume, source: "${NAME}", target: /y}]': [],
    '["${SOCKET:-/var/run/docker.sock}:/s"]': [
        "“app”: it runs with more privileges than it needs",
        "“app”: it is not isolated from other workloads on its host",
    ],
}


@pytest.mark.parametrize("mounts", MOUNTS)
def test_a_mount_behind_a_variable_is_drift(mounts: str) -> None:
    assert added(SERVICE, f"{SERVICE}    volumes: {mounts}\n") == MOUNTS[mounts]


def test_a_volume_that_stands_for_a_directory_of_the_host_is_one() -> None:
    volumes = "volumes: {sock: {driver_opts: {type: none, o: bind, device: /var/run/docker.sock}}}\n"
    assert "“app”: it runs with more privileges than it needs" in added(
        SERVICE, f"{SERVICE}    volumes: ['sock:/s']\n{volumes}"
    )
    hidden = volumes.replace("/var/run/docker.sock", "'${DEVICE}'")
    assert added(SERVICE, f"{SERVICE}    volumes: ['sock:/s']\n{hidden}") == [
        f"app mounts ${{DEVICE}} as /s{NO_VALUE}"
    ]


@pytest.mark.parametrize("key", sorted(EXPOSING))
@pytest.mark.parametrize("form", ['"{}"', '["{}"]'])
def test_every_key_of_a_service_that_exposes_it_is_drift_behind_a_variable(key: str, form: str) -> None:
    found = added(
        "services: {app: {image: a}}", f"services: {{app: {{image: a, {key}: {form.format('${X}')}}}}}"
    )
    assert any("${X}" in one for one in found) or (key, form) in (("ports", '"{}"'), ("volumes", '"{}"'))


@pytest.mark.parametrize("key", sorted(HIDDEN))
@pytest.mark.parametrize("mark", ["${X}", "$(X)", "{{ .Values.x }}"])
def test_every_key_of_a_pod_that_exposes_it_is_drift_behind_a_variable(key: str, mark: str) -> None:
    after = POD.replace("name: web, image", f'{key}: {{path: ["{mark}"]}}, name: web, image')
    told = "mounts" if key == "hostPath" else f"has {key}"
    assert added(POD, after) == [f"Deployment web {told} {mark}{NO_VALUE}"]


def test_the_content_of_a_config_map_or_an_environment_is_no_privilege() -> None:
    inner = "env: [{name: privileged, value: '${X}', hostPath: '${X}'}], args: ['${X}'], name: web, image"
    data = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {privileged: '${X}'}\n"
    assert added(POD, POD.replace("name: web, image", inner) + data) == []


def test_a_service_or_a_role_of_a_type_that_is_not_known_is_drift() -> None:
    hidden = (
        f"{POD}---\napiVersion: v1\nkind: Service\nmetadata: {{name: s}}\nspec: {{type: '${{T}}'}}\n---\n"
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\n"
        "rules: [{verbs: ['${V}'], resources: ['*']}]\n"
    )
    assert {*HIDDEN_IN} == {"Service", "Role", "ClusterRole"}
    assert added(POD, hidden) == [
        f"Service s has type ${{T}}{NO_VALUE}",
        f"Role r has rules ${{V}}{NO_VALUE}",
    ]
    service = hidden.replace("spec: {type: '${T}'}", "spec: {type: '${T}', ports: [{port: 80}]}")
    assert "New entry point “s port 80”, reachable from the internet" in added(POD, service, T="LoadBalancer")


RULE = "aws_security_group_rule.r"


def test_a_rule_of_a_plan_that_is_known_after_applying_only_is_drift() -> None:
    found: dict[str, Any] = json.loads(
        plan([resource(RULE, {"type": "ingress"})], [configured(RULE, cidr_blocks="a.b")])
    )
    unknown = {"cidr_blocks": True, "id": True}
    found["resource_changes"] = [{"address": RULE, "change": {"after_unknown": unknown}}]
    before = plan([resource(RULE, {"type": "ingress"})], [])
    assert added(before, json.dumps(found)) == [
        f"{RULE} has cidr_blocks that is known only after it is applied{NO_VALUE}"
    ]
    group = "aws_security_group.g"
    inner: dict[str, Any] = json.loads(plan([resource(group)], [configured(group, ingress="a.b")]))
    for rules, expected in (
        ([{"cidr_blocks": [True], "security_groups": True}], 1),
        ([{"cidr_blocks": [False], "security_groups": True}], 0),
        (True, 1),
    ):
        inner["resource_changes"] = [{"address": group, "change": {"after_unknown": {"ingress": rules}}}]
        assert len(added(plan([resource(group)], []), json.dumps(inner))) == expected


def test_a_model_knows_an_assumption_that_was_accepted_or_left() -> None:
    draft = draft_of(f'{SERVICE}    volumes: ["${{DOCKER_SOCK}}:/s"]\n')
    (assumption,) = draft.assumptions
    assert [one.rule for one in drift_from_model(draft, replay([started()])).drifts][-1] == "unresolved-value"
    for taken in (True, False):
        items = {item.key: True for item in draft.items} | {assumption.key: taken}
        model = replay(decide_all(accept(draft, seen_all(draft, items=items)), after=[started()]))
        assert [one.text for one in model.assumptions.values()] == [assumption.text] * taken
        assert drift_from_model(draft, model).drifts == ()


def test_a_host_in_a_variable_is_read_and_one_without_a_value_is_noted() -> None:
    text = (
        "services:\n  db: {image: postgres}\n  app:\n    image: a\n    environment:\n"
        "      DATABASE_URL: postgres://u:${DB_PASSWORD}@${DB_HOST:-db}:5432/x\n      MAPS_API_URL: ${MAPS}\n"
    )
    assert "compose:app>db" in {item.key for item in draft_of(text).items}
    assert draft_of(text).notes == ("an address that comes from a variable without a value was not read",)
    file = SourceFile(name="c.yaml", content=text.encode(), variables={"MAPS": "https://key@maps.acme.net/x"})
    draft = read_draft([file])
    assert "dependency:maps.acme.net" in {item.key for item in draft.items}
    assert draft.notes == ()


def test_only_ports_mounts_privileges_and_hosts_are_taken_from_an_environment_file() -> None:
    text = (
        "name: '${MARK}'\nservices:\n  app:\n    image: '${MARK}/a:${MARK}'\n    container_name: '${MARK}'\n"
        "    hostname: '${MARK}'\n    command: 'run ${MARK} --token=${MARK}'\n    labels: {a: '${MARK}'}\n"
        "    environment: {A: '${MARK}', B_URL: 'http://u:${MARK}@db:1/${MARK}', C_TOKEN: '${MARK}', "
        "D_HOST: '${TOKEN_OF}'}\n    secrets: ['${MARK}']\n    networks: ['${MARK}']\n"
        "secrets: {a: {file: '${MARK}'}}\n"
    )
    manifest = (
        "kind: Pod\napiVersion: v1\nmetadata: {name: '${MARK}', "
        "namespace: '${MARK}', labels: {host: '${MARK}'}}\n"
        "spec: {containers: [{name: a, image: '${MARK}', env: [{name: host, value: '${MARK}'}], "
        "args: ['${MARK}'], command: ['${MARK}']}]}\n---\n"
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\n"
        "data: {host: '${MARK}', port: '${MARK}'}\n"
    )
    for whole in (text, manifest):
        file = SourceFile(
            name="a.yaml", content=whole.encode(), variables={"MARK": "Zq9marked", "TOKEN_OF": "Zq9marked"}
        )
        assert "Zq9" not in msgspec.json.encode(read_draft([file])).decode()
    assert read_variables("SIGNING_KEY=Zq9marked") == {}


def test_the_rest_of_a_password_with_a_sign_in_it_is_no_host() -> None:
    text = "services: {a: {image: b, environment: {X_API_URL: 'https://u:one@two.three@api.acme.net/'}}}"
    assert "dependency:two.three" not in {item.key for item in draft_of(text).items}


def test_values_of_values_do_not_grow_without_end() -> None:
    lines = ["A=" + "x" * 1_000, *(f"{one}=" + f"${{{before}}}" * 100 for before, one in pairwise("ABC"))]
    assert max(map(len, read_variables("\n".join(lines)).values())) <= 4_000
