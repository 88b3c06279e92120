"""The one table of what is listened to, and the one loop that binds it."""

import re
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from slack_bolt import App
from slack_bolt.response import BoltResponse

from bot.slack.handlers.buttons import modal_buttons
from bot.slack.handlers.commands import command_table
from bot.slack.handlers.dispatcher import Listener
from bot.slack.handlers.events import mentions, workspace_changes
from bot.slack.handlers.handler_responses import After
from bot.slack.handlers.submissions import (
    form_submission,
    import_model,
    report_threat,
    start_model,
    voting,
    working_hours,
)
from bot.slack.protocol.app_ids import COMMAND, IMPORT_SHORTCUT, REPORT_SHORTCUT, START_SHORTCUT
from bot.slack.protocol.interactions import FormName, StaleButton, Target, Trigger
from bot.slack.protocol.requests import Asked, Click, Happening, RequestKind, Slash, Submission
from bot.slack.ui.modals.form_registry import FORMS

CLICKS: dict[str, Listener] = {
    Trigger.OPEN: modal_buttons.open_form,
    Trigger.SHOW: modal_buttons.show_page,
    Trigger.TURN: modal_buttons.turn_page,
    Trigger.CHOOSE: report_threat.choose_model,
    Trigger.DO: form_submission.do,
    Trigger.WORD: command_table.press,
    Trigger.LINK: modal_buttons.follow_link,
}
SUBMISSIONS: dict[str, Listener] = {
    **dict.fromkeys(FormName, form_submission.submit),
    FormName.START: start_model.start,
    FormName.THREAT: report_threat.report,
    FormName.OPEN_ROUND: voting.open_round,
    FormName.BALLOT: voting.cast,
    FormName.HOURS: working_hours.choose_hours,
    FormName.LOOK_BACK: modal_buttons.look_back,
    FormName.IMPORT: import_model.import_file,
}


class MenuItem(msgspec.Struct, frozen=True, kw_only=True):
    """A shortcut as Slack's menus show it, and what answers it."""

    callback_id: str
    type: Literal["global", "message"]
    name: str
    description: str
    answer: Listener


SHORTCUTS: dict[str, MenuItem] = {
    one.callback_id: one
    for one in (
        MenuItem(
            callback_id=START_SHORTCUT,
            type="global",
            name="Start a threat model",
            description="Opens a new threat model for a system of your team",
            answer=start_model.open_start,
        ),
        MenuItem(
            callback_id=REPORT_SHORTCUT,
            type="message",
            name="Report as threat",
            description="Turns this message into a threat of the channel's model",
            answer=report_threat.open_report,
        ),
        MenuItem(
            callback_id=IMPORT_SHORTCUT,
            type="message",
            name="Import as threat model",
            description="Shows what the file of this message would become, and makes it a model",
            answer=import_model.open_import,
        ),
    )
}

HAPPENINGS: dict[str, Callable[[workspace_changes.Watch, Happening], tuple[After, ...]]] = {
    "app_home_opened": workspace_changes.home_opened,
    "app_mention": mentions.mentioned,
    "app_uninstalled": workspace_changes.uninstalled,
    "channel_archive": workspace_changes.archived,
    "channel_deleted": workspace_changes.bot_left,
    "channel_id_changed": workspace_changes.id_changed,
    "channel_left": workspace_changes.bot_left,
    "channel_rename": workspace_changes.renamed,
    "channel_shared": workspace_changes.shared,
    "channel_unarchive": workspace_changes.unarchived,
    "channel_unshared": workspace_changes.shared,
    "group_archive": workspace_changes.archived,
    "group_deleted": workspace_changes.bot_left,
    "group_left": workspace_changes.bot_left,
    "group_rename": workspace_changes.renamed,
    "group_unarchive": workspace_changes.unarchived,
    "member_joined_channel": workspace_changes.joined,
    "member_left_channel": workspace_changes.left,
    "message.im": mentions.written_to,
    "tokens_revoked": workspace_changes.uninstalled,
    "user_change": workspace_changes.person_changed,
}

Bound = Callable[..., BoltResponse | None]


def listener_of(asked: Asked) -> Listener:
    """The listener of a request; raises StaleButton for what nobody listens to (any more)."""
    match asked:
        case Slash():
            return command_table.slash
        case Click():
            found = CLICKS.get(asked.action_id.partition(":")[0])
        case Submission():
            found = SUBMISSIONS.get(asked.callback_id)
        case _:
            shortcut = SHORTCUTS.get(asked.callback_id)
            found = None if shortcut is None else shortcut.answer
    if found is None:
        raise StaleButton
    return found


def for_everyone(asked: Asked, target: Target) -> bool:
    """Whether everyone who has an account may make a request: it shows nothing and changes nothing."""
    trigger = asked.action_id.partition(":")[0] if isinstance(asked, Click) else ""
    if isinstance(asked, Slash):
        word = command_table.WORDS.get(asked.text.strip().partition(" ")[0].lower() or "help")
        return word is not None and word.for_everyone
    if trigger == Trigger.WORD:
        return target.what in command_table.WORDS and command_table.WORDS[target.what].for_everyone
    if trigger == Trigger.OPEN:
        return target.what in set(FORMS) and FORMS[FormName(target.what)].for_everyone
    return trigger == Trigger.LINK


def bind(app: App, *, answering_to: Callable[[RequestKind], Bound], hearing: Callable[[], Bound]) -> None:
    """Have Bolt call for everything of the tables; of what is in none of them people are told, too.

    Bolt tries its listeners one after the other at every request, so there is one for each kind of request,
    and `listener_of` looks up the rest.
    """
    bolt: Any = app  # its decorators are typed loosely
    bolt.view(_ANYTHING)(answering_to("submission"))
    bolt.action(_ANYTHING)(answering_to("click"))
    bolt.command(COMMAND)(answering_to("slash"))
    bolt.shortcut(_ANYTHING)(answering_to("shortcut"))
    for name in dict.fromkeys(one.partition(".")[0] for one in HAPPENINGS):
        bolt.event(name)(hearing())


_ANYTHING = re.compile(".*")
