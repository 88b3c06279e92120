"""The form or page that a target names, made with what is known now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict, Unpack, assert_never

from msgspec.structs import replace

from bot.slack.protocol.block_builders import View
from bot.slack.protocol.interactions import FormName, Page, StaleButton, Target
from bot.slack.queries.form_snapshots import Opened
from bot.slack.queries.past_model import look_back
from bot.slack.queries.reminder_list import told_before
from bot.slack.queries.services import Tools
from bot.slack.queries.snooze_options import snoozes
from bot.slack.screens.ballot_papers import paper_for
from bot.slack.screens.page_data import LookedBack, Showing
from bot.slack.ui.forms.form import Form, Opening
from bot.slack.ui.forms.form_fields import Beside, Choice, Part
from bot.slack.ui.forms.form_traits import Needs
from bot.slack.ui.forms.submitted_values import Values
from bot.slack.ui.forms.three_way_merge import shown_by
from bot.slack.ui.forms.write_effects import Writes
from bot.slack.ui.modals.form_registry import FORMS
from bot.slack.ui.modals.page_registry import PAGES
from bot.slack.ui.words.reminder_words import headline
from bot.store import StreamId
from domain.deadlines import Calendar, usual_deadline
from domain.elements import ChannelId, PersonId
from domain.register import ThreatRegister
from domain.working_hours import WorkingHours


class _Opened(TypedDict, total=False):
    note: str
    missing: tuple[tuple[str, str], ...]
    typed: Values | None
    warning: bool
    models: tuple[Choice, ...]
    keys: tuple[str, ...]
    beside: Mapping[str, Beside]


class _Mine(TypedDict, total=False):
    hours: WorkingHours
    zone: str


def page_for(tools: Tools, target: Target, reader: PersonId) -> View:
    """The page that a target names, as it is now; raises StaleButton, NoSuchModel, Rejected."""
    try:
        name = Page(target.what)
        page = PAGES[name]
    except (KeyError, ValueError) as unknown:
        raise StaleButton from unknown
    if not target.stream:
        return page(
            Showing(target=target, reader=reader, model=None, naming=tools.naming, **_mine(tools, reader))
        )
    stream = tools.stream(target)
    known = tools.register(stream)
    return page(
        Showing(
            target=target,
            reader=reader,
            model=known,
            naming=tools.naming,
            permalink=tools.permalink(stream, known.channel),
            shared=tools.is_shared(known.channel),
            history=tools.history(stream) if name is Page.HISTORY else (),
            past=_past(tools, stream, target, reader) if name is Page.AS_OF else None,
            papers=tools.papers(stream, reader) if name is Page.BALLOTS else (),
            reminder=tools.reminder(target) if name is Page.WHY else None,
            sent=told_before(tools.nudges.of(known.key), target) if name is Page.WHY else (),
            **(_mine(tools, reader) if name in (Page.SETTINGS, Page.WHY) else _Mine()),
        )
    )


def form_for(
    tools: Tools,
    target: Target,
    person: PersonId,
    *,
    register: ThreatRegister | None = None,
    before: Opened | None = None,
    remembered: bool = True,
    **more: Unpack[_Opened],
) -> View:
    """The form that a target names, filled with what is known; raises StaleButton and NoSuchModel.

    `register` is that of the model where the caller has it already. Where the form was open `before`, and
    comes again with what was typed, what was typed goes on being compared with what it showed then. Where
    that is not known, what it shows now is not `remembered`: it is all looked at before it is saved.
    """
    try:
        form = FORMS[FormName(target.what)]
    except ValueError as unknown:
        raise StaleButton from unknown
    known = register
    if known is None and target.stream and form.needs is not Needs.PAPER:
        known = tools.register(tools.stream(target))
    target = replace(target, opened=tools.opened.token())
    opening = _filled(tools, Opening(target=target, person=person, register=known, **more), form)
    parts = form.parts(opening)
    if remembered and form.does(target) is Writes.REVISES:
        _remember(tools, opening, parts, before)
    return form.render(opening, parts)


def _remember(tools: Tools, opening: Opening, parts: Sequence[Part], before: Opened | None) -> None:
    """Keep what the fields show, so that it can be compared when the form is handed in."""
    shown, version = shown_by(parts), opening.known.version
    if before is not None:
        typed = set(opening.typed.by_key) if opening.typed else set[str]()
        shown |= {key: held for key, held in before.shown.items() if key in typed}
        version = before.version
    tools.opened.keep(
        Opened(
            token=opening.target.opened,
            stream=tools.stream(opening.target),
            version=version,
            shown=shown,
            at=tools.now(),
        )
    )


def form_or_page_for(tools: Tools, target: Target, person: PersonId, **more: Unpack[_Opened]) -> View:
    """The form or page that a target names."""
    if target.what in set(Page):
        return page_for(tools, target, person)
    return form_for(tools, target, person, **more)


def _filled(tools: Tools, opening: Opening, form: Form) -> Opening:
    """The opening with what the form needs beside the model."""
    if opening.target.deed and form.from_reminders:
        tools.check_reminder(opening.target)  # what was done meanwhile is not done again
    match form.needs:
        case Needs.MODEL:
            return opening
        case Needs.OWN_HOURS:
            return replace(opening, **_mine(tools, opening.person))
        case Needs.PAPER:
            papers = tools.papers(tools.stream(opening.target), opening.person)
            return replace(opening, paper=paper_for(papers, opening.target))
        case Needs.VOTERS:
            voters = tools.voters(opening.known)
            return replace(opening, voters=voters, deadline=_usual_deadline(tools, voters))
        case Needs.FILE:
            return _of_draft(tools, opening)
        case Needs.REMINDER:
            return _of_reminder(tools, opening)
        case _:
            assert_never(form.needs)


def _of_reminder(tools: Tools, opening: Opening) -> Opening:
    reminder = tools.check_reminder(opening.target)
    reach = tools.people(opening.known.channel)(opening.person)
    return replace(opening, about=headline(reminder), moments=snoozes(reach, tools.now()))


def _of_draft(tools: Tools, opening: Opening) -> Opening:
    channel = ChannelId(opening.target.channel)
    draft = tools.drafts.find(channel, opening.person, opening.target.deed)
    return replace(opening, bringing=draft.preview if draft else None, shared=tools.is_shared(channel))


def _usual_deadline(tools: Tools, voters: Sequence[PersonId]) -> datetime:
    return usual_deadline(tools.now(), [_calendar(tools, one) for one in voters])


def _calendar(tools: Tools, person: PersonId) -> Calendar:
    return Calendar(days=tools.hours(person).days, ahead=tools.zone(person).ahead(tools.now()))


def _past(tools: Tools, stream: StreamId, target: Target, reader: PersonId) -> LookedBack:
    zone = tools.zone(reader)
    today = zone.day_of(tools.now())
    events = [one.event for one in tools.workshop.events(stream)]
    return look_back(events, target.day or today, zone, today, tools.register_of)


def _mine(tools: Tools, person: PersonId) -> _Mine:
    zone = tools.zone(person)
    return _Mine(hours=tools.hours(person), zone=zone.name if zone.known else "")
