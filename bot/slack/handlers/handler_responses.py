"""Responses of handlers: the content of the ack, and the follow-ups on another thread."""

from datetime import datetime
from typing import Any

import msgspec

from bot.commands.command_handler import CommandResult
from bot.slack.protocol.block_builders import Block, Message, View, actions, modal, section
from bot.slack.protocol.escaping import clip, ended, escape, local_time
from bot.slack.protocol.requests import (
    BlockAction,
    Origin,
    Request,
    ShortcutRequest,
    SlashCommand,
    ViewSubmission,
)
from bot.slack.protocol.targets import NOTICE, DraftTarget, Target
from bot.slack.ui.messages.notices import refusal_modal
from bot.slack.ui.modals.next_step_buttons import next_step_button
from domain.events import Erased
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.text_formatting import Naming, count_phrase, with_names
from domain.register import ThreatRegister
from domain.wording import mentioned_people, summarize_answer
from domain.wording.steering import overrides_of, without_overrides

_MAX_LENGTH = 300
_REASONS = "The thread of the card has the reasons"


def confirmation_sentence(done: CommandResult, naming: Naming) -> str:
    """Return one sentence about the result of a command, for its author."""
    recorded = [event for event in done.events if not isinstance(event, Erased)]
    if not recorded:
        return "No change: everything is saved already."
    text = summarize_answer(recorded, done.model)
    if len(text) > _MAX_LENGTH and (unmet := sum(len(overrides_of(event)) for event in recorded)):
        text = summarize_answer([without_overrides(event) for event in recorded], done.model)
        text = f"{text}, with {count_phrase(unmet, 'unmet condition')}. {_REASONS}"
    if len(recorded) > 1 and recorded[0].undoes is not None:
        # Several events are summarized by counts: otherwise an undo would read as a new answer.
        text = f"undid your last change: {text}"
    text = with_names(text, {person for event in recorded for person in mentioned_people(event)}, naming)
    return f"You {ended(clip(text, _MAX_LENGTH))}"


def waiting_modal(sentence: str, target: Target) -> View:
    """Return the modal that is shown while a pending request is checked."""
    return modal("One moment", [section(escape(sentence))], callback=NOTICE, target=target)


def saved_modal(
    sentence: str,
    target: Target,
    register: ThreatRegister,
    naming: Naming,
    reader: PersonId,
    *,
    changed: bool = True,
) -> View:
    """Return the modal after a form: the result, the next step, and a button if the reader may do it."""
    waits = register.next.waits_for
    others = reader in register.next.not_for or (waits is not None and waits != reader)
    whom = f" Waiting for {escape(naming(waits))}." if waits is not None and waits != reader else ""
    blocks: list[Block] = [
        section(f"{'✓' if changed else '⚠'} {escape(sentence)}"),
        section(f"*Next:* {escape(ended(register.next.text))}{whom}"),
    ]
    pressed = None if others else next_step_button(target.stream, register, in_place=True)
    if pressed:
        blocks.append(actions(pressed))
    return modal(
        "Saved" if changed else "Nothing changed", blocks, callback=NOTICE, target=target, close="Done"
    )


def snoozed_modal(sentence: str, target: Target, until: datetime | None) -> View:
    """Return the modal after a reminder was snoozed, with the end of the snooze."""
    blocks = [section(f"✓ {escape(sentence)}")]
    if until is not None:
        blocks.append(section(f"It returns {local_time(until)}."))
    return modal("Snoozed", blocks, callback=NOTICE, target=target, close="Done")


class OpenView(msgspec.Struct, frozen=True, kw_only=True):
    """Open a modal; if its three seconds are over, offer to open it again."""

    trigger_id: str
    origin: Origin
    view: View
    reopen: Target | None = None


class ReadFile(msgspec.Struct, frozen=True, kw_only=True):
    """Show a waiting modal, read a file, and show the preview of its import in the modal."""

    opened: OpenView
    target: Target


class ReadDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Read files as a draft, and show it in a waiting modal: a new one, or one that is open.

    The open one gets the `view` first, unless the ack has shown it. Without a modal, the person gets a direct
    message. `key` is that of the kept request to read them.
    """

    person: PersonId
    target: DraftTarget
    key: str = ""
    opened: OpenView | None = None
    view_id: str = ""
    view: View | None = None
    note: str = ""
    """A sentence above the draft."""


class PushView(msgspec.Struct, frozen=True, kw_only=True):
    """Push a modal onto the open one; if three are open, replace the top one."""

    trigger_id: str
    view: View
    over: str


class UpdateView(msgspec.Struct, frozen=True, kw_only=True):
    """Replace the content of an open modal."""

    view_id: str
    view: View
    hash: str = ""
    fallback: "DirectMessage | None" = None
    """The alternative if the modal was closed meanwhile."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """Send a message that only the person sees; with `replaces`, in place of the pressed message."""

    response_url: str
    message: Message
    replaces: bool = False
    fallback: "DirectMessage | None" = None
    """The alternative if it is too late for a reply."""


class EphemeralMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Send a message to a channel or thread that only one person sees."""

    channel: ChannelId
    person: PersonId
    thread: str
    message: Message
    fallback: "Reply | DirectMessage | None" = None
    """The alternative if the bot or the person is not in the channel."""


class DirectMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Send a direct message to one person, into a `thread` there if one is given."""

    person: PersonId
    message: Message
    thread: str = ""


class ThreadMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Send a message into the thread of a card."""

    channel: ChannelId
    thread: str
    message: Message


class DeleteMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Delete an orphaned message, such as a card that is not its model's card."""

    channel: ChannelId
    ts: str


class ReadChannel(msgspec.Struct, frozen=True, kw_only=True):
    """Read the members of a channel; notify the person if the bot is not in it."""

    channel: ChannelId
    origin: Origin | None = None
    only: PersonId | None = None
    """Look up only this member."""


class PublishHome(msgspec.Struct, frozen=True, kw_only=True):
    """Publish a person's current Home tab.

    `version` is the hash of the current view: empty if nothing was published, None if it is unknown.
    """

    person: PersonId
    version: str | None = None


class UnfurlLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Show previews of links in a posted message; `previews` holds their blocks by URL."""

    channel: ChannelId
    ts: str
    previews: dict[str, list[Block]]


class CheckPending(msgspec.Struct, frozen=True, kw_only=True):
    """Look up a person, then apply or refuse their pending request."""

    key: str
    fallback: "PrivateMessage | None" = None
    """The message if the look-up must wait."""


PrivateMessage = Reply | EphemeralMessage | DirectMessage
ViewChange = OpenView | ReadFile | ReadDraft | PushView | UpdateView
FollowUp = (
    ViewChange
    | PrivateMessage
    | ThreadMessage
    | DeleteMessage
    | ReadChannel
    | PublishHome
    | CheckPending
    | UnfurlLinks
)


class HandlerResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The keyword arguments of Bolt's `ack`, and the follow-ups in order."""

    ack: dict[str, Any] = {}
    after: tuple[FollowUp, ...] = ()

    def then(self, *after: FollowUp) -> "HandlerResponse":
        """Return the same response with further follow-ups."""
        return HandlerResponse(ack=self.ack, after=(*self.after, *after))


NO_RESPONSE = HandlerResponse()


def show_view(request: Request, view: View, *, again: Target | None = None) -> HandlerResponse:
    """Show a modal: in place of a submitted form, else newly or on top of the open one."""
    match request:
        case ViewSubmission():
            return HandlerResponse(ack={"response_action": "update", "view": view})
        case BlockAction() if request.on_top:
            # Slack accepts no fourth modal; in place of the third one, the two below it remain.
            return replace_view(request, view)
        case BlockAction() if request.in_view:
            pushed = PushView(trigger_id=request.trigger_id, view=view, over=request.view_id)
            return HandlerResponse(after=(pushed,))
        case BlockAction() | SlashCommand() | ShortcutRequest():
            opened = OpenView(
                trigger_id=request.trigger_id,
                origin=request.origin,
                view=view,
                reopen=again,
            )
            return HandlerResponse(after=(opened,))


def replace_view(request: Request, view: View) -> HandlerResponse:
    """Show a modal in place of the open one; open a new one if there is none."""
    if isinstance(request, BlockAction) and request.in_view:
        return HandlerResponse(after=(UpdateView(view_id=request.view_id, view=view),))
    return show_view(request, view)


def respond_privately(request: Request, message: Message, *, view: View) -> HandlerResponse:
    """Show a message to the person only; `view` has the same content if only a modal can be shown."""
    match request:
        case SlashCommand():
            text = {"response_type": "ephemeral", "text": message.text, "blocks": message.blocks}
            return HandlerResponse(ack=text)
        case ViewSubmission():
            return HandlerResponse(ack={"response_action": "update", "view": view})
        case BlockAction() | ShortcutRequest() if request.response_url:
            return HandlerResponse(after=(private_message(request.origin, message),))
        case BlockAction() | ShortcutRequest():
            return show_view(request, view)


def show_message(request: Request, message: Message) -> HandlerResponse:
    """Show a message to the person only."""
    return respond_privately(request, message, view=refusal_modal(message.text, Target()))


def private_message(origin: Origin, message: Message) -> PrivateMessage:
    """Return a message visible to the person only, in the same place; if that fails, as a direct message."""
    directly = DirectMessage(person=origin.person, message=message)
    reply = Reply(response_url=origin.response_url, message=message, fallback=directly)
    if origin.channel and (origin.thread or not origin.response_url):
        return EphemeralMessage(
            channel=origin.channel,
            person=origin.person,
            thread=origin.thread,
            message=message,
            fallback=reply if origin.response_url else directly,
        )
    # A shortcut without a message and the Home tab have no response URL.
    return reply if origin.response_url else directly


def field_errors(errors: dict[str, str]) -> HandlerResponse:
    """Return the errors of a submitted form's fields; the form stays open."""
    return HandlerResponse(ack={"response_action": "errors", "errors": errors})
