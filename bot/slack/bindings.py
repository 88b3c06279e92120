"""The one table of what is listened to, and the one loop that binds it."""

import re
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from slack_bolt import App
from slack_bolt.response import BoltResponse

from bot.slack.asking.requests import Asked, Click, Happening, RequestKind, Slash, Submission
from bot.slack.dispatch.front import Listener
from bot.slack.forms.form_registry import FORMS
from bot.slack.kit.app_ids import COMMAND, IMPORT_SHORTCUT, REPORT_SHORTCUT, START_SHORTCUT
from bot.slack.kit.triggers import FormName, StaleButton, Target, Trigger
from bot.slack.listeners import (
    answering,
    importing,
    looking,
    mentioning,
    noticing,
    reporting,
    settling,
    starting,
    voting,
    words,
)
from bot.slack.replying.answers import After

CLICKS: dict[str, Listener] = {
    Trigger.OPEN: looking.open_form,
    Trigger.SHOW: looking.show_page,
    Trigger.TURN: looking.turn_page,
    Trigger.CHOOSE: reporting.choose_model,
    Trigger.DO: answering.do,
    Trigger.WORD: words.press,
    Trigger.LINK: looking.follow_link,
}
SUBMISSIONS: dict[str, Listener] = {
    **dict.fromkeys(FormName, answering.submit),
    FormName.START: starting.start,
    FormName.THREAT: reporting.report,
    FormName.OPEN_ROUND: voting.open_round,
    FormName.BALLOT: voting.cast,
    FormName.HOURS: settling.choose_hours,
    FormName.LOOK_BACK: looking.look_back,
    FormName.IMPORT: importing.import_file,
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
            answer=starting.open_start,
        ),
        MenuItem(
            callback_id=REPORT_SHORTCUT,
            type="message",
            name="Report as threat",
            description="Turns this message into a threat of the channel's model",
            answer=reporting.open_report,
        ),
        MenuItem(
            callback_id=IMPORT_SHORTCUT,
            type="message",
            name="Import as threat model",
            description="Shows what the file of this message would become, and makes it a model",
            answer=importing.open_import,
        ),
    )
}

HAPPENINGS: dict[str, Callable[[noticing.Watch, Happening], tuple[After, ...]]] = {
    "app_home_opened": noticing.home_opened,
    "app_mention": mentioning.mentioned,
    "app_uninstalled": noticing.uninstalled,
    "channel_archive": noticing.archived,
    "channel_deleted": noticing.bot_left,
    "channel_id_changed": noticing.id_changed,
    "channel_left": noticing.bot_left,
    "channel_rename": noticing.renamed,
    "channel_shared": noticing.shared,
    "channel_unarchive": noticing.unarchived,
    "channel_unshared": noticing.shared,
    "group_archive": noticing.archived,
    "group_deleted": noticing.bot_left,
    "group_left": noticing.bot_left,
    "group_rename": noticing.renamed,
    "group_unarchive": noticing.unarchived,
    "member_joined_channel": noticing.joined,
    "member_left_channel": noticing.left,
    "message.im": mentioning.written_to,
    "tokens_revoked": noticing.uninstalled,
    "user_change": noticing.person_changed,
}

Bound = Callable[..., BoltResponse | None]


def listener_of(asked: Asked) -> Listener:
    """The listener of a request; raises StaleButton for what nobody listens to (any more)."""
    match asked:
        case Slash():
            return words.slash
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
        word = words.WORDS.get(asked.text.strip().partition(" ")[0].lower() or "help")
        return word is not None and word.for_everyone
    if trigger == Trigger.WORD:
        return target.what in words.WORDS and words.WORDS[target.what].for_everyone
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
