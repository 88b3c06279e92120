"""Images, ports and hosts tell the technology, as far as the catalog knows it."""

from typing import Any

from bot.drafts.compose_reader import published_port
from bot.drafts.draft_connections import PROTOCOL_OF_PORT, protocol_of_scheme, service_behind
from bot.drafts.environment_values import is_foreign_host, is_own_address, is_secret_name, substitute
from bot.drafts.lined_values import LinedMapping
from bot.drafts.terraform_reader import TECHNOLOGY_OF_TYPE
from bot.drafts.workloads import read_image
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import protocol_named

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
