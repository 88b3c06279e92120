"""Checks of kept requests: look up the person, then apply or refuse the request."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
import structlog

from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.directory.member_directory import Membership, PeopleNotLookedUp
from bot.slack.handlers.dispatcher import Dispatcher, show_beside_field
from bot.slack.handlers.draft_reader import OVERDUE, READING, reading_of
from bot.slack.handlers.handler_responses import (
    DirectMessage,
    FollowUp,
    HandlerResponse,
    UpdateView,
    private_message,
)
from bot.slack.handlers.modal_loading import reload_form
from bot.slack.handlers.submissions.conflicts import field_list
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block, Message, View, plain_text, section
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.requests import Request, ViewSubmission
from bot.slack.protocol.targets import StaleButton
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form_fields import field_key
from bot.slack.ui.messages.notices import confirmation, refusal, refusal_modal
from bot.slack.ui.modals.modal_registry import target_of
from bot.store.repositories.pending_requests import PendingRequest, PendingRequests
from domain.rejections import Rejected

SAVED = "Your earlier input is now saved."
NOT_SAVED = "Not saved yet. See {fields}."


def late_response(services: Services, request: Request, answer: HandlerResponse) -> HandlerResponse:
    """Convert a response to follow-ups, because its ack has been sent."""
    ack = answer.ack
    if isinstance(request, ViewSubmission):
        return HandlerResponse(after=(_into_modal(services, request, answer), *answer.after))
    if ack.get("text"):
        notice = Message(text=str(ack["text"]), blocks=list(ack.get("blocks") or ()))
        return HandlerResponse(after=(private_message(request.origin, notice), *answer.after))
    return HandlerResponse(after=answer.after)


def _into_modal(services: Services, request: ViewSubmission, answer: HandlerResponse) -> UpdateView:
    ack = answer.ack
    if ack.get("response_action") == "errors":
        errors: Mapping[str, str] = ack["errors"]
        view = _open_again(services, request, errors)
        otherwise = DirectMessage(person=request.person, message=refusal(" ".join(errors.values())))
    else:
        view = ack.get("view") or refusal_modal(SAVED, target_of(request.view))
        otherwise = DirectMessage(person=request.person, message=confirmation(SAVED))
    return UpdateView(view_id=request.view_id, view=view, fallback=otherwise)


def _open_again(services: Services, request: ViewSubmission, errors: Mapping[str, str]) -> View:
    """Return the form with the typed values, and each sentence above the field that it is about."""
    target = target_of(request.view)
    try:
        view = reload_form(services, request.view, request.person)
    except (StaleButton, Rejected):
        return refusal_modal(" ".join(errors.values()), target)
    return {**view, "blocks": _with_sentences(view["blocks"], errors)}


def _with_sentences(blocks: Sequence[Block], errors: Mapping[str, str]) -> list[Block]:
    """Return the blocks of a form with sentences, which Slack shows beside fields only in an ack.

    Each is above its field, and a note above the form names the fields that are further down. A sentence at
    the first field may be about the whole form, so it is above the form, as is one at a field that is gone.
    """
    sentences = {field_key(block_id): sentence for block_id, sentence in errors.items()}
    places = {
        field_key(block["block_id"]): place
        for place, block in reversed([*enumerate(blocks)])
        if block["type"] == "input"
    }
    first = min(places.values(), default=0)
    above = [one for key, one in sentences.items() if places.get(key, first) == first]
    beside = {places[key]: one for key, one in sentences.items() if places.get(key, first) != first}
    if beside:
        above.append(
            NOT_SAVED.format(fields=field_list([blocks[one]["label"]["text"] for one in sorted(beside)]))
        )
    room = slack_limits.VIEW_BLOCKS - len(blocks) - 1
    shown: list[Block] = [section(f"⚠ {escape(' '.join(above))}")]
    for place, block in enumerate(blocks):
        if place in beside and room > 0:
            shown.append(section(f"⚠ {escape(beside[place])}"))
            room -= 1
        elif place in beside:
            block = {**block, "hint": plain_text(f"⚠ {beside[place]}", slack_limits.HINT)}
        shown.append(block)
    return shown[: slack_limits.VIEW_BLOCKS]


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


class PendingRequestChecks(msgspec.Struct, frozen=True, eq=False):
    """Checks kept requests; the person gets the result in either case, as a follow-up."""

    waiting: PendingRequests
    lookup: DirectoryLookup
    dispatcher: Dispatcher
    services: Services

    def check(self, key: str, carry_out: Callable[[FollowUp], None]) -> None:
        """Look up one person; raises ApiRefused and ApiUnreachable, and the request stays pending.

        After a time limit, a request that cannot be checked is given up, and the person is notified.
        """
        pending = self.waiting.find(key)
        if pending is None:
            return
        about = {"channel": pending.channel, "person": pending.person}
        try:
            status = self.lookup.check(pending.channel, pending.person)
            try:
                request, answer, outcome = self.dispatcher.answer_pending(pending, status)
            except PeopleNotLookedUp as unknown:
                self.lookup.read_people(unknown.people)
                request, answer, outcome = self.dispatcher.answer_pending(pending, status)
            if outcome == "unavailable":
                return
            member = status is Membership.MEMBER
            log.info("deferred request applied" if member else "deferred request refused", **about)
        except (ApiRefused, ApiUnreachable) as fault:
            if not (sentence := self._hopeless(pending, fault)):
                raise
            request = self.dispatcher.kept_request(pending)
            answer = show_beside_field(request, sentence)
            log.warning("deferred request abandoned", fault=fault.code, **about)
        for follow_up in late_response(self.services, request, answer).after:
            carry_out(follow_up)
        self.waiting.settle(pending)

    def _hopeless(self, pending: PendingRequest, fault: ApiRefused | ApiUnreachable) -> str:
        """Return the sentence for a request that is given up; empty if it is retried."""
        if fault.code in _NEVER:
            return CANNOT_CHECK
        refused = isinstance(fault, ApiRefused) and fault.code != "ratelimited"
        longest = REFUSED_SECONDS if refused else UNREACHED_SECONDS
        return TOO_LONG if (self.services.now() - pending.at).total_seconds() > longest else ""

    def check_all(self, carry_out: Callable[[FollowUp], None]) -> None:
        """Check all pending requests, and read the files that an ended process did not read.

        A failed look-up does not block the others. A request that two threads or processes check at the same
        time is applied once, by the key of its command; files are read by the process that claims them.
        """
        for pending in self.waiting.all():
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
        now = self.services.now()
        return now - pending.at >= OVERDUE and self.waiting.claim(pending, at=now)
