"""Handing in a form, and doing at once what a button says."""

from functools import cache
from typing import assert_never

from msgspec.structs import replace

from bot.commands.command_handler import Done
from bot.slack.handlers.actions import deed_command
from bot.slack.handlers.confirmations import saved, snoozed, told
from bot.slack.handlers.handler_responses import NOTHING, Answer, Reply, UpdateView, show, tell, turn
from bot.slack.handlers.modal_loading import form_for, page_for
from bot.slack.handlers.submissions.conflicts import HandedIn, Merging, Overtaken
from bot.slack.protocol.idempotency_keys import key_of
from bot.slack.protocol.interactions import Deed, FormName, Page, StaleButton, Target
from bot.slack.protocol.requests import Asked, Click, Submission
from bot.slack.queries.form_snapshots import Opened
from bot.slack.queries.services import Tools
from bot.slack.ui.forms.form import FieldErrors, Form, Opening
from bot.slack.ui.forms.form_traits import Ending
from bot.slack.ui.forms.submitted_values import Values
from bot.slack.ui.forms.three_way_merge import shown_by, touched_since
from bot.slack.ui.forms.write_effects import Writes
from bot.slack.ui.messages.notices import receipt
from bot.slack.ui.modals.form_registry import FORMS, target_of
from bot.store import KeyUsedForAnother
from domain.commands import ReportThreat
from domain.decide import decide
from domain.elements import ElementId, PersonId
from domain.events import AssumptionRecorded, ElementAdded, MitigationPlanned, ThreatReported, element_told
from domain.model import replay
from domain.rejections import NotYet, Rejected
from domain.working_hours import ChooseWorkingHours


def submit(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Carry out what a form says, and show what comes after it."""
    if not isinstance(asked, Submission):
        raise StaleButton
    form, stream = FORMS[FormName(asked.callback_id)], tools.stream(target)
    try:
        values = form.parse(asked.view)
    except FieldErrors as unread:
        raise FieldErrors({**_refused_as_well(tools, asked, target, form), **unread.errors}) from unread
    command = form.command(values, target, by=asked.person, at=tools.now())
    if isinstance(command, ChooseWorkingHours):
        raise StaleButton
    if isinstance(command, ReportThreat):
        command = replace(command, link=tools.message_link(target))
    merging = None
    if form.does(target) is Writes.REVISES:
        merging = Merging(tools, HandedIn(asked=asked, target=target, values=values, command=command))
    try:
        done = tools.execute(command, stream, key_of(asked), merging.command if merging else None)
    except Overtaken as overtaken:
        return show(asked, overtaken.view)
    except KeyUsedForAnother as used:
        return _edited(tools, asked, target, values, used)
    except NotYet as missing:
        # A gate has opened since the form was shown: typed text stays, and the missing reasons are asked for.
        return show(asked, form_for(tools, target, asked.person, missing=missing.gates, typed=values))
    except Rejected:
        if target.deed and form.from_reminders:
            tools.check_reminder(target)  # it knows better who was faster, and what they did
        raise
    return _onward(tools, asked, target, merging.merged.values if merging else values, done)


def _refused_as_well(tools: Tools, asked: Submission, target: Target, form: Form) -> dict[str, str]:
    """Return what would be refused of a form, besides what cannot be read, by block id."""
    found: dict[str, str] = {}
    try:
        values = form.read(asked.view)
        command = form.command(values, target, by=asked.person, at=tools.now())
        if not isinstance(command, ChooseWorkingHours):
            decide(command, tools.workshop.model(tools.stream(target)))
    except Rejected as refused:
        for one in (refused, *refused.also):
            if one.field:
                found |= form.beside(asked.view, one, one.told(tools.naming))
    except StaleButton:
        return {}
    return found


def do(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Do at once what a button says; where something is missing for it, ask for a reason."""
    stream = tools.stream(target)

    def levels() -> list[ElementId]:
        return [level.id for level in tools.workshop.model(stream).trust_levels()]

    command = deed_command(target, levels, by=asked.person, at=tools.now())
    tools.check_pressed(target, command, key_of(asked))
    try:
        done = tools.execute(command, stream, key_of(asked))
    except KeyUsedForAnother:
        # A press cannot be edited: it came again, and a step was taken from where it had led already.
        return turn(asked, page_for(tools, _page_of(asked), asked.person))
    except NotYet as missing:
        reason = replace(target, what=FormName.MOVE, deed=target.what)
        return show(asked, form_for(tools, reason, asked.person, missing=missing.gates), again=reason)
    return _done(tools, asked, target, done)


def _onward(tools: Tools, asked: Submission, target: Target, values: Values, done: Done) -> Answer:
    """The form that follows, the page it was opened from, or a word on what comes next."""
    name = FormName(asked.callback_id)
    # Computed only where somebody is shown it: the card tells the rest, and the ack waits for this.
    now = cache(lambda: tools.register_of(done.model))
    following = FORMS[name].after(values, target, now)
    if following is not None:
        # The form for another one may be left at any time: the page behind must know this one by then.
        if following.what in set(Page):
            shown = page_for(tools, following, asked.person)
        else:
            shown = form_for(tools, following, asked.person, note=told(done, tools.naming))
        return show(asked, shown).then(*_behind(tools, asked, target))
    answer = NOTHING
    if name is FormName.SNOOZE:
        until = done.model.snoozed.get(target.deed)
        return show(asked, snoozed(told(done, tools.naming), target, until))
    if target.message or _ends_in_words(FORMS[name], target):
        sentence = told(done, tools.naming)
        answer = show(asked, saved(sentence, target, now(), tools.naming, asked.person))
    return answer.then(*_behind(tools, asked, target))


def _ends_in_words(form: Form, target: Target) -> bool:
    match form.ending:
        case Ending.CLOSES:
            return False
        case Ending.IN_WORDS:
            return True
        case Ending.IN_WORDS_WITHOUT_PAGE:
            return not target.back
        case _:
            assert_never(form.ending)


def _behind(tools: Tools, asked: Submission, target: Target) -> tuple[UpdateView, ...]:
    """The page that the form was opened from comes to light again, so it is shown anew."""
    view_id = asked.view.get("previous_view_id")
    if not view_id or target.back not in set(Page):
        return ()
    about = Target(what=target.back, stream=target.stream, kind=target.kind, element=target.element)
    return (UpdateView(view_id=str(view_id), view=page_for(tools, about, asked.person)),)


def _edited(
    tools: Tools, asked: Submission, target: Target, values: Values, used: KeyUsedForAnother
) -> Answer:
    """Somebody changed a form and sent it again after it was saved: revise what was added."""
    added = _added(tools, used)
    again = replace(target, what=asked.callback_id, element=added, round=0, message="", thread="")
    note = f"This was saved already as {added}. Your new words are in the boxes: save them as a change."
    if asked.callback_id == FormName.MITIGATION and not values.text("title"):
        # What was chosen among the usual ones is its title by now.
        values = Values({**values.by_key, "title": values.text("usual")})
    first = _as_first_saved(tools, again, asked.person, used)
    typed = touched_since(first.shown, values)
    return show(asked, form_for(tools, again, asked.person, note=note, typed=typed, before=first))


def _as_first_saved(tools: Tools, again: Target, person: PersonId, used: KeyUsedForAnother) -> Opened:
    """Return what the revision form would have shown right after the addition."""
    known = tools.register_of(replay(tools.store.events(used.stream, until=used.version)))
    opening = Opening(target=again, person=person, register=known)
    return Opened(
        token="",
        stream=used.stream,
        version=used.version,
        shown=shown_by(FORMS[FormName(again.what)].parts(opening)),
        at=tools.now(),
    )


def _added(tools: Tools, used: KeyUsedForAnother) -> str:
    for recorded in tools.store.read(used.stream, used.first - 1, used.version):
        match recorded.event:
            case AssumptionRecorded(assumption=assumption):
                return assumption.id
            case MitigationPlanned(mitigation=mitigation):
                return mitigation.id
            case ThreatReported(threat=threat):
                return threat.id
            case event if isinstance(event, ElementAdded):
                return element_told(event).id
            case _:
                pass
    raise StaleButton


def _page_of(asked: Asked) -> Target:
    if not isinstance(asked, Click) or not asked.in_view or asked.view is None:
        raise StaleButton
    return target_of(asked.view)


def _done(tools: Tools, asked: Asked, target: Target, done: Done) -> Answer:
    sentence = told(done, tools.naming)
    if isinstance(asked, Click) and asked.in_view and asked.view is not None:
        if asked.view.get("callback_id") in set(Page) - {Page.NOTICE}:
            return turn(asked, page_for(tools, target_of(asked.view), asked.person))
        now = tools.register_of(done.model)
        return turn(asked, saved(sentence, target, now, tools.naming, asked.person))
    if isinstance(asked, Click) and target.what == Deed.APPROVE and not target.deed and _directly(asked):
        # The question is answered: it must not go on asking. What reminds of it says so by itself.
        return NOTHING.then(Reply(response_url=asked.response_url, message=receipt(sentence), replaces=True))
    now = tools.register_of(done.model)
    return tell(asked, receipt(sentence), view=saved(sentence, target, now, tools.naming, asked.person))


def _directly(asked: Click) -> bool:
    """Whether it was pressed in a message to one person."""
    return bool(asked.response_url) and (asked.channel or "").startswith("D") and not asked.ephemeral
