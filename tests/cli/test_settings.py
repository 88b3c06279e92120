"""The environment becomes settings, or one clear line for each thing that is wrong with it."""

import pickle
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import VARIABLES, Secret, WrongSettings, read_settings
from tests.depth import examples

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1-made-up",
    "SLACK_APP_TOKEN": "xapp-1-made-up",
    "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
}

KEY = "bm9ib2R5IGtub3dzIHRoaXMga2V5IG9mIHRoZSB0ZXM="
MANY = {
    "SLACK_CLIENT_ID": "1234567890.1234567890",
    "SLACK_CLIENT_SECRET": "0123456789abcdef0123456789abcdef",
    "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
    "THREATMODEL_TOKEN_KEYS": f"{KEY}, {KEY[:-2]}Q=",
}


def faults(environment: dict[str, str], *, serving: bool = False) -> tuple[str, ...]:
    with pytest.raises(WrongSettings) as wrong:
        read_settings(environment, serving=serving)
    return wrong.value.faults


def test_an_empty_environment_is_enough_to_read_a_local_database() -> None:
    settings = read_settings({})
    assert settings.database_url == "sqlite:///threatmodel.db"
    assert settings.host == "127.0.0.1"
    assert settings.api_url == "https://slack.com/api/"
    assert (settings.log_level, settings.log_format) == ("info", "text")
    assert not settings.bot_token


def test_all_errors_are_reported_together() -> None:
    found = faults({"SLACK_BOT_TOKEN": "xoxp-user", "PORT": "http", "LOG_LEVEL": "loud"}, serving=True)
    assert [fault.split()[0] for fault in found] == [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "PORT",
        "LOG_LEVEL",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "xapp-swapped"),
        ("SLACK_BOT_TOKEN", "xoxb-two words"),
        ("SLACK_APP_TOKEN", "xoxb-swapped"),
        ("SLACK_SIGNING_SECRET", "short"),
        ("SLACK_API_URL", "http://slack.example.org/api/"),
        ("SLACK_API_URL", "slack.com/api"),
        ("SLACK_API_URL", "http://[broken/"),
        ("DATABASE_URL", "mysql://somewhere/else"),
        ("SLACK_CLIENT_ID", "1234567890"),
        ("SLACK_CLIENT_ID", "client.id"),
        ("THREATMODEL_TOKEN_KEYS", "short"),
        ("THREATMODEL_TOKEN_KEYS", ","),
        ("THREATMODEL_TOKEN_KEYS", f"{KEY},{KEY[:-4]}"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "threatmodel.db"),
        ("HOST", "here and there"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "٣"),
        ("HOLIDAYS", "Christmas"),
        ("HOLIDAYS", "2026-12-25 2026-12-28"),
        ("ALLOWED_WORKSPACES", ","),
        ("PROXIES", ","),
        ("PROXIES", "proxy.example.internal"),
        ("PROXIES", "10.0.0.7/8"),
        ("TRACKER_HOSTS", ","),
        ("TRACKER_HOSTS", "https://redmine.example.internal"),
        ("TRACKER_HOSTS", "redmine.example.internal/issues"),
        ("TRACKER_HOSTS", "redmine.example.internal:many"),
        ("TRACKER_HOSTS", "me@redmine.example.internal"),
        ("ALLOWED_WORKSPACES", "acme.slack.com"),
        ("ALLOWED_WORKSPACES", "T0123ABCD T0456EFGH"),
        ("PUBLIC_URL", "http://threats.example.org"),
        ("PUBLIC_URL", "https://threats.example.org/bot"),
        ("PUBLIC_URL", "https://me@threats.example.org"),
        ("PUBLIC_URL", "threats.example.org"),
        ("MAX_MODELS", "0"),
        ("MAX_ELEMENTS", "many"),
        ("MAX_ELEMENTS", "-5"),
        ("MAX_FILE_MB", "6"),
        ("LOG_LEVEL", "verbose"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_an_invalid_value_is_one_line_with_the_variable_and_the_fix(name: str, value: str) -> None:
    (fault,) = faults({name: value})
    assert fault.startswith(f"{name} must be ")
    assert "\n" not in fault
    mend = next(variable.mend for variable in VARIABLES if variable.name == name)
    assert fault.endswith(mend)
    assert mend


def test_a_value_that_breaks_the_line_still_makes_one_line() -> None:
    assert all("\n" not in fault for fault in faults({"HOST": "a\nb", "DATABASE_URL": "x\ny"}))


@pytest.mark.parametrize("name", list(GOOD))
def test_a_wrong_token_is_not_shown(name: str) -> None:
    (fault,) = faults({name: "oops-secret-value"})
    assert "oops" not in fault


def test_a_port_is_a_number() -> None:
    assert read_settings({"PORT": "8080"}).port == 8080
    days = read_settings({"HOLIDAYS": "2026-12-25, 2026-12-28"}).holidays
    assert days == {date(2026, 12, 25), date(2026, 12, 28)}


def test_limits_are_generous_and_can_be_lowered() -> None:
    usual, lower = read_settings({}), read_settings({"MAX_MODELS": "20", "MAX_FILE_MB": "1"})
    assert (usual.max_models, usual.max_elements, usual.max_file_bytes) == (5_000, 5_000, 5_000_000)
    assert (lower.max_models, lower.max_elements, lower.max_file_bytes) == (20, 5_000, 1_000_000)


def test_any_workspace_may_install_the_app_unless_some_are_listed() -> None:
    anyone = read_settings({})
    listed = read_settings({"ALLOWED_WORKSPACES": "T0HOUSE, E0ESTATE"})
    cases = {
        ("T0HOUSE", ""): True,
        ("T0HOUSE", "E0OTHER"): True,
        ("T0OTHER", ""): False,
        ("T0OTHER", "E0ESTATE"): True,
        ("", "E0ESTATE"): True,
        ("", "E0OTHER"): False,
    }
    for (team, enterprise), allowed in cases.items():
        assert anyone.may_install(team=team, enterprise=enterprise)
        assert listed.may_install(team=team, enterprise=enterprise) is allowed, (team, enterprise)


def test_spaces_around_a_value_are_ignored() -> None:
    assert read_settings({"PORT": " 8080 ", "SLACK_BOT_TOKEN": "xoxb-1\n"}).bot_token == Secret("xoxb-1")


def test_hosts_of_trackers_are_compared_in_lower_case() -> None:
    settings = read_settings({"TRACKER_HOSTS": "Redmine.Example.internal, [::1]:3000,10.0.0.7"})
    assert settings.tracker_hosts == {"redmine.example.internal", "[::1]:3000", "10.0.0.7"}


def test_meeting_slack_needs_a_bot_token_and_one_way_to_be_reached() -> None:
    assert [fault.split()[0] for fault in faults({}, serving=True)] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]
    assert "or set SLACK_SIGNING_SECRET" in faults({}, serving=True)[1]


def test_replicas_need_the_key_of_all_to_serve_and_not_for_other_commands() -> None:
    replica = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "0" * 32}
    for server in ("postgresql://threatmodel@db.example/threatmodel", "postgres://db.example/threatmodel"):
        (fault,) = faults({**replica, "DATABASE_URL": server}, serving=True)
        assert fault.startswith("THREATMODEL_KEY is missing. ")
        read_settings({**replica, "DATABASE_URL": server})
        read_settings({**replica, "DATABASE_URL": server, "THREATMODEL_KEY": "0" * 64}, serving=True)
    read_settings({**replica, "DATABASE_URL": "sqlite:///threatmodel.db"}, serving=True)


def test_many_workspaces_need_a_client_and_keys_instead_of_a_bot_token() -> None:
    settings = read_settings(MANY, serving=True)
    assert (settings.many_workspaces, settings.delivery, len(settings.token_keys)) == (True, "http", 2)
    assert read_settings({}).many_workspaces is False
    for name in ("SLACK_CLIENT_SECRET", "THREATMODEL_TOKEN_KEYS"):
        (fault,) = faults({**MANY, name: ""}, serving=True)
        assert fault.startswith(f"{name} is missing. ")
    (fault,) = faults({**MANY, "SLACK_BOT_TOKEN": "xoxb-1"})
    assert fault.startswith("SLACK_BOT_TOKEN and SLACK_CLIENT_ID exclude each other. ")


@pytest.mark.parametrize("name", ["SLACK_CLIENT_SECRET", "THREATMODEL_TOKEN_KEYS"])
def test_a_wrong_secret_of_many_workspaces_is_not_shown(name: str) -> None:
    (fault,) = faults({**MANY, name: "oops-secret-value"})
    assert "oops" not in fault
    assert KEY not in repr(read_settings(MANY))


@pytest.mark.parametrize(
    ("left_out", "delivery"),
    [("SLACK_APP_TOKEN", "http"), ("SLACK_SIGNING_SECRET", "socket"), ("PORT", "socket")],
)
def test_an_app_token_means_socket_mode_and_without_one_it_is_http(left_out: str, delivery: str) -> None:
    kept = {name: value for name, value in GOOD.items() if name != left_out}
    assert read_settings(kept, serving=True).delivery == delivery


def test_a_secret_is_never_shown() -> None:
    settings = read_settings(GOOD)
    for shown in (repr(settings), str(settings), f"{settings.bot_token}", f"{settings.bot_token!r}"):
        assert "made-up" not in shown
        assert "0123456789" not in shown
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(settings.bot_token)


@examples(10, deep=1000)
@given(st.dictionaries(st.sampled_from([variable.name for variable in VARIABLES]), st.text()))
def test_any_environment_produces_settings_or_errors(environment: dict[str, str]) -> None:
    with suppress(WrongSettings):
        assert read_settings(environment).host
