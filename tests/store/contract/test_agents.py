"""Tokens of people, and the calls that their agents make with them."""

from datetime import timedelta

from msgspec.structs import replace

from bot.store import Store, UnitOfWork
from bot.store.repositories.access_tokens import AccessToken
from bot.store.repositories.agent_calls import AgentCall
from domain.kernel.elements import PersonId
from tests.store.saying import NOON

BEN, CHI = PersonId("U2"), PersonId("U3")
SECOND, MONTH = timedelta(seconds=1), timedelta(days=30)


def token(id: str, person: PersonId = BEN) -> AccessToken:
    return AccessToken(
        id=id,
        person=person,
        digest=id.encode(),
        scopes="read propose",
        created_at=NOON,
        expires_at=NOON + MONTH,
    )


def call(id: str, of: str = "a", seconds: int = 0, person: PersonId = BEN) -> AgentCall:
    at = NOON + seconds * SECOND
    return AgentCall(id=id, token=of, person=person, operation="threats", model="TM-1", at=at)


def test_a_token_is_found_until_its_person_is_forgotten(unit: UnitOfWork) -> None:
    for one in (token("b"), token("a"), token("c", CHI)):
        unit.access_tokens.save(one)

    assert unit.access_tokens.find("a") == token("a")
    assert unit.access_tokens.find("z") is None
    assert unit.access_tokens.of_person(BEN) == [token("a"), token("b")]
    assert unit.access_tokens.forget_person(BEN) == 2
    assert (unit.access_tokens.find("a"), unit.access_tokens.of_person(CHI)) == (None, [token("c", CHI)])


def test_a_token_is_revoked_once_and_by_its_person_alone(unit: UnitOfWork) -> None:
    unit.access_tokens.save(token("a"))

    assert not unit.access_tokens.revoke("a", CHI, NOON)
    assert unit.access_tokens.revoke("a", BEN, NOON + SECOND)
    assert not unit.access_tokens.revoke("a", BEN, NOON + 2 * SECOND)

    found = unit.access_tokens.find("a")
    assert found == replace(token("a"), revoked_at=NOON + SECOND)
    assert found is not None
    assert not found.active(NOON + SECOND)


def test_all_tokens_of_a_workspace_are_revoked_together(store: Store) -> None:
    for tenant in ("T1", "T2"):
        for one in (token("a"), token("c", CHI)):
            store.unit(tenant).access_tokens.save(one)
    store.unit("T1").access_tokens.revoke("a", BEN, NOON)

    assert store.unit("T1").access_tokens.revoke_all(NOON + SECOND) == 1

    moments = [store.unit(tenant).access_tokens.find(id) for tenant in ("T1", "T2") for id in ("a", "c")]
    assert [moment and moment.revoked_at for moment in moments] == [NOON, NOON + SECOND, None, None]


def test_calls_of_a_token_are_limited_within_a_time(unit: UnitOfWork) -> None:
    minute = timedelta(seconds=60)
    accepted = [
        unit.agent_calls.begin(one, most=2, since=one.at - minute)
        for one in (
            call("1"),
            call("2", seconds=1),
            call("3", seconds=2),
            call("4", "b"),
            call("5", seconds=60),
        )
    ]

    assert accepted == [True, True, False, True, True]
    assert [one.id for one in unit.agent_calls.of_token("a")] == ["1", "2", "5"]
    assert unit.agent_calls.last_call("a") == NOON + minute
    assert unit.agent_calls.last_call("z") is None


def test_a_call_has_its_outcome_until_its_person_is_forgotten(unit: UnitOfWork) -> None:
    for one in (call("1"), call("2", "b", person=CHI)):
        unit.agent_calls.begin(one, most=9, since=NOON - SECOND)

    unit.agent_calls.end("1", "no_such_model")

    assert unit.agent_calls.of_token("a") == [replace(call("1"), outcome="no_such_model")]
    assert unit.agent_calls.forget_person(BEN) == 1
    assert (unit.agent_calls.of_token("a"), len(unit.agent_calls.of_token("b"))) == ([], 1)


def test_old_calls_and_expired_tokens_are_deleted_in_every_workspace(store: Store) -> None:
    for tenant in ("T1", "T2"):
        unit = store.unit(tenant)
        unit.access_tokens.save(token("a"))
        unit.access_tokens.save(replace(token("b"), expires_at=NOON + MONTH + SECOND))
        for one in (call("1"), call("2", seconds=1)):
            unit.agent_calls.begin(one, most=9, since=NOON - SECOND)
    for _ in range(2):
        store.housekeeping.forget_before(
            {"agent_calls": NOON + SECOND, "access_tokens": NOON + MONTH + SECOND}
        )
        for tenant in ("T1", "T2"):
            unit = store.unit(tenant)
            assert [one.id for one in unit.agent_calls.of_token("a")] == ["2"]
            assert [one.id for one in unit.access_tokens.of_person(BEN)] == ["b"]
