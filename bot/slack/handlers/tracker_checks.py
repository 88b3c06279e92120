"""Work that has requests to trackers carried out, and tells the people who made them."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec

from bot.delivery.work_kinds import Done, Failure, Kind, Waits
from bot.slack.handlers.modal_loading import load_page
from bot.slack.protocol.block_builders import message, section
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.targets import Target
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.queries.services import Services
from bot.store.repositories.tracker_connections import TrackerCheck, TrackerConnections
from bot.store.work_queue import Claim, Item, Touch
from bot.trackers.tracker import TrackerBusy
from bot.trackers.tracker_requests import finish_check
from domain.kernel.elements import PersonId
from domain.rejections import Rejected

CHECK: Final = "tracker-check"
"""Name of the work; its subject is the ID of a request."""

WAITS: Final = Waits(quiet=1.0, longest=1.0)
"""Time until a request is checked: the modal that shows its progress must have reached Slack by then."""

MAX_WAIT: Final = 120.0
"""Longest wait in seconds for a tracker that is busy, while a person waits."""


class TrackerChecks(msgspec.Struct, frozen=True, eq=False):
    """Checks the requests of one workspace.

    The outcome is recorded before the person is told, so that it is told at least once; then the request is
    finished. `account_chosen` is called with each person whose request about an own account is settled.
    """

    services: Services
    connections: TrackerConnections
    api: SlackApi
    account_chosen: Callable[[PersonId], None] = lambda _: None

    def kinds(self) -> list[Kind]:
        """Return the kind of work."""
        return [Kind(name=CHECK, waits=WAITS, run=self._run)]

    def _run(self, claim: Claim) -> Done | Failure:
        try:
            check = self.services.tracker_requests.check(claim.item.subject, tries=claim.tries)
        except TrackerBusy as busy:
            wait = min(max(busy.wait, 1.0), MAX_WAIT)
            return Failure(reason="pace of the tracker", wait=wait, paced=True)
        if check is not None:
            self._tell(check)
            finish_check(self.connections, check)
            if check.account:
                with suppress(ApiRefused, ApiUnreachable):  # it is published later
                    self.account_chosen(check.person)
        return Done()

    def _tell(self, check: TrackerCheck) -> None:
        """Show the outcome in the open modal, if it is still open, and send it to the person."""
        text = escape(check.outcome)
        direct = self.api.call("conversations.open", users=check.person)["channel"]["id"]
        told = message(text, [section(text)])
        self.api.call("chat.postMessage", channel=direct, text=told.text, blocks=told.blocks)
        view_id, _, stream = check.shown_in.partition(" ")
        if view_id:
            with suppress(ApiRefused, Rejected):  # the modal was closed, or shows something else
                page = Target(name="trackers", stream=stream)
                view = load_page(self.services, page, check.person, note=check.outcome)
                self.api.call("views.update", view_id=view_id, view=view)


def check_touch(tenant: str, id: str) -> Touch:
    """Return the touch that makes the check of a request due."""
    return Touch(item=Item(tenant, CHECK, id), lane=f"{CHECK}/{id}", quiet=WAITS.quiet, longest=WAITS.longest)
