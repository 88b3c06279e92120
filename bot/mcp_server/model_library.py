"""Models that a caller may see, by the rules that apply to a press of a button."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Final

import msgspec

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.mcp_server.call_refusals import AccountRefused, Caller, ModelNotFound
from bot.slack.directory.member_directory import Directory, Membership
from bot.slack.directory.time_zones import zones_of
from bot.slack.queries.model_overviews import RegisterCache
from bot.store import Store, StreamSummary
from bot.store.records import model_stream
from domain.kernel.elements import ModelKey
from domain.model import ThreatModel
from domain.register import ThreatRegister

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
