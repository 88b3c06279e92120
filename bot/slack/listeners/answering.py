"""Handing in a form, and doing at once what a button says."""

from msgspec.structs import replace

from bot.slack.answers import NOTHING, Answer, UpdateView, show, tell, turn
from bot.slack.deeds import deed_command
from bot.slack.forms import FORMS, Values, target_of
from bot.slack.identity import key_of
from bot.slack.notes import saved, told
from bot.slack.requests import Asked, Click, Submission
from bot.slack.tools import Tools
from bot.slack.triggers import FormName, Page, StaleButton, Target
from bot.slack.views import receipt
from bot.store import KeyUsedForAnother
from bot.workshop import Done
from domain.elements import ElementId, Kind
from domain.events import ElementAdded, element_told
from domain.register import register
from domain.rejections import NotYet

_LAST_OF_ITS_KIND = (FormName.NAMES, FormName.FLOWS, FormName.PLACE, FormName.QUESTIONS, FormName.MOVE)

_OPENED_FROM: dict[str, Page] = {
    FormName.ELEMENT: Page.REGISTER,
    FormName.ORDER: Page.REGISTER,
    FormName.ASSUMPTION: Page.ASSUMPTIONS,
    FormName.SCOPE: Page.MORE,
    FormName.PARTICIPANTS: Page.MORE,
    FormName.HAND_OVER: Page.MORE,
    FormName.MOVE: Page.MORE,
}


def submit(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Carry out what a form says, and show what comes after it."""
    if not isinstance(asked, Submission):
        raise StaleButton
    form, stream = FORMS[FormName(asked.callback_id)], tools.stream(target)
    values = form.parse(asked.view)
    command = form.command(values, target, by=asked.person, at=tools.now())
    try:
        done = tools.execute(command, stream, key_of(asked))
    except KeyUsedForAnother as used:
        return _edited(tools, asked, target, values, used)
    return _onward(tools, asked, target, values, done)


def do(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Do at once what a button says; where something is missing for it, ask for a reason."""
    command = deed_command(target, by=asked.person, at=tools.now())
    stream = tools.stream(target)
    try:
        done = tools.execute(command, stream, key_of(asked))
    except NotYet as missing:
        reason = replace(target, what=FormName.MOVE, deed=target.what)
        return show(asked, tools.form(reason, asked.person, missing=missing.missing), again=reason)
    return _done(tools, asked, target, done)


def _onward(tools: Tools, asked: Submission, target: Target, values: Values, done: Done) -> Answer:
    """The form that follows, the page it was opened from, or a word on what comes next."""
    name = FormName(asked.callback_id)
    if name == FormName.ELEMENT and not values.another and not asked.view.get("previous_view_id"):
        return NOTHING  # the card tells the rest; to compute all of it here would only delay the ack
    now = register(done.model, (), tools.now())
    following = FORMS[name].after(values, target, now)
    sentence = told(done, tools.naming)
    if following is not None:
        # The form for another one may be left at any time: the page behind must know this one by then.
        next_form = show(asked, tools.form(following, asked.person, note=sentence))
        return next_form.then(*_behind(tools, asked, target))
    answer = NOTHING
    if name in _LAST_OF_ITS_KIND:
        answer = show(asked, saved(sentence, target, now, tools.naming))
    return answer.then(*_behind(tools, asked, target))


def _behind(tools: Tools, asked: Submission, target: Target) -> tuple[UpdateView, ...]:
    """The page that the form was opened from comes to light again, so it is shown anew."""
    view_id, page = asked.view.get("previous_view_id"), _OPENED_FROM.get(asked.callback_id)
    if not view_id or page is None:
        return ()
    kind = Kind.TRUST_LEVEL if asked.callback_id == FormName.ORDER else target.kind
    shown = tools.page(Target(what=page, stream=target.stream, kind=kind))
    return (UpdateView(view_id=str(view_id), view=shown),)


def _edited(
    tools: Tools, asked: Submission, target: Target, values: Values, used: KeyUsedForAnother
) -> Answer:
    """Somebody changed a form and sent it again after it was saved: revise what was added."""
    element = _added(tools, used)
    again = replace(target, what=FormName.ELEMENT, element=element, round=0)
    note = f"This was saved already as {element}. Your new words are in the boxes: save them as a change."
    return show(asked, tools.form(again, asked.person, note=note, typed=values))


def _added(tools: Tools, used: KeyUsedForAnother) -> ElementId:
    for recorded in tools.store.read(used.stream, used.first - 1, used.first):
        if isinstance(recorded.event, ElementAdded):
            return element_told(recorded.event).id
    raise StaleButton


def _done(tools: Tools, asked: Asked, target: Target, done: Done) -> Answer:
    sentence = told(done, tools.naming)
    if isinstance(asked, Click) and asked.view is not None:
        behind = target_of(asked.view)
        if asked.view.get("callback_id") in set(Page) - {Page.NOTICE}:
            return turn(asked, tools.page(behind))
    now = register(done.model, (), tools.now())
    return tell(asked, receipt(sentence), view=saved(sentence, target, now, tools.naming))
