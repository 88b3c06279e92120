"""Callers: authenticated by access tokens, the models they may see, and the refusals of their calls."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Final

import msgspec
import structlog

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.commands.personal_tokens import Scope, recognize_token
from bot.slack.directory.member_directory import Directory, Membership
from bot.slack.directory.time_zones import zones_of
from bot.slack.queries.model_overviews import RegisterCache
from bot.store import Store, StoreError, StreamSummary
from bot.store.records import model_stream
from domain.kernel.elements import SYSTEM, ModelKey, PersonId
from domain.model import ThreatModel
from domain.register import ThreatRegister


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Caller in a workspace; `token` is the ID of the access token, empty for the operator."""

    tenant: str
    person: PersonId
    token: str
    scopes: frozenset[Scope]

    @property
    def is_operator(self) -> bool:
        """Return whether the caller has the database itself, and thus sees every model of the workspace."""
        return not self.token


def operator_of(tenant: str) -> Caller:
    """Return the operator of the database as a caller in one of its workspaces."""
    return Caller(tenant=tenant, person=SYSTEM, token="", scopes=frozenset(Scope))


_IDS_SHOWN: Final = 100
NO_MODEL: Final = "There is no such threat model in your channels. list_models lists them."
"""The same for a model that does not exist and for one of another channel."""


class CallRefused(Exception):
    """Refusal of a call; `outcome` names it in the record of calls."""

    outcome = "refused"
    sentence = "{}"

    def __init__(self, *details: object) -> None:
        super().__init__(self.sentence.format(*details))


class ScopeMissing(CallRefused):
    """Refusal: the token does not permit the operation."""

    outcome = "scope_missing"
    sentence = "Your access token lacks the scope “{}”. Create another one in Slack: /threatmodel token"


class CallsLimited(CallRefused):
    """Refusal: too many calls within a minute."""

    outcome = "calls_limited"
    sentence = "An access token may make {} calls a minute. Wait a minute, then try again."


class CallTooLarge(CallRefused):
    """Refusal: the arguments are too large."""

    outcome = "call_too_large"
    sentence = "The arguments have more than {} kB. Split them into several calls."


class ArgumentsInvalid(CallRefused):
    """Refusal: arguments that the operation cannot use."""

    outcome = "arguments_invalid"


class AccountRefused(CallRefused):
    """Refusal: the person may no longer act in the workspace."""

    outcome = "account_refused"
    sentence = "The account of this access token can no longer use the bot."


class ModelNotFound(CallRefused):
    """Refusal: no such model in the caller's channels."""

    outcome = "model_not_found"
    sentence = NO_MODEL


class ElementNotFound(CallRefused):
    """Refusal: no such element in the model; `ids` are those of its elements."""

    outcome = "element_not_found"
    sentence = "There is no such element in this model. Its elements: {}. get_model lists them by kind."

    def __init__(self, ids: Sequence[str]) -> None:
        more = f" and {len(ids) - _IDS_SHOWN} more" if len(ids) > _IDS_SHOWN else ""
        super().__init__((", ".join(ids[:_IDS_SHOWN]) or "none") + more)


class TooManyDrafts(CallRefused):
    """Refusal: too many drafts of a caller wait for a person."""

    outcome = "too_many_drafts"
    sentence = (
        "{} drafts of yours wait for a person in this model. Ask the team to accept or reject them in Slack "
        "first."
    )


class Unavailable(CallRefused):
    """Refusal: the database cannot be used at the moment."""

    outcome = "unavailable"
    sentence = "The database is unavailable at the moment. Try again later."


class CallFailed(CallRefused):
    """Refusal: a fault of the server, which its log describes."""

    outcome = "failed"
    sentence = "The call failed. The operator finds the reason in the server's log."


log = structlog.get_logger()


class TokenAuthenticator:
    """Finds the caller with an access token; `is_installed` tells whether a workspace still has the app."""

    def __init__(
        self, store: Store, *, is_installed: Callable[[str], bool], now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._is_installed = is_installed
        self._now = now

    def authenticate(self, text: str) -> Caller | None:
        """Return the caller with a token; None if it is not accepted. Raises Unavailable."""
        try:
            return self._caller(text)
        except StoreError as fault:
            log.warning("an access token was not checked", fault=type(fault).__name__)
            raise Unavailable from None

    def _caller(self, text: str) -> Caller | None:
        found = recognize_token(self._store, text)
        if found is None:
            return None
        token = found.record
        account = Directory(self._store.unit(found.tenant)).account(token.person)
        why = ""
        if not token.active(self._now()):
            why = "revoked" if token.revoked_at is not None else "expired"
        elif not self._is_installed(found.tenant):
            why = "uninstalled"
        elif account is not Membership.MEMBER:
            why = account.name.lower()
        if why:
            log.info("an access token was refused", workspace=found.tenant, token=token.id, why=why)
            return None
        return Caller(tenant=found.tenant, person=token.person, token=token.id, scopes=found.scopes)


_KEY: Final = re.compile(r"TM-[1-9]\d{0,8}")


class ModelLibrary(msgspec.Struct, frozen=True, eq=False):
    """Models of all workspaces, each for the members of its channel; raises StoreUnavailable."""

    store: Store
    command_handler: CommandHandler
    registers: RegisterCache
    now: Callable[[], datetime]

    def check_account(self, caller: Caller) -> None:
        """Raise AccountRefused unless the caller has an active account of the workspace."""
        if not caller.is_operator:
            account = self.directory(caller).account(caller.person)
            if account is not Membership.MEMBER:
                raise AccountRefused

    def models(self, caller: Caller) -> list[StreamSummary]:
        """Return the models that the caller may see, oldest first."""
        every = self.store.streams(caller.tenant)
        if caller.is_operator:
            return every
        channels = self.directory(caller).channels(caller.person)
        return [one for one in every if one.channel in channels]

    def find(self, caller: Caller, key: str) -> ThreatModel:
        """Return a model by its key, such as TM-7; raises ModelNotFound."""
        wanted = key.strip().upper()
        if not _KEY.fullmatch(wanted):
            raise ModelNotFound
        try:
            model = self.command_handler.model(model_stream(caller.tenant, ModelKey(wanted)))
        except NoSuchModel:
            raise ModelNotFound from None
        if not caller.is_operator:
            status = self.directory(caller).status(model.channel, caller.person)
            if status is not Membership.MEMBER:
                raise ModelNotFound
        return model

    def register(self, caller: Caller, key: str) -> ThreatRegister:
        """Return the register of a model now; raises ModelNotFound."""
        model = self.find(caller, key)
        zones = cache(zones_of(self.directory(caller)))  # many mitigations may have one owner
        return self.registers.register(model, self.now(), zones, tenant=caller.tenant)

    def directory(self, caller: Caller) -> Directory:
        """Return the people and channels of the caller's workspace."""
        return Directory(self.store.unit(caller.tenant))
