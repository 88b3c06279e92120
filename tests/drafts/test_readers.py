"""Images, plans and flowcharts are read as far as they tell, in the forms that people write."""

import json
from typing import Any

from bot.drafts.compose_reader import published_port
from bot.drafts.draft_connections import PROTOCOL_OF_PORT, protocol_of_scheme, service_behind
from bot.drafts.environment_values import is_foreign_host, is_own_address, is_secret_name, substitute
from bot.drafts.lined_values import LinedMapping
from bot.drafts.mermaid_reader import FlowChart, mermaid_blocks, parse_flowcharts
from bot.drafts.terraform_reader import TECHNOLOGY_OF_TYPE
from bot.drafts.workloads import read_image
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import protocol_named
from domain.drafts.draft import Draft
from domain.kernel.elements import Kind
from tests.drafts.fixture_drafts import draft_of

IMAGES = {
    "postgres:16": "postgresql data_store",
    "bitnami/postgresql:16@sha256:ab": "postgresql data_store pinned",
    "${REGISTRY:-docker.io}/library/redis:${TAG:-7}": "redis data_store",
    "localhost:5000/team/orders-api:1": "server_application process",
    "mcr.microsoft.com/mssql/server:2022": "sql_server data_store",
    "quay.io/keycloak/keycloak": "keycloak process",
    "prom/prometheus": "grafana process",
    "oliver006/redis_exporter": "- process",
    "mongo-express": "admin_application process",
    "dpage/pgadmin4": "admin_application process",
    "provectuslabs/kafka-ui": "admin_application process",
    "clickhouse/clickhouse-server": "- data_store",
    "influxdb:2": "- data_store",
    "pgbouncer/pgbouncer": "- process",
    "acme/shop-frontend": "server_application process",
    "acme/db-migrations": "- process",
    "python:3.13-slim": "python process",
    "hashicorp/vault": "hashicorp_vault data_store",
    "$IMAGE": "- process unknown",
}
PORTS: dict[str, tuple[str, str, bool] | None] = {
    "80": ("80", "80", False),
    "8080:80": ("8080", "80", False),
    "127.0.0.1:5432:5432": ("5432", "5432", True),
    "[::1]:80:80": ("80", "80", True),
    "0.0.0.0:80:80": ("80", "80", False),
    "53:53/udp": ("53/udp", "", False),
    "8000-8010:8000-8010": ("8000-8010", "8000-8010", False),
    "${PORT:-3000}:3000": ("3000", "3000", False),
    "${PORT}:3000": ("${PORT}", "3000", False),
    "$PORT:3000": ("${PORT}", "3000", False),
    "${IP:-127.0.0.1}:80:80": ("80", "80", True),
    "${PORT:?missing}:80": ("${PORT}", "80", False),
    "${IP}:80:80": ("80", "80", False),
    "${PORT}": ("${PORT}", "", False),
    "web": ("web", "", False),
    "": None,
}
SECRETS = {
    **dict.fromkeys(("DB_PASSWORD", "apiToken", "SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "MYSQL_PWD"), True),
    **dict.fromkeys(
        ("PASSWORD_FILE", "TOKEN_TTL", "SECRET_NAME", "PUBLIC_KEY", "ALLOW_EMPTY_PASSWORD"), False
    ),
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "KEYCLOAK_URL", "PASSENGER_PORT", "JWT_ALGORITHM"), False),
}


def image_text(image: str) -> str:
    found = read_image(image, "service")
    pinned = {True: " pinned", False: "", None: " unknown"}[found.pinned]
    return f"{found.technology or '-'} {found.role.value}{pinned}"


def test_images_tell_technology_and_role() -> None:
    assert {image: image_text(image) for image in IMAGES} == IMAGES


def test_without_an_image_the_name_of_a_service_tells() -> None:
    assert read_image("", "orders-db").technology == "relational_database"
    assert read_image("registry.acme.dev/x/y:1", "worker").technology == "worker"
    assert read_image("postgres", "api").technology == "postgresql"


def test_published_ports_are_read_in_all_forms() -> None:
    found: dict[str, Any] = {}
    for text in PORTS:
        port = published_port(substitute(text, {}))
        found[text] = (port.name, port.target, port.local) if port else None
    assert found == PORTS
    form = LinedMapping()
    for key, value in {"target": "80", "published": "8080", "host_ip": "::1", "protocol": "udp"}.items():
        form.put(key, value, 1)
    port = published_port(form)
    assert port is not None
    assert (port.name, port.local) == ("8080/udp", True)


def test_names_of_secrets_are_told_from_names_about_secrets() -> None:
    assert {name: is_secret_name(name) for name in SECRETS} == SECRETS


def test_hosts_of_others_are_told_from_own_ones() -> None:
    foreign = {
        ("STRIPE_API_URL", "api.stripe.com"): True,
        ("SMTP_HOST", "smtp.sendgrid.net"): True,
        ("PUBLIC_URL", "shop.acme.com"): False,
        ("CORS_ORIGINS", "app.acme.com"): False,
        ("API_URL", "api.example.com"): False,
        ("API_URL", "api.svc.cluster.local"): False,
        ("API_URL", "localhost"): False,
        ("GREETING", "hello.world.com"): False,
    }
    assert {key: is_foreign_host(*key) for key in foreign} == foreign
    assert is_own_address("KAFKA_ADVERTISED_LISTENERS")
    assert not is_own_address("PAYMENTS_URL")
    assert service_behind("hooks.slack.com")
    assert service_behind("api.acme.com") == ""
    assert protocol_of_scheme("postgresql+asyncpg") == "PostgreSQL protocol"


def test_tables_use_the_words_of_the_catalog() -> None:
    assert [key for key in {*TECHNOLOGY_OF_TYPE.values()} if BUILT_IN.technology_of(key) is None] == []
    assert [name for name in PROTOCOL_OF_PORT.values() if protocol_named(BUILT_IN, name) is None] == []


Plain = dict[str, Any]


def resource(address: str, values: Plain | None = None, module: str = "", index: Any = None) -> Plain:
    kind, _, name = address.partition(".")
    instance = f"[{json.dumps(index)}]" if index is not None else ""
    shown = f"{f'module.{module}.' if module else ''}{address}{instance}"
    told: Plain = {"address": shown, "mode": "managed", "type": kind, "name": name, "values": values or {}}
    return told if index is None else {**told, "index": index}


def configured(address: str, **references: str) -> Plain:
    expressions = {name: {"references": [text, text.rpartition(".")[0]]} for name, text in references.items()}
    return {"address": address, "mode": "managed", "expressions": expressions}


def plan(resources: list[Plain], configuration: list[Plain], **modules: Plain) -> str:
    inner = [{"address": f"module.{name}", "resources": one["planned"]} for name, one in modules.items()]
    calls = {name: one["call"] for name, one in modules.items()}
    return json.dumps(
        {
            "format_version": "1.2",
            "planned_values": {"root_module": {"resources": resources, "child_modules": inner}},
            "configuration": {"root_module": {"resources": configuration, "module_calls": calls}},
        },
        indent=1,
    )


def draft(text: str) -> Draft:
    return draft_of(text, "plan.json")


NETWORK: Plain = {
    "planned": [
        resource("aws_vpc.this", {"tags": {"Name": "main"}}, "net"),
        resource("aws_subnet.a", module="net"),
    ],
    "call": {
        "module": {
            "resources": [configured("aws_subnet.a", vpc_id="aws_vpc.this.id"), configured("aws_vpc.this")],
            "outputs": {"subnet": {"expression": {"references": ["aws_subnet.a.id", "aws_subnet.a"]}}},
        }
    },
}


def test_components_of_one_network_are_inside_of_its_boundary() -> None:
    resources = [
        resource("aws_instance.web"),
        resource("aws_db_instance.db"),
        resource("aws_s3_bucket.files"),
    ]
    references = [
        configured("aws_instance.web", subnet_id="module.net.subnet"),
        configured("aws_db_instance.db", db_subnet_group_name="aws_db_subnet_group.db.name"),
        configured("aws_db_subnet_group.db", subnet_ids="module.net.subnet"),
        configured("aws_s3_bucket.files"),
    ]
    found = draft(plan([*resources, resource("aws_db_subnet_group.db")], references, net=NETWORK))
    (boundary,) = [item for item in found.items if item.kind is Kind.TRUST_BOUNDARY]
    assert (boundary.name, boundary.key) == ("main network", "terraform:module.net.aws_vpc.this")
    assert {item.key for item in found.items if item.boundary == boundary.key} == {
        *("terraform:aws_instance.web", "terraform:aws_db_instance.db"),
    }


def test_a_network_of_one_component_is_no_boundary() -> None:
    references = [configured("aws_instance.web", subnet_id="module.net.subnet")]
    found = draft(plan([resource("aws_instance.web")], references, net=NETWORK))
    assert [item for item in found.items if item.kind is Kind.TRUST_BOUNDARY] == []


def test_numbered_instances_are_one_component_and_named_ones_several() -> None:
    several = [resource("aws_instance.web", index=number) for number in range(3)]
    named = [resource("aws_sqs_queue.jobs", {"name": name}, index=name) for name in ("mail", "reports")]
    found = draft(
        plan([*several, *named], [configured("aws_instance.web"), configured("aws_sqs_queue.jobs")])
    )
    assert [item.key for item in found.items if item.kind is Kind.COMPONENT] == [
        "terraform:aws_instance.web",
        'terraform:aws_sqs_queue.jobs["mail"]',
        'terraform:aws_sqs_queue.jobs["reports"]',
    ]


def test_a_state_is_read_as_a_plan_and_references_in_a_circle_end() -> None:
    state = {"format_version": "1.0", "values": {"root_module": {"resources": [resource("aws_s3_bucket.a")]}}}
    assert [item.key for item in draft(json.dumps(state)).items][:1] == ["terraform:aws_s3_bucket.a"]
    circle: Plain = {
        "planned": [],
        "call": {
            "expressions": {"x": {"references": ["module.m.y", "module.m"]}},
            "module": {"outputs": {"y": {"expression": {"references": ["var.x"]}}}},
        },
    }
    references = [configured("aws_instance.web", user_data="module.m.y")]
    assert draft(plan([resource("aws_instance.web")], references, m=circle)).items


def test_types_of_resources_that_were_not_read_are_listed() -> None:
    walls = [resource(f"google_compute_firewall.f{n}") for n in range(5)]
    found = draft(plan([*walls, resource("random_id.a"), resource("aws_iam_role.r")], []))
    assert found.items == ()
    assert found.notes == ("google_compute_firewall: resources of this type were not read (5 times)",)


def test_a_file_on_one_line_has_no_lines() -> None:
    text = json.dumps(json.loads(plan([resource("aws_s3_bucket.a")], [])))
    assert {item.place.text for item in draft(text).items} == {"plan.json"}


EDGES = {
    "A --> B": "A>B",
    "A---B": "A>B",
    "A-->B-->C": "A>B B>C",
    "A -->|text| B & C": "A>B:text A>C:text",
    "A & B --> C": "A>C B>C",
    "A -- text --> B": "A>B:text",
    "A--text with spaces-->B": "A>B:text with spaces",
    'A -- "a - b" --> B': "A>B:a - b",
    "A-. text .->B": "A>B:text",
    "A-.->B": "A>B",
    "A ==> B": "A>B",
    "A == text ==> B": "A>B:text",
    "A --o B": "A>B",
    "A x--x B": "A>B",
    "A <--> B": "A>B",
    "A <-.-> B": "A>B",
    "A <-- both --> B": "A>B:both",
    "A ~~~ B": "",
    "A:::one --> B:::two": "A>B",
    "A e1@--> B": "A>B",
    "A---|text|B": "A>B:text",
    "A ---->|long| B": "A>B:long",
    'A -->|"a | b"| B': "A>B:a | b",
    "A-->B;B-->C;": "A>B B>C",
    "my-node --> a1.b2": "my-node>a1.b2",
    "数据 --> 库": "数据>库",
    "A[Web] -- HTTPS (443) --> B": "A>B:HTTPS (443)",
    "A --> B %% no comment, but not an edge": "A>B",
    "style A fill:#fff": "",
    "linkStyle 0 stroke:red": "",
    "A -->": "",
    "--> B": "",
}
NODES = {
    'A["web (nginx)"]': ("web (nginx)", "plain"),
    'A[("Post gres")]': ("Post gres", "store"),
    'A["`**Mark** down`"]': ("Mark down", "plain"),
    'A@{ shape: cyl, label: "x y" }': ("x y", "store"),
    "A@{ shape: diam }": ("", "decision"),
    "A[/x/]": ("x", "plain"),
    "A{{x}}": ("x", "plain"),
    "A{x}": ("x", "decision"),
    "A(((x)))": ("x", "plain"),
    "A>x]": ("x", "plain"),
    'A("x<br/>y")': ("x y", "plain"),
    "A[a #quot;b#quot;]": ('a "b"', "plain"),
    "A[<b>fa:fa-car x</b>]": ("x", "plain"),
    "A[unfinished": ("", "plain"),
}


def chart_of(line: str) -> FlowChart:
    return parse_flowcharts(mermaid_blocks(f"flowchart LR\n{line}\n", markdown=False))


def shown(chart: FlowChart) -> str:
    return " ".join(f"{one.source}>{one.target}{f':{one.label}' if one.label else ''}" for one in chart.edges)


def test_edges_are_read_in_all_their_forms() -> None:
    assert {line: shown(chart_of(line)) for line in EDGES} == EDGES


def test_nodes_are_read_with_label_and_shape() -> None:
    found = {line: chart_of(line).nodes["A"] for line in NODES}
    assert {line: (one.label, one.shape) for line, one in found.items()} == NODES


def test_nodes_belong_to_the_subgraph_in_which_they_are_written_first() -> None:
    text = "subgraph one [Title]\nA --> B\nsubgraph Plain title\nC\nend\nend\nA --> D"
    chart = chart_of(text)
    assert {node.id: node.subgraph for node in chart.nodes.values()} == {
        "A": "one",
        "B": "one",
        "C": "Plain title",
        "D": "",
    }
    assert [(subgraph.title, subgraph.parent, subgraph.line) for subgraph in chart.subgraphs.values()] == [
        ("Title", "", 2),
        ("Plain title", "one", 4),
    ]


def test_a_page_may_have_several_flowcharts_with_their_lines() -> None:
    first, second = "---\ntitle: x\n---\ngraph TD\nA --> B", "graph LR; B --> C"
    page = f"# A\n\n```mermaid\n{first}\n```\n\ntext\n\n~~~mermaid\n{second}\n~~~\n"
    chart = parse_flowcharts(mermaid_blocks(page, markdown=True))
    assert [(edge.source, edge.target, edge.line) for edge in chart.edges] == [("A", "B", 8), ("B", "C", 14)]
