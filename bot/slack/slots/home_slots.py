"""Keeps the Home tabs true that people have looked at lately."""

import hashlib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from bot.delivery.kinds import Done, Kind
from bot.metrics import Metrics
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi
from bot.slack.slots.delivery_pace import Pace
from bot.store.repositories.homes import OpenedHome, OpenedHomes
from bot.store.work_queue import Claim
from domain.kernel.elements import PersonId

LOOKED_AT = timedelta(hours=8)
"""How long a person who opened their Home tab is thought to look at it, a working day."""

MOST_PEOPLE = 50
"""Whose Home tabs are kept true; of more people those who opened theirs last."""


class Homes:
    """Publishes a Home tab again when it would show something else; `home` is what it should show.

    `touch` has Home tabs looked at; `now` is the machine's time. Only a convenience: a tab that is forgotten
    is shown when it is opened.
    """

    def __init__(
        self,
        opened: OpenedHomes,
        api: SlackApi,
        *,
        home: Callable[[PersonId], View],
        touch: Callable[[PersonId], None],
        now: Callable[[], datetime],
        metrics: Metrics,
        pace: Pace,
    ) -> None:
        self._opened = opened
        self._api = api
        self._home = home
        self._touch = touch
        self._now = now
        self._metrics = metrics
        self._pace = pace
        self._turns = [threading.Lock() for _ in range(64)]

    def kinds(self) -> list[Kind]:
        """What there is to do about Home tabs: find those that may have changed, then each of them."""
        waits = self._pace.of("home")
        return [
            Kind(name="homes", group="people", waits=waits, do=lambda _: self._touch_all()),
            Kind(name="home", group="people", waits=waits, do=self._keep, lost=self._lost),
        ]

    def opened(self, person: PersonId, publish: Callable[[View], object]) -> None:
        """Publish what a person's Home tab shows now; it is kept true for the next hours.

        `publish` gives it to Slack, and what it raises is raised.
        """
        with self._turn(person):
            opened = OpenedHome(person=person, opened_at=self._now())
            # Before it is drawn: a change from now on is published after this.
            self._opened.keep(opened)
            view = self._home(person)
            publish(view)
            self._opened.keep(replace(opened, shown=_seen(view)))

    def _touch_all(self) -> Done:
        """Something that any Home tab may show has changed."""
        since = self._now() - LOOKED_AT
        self._opened.forget_before(since)
        for one in self._opened.since(since, most=MOST_PEOPLE):
            self._touch(one.person)
        return Done()

    def _keep(self, claim: Claim) -> Done:
        person = PersonId(claim.item.subject)
        with self._turn(person):
            self._bring_up_to_date(person)
        return Done()

    def _lost(self, claim: Claim) -> None:
        opened = self._opened.find(PersonId(claim.item.subject))
        if opened is not None:
            self._opened.keep(replace(opened, shown=""))

    def _bring_up_to_date(self, person: PersonId) -> None:
        opened = self._opened.find(person)
        if opened is None:
            return
        view = self._home(person)
        seen = _seen(view)
        if opened.shown == seen:
            return
        try:
            self._api.call("views.publish", user_id=person, view=view)
        except ApiRefused as refused:
            if refused.code not in _NOT_THEIRS:
                raise
            self._opened.forget(person)
            return
        self._opened.keep(replace(opened, shown=seen))
        self._metrics.surface("home", "updated")

    def _turn(self, person: PersonId) -> threading.Lock:
        """One at a time, so that what was drawn earlier does not come to Slack later and stay."""
        return self._turns[hash(person) % len(self._turns)]


def _seen(view: View) -> str:
    return hashlib.sha256(msgspec.json.encode(view)).hexdigest()


_NOT_THEIRS = {"invalid_arguments", "not_enabled", "user_not_found", "view_too_large"}
"""What Slack says of a Home tab that it does not show, whenever it is sent."""
