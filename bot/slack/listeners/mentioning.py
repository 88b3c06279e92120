"""Writing to the bot in a channel or a thread, where the slash command does not work."""

import re

from bot.slack.asking.requests import Happening
from bot.slack.kit.blocks import Message
from bot.slack.listeners.noticing import Watch
from bot.slack.replying.answers import After, OpenView, TellPerson, Whisper
from bot.slack.views import offer
from domain.elements import ChannelId, PersonId


def mentioned(watch: Watch, happening: Happening) -> tuple[After, ...]:
    """Answer as the slash command does, for the asker's eyes alone; bots get none, or two would chat."""
    event = happening.event
    if event.get("bot_id") or event.get("subtype") == "bot_message":
        return ()
    channel, person = ChannelId(str(event.get("channel", ""))), PersonId(str(event.get("user", "")))
    thread = str(event.get("thread_ts") or "")
    body = {
        "user_id": person,
        "team_id": event.get("user_team") or event.get("team") or happening.team,
        "channel_id": channel,
        "thread_ts": thread,
        "text": _MENTION.sub("", str(event.get("text", ""))).strip() or "status",
        "trigger_id": f"mention:{channel}:{event.get('ts')}",
    }

    def whisper(message: Message) -> Whisper:
        directly = TellPerson(person=person, message=message)
        return Whisper(channel=channel, person=person, thread=thread, message=message, otherwise=directly)

    answer = watch.answer("slash", body)
    after = [whisper(_offered(one)) if isinstance(one, OpenView) else one for one in answer.after]
    if not answer.ack.get("text"):
        return tuple(after)
    said = Message(text=answer.ack["text"], blocks=answer.ack["blocks"])
    return (whisper(said), *after)


def _offered(opened: OpenView) -> Message:
    """An event opens no form: a button does."""
    title = str(opened.view["title"]["text"])
    if opened.again is None:
        raise ValueError(f"nothing opens “{title}” again")
    return offer(title, opened.again)


_MENTION = re.compile(r"<@[^>]*>")
