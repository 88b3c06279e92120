"""Checks of kept requests: look up the person, then apply or refuse the request."""

from collections.abc import Callable

import structlog

from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.directory.member_directory import Membership
from bot.slack.directory.people_checks import PeopleNotLookedUp
from bot.slack.handlers.dispatcher import Dispatcher
from bot.slack.handlers.draft_acceptance.kept_readings import OVERDUE, READING, reading_of
from bot.slack.handlers.handler_responses import FollowUp
from bot.slack.handlers.late_responses import late_response
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable
from bot.slack.queries.services import Services
from bot.store.repositories.pending_requests import PendingRequest, PendingRequests

CANNOT_CHECK = (
    "The bot cannot see the members of this channel, so nothing was done. Use a channel that the bot is "
    "in. If it is in this one, ask an administrator to reinstall the app with all permissions of its "
    "manifest."
)

TOO_LONG = "Your channel membership could not be checked in time, so nothing was done. Try again."

REFUSED_SECONDS = 3600.0
"""Seconds after which a request is given up whose check Slack refuses."""

UNREACHED_SECONDS = 3 * 86_400.0
"""Seconds after which a request is given up while Slack is unreachable."""

_NEVER = {"missing_scope", "no_permission", "not_allowed_token_type", "org_login_required"}
"""Slack's codes for a conversation that the bot can never read."""

log = structlog.get_logger()


class PendingRequestChecks:
    """Checks kept requests; the person gets the result in either case, as a follow-up."""

    def __init__(
        self,
        waiting: PendingRequests,
        lookup: DirectoryLookup,
        dispatcher: Dispatcher,
        services: Services,
    ) -> None:
        self._waiting = waiting
        self._lookup = lookup
        self._dispatcher = dispatcher
        self._services = services

    def check(self, key: str, carry_out: Callable[[FollowUp], None]) -> None:
        """Look up one person; raises ApiRefused and ApiUnreachable, and the request stays pending.

        After a time limit, a request that cannot be checked is given up, and the person is notified.
        """
        pending = self._waiting.find(key)
        if pending is None:
            return
        try:
            status = self._lookup.check(pending.channel, pending.person)
            try:
                request, answer, outcome = self._dispatcher.dispatch_pending(pending, status)
            except PeopleNotLookedUp as unknown:
                self._lookup.read_people(unknown.people)
                request, answer, outcome = self._dispatcher.dispatch_pending(pending, status)
        except (ApiRefused, ApiUnreachable) as fault:
            if not (sentence := self._hopeless(pending, fault)):
                raise
            self._give_up(pending, fault, sentence, carry_out)
            return
        if outcome == "unavailable":
            return
        for one in late_response(self._services, request, answer).after:
            carry_out(one)
        self._waiting.settle(pending)
        member = status is Membership.MEMBER
        what = "deferred request applied" if member else "deferred request refused"
        log.info(what, channel=pending.channel, person=pending.person)

    def _hopeless(self, pending: PendingRequest, fault: ApiRefused | ApiUnreachable) -> str:
        """Return the sentence for a request that is given up; empty if it is retried."""
        if fault.code in _NEVER:
            return CANNOT_CHECK
        refused = isinstance(fault, ApiRefused) and fault.code != "ratelimited"
        longest = REFUSED_SECONDS if refused else UNREACHED_SECONDS
        return TOO_LONG if (self._services.now() - pending.at).total_seconds() > longest else ""

    def _give_up(
        self,
        pending: PendingRequest,
        fault: ApiRefused | ApiUnreachable,
        sentence: str,
        carry_out: Callable[[FollowUp], None],
    ) -> None:
        request, answer = self._dispatcher.give_up(pending, sentence)
        for one in late_response(self._services, request, answer).after:
            carry_out(one)
        self._waiting.settle(pending)
        log.warning(
            "deferred request abandoned", channel=pending.channel, person=pending.person, fault=fault.code
        )

    def check_all(self, carry_out: Callable[[FollowUp], None]) -> None:
        """Check all pending requests, and read the files that an ended process did not read.

        A failed look-up does not block the others. A request that two threads or processes check at the same
        time is applied once, by the key of its command; files are read by the process that claims them.
        """
        for pending in self._waiting.all():
            if pending.kind == READING:
                if self._claims_overdue(pending):
                    log.info("files are read after a process ended", person=pending.person)
                    carry_out(reading_of(pending))
                continue
            try:
                self.check(pending.key, carry_out)
            except (ApiRefused, ApiUnreachable) as fault:
                log.warning("deferred request not checked", channel=pending.channel, fault=fault.code)

    def _claims_overdue(self, pending: PendingRequest) -> bool:
        """Return whether this process is the one that reads files which an ended process did not read.

        They are overdue again if this process ends as well.
        """
        now = self._services.now()
        return now - pending.at >= OVERDUE and self._waiting.claim(pending, at=now)
