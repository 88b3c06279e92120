"""Somebody else was faster: what they changed is shown before it is written over."""

from msgspec.structs import replace

from bot.slack.asking.identity import key_of
from bot.slack.asking.requests import Submission
from bot.slack.forms import FORMS, Opening, Values, changes
from bot.slack.kit.triggers import FormName, StaleButton, Target
from bot.slack.replying.answers import Answer, show
from bot.slack.replying.opening import form_for
from bot.slack.tools import Tools
from bot.store import KeyUsedForAnother, StreamId
from bot.workshop import digest_of
from domain.commands import Command
from domain.decide.clashes import about
from domain.elements import PersonId
from domain.events import Erased
from domain.model import replay
from domain.register import register

_OF_ONE = (FormName.ELEMENT, FormName.ASSUMPTION, FormName.THREAT, FormName.MITIGATION)
_OF_ALL: dict[str, str] = {
    FormName.SCOPE: "the scope",
    FormName.PARTICIPANTS: "the participants",
    FormName.TERMS: "the terms of rounds",
}
"""What a form changes, in the words of the domain; the other forms add, or answer for themselves."""


def overtaken(
    tools: Tools, asked: Submission, target: Target, values: Values, command: Command
) -> Answer | None:
    """The form once more, with what others have changed since it was opened; None where nobody has."""
    stream, subject = tools.stream(target), _OF_ALL.get(asked.callback_id, "")
    if asked.callback_id in _OF_ONE:
        subject = target.element
    if not target.seen or not subject:
        return None
    others = _others(tools, stream, target.seen, subject, asked.person)
    if not others or _was_answered(tools, asked, stream, command):
        return None
    changed = _changed(tools, asked, target, stream)
    if not changed:
        return None
    who = " and ".join(tools.naming(one) for one in others)
    note = (
        f"{who} changed this meanwhile: {'; '.join(changed)}. "
        "Your words are in the boxes: save again to put them in place."
    )
    return show(asked, form_for(tools, target, asked.person, note=note, warning=True, typed=values))


def _others(
    tools: Tools, stream: StreamId, seen: int, subject: str, person: PersonId
) -> tuple[PersonId, ...]:
    since = (event for event in tools.store.events(stream, seen) if not isinstance(event, Erased))
    return tuple(dict.fromkeys(one.by for one in since if one.by != person and subject in about(one)))


def _was_answered(tools: Tools, asked: Submission, stream: StreamId, command: Command) -> bool:
    """Whether this submission was carried out before, and only its answer was lost."""
    try:
        earlier = tools.store.answered(tools.installation.team, key_of(asked), digest_of(command))
    except KeyUsedForAnother:
        return False
    return earlier is not None and earlier.stream == stream


def _changed(tools: Tools, asked: Submission, target: Target, stream: StreamId) -> list[str]:
    """What the boxes held when the form was opened and hold now, where that differs."""
    form = FORMS[FormName(asked.callback_id)]
    opened = register(replay(tools.store.events(stream, until=target.seen)))
    now = Opening(target=target, person=asked.person, register=tools.register(stream))
    try:
        return changes(form.parts(replace(now, register=opened)), form.parts(now), tools.naming)
    except StaleButton:
        return []  # it is gone: the refusal says so better
