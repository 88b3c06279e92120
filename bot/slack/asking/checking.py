"""Looks up who said what was kept, and then applies or refuses it."""

from collections.abc import Callable

import structlog

from bot.slack.asking.front import Front
from bot.slack.asking.late import late
from bot.slack.asking.pending import Waiting
from bot.slack.connection.slack_api import Refused, Unreachable
from bot.slack.people.directory import Standing
from bot.slack.people.looking_up import Lookup
from bot.slack.people.people_checks import NotLookedUp
from bot.slack.replying.answers import After
from bot.slack.tools import Tools

log = structlog.get_logger()


class Checking:
    """Works on what waits; the asker is told either way."""

    def __init__(
        self,
        waiting: Waiting,
        lookup: Lookup,
        front: Front,
        tools: Tools,
        *,
        carry_out: Callable[[After], None],
    ) -> None:
        self._waiting = waiting
        self._lookup = lookup
        self._front = front
        self._tools = tools
        self._carry_out = carry_out

    def check(self, key: str) -> None:
        """Look up one person; raises Refused and Unreachable, and what was kept goes on waiting."""
        pending = self._waiting.find(key)
        if pending is None:
            return
        standing = self._lookup.check(pending.channel, pending.person)
        try:
            asked, answer, outcome = self._front.again(pending, standing)
        except NotLookedUp as unknown:
            self._lookup.read_people(unknown.people)
            asked, answer, outcome = self._front.again(pending, standing)
        if outcome == "unavailable":
            return
        for one in late(self._tools, asked, answer).after:
            self._carry_out(one)
        self._waiting.settle(pending)
        member = standing is Standing.MEMBER
        what = "kept request applied" if member else "kept request refused"
        log.info(what, channel=pending.channel, person=pending.person)

    def check_all(self) -> None:
        """Look at everything that waits; what cannot be looked up just now does not hold up the rest.

        What somebody else looks at in the same moment is applied once all the same, by its key.
        """
        for pending in self._waiting.all():
            try:
                self.check(pending.key)
            except (Refused, Unreachable) as fault:
                log.warning("kept request not checked", channel=pending.channel, fault=fault.code)
