"""Keeps the Home tabs true that people have looked at lately."""

import threading
import time
from collections.abc import Callable

import msgspec

from bot.slack.connection.slack_api import Refused, SlackApi
from bot.slack.kit.blocks import View
from bot.slack.surfaces.agenda import Job, Pace
from bot.slack.surfaces.tending import Tender
from bot.slack.upkeep.metrics import Metrics
from domain.elements import PersonId

LOOKED_AT_SECONDS = 8 * 3600.0
"""How long somebody who opened their Home tab is thought to look at it, a working day."""

MOST_PEOPLE = 50
"""Whose Home tabs are kept; of more people the ones who opened theirs last."""


class _Opened(msgspec.Struct, kw_only=True):
    at: float
    shown: bytes = b""


class Homes:
    """Publishes a Home tab again when it would show something else; `home` is what it should show.

    Only a convenience: what nobody remembers after a restart is shown when somebody opens it.
    """

    def __init__(
        self,
        api: SlackApi,
        *,
        home: Callable[[PersonId], View],
        silence: Callable[[str], None],
        metrics: Metrics,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = api
        self._home = home
        self._metrics = metrics
        self._clock = clock
        self._opened: dict[PersonId, _Opened] = {}
        self._lock = threading.Lock()
        self._turns = [threading.Lock() for _ in range(64)]
        self._tender = Tender("homes", pace or Pace(), keep=self._keep, silence=silence, metrics=metrics)

    def start(self) -> None:
        """Begin to keep them."""
        self._tender.start()

    def stop(self) -> None:
        """Publish nothing any more."""
        self._tender.agenda.end()

    def opened(self, person: PersonId, publish: Callable[[View], object]) -> None:
        """Publish what somebody's Home tab shows now; it is kept true for the next hours.

        `publish` gives it to Slack, and what it raises is raised.
        """
        with self._turn(person):
            opened = _Opened(at=self._clock())
            with self._lock:
                self._opened.pop(person, None)
                self._opened[person] = opened
                while len(self._opened) > MOST_PEOPLE:
                    self._opened.pop(next(iter(self._opened)))
            # After it was noted down: what is said from now on is published after this.
            view = self._home(person)
            publish(view)
            opened.shown = _seen(view)

    def touch_all(self) -> None:
        """Something that any Home tab may show has changed."""
        since = self._clock() - LOOKED_AT_SECONDS
        with self._lock:
            self._opened = {person: one for person, one in self._opened.items() if one.at > since}
            people = list(self._opened)
        for person in people:
            self._tender.agenda.touch(Job("home", person))

    def _keep(self, job: Job) -> None:
        person = PersonId(job.of)
        with self._turn(person):
            self._bring_up_to_date(person)

    def _bring_up_to_date(self, person: PersonId) -> None:
        view = self._home(person)
        seen = _seen(view)
        with self._lock:
            opened = self._opened.get(person)
        if opened is None or opened.shown == seen:
            return
        try:
            self._api.call("views.publish", user_id=person, view=view)
        except Refused as refused:
            if refused.code not in _NOT_THEIRS:
                raise
            with self._lock:
                self._opened.pop(person, None)
            return
        opened.shown = seen
        self._metrics.surface("home", "updated")

    def _turn(self, person: PersonId) -> threading.Lock:
        """One at a time, so that what was drawn earlier does not come to Slack later and stay."""
        return self._turns[hash(person) % len(self._turns)]


def _seen(view: View) -> bytes:
    return msgspec.json.encode(view)


_NOT_THEIRS = {"invalid_arguments", "not_enabled", "user_not_found", "view_too_large"}
"""What Slack says of a Home tab that it does not show, whenever it is sent."""
