"""Compose files are complete, keep secrets out of the text, and give no container more than it needs."""

import copy
import re
from pathlib import Path
from typing import Any, Final, cast

import pytest
import yaml

from bot.settings import read_settings
from deploy.docs.generator.pages import ROOT

DEPLOY: Final = ROOT / "deploy"

SERVICE_KEYS: Final = {
    "build",
    "cap_drop",
    "command",
    "depends_on",
    "entrypoint",
    "env_file",
    "environment",
    "healthcheck",
    "image",
    "network_mode",
    "networks",
    "ports",
    "profiles",
    "pull_policy",
    "read_only",
    "restart",
    "security_opt",
    "shm_size",
    "stop_grace_period",
    "tmpfs",
    "user",
    "volumes",
    "working_dir",
}
"""The words of the Compose specification that are used; a misspelled one would be ignored or refused."""


def composed(*names: str) -> dict[str, Any]:
    """Merge compose files as Compose does: mappings key by key, everything else is replaced or appended."""
    whole: dict[str, Any] = {}
    for name in names:
        _merge(whole, yaml.safe_load((DEPLOY / name).read_text()))
    return whole


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], cast("dict[str, Any]", value))
        else:
            into[key] = copy.deepcopy(cast("Any", value))


FILES: Final = {
    "sqlite": ("compose.yaml",),
    "litestream": ("compose.yaml", "compose.litestream.yaml"),
    "postgres": ("compose.postgres.yaml",),
}

each = pytest.mark.parametrize("names", FILES.values(), ids=FILES)


def services(names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    return composed(*names)["services"]


def has_health(service: dict[str, Any]) -> bool:
    """Return whether Docker learns the health of a container, from the file or from our image."""
    return "healthcheck" in service or service["image"] == "threatmodel"


@each
def test_every_word_is_one_of_compose(names: tuple[str, ...]) -> None:
    whole = composed(*names)
    assert {key for key in whole if not key.startswith("x-")} <= {"name", "services", "volumes", "networks"}
    assert [key for service in services(names).values() for key in service if key not in SERVICE_KEYS] == []


@each
def test_what_a_service_names_exists(names: tuple[str, ...]) -> None:
    whole = composed(*names)
    for service in services(names).values():
        assert "image" in service
        for network in service.get("networks", ()):
            assert network in whole["networks"]
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).is_file()
            else:
                assert source in whole["volumes"]
        if "build" in service:
            assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


@each
def test_who_waits_for_another_can_learn_its_state(names: tuple[str, ...]) -> None:
    all_services = services(names)
    for name, service in all_services.items():
        awaited: Any = service.get("depends_on", {})
        assert set(awaited) <= set(all_services) - {name}
        for other in awaited:
            condition = "" if isinstance(awaited, list) else awaited[other]["condition"]
            if condition == "service_healthy":
                assert has_health(all_services[other])
            elif condition == "service_completed_successfully":
                assert "restart" not in all_services[other], "it would be started again and never end"


@each
def test_a_container_has_no_more_than_it_needs(names: tuple[str, ...]) -> None:
    for name, service in services(names).items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        if name != "database":  # its image changes the owner of its directory as root, then its user
            assert service["cap_drop"] == ["ALL"], name
            assert service["read_only"] is True, name
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), "a proxy with TLS is on the same machine"


@each
def test_no_secret_is_in_the_text(names: tuple[str, ...]) -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    for service in services(names).values():
        file = service.get("env_file")
        assert file is None or f"/deploy/{file}" in ignored
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|TOKEN|SECRET|KEY|URL", name):
                assert re.search(r"\$\{\w+:\?", value), (
                    f"{name} comes from the environment, and must be there"
                )


def test_both_replicas_are_the_same() -> None:
    all_services = services(FILES["postgres"])
    assert all_services["bot-1"] == all_services["bot-2"]
    servers = re.findall(r"server ([\w-]+):(\d+) resolve", (DEPLOY / "compose/nginx.conf").read_text())
    assert servers == [(bot, port) for port in ("3000", "3002") for bot in ("bot-1", "bot-2")]
    assert all_services["proxy"]["profiles"] == ["http"], "Socket Mode has no way in"


def test_the_database_is_reached_by_the_bot_alone() -> None:
    whole = composed(*FILES["postgres"])
    reach = {name for name, one in whole["services"].items() if "back" in one["networks"]}
    assert reach == {"bot-1", "bot-2", "database"}
    assert whole["networks"]["back"] == {"internal": True}
    assert "ports" not in whole["services"]["database"]


def test_the_bot_takes_the_settings_of_the_file() -> None:
    environment: dict[str, str] = services(FILES["postgres"])["bot-1"]["environment"]
    filled = {name: re.sub(r"\$\{\w+:\?[^}]*\}", "0" * 64, value) for name, value in environment.items()}
    settings = read_settings(filled)
    assert settings.database_url == f"postgresql://threatmodel:{'0' * 64}@database/threatmodel"
    assert settings.database_file is None


def test_litestream_follows_the_database_of_the_bot() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    config = yaml.safe_load((DEPLOY / "compose/litestream.yml").read_text())
    (database,) = config["dbs"]
    assert f"DATABASE_URL=sqlite:///{database['path']} " in dockerfile
    all_services = services(FILES["litestream"])
    assert all_services["restore"]["command"][-1] == database["path"]
    user = all_services["litestream"]["user"].partition(":")[0]
    assert f"--uid {user} " in dockerfile


def test_litestream_ends_after_the_bot() -> None:
    assert services(FILES["litestream"])["bot"]["depends_on"] == {
        "litestream": {"condition": "service_started"}
    }, "Compose ends first what depends on another"


def test_every_compose_file_is_tested() -> None:
    tested = {name for names in FILES.values() for name in names}
    assert {path.name for path in Path(DEPLOY).glob("compose*.yaml")} == tested
