"""Access tokens for agents: created, listed and revoked by their person, and shown once to nobody else."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.commands.personal_tokens import MAX_TOKENS, Scope, TokenShown, recognize_token
from bot.settings import read_settings
from bot.slack.handlers.slash_commands.command_table import answer_slash_command
from bot.slack.protocol.requests import SlashCommand
from bot.slack.protocol.targets import ButtonKind, WordTarget
from bot.store import open_store
from bot.store.repositories.agent_calls import AgentCall
from tests.slack.access_harness import TEAM, AccessHarness, channel_id_of, open_access_harness, person_id_of
from tests.slack.sealed_ballots import captured_logs

TOKEN = re.compile(r"tmb_\w+")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[AccessHarness]:
    with open_access_harness(tmp_path / "threatmodel.db") as opened:
        opened.begin("public")
        yield opened


def created(harness: AccessHarness, words: str = "propose", who: str = "member") -> str:
    (text,) = {*TOKEN.findall(harness.say(who, "public", f"token {words}"))}
    return text


def ids(harness: AccessHarness, who: str = "member") -> list[str]:
    return [one.id for one in harness.services.person_tokens.active(person_id_of(who))]


def test_a_new_token_is_recognized_and_permits_what_was_asked_for(harness: AccessHarness) -> None:
    for words, scopes in (("propose", {*Scope}), ("read", {Scope.READ}), ("new", {*Scope})):
        found = recognize_token(harness.store, created(harness, words))
        assert found is not None
        assert (found.tenant, found.record.person) == (TEAM, person_id_of("member"))
        assert found.scopes == scopes
        assert found.record.expires_at - found.record.created_at == timedelta(days=30)


def test_the_text_of_a_token_is_nowhere_but_in_the_answer(harness: AccessHarness, tmp_path: Path) -> None:
    with captured_logs() as log:
        texts = [created(harness, words) for words in ("propose", "read")]
        harness.store.backup(tmp_path / "copy.db")
        written = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
        logged = "\n".join(log())

    secrets = [text.rpartition("_")[2] for text in texts]
    assert "copy.db" in written
    assert [name for name, data in written.items() for secret in secrets if secret.encode() in data] == []
    assert [secret for secret in secrets if secret in logged] == []
    assert "tmb_" not in harness.say("member", "public", "token"), "a list shows the IDs only"


def test_the_same_request_shows_one_token(harness: AccessHarness) -> None:
    tokens, member = harness.services.person_tokens, person_id_of("member")
    tokens.issue(member, frozenset(Scope), key="trigger:1")

    with pytest.raises(TokenShown):
        tokens.issue(member, frozenset(Scope), key="trigger:1")

    assert len(ids(harness)) == 1


def test_a_person_has_a_limited_number_of_tokens(harness: AccessHarness) -> None:
    for _ in range(MAX_TOKENS):
        created(harness)

    assert f"already have {MAX_TOKENS} access tokens" in harness.say("member", "public", "token propose")
    assert len(ids(harness)) == MAX_TOKENS
    harness.say("member", "public", f"token revoke {ids(harness)[0]}")
    assert recognize_token(harness.store, created(harness)) is not None


def test_a_token_is_revoked_by_its_person_with_a_word_or_a_button(harness: AccessHarness) -> None:
    texts = [created(harness) for _ in range(3)]
    first, second, third = ids(harness)

    assert "no such token" in harness.say("facilitator", "public", f"token revoke {first}")
    assert "Choose the token" in harness.say("member", "public", "token revoke")
    assert f"{first}` is revoked" in harness.say("member", "public", f"token revoke {first}")
    assert "no such token" in harness.say("member", "public", f"token revoke {first}")
    buttons = re.findall(r'"value":\s*"((?:[^"\\]|\\.)*)"', harness.say("member", "public", "token"))
    revoking = [one for one in (json.loads(f'"{text}"') for text in buttons) if f"revoke/{second}" in one]
    assert len(revoking) == 1
    assert ids(harness) == [second, third]
    harness.say("member", "public", "token revoke")
    assert ids(harness) == [second, third], "several are left"
    harness.say("member", "public", f"token delete {second}")
    assert "is revoked" in harness.say("member", "public", "token revoke"), "the only one"

    states = [recognize_token(harness.store, text) for text in texts]
    assert all(state is not None and state.record.revoked_at is not None for state in states)


def test_the_list_says_when_a_token_was_last_used(harness: AccessHarness) -> None:
    created(harness)
    assert "not used yet" in harness.say("member", "public", "token")
    now = harness.now()
    call = AgentCall(
        id="1", token=ids(harness)[0], person=person_id_of("member"), operation="threats", model="", at=now
    )
    assert harness.store.unit(TEAM).agent_calls.begin(call, most=1, since=now - MINUTE)
    assert "last used" in harness.say("member", "public", "token")


def test_a_button_creates_a_token_and_a_message_only_offers_it(harness: AccessHarness) -> None:
    target = WordTarget(name="token", channel=channel_id_of("public"), argument="propose")
    pressed = harness.press("member", "public", ButtonKind.WORD, target)
    assert len({*TOKEN.findall(pressed)}) == 1

    written = harness.say("member", "public", "token propose", response_url="")
    assert "tmb_" not in written
    assert "Create token" in written


def test_no_token_is_created_for_outsiders_or_where_agents_cannot_connect(harness: AccessHarness) -> None:
    for who in ("stranger", "former", "bot", "gone", "alien"):
        assert not TOKEN.search(harness.say(who, "public", "token propose")), who
    assert "tmb_" not in harness.say("member", "public", "token hello"), "an unknown word lists them"
    without_agents = replace(harness.services, operator_settings=read_settings({}))
    request = SlashCommand(
        person=person_id_of("member"),
        channel=channel_id_of("public"),
        text="token propose",
        trigger_id="9.9",
        teams=(),
        response_url="https://hooks.slack.com/commands/1",
    )
    answer = answer_slash_command(without_agents, request)
    assert "MCP_PORT" in answer.ack["text"]
    assert ids(harness) == []


def test_a_token_outlives_the_process_and_an_invented_one_is_not_known(
    harness: AccessHarness, tmp_path: Path
) -> None:
    text = created(harness)
    with closing(open_store(f"sqlite:///{tmp_path}/threatmodel.db")) as again:
        assert recognize_token(again, text) is not None
        head, secret = text.rsplit("_", 1)
        other = "0" if secret[0] != "0" else "1"
        for invented in (
            "",
            "tmb_",
            f"{head}_{other}{secret[1:]}",
            text.replace(TEAM, "T0OTHER"),
            f"{text}0",
        ):
            assert recognize_token(again, invented) is None, invented
