"""No secret value leaves a reader: not in names, descriptions, notes, places or errors."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bot.drafts import SourceFile, read_draft
from bot.formats.importers.untrusted_document import UnreadableFile
from tests.depth import examples
from tests.drafts.fixture_drafts import FIXTURES, NAMES, fixture_draft

MARK = "Zq9marked"
"""Part of every secret; it occurs in nothing else."""

NAMES_OF_SECRETS = (
    *("POSTGRES_PASSWORD", "API_TOKEN", "SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "JWT_SECRET", "DB_PASS"),
    *("CREDENTIALS", "PRIVATE_KEY", "MAIL_PASSWORD", "REDIS_URL", "DATABASE_URL", "SENTRY_DSN", "HOOK_URL"),
)
Plain = dict[str, Any]


def marked_value(before: str, after: str, form: str) -> str:
    return form.format(f"{before}{MARK}{after}")


values = st.builds(
    marked_value,
    st.sampled_from(["", "a", "-", "$", "&", "!", "0x"]),
    st.sampled_from(["", "/", "@", "=x", "%", ",", ";"]),
    st.sampled_from(
        [
            *("{}", "postgres://user:{}@db:5432/app", "https://{}@o1.ingest.sentry.io/1", "Bearer {}"),
            *("https://hooks.slack.com/services/{}", "amqp://u:{}@broker/", '{{"key": "{}"}}', "${{X:-{}}}"),
            *(
                "host=db password={}",
                "AccountKey={};Endpoint=https://a.blob.core.windows.net",
                "redis://:{}@cache",
            ),
        ]
    ),
)
environments = st.dictionaries(st.sampled_from(NAMES_OF_SECRETS), values, min_size=1, max_size=4)


def compose_file(environment: dict[str, str]) -> Plain:
    listed = [f"{name}={value}" for name, value in environment.items()]
    first = next(iter(environment.values()))
    return {
        "services": {
            "db": {"image": "postgres", "environment": environment, "command": f"run --password {first}"},
            "web": {
                "build": {"args": listed},
                "environment": listed,
                "command": ["serve", f"--api-token={first}", f"--dsn={first}"],
                "labels": {"secret": first},
            },
        },
        "secrets": {"one": {"content": first}},
    }


def kubernetes_list(environment: dict[str, str]) -> Plain:
    first = next(iter(environment.values()))
    container = {
        "name": "a",
        "image": "a",
        "env": [{"name": name, "value": value} for name, value in environment.items()],
        "args": [f"--token={first}", first],
        "envFrom": [{"configMapRef": {"name": "c"}}],
    }
    metadata = {"name": "c", "annotations": {"last-applied": first}}
    encoded = {name: b64encode(value.encode()).decode() for name, value in environment.items()}
    return {
        "kind": "List",
        "apiVersion": "v1",
        "items": [
            {"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": {"containers": [container]}},
            {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata, "data": environment},
            {"kind": "Secret", "apiVersion": "v1", "metadata": metadata, "stringData": environment},
            {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "d"}, "data": encoded},
        ],
    }


def terraform_plan(environment: dict[str, str]) -> Plain:
    first = next(iter(environment.values()))
    resource = {
        "address": "aws_db_instance.a",
        "mode": "managed",
        "type": "aws_db_instance",
        "name": "a",
        "values": {"password": first, "port": 5432},
    }
    function = {
        "address": "aws_lambda_function.f",
        "mode": "managed",
        "type": "aws_lambda_function",
        "name": "f",
        "values": {"environment": [{"variables": environment}]},
    }
    configured = [
        {"address": "aws_db_instance.a", "expressions": {"password": {"constant_value": first}}},
        {
            "address": "aws_lambda_function.f",
            "expressions": {"environment": [{"variables": {"constant_value": environment}}]},
        },
    ]
    variables = {name.lower(): {"default": value} for name, value in environment.items()}
    return {
        "format_version": "1.2",
        "variables": {"password": {"value": first}},
        "planned_values": {"root_module": {"resources": [resource, function]}},
        "configuration": {"root_module": {"resources": configured, "variables": variables}},
    }


def api_description(environment: dict[str, str]) -> Plain:
    example = {"schema": {"example": environment}, "example": environment}
    return {
        "openapi": "3.0.3",
        "info": {"title": "A"},
        "paths": {"/login": {"post": {"requestBody": {"content": {"application/json": example}}}}},
    }


FILES: dict[str, Callable[[dict[str, str]], Plain]] = {
    "compose.json": compose_file,
    "list.json": kubernetes_list,
    "plan.json": terraform_plan,
    "api.json": api_description,
}


def said(name: str, content: bytes) -> str:
    """Everything that reading a file says."""
    try:
        draft = read_draft([SourceFile(name=name, content=content)], terminal=True)
    except UnreadableFile as fault:
        return f"{fault} {fault.__cause__}"
    return msgspec.json.encode(draft).decode()


@given(environments, st.sampled_from(sorted(FILES)))
@examples(30)
def test_no_secret_is_in_a_draft(environment: dict[str, str], name: str) -> None:
    told = said(name, json.dumps(FILES[name](environment)).encode())
    assert MARK.casefold() not in told.casefold()
    assert b64encode(MARK.encode()).decode().rstrip("=")[:8] not in told


@given(environments, st.sampled_from(sorted(FILES)), st.floats(0.02, 0.9), st.booleans())
@examples(30)
def test_no_secret_is_in_an_error(environment: dict[str, str], name: str, at: float, cut: bool) -> None:
    text = json.dumps(FILES[name](environment), indent=1)
    place = text.index("\n", int(len(text) * at))
    broken = text[:place] if cut else f"{text[:place]}*{MARK} {{{{ {text[place:]}"
    # The first sign decides how it is read: the second file is YAML.
    for content in (broken, f"# {MARK}\n{broken}"):
        assert MARK.casefold() not in said(name, content.encode()).casefold()


def test_the_marked_values_of_the_fixtures_stay_there() -> None:
    marked = [name for name in NAMES if "marked-" in (FIXTURES / name).read_text()]
    assert len(marked) >= 5
    for name in marked:
        told = msgspec.json.encode(fixture_draft(name)).decode()
        assert "marked" not in told
        assert "bWFya2Vk" not in told


def test_a_secret_that_is_used_twice_is_one_asset() -> None:
    assets = {one.name: one for one in fixture_draft("shop.compose.yaml").items if one.sort == "Credential"}
    assert sorted(assets) == [
        "AWS_SECRET_ACCESS_KEY",
        "BROKER_URL password",
        "DB_PASSWORD",
        "REQUIREPASS",
        "session_key",
    ]
    assert [one.rpartition("/")[2] for one in assets["AWS_SECRET_ACCESS_KEY"].stored_in] == [
        *("api", "worker", "migrate", "objects"),
    ]
