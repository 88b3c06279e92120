"""Personal access tokens: issued to a person, recognized by their digest, and stored without their text."""

import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

import msgspec

from bot.settings import Secret
from bot.store import Store, UnitOfWork
from bot.store.repositories.access_tokens import AccessToken
from domain.kernel.elements import PersonId
from domain.rejections import Rejected

LIFETIME: Final = timedelta(days=30)
"""Time for which a token is accepted."""

MAX_TOKENS: Final = 10
"""Tokens that a person may have at the same time."""

PREFIX: Final = "tmb"
"""What every token begins with, so that scanners for leaked secrets recognize it."""

_SECRET_BYTES: Final = 32
_ID_DIGITS: Final = 12
_SHAPE: Final = re.compile(rf"{PREFIX}_(?P<tenant>[A-Za-z0-9]{{1,64}})_(?P<id>[0-9a-f]{{12}})_[0-9a-f]{{64}}")


class Scope(StrEnum):
    """What a token permits."""

    READ = "read"
    """Reading the models of the person's channels."""
    PROPOSE = "propose"
    """Proposing drafts in them."""


class TooManyTokens(Rejected):
    """Rejection: a person has the maximum number of tokens."""

    def __init__(self) -> None:
        super().__init__(
            f"You already have {MAX_TOKENS} access tokens. Revoke one that you do not need, then try again."
        )


class TokenShown(Rejected):
    """Rejection: the request was answered before, and the text of its token is stored nowhere."""

    def __init__(self) -> None:
        super().__init__("This token was shown already, and is shown once only. Create another one.")


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A new token with its text, which is shown once."""

    text: Secret
    record: AccessToken


class RecognizedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was presented, and its workspace."""

    tenant: str
    record: AccessToken

    @property
    def scopes(self) -> frozenset[Scope]:
        """Return what it permits."""
        return frozenset(scope for scope in Scope if scope in self.record.scopes.split())


class PersonTokens(msgspec.Struct, frozen=True, eq=False):
    """Tokens of the people of one workspace; raises StoreUnavailable."""

    unit: UnitOfWork
    now: Callable[[], datetime]

    def issue(self, person: PersonId, scopes: frozenset[Scope], *, key: str) -> NewToken:
        """Store a new token of a person and return it with its text.

        `key` identifies the request. Raises TokenShown if the same request was answered before, and
        TooManyTokens.
        """
        now, id = self.now(), sha256(f"{self.unit.tenant}/{key}".encode()).hexdigest()[:_ID_DIGITS]
        text = f"{PREFIX}_{self.unit.tenant}_{id}_{secrets.token_hex(_SECRET_BYTES)}"
        record = AccessToken(
            id=id,
            person=person,
            digest=_digest(text),
            scopes=" ".join(scope for scope in Scope if scope in scopes),
            created_at=now,
            expires_at=now + LIFETIME,
        )
        with self.unit.transaction():
            if self.unit.access_tokens.find(id) is not None:
                raise TokenShown
            if len(self.active(person)) >= MAX_TOKENS:
                raise TooManyTokens
            self.unit.access_tokens.save(record)
        return NewToken(text=Secret(text), record=record)

    def active(self, person: PersonId) -> list[AccessToken]:
        """Return the tokens of a person that are accepted, oldest first."""
        now = self.now()
        return [one for one in self.unit.access_tokens.of_person(person) if one.active(now)]

    def revoke(self, id: str, person: PersonId) -> bool:
        """Revoke a token of a person; return False if they have no such token that is not revoked."""
        return self.unit.access_tokens.revoke(id, person, self.now())

    def last_used(self, token: AccessToken) -> datetime | None:
        """Return when an agent last made a call with a token."""
        return self.unit.agent_calls.last_call(token.id)


def recognize_token(store: Store, text: str) -> RecognizedToken | None:
    """Return the token of a text, also one that is revoked or expired; None for an invented one.

    Raises StoreUnavailable.
    """
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    found = store.unit(shape["tenant"]).access_tokens.find(shape["id"])
    if found is None or not hmac.compare_digest(found.digest, _digest(text)):
        return None
    return RecognizedToken(tenant=shape["tenant"], record=found)


def _digest(text: str) -> bytes:
    # A text of 256 random bits cannot be guessed from its digest, so that a slow hash would add nothing.
    return sha256(text.encode()).digest()
