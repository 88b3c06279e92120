"""A token is accepted while it is active, its person has an account, and the app is installed."""

from datetime import timedelta

import pytest

from bot.commands.personal_tokens import LIFETIME, Scope
from bot.mcp_server.callers import Unavailable
from bot.store.repositories.workspace_directory import Person
from tests.fresh_database import unavailable
from tests.mcp_server.agents import AMINA, BENJI, TEAM, Agents


def test_a_caller_is_who_created_the_token_and_may_what_it_permits() -> None:
    agents = Agents()
    for scopes in (frozenset(Scope), frozenset({Scope.READ})):
        caller = agents.authenticator.authenticate(agents.token(BENJI, scopes))
        assert caller is not None
        assert (caller.tenant, caller.person, caller.scopes) == (TEAM, BENJI, scopes)
        assert not caller.is_operator


def test_no_other_token_is_accepted() -> None:
    agents = Agents()
    revoked, expired, departed = agents.token(), agents.token(), agents.token(BENJI)
    assert agents.tokens.revoke(revoked.split("_")[2], AMINA)
    known = [agents.token(), departed]

    def accepted(text: str) -> bool:
        return agents.authenticator.authenticate(text) is not None

    assert [accepted(text) for text in known] == [True, True]
    for text in ("", "tmb_", revoked, f"{expired[:-1]}x", f"{expired}\n", "xoxb-1", "\ud800", "\x00" * 99):
        assert not accepted(text), ascii(text)
    agents.learn(Person(id=BENJI, name="Benji", deactivated=True))
    assert [accepted(text) for text in known] == [True, False]
    agents.learn(Person(id=BENJI, name="Benji", foreigner=True))
    assert [accepted(text) for text in known] == [True, False]
    agents.installed = False
    assert not accepted(known[0])
    agents.installed = True
    agents.now += LIFETIME - timedelta(seconds=60)
    assert accepted(known[0])
    agents.now += timedelta(seconds=60)
    assert not accepted(known[0])
    assert not accepted(expired)
    agents.unit.directory.forget_person(AMINA, agents.now)
    assert not accepted(agents.token())


def test_an_outage_is_told_from_a_refusal() -> None:
    agents = Agents()
    text = agents.token()
    with unavailable(agents.store, "current"), pytest.raises(Unavailable):
        agents.authenticator.authenticate(text)
    assert agents.authenticator.authenticate(text) is not None
