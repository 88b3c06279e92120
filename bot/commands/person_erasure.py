"""Erasure of a person from a workspace: their words, ballots, name and preferences."""

import secrets
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import cast

import msgspec

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, Store, StreamId, UnitOfWork, codec, person_stream, workspace_stream
from bot.store.records import listed
from bot.store.replacements import NO_REPLACEMENTS, ReplacedEvent, Replacements, in_records
from domain.commands import LeaveRound
from domain.events import Erased, Event, RecordedEvent
from domain.forgetting import Forgetting, forget_person
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.voting_round import RoundId
from domain.rejections import Rejected
from domain.replay import replay
from domain.tracker_accounts import TrackerAccountChosen, TrackerAccountEvent

MAX_ATTEMPTS = 3
"""Changes of a model in the meantime before the next attempt holds the write lock throughout."""


class ErasedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of what was erased; `refreshed` are the models whose messages are updated.

    `entries` are the person's, `restated` those of others that repeated their words. `ballots` stay in closed
    rounds without a name; `ballots_dropped` did not count. `rounds` are open ones that no longer wait.
    `accounts` are those in trackers.
    """

    account: bool = False
    models: int = 0
    refreshed: int = 0
    entries: int = 0
    restated: int = 0
    ballots: int = 0
    ballots_dropped: int = 0
    rounds: int = 0
    preferences: int = 0
    requests: int = 0
    tokens: int = 0
    drafts: int = 0
    accounts: int = 0

    @property
    def anything(self) -> bool:
        """Return whether there was anything to erase."""
        erased = (
            self.entries,
            self.restated,
            self.rounds,
            self.preferences,
            self.requests,
            self.tokens,
            self.drafts,
            self.accounts,
        )
        return self.account or any(erased)


class PersonEraser(msgspec.Struct, frozen=True, eq=False):
    """Eraser of one person from one workspace, also while a bot serves it.

    Each step is one transaction, so that it can be repeated after an interruption, and then continues. The
    account is the first: from then on requests of the person are refused.
    """

    store: Store
    tenant: str
    person: PersonId
    now: datetime

    @property
    def unit(self) -> UnitOfWork:
        """The data of the workspace."""
        return self.store.unit(self.tenant)

    def preview(self) -> ErasedPerson:
        """Return what would be erased now."""
        found = ErasedPerson(
            account=not self.unit.directory.is_forgotten(self.person),
            preferences=len(self.store.hours(person_stream(self.tenant, self.person))),
            requests=sum(
                one.person == self.person
                for one in (*self.unit.pending.all(), *self.unit.tracker_connections.checks())
            ),
            tokens=len(self.unit.access_tokens.of_person(self.person)),
            accounts=len(accounts := self._accounts()),
        )
        for stream in self._models():
            past = list(self.unit.events.events(stream))
            forgetting = forget_person(past, self.person, chain.from_iterable(accounts.values()))
            found = _with(found, forgetting, len(forgetting.awaited))
        return found

    def erase(self) -> ErasedPerson:
        """Erase the person; raises StoreUnavailable."""
        done = self._erase_account()
        versions: dict[StreamId, int] = {}
        # Again where something was entered meanwhile, by a request that was accepted before.
        while changed := [model for model in self._models() if self._version(model) != versions.get(model)]:
            for stream in changed:
                forgetting = self._erase_from(stream)
                left = self._leave_rounds(stream, forgetting.awaited)
                if stream in versions:  # its messages are counted already
                    forgetting = msgspec.structs.replace(forgetting, mentioned=False)
                done = _with(done, forgetting, left)
                versions[stream] = self._version(stream)
        # After the models: their names tell which assignees were this person, also when this is continued.
        accounts = self._erase_accounts()
        self.store.finish_erasing()
        return msgspec.structs.replace(done, accounts=accounts)

    def _models(self) -> list[StreamId]:
        return [stream.stream for stream in self.unit.events.streams()]

    def _version(self, stream: StreamId) -> int:
        state = self.unit.events.state(stream)
        return state.version if state else 0

    def _accounts(self) -> dict[int, tuple[str, str]]:
        """Return the IDs and the names of the person's accounts in trackers, by the version of each event."""
        recorded = self.unit.events.read(workspace_stream(self.tenant))
        chosen = ((one.version, cast("object", one.event)) for one in recorded)
        return {
            version: (event.account, event.name if isinstance(event, TrackerAccountChosen) else "")
            for version, event in chosen
            if isinstance(event, TrackerAccountEvent) and event.person == self.person
        }

    def _erase_accounts(self) -> int:
        with self.unit.transaction():
            accounts = self._accounts()
            if accounts:
                self.unit.events.erase(workspace_stream(self.tenant), tuple(accounts))
        return len(accounts)

    def _erase_account(self) -> ErasedPerson:
        own = person_stream(self.tenant, self.person)
        with self.unit.transaction():
            account = self.unit.directory.forget_person(self.person, self.now)
            requests = self.unit.pending.forget_person(self.person)
            requests += self.unit.imports.forget_person(self.person)
            requests += self.unit.tracker_connections.forget_person(self.person)
            drafts = self.unit.drafts.forget_person(self.person)
            tokens = self.unit.access_tokens.forget_person(self.person)
            self.unit.agent_calls.forget_person(self.person)
            state = self.unit.events.state(own)
            versions = range(1, state.version + 1) if state else ()
            # Also without preferences: it has the name removed from the log of the database.
            preferences = self.unit.events.erase(own, versions)
        return ErasedPerson(
            account=account, requests=requests, preferences=preferences, tokens=tokens, drafts=drafts
        )

    def _erase_from(self, stream: StreamId) -> Forgetting:
        """Record the entries again without the person's words, and erase them, together or not at all."""
        for _ in range(MAX_ATTEMPTS):
            # Read outside of the transaction: others wait for its end.
            state, past = self.unit.events.state(stream), list(self.unit.events.events(stream))
            forgetting = forget_person(past, self.person, chain.from_iterable(self._accounts().values()))
            with self.unit.transaction():
                if self.unit.events.state(stream) == state:
                    self._replace(stream, past, forgetting)
                    return forgetting
        with self.unit.transaction():
            past = list(self.unit.events.events(stream))
            forgetting = forget_person(past, self.person, chain.from_iterable(self._accounts().values()))
            self._replace(stream, past, forgetting)
        return forgetting

    def _replace(self, stream: StreamId, past: list[RecordedEvent], forgetting: Forgetting) -> None:
        earlier = self.unit.events.replacements(stream) if forgetting.replaced else NO_REPLACEMENTS
        if forgetting.replaced:
            self._record_again(stream, past, forgetting, earlier)
        if forgetting.versions:
            self.unit.events.erase(stream, (*forgetting.versions, *earlier.recorded_in))
        elif forgetting.mentioned:
            self.unit.events.erase(stream, ())  # only has the messages checked that show the name

    def _record_again(
        self,
        stream: StreamId,
        past: list[RecordedEvent],
        forgetting: Forgetting,
        earlier: Replacements,
    ) -> None:
        dropped = set(forgetting.dropped)
        # Earlier records may contain words of this person, too: they are erased with the rest.
        again = {**earlier.events, **forgetting.replaced}
        records = in_records(
            (
                self._encoded(version, event)
                for version, event in sorted(again.items())
                if version not in dropped and not isinstance(event, Erased)
            ),
            SYSTEM,
            self.now,
        )
        left = [
            Erased() if version in dropped else forgetting.replaced.get(version, event)
            for version, event in enumerate(past, start=1)
        ]
        after = replay([*left, *(Erased() for _ in records)])
        links = forgetting.links(after, at=self.now)
        key = f"erase-person/{secrets.token_hex(16)}"  # never that of another command, and without an ID
        self.unit.events.append(
            self.tenant,
            stream,
            (*records, *links),
            expected=len(past),
            key=CommandKey(key),
            request=key.encode(),
            summary=listed(after),
        )

    def _encoded(self, version: int, event: Event) -> ReplacedEvent:
        encoded = codec.encode(event)
        return ReplacedEvent(
            version=version, type=encoded.type, schema=encoded.schema, data=encoded.data.decode()
        )

    def _leave_rounds(self, stream: StreamId, rounds: tuple[RoundId, ...]) -> int:
        """Take the person out of open rounds, which may end thereby; return how many they left."""
        handler, left = CommandHandler(self.unit.events), 0
        for round in rounds:
            leave = LeaveRound(by=SYSTEM, at=self.now, round=round, voter=self.person)
            with suppress(Rejected):  # the round ended meanwhile, or the model is closed
                handler.execute(leave, stream=stream, key=CommandKey(f"leave/{secrets.token_hex(16)}"))
                left += 1
        return left


def _with(before: ErasedPerson, one: Forgetting, rounds: int) -> ErasedPerson:
    """Add the numbers of one model."""
    return msgspec.structs.replace(
        before,
        models=before.models + bool(one.versions),
        refreshed=before.refreshed + bool(one.versions or one.mentioned),
        entries=before.entries + len(one.versions) - one.restated,
        restated=before.restated + one.restated,
        ballots=before.ballots + one.ballots,
        ballots_dropped=before.ballots_dropped + one.ballots_dropped,
        rounds=before.rounds + rounds,
    )
