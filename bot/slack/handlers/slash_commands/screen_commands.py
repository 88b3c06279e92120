"""Slash commands that show a screen or order a file."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial

from msgspec.structs import replace

from bot.commands.personal_tokens import PersonTokens, Scope
from bot.formats import FORMATS
from bot.report import REPORT_FORMATS
from bot.slack.directory.member_directory import check_administers
from bot.slack.handlers.handler_responses import HandlerResponse, respond_privately, show_view
from bot.slack.handlers.modal_loading import load_modal
from bot.slack.handlers.slash_commands.slash_word import (
    WordCall,
    WordHandler,
    match_chart,
    match_format,
    match_report_format,
    parse_report_arguments,
)
from bot.slack.handlers.submissions.form_submission import perform_action
from bot.slack.handlers.submissions.voting_submissions import next_ballot
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import Message, message, section
from bot.slack.protocol.escaping import clip
from bot.slack.protocol.requests import SlashCommand, command_key
from bot.slack.protocol.targets import Action, DayTarget, PhaseTarget, SelectionTarget, Target, WordTarget
from bot.slack.queries.home_overview import model_list_items
from bot.slack.queries.services import Services
from bot.slack.screens.page_data import ReportOrder, report_argument
from bot.slack.screens.portfolio_screen import (
    CRITICAL,
    FACILITATED,
    HIGH,
    LABEL,
    MINE,
    OVERDUE,
    PHASE,
    PortfolioSelection,
    label_id,
    read_conditions,
)
from bot.slack.ui.messages.card_message import status_copy
from bot.slack.ui.messages.file_answers import (
    chart_coming,
    chart_order,
    charts_message,
    diagram_coming,
    export_coming,
    formats_message,
    forms_message,
    report_coming,
    report_order_code,
)
from bot.slack.ui.messages.help_messages import import_help, opening_help, undo_help
from bot.slack.ui.messages.model_choice_messages import model_list
from bot.slack.ui.messages.notices import already_in_preparation, refusal, refusal_modal
from bot.slack.ui.messages.token_messages import (
    PROPOSE,
    READ,
    REVOKE,
    ShownToken,
    new_token,
    no_agents,
    token_list,
)
from bot.slack.ui.modals.voting.ballot_form import NOTHING_TO_VOTE_ON
from bot.slack.ui.texts.common_texts import PHASE_LABELS
from bot.store.repositories.access_tokens import AccessToken
from bot.store.repositories.file_slots import Order
from domain.commands import DrawFlows, Undo
from domain.history import preview_undo
from domain.kernel.elements import ChannelId, Kind, PersonId
from domain.register import ThreatRegister
from domain.rejections import Rejected
from domain.working_hours import WEEKDAYS
from domain.workspace_settings import ChooseDigest


def portfolio_command(call: WordCall) -> HandlerResponse:
    """Show the portfolio of the person's channels."""
    if call.target.argument in (DIGEST_HERE, DIGEST_OFF):
        return _choose_digest(call)
    selection = PortfolioSelection(conditions=read_conditions(call.target.argument.split(",")))
    return call.show_page(SelectionTarget(name="portfolio", selection=selection.code))


def parse_conditions(call: WordCall) -> WordTarget:
    """Parse the text after `portfolio`: conditions, phases, and labels."""
    text = " ".join(call.rest.split())
    digest = _DIGEST_WORDS.get(text.lower())
    return replace(call.target, argument=digest or ",".join(_conditions(text))) if text else call.target


def _conditions(text: str) -> Iterator[str]:
    """Yield the conditions of a text: words that name one, and labels between commas."""
    for part in (part.strip() for part in text.split(",")):
        words = part.lower().split()
        if all(word in _WORDS for word in words):
            yield from (_WORDS[word] for word in words)
        else:
            yield f"{LABEL}{label_id(_without_prefix(part))}"


def _without_prefix(part: str) -> str:
    first, _, rest = part.partition(" ")
    return rest.strip() if first.lower() == "label" and rest else part


_WORDS = {
    **{word: word for word in (OVERDUE, CRITICAL, HIGH, MINE, FACILITATED)},
    **{phase: f"{PHASE}{phase}" for phase in PHASE_LABELS},
}
"""The condition that each word names; every other text is a label."""

DIGEST_HERE, DIGEST_OFF = "digest/here", "digest/off"
"""Arguments that choose the channel of the weekly digest."""

_DIGEST_WORDS = {
    **dict.fromkeys(("digest", "digest on", "digest here"), DIGEST_HERE),
    **dict.fromkeys(("digest off", "digest none", "no digest"), DIGEST_OFF),
}


def _choose_digest(call: WordCall) -> HandlerResponse:
    """Have the weekly digest posted in this channel, or turn it off; raises Rejected."""
    services, person, channel = call.services, call.request.person, None
    check_administers(services.directory, services.settings, person)
    text = "✓ The weekly digest of the portfolio is off."
    if call.target.argument == DIGEST_HERE:
        channel = call.channel
        if not channel:
            raise Rejected("Type the command in the channel in which the digest is to be posted.")
        _check_channel(services, channel)
        text = (
            "✓ The weekly digest of the portfolio is posted in this channel on the first working day of each "
            "week. It counts the models of your channels, without naming them. To turn it off, type "
            f"`{COMMAND} portfolio digest off`."
        )
    services.command_handler.settings.choose(
        ChooseDigest(by=person, at=services.now(), channel=channel),
        tenant=services.installation.team,
        key=command_key(call.request),
        recorded=lambda _: services.settings_changed(),
    )
    return call.show(message(text, [section(text)]))


def _check_channel(services: Services, channel: ChannelId) -> None:
    known = services.directory.channel(channel)
    if known is None or not known.bot_inside:
        raise Rejected(
            f"The bot is not in this channel. Type “{services.installation.invite}” first, then try again."
        )
    if known.shared:
        raise Rejected(
            "This channel is shared with another organization. Choose a channel of your own workspace."
        )


class UnreadableDay(Rejected):
    """Error: a day cannot be parsed; the sentence says how to write one."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{text}” is not a date. Enter one such as “2026-11-20” or “yesterday”.", field="day"
        )


def parse_day(text: str, today: date) -> date:
    """Return the typed day, the most recent one if it has no year; raises UnreadableDay."""
    words = " ".join(text.lower().replace(",", " ").split())
    for shape, meant in _SHAPES:
        found = shape.fullmatch(words)
        if found:
            try:
                return meant(found.groupdict(), today)
            except (ValueError, OverflowError):
                break
    raise UnreadableDay(clip(text.strip(), _SHOWN))


_SHOWN = 60

_Found = dict[str, str | None]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = tuple(day.lower() for day in WEEKDAYS)
_SHORT = "mon|tues?|wed|thu(?:rs)?|fri|sat|sun"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"


def _in_figures(found: _Found, today: date) -> date:
    return _latest(int(found["day"] or 0), int(found["month"] or 0), found.get("year"), today)


def _in_words(found: _Found, today: date) -> date:
    month = _MONTHS.index(found["month"] or "") + 1
    return _latest(int(found["day"] or 0), month, found.get("year"), today)


def _latest(day: int, month: int, year: str | None, today: date) -> date:
    if year:
        return date(int(year), month, day)
    meant = date(today.year, month, day)
    return meant if meant <= today else date(today.year - 1, month, day)


def _weekday(found: _Found, today: date) -> date:
    wanted = next(number for number, day in enumerate(_DAYS) if day.startswith(found["weekday"] or ""))
    # The name of today's weekday means the day a week ago.
    return today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)


def _ago(found: _Found, today: date) -> date:
    count = {"a": 1, "an": 1, "one": 1}.get(found["count"] or "") or int(found["count"] or 0)
    return today - timedelta(days=count * (7 if found["unit"] == "week" else 1))


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[_Found, date], date]], ...] = (
    (re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"), _in_figures),
    (re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\.? ?(?P<year>\d{4})?"), _in_figures),
    (re.compile(rf"{_DAY} (?:of )?{_MONTH}(?: (?P<year>\d{{4}}))?"), _in_words),
    (re.compile(rf"{_MONTH} {_DAY}(?: (?P<year>\d{{4}}))?"), _in_words),
    (re.compile(r"today|now"), lambda _, today: today),
    (re.compile(r"yesterday"), lambda _, today: today - timedelta(days=1)),
    (re.compile(r"last week"), lambda _, today: today - timedelta(days=7)),
    (re.compile(rf"(?:last |on )?(?P<weekday>{'|'.join(_DAYS)}|{_SHORT})"), _weekday),
    (re.compile(r"(?P<count>a|an|one|\d{1,4}) (?P<unit>day|week)s? ago"), _ago),
)


NOTHING_DRAWN = (
    "The diagram is empty: it shows components and the data flows between them. Add the first data flows."
)


def diagram_command(call: WordCall) -> HandlerResponse:
    """Order the diagram; if there is nothing to draw, offer to enter flows."""
    stream, known = call.stream, call.register
    if not known.items(Kind.COMPONENT):
        flows = Target(name="flows", stream=stream) if known.allows(DrawFlows) else None
        nothing = refusal(NOTHING_DRAWN, again=flows, label="Add data flows")
        return respond_privately(call.request, nothing, view=refusal_modal(NOTHING_DRAWN, call.target))
    is_new = call.services.order_diagram(stream, command_key(call.request))
    return _say_ordered(call, "diagram", known, partial(diagram_coming, known), is_new=is_new)


def chart_command(call: WordCall) -> HandlerResponse:
    """Order a chart; without a valid chart name, offer the choice."""
    known, word = call.register, call.target.argument or call.rest
    chosen = match_chart(word)
    if chosen is None:
        return call.say(charts_message(known, call.stream, wrong=word), "Chart")
    is_new = _order(call, chart_order(chosen))
    return _say_ordered(call, "chart", known, partial(chart_coming, known, chosen), is_new=is_new)


def export_command(call: WordCall) -> HandlerResponse:
    """Order an export in the given format; without a valid format, offer the choice."""
    known, word = call.register, call.target.argument or call.rest
    chosen = FORMATS.get(match_format(word) or "")
    if chosen is None:
        return call.say(formats_message(known, call.stream, wrong=word), "Export")
    is_new = _order(call, chosen.word)
    return _say_ordered(call, "file", known, partial(export_coming, known, chosen), "Export", is_new=is_new)


def report_command(call: WordCall) -> HandlerResponse:
    """Order a report in the given format; `report threat` opens the form of a threat."""
    asked = parse_report_arguments(call.target.argument or call.rest)
    form = match_report_format(asked.form) or ""
    if form == "threat":
        return call.open_form(Target(name="threat", stream=call.target.stream))
    known = call.register
    days = call.services.days(call.stream, call.target, call.request.person)
    chosen = REPORT_FORMATS.get(form)
    if chosen is None:
        return call.say(forms_message(known, call.target, wrong=asked.form, full=asked.full), "Report")
    order = ReportOrder(form=chosen.word, full=asked.full)
    is_new = _order(call, report_order_code(order), word=report_order_code(replace(order, days=days)))
    coming = partial(report_coming, known, chosen, full=asked.full)
    return _say_ordered(call, "report", known, coming, is_new=is_new)


def parse_report(call: WordCall) -> WordTarget:
    """Parse the format and days after `report`; raises Rejected for an invalid day."""
    parts, today = parse_report_arguments(call.rest), call.today
    since, until = (parse_day(day, today) if day else None for day in (parts.since, parts.as_of))
    argument = report_argument(match_report_format(parts.form) or "", full=parts.full)
    return replace(call.target, argument=argument, day=since, until=until)


def _order(call: WordCall, form: str, *, word: str = "") -> bool:
    """Order a file; return False if the person already waits for one in this format."""
    key, person = command_key(call.request), call.request.person
    order = Order(stream=call.stream, key=key, person=person, form=form, word=word or form)
    return call.services.order_export(order)


def _say_ordered(
    call: WordCall,
    what: str,
    known: ThreatRegister,
    coming: Callable[[str], Message],
    title: str = "",
    *,
    is_new: bool,
) -> HandlerResponse:
    """Say that a file will appear in the thread of a card, or that it was ordered before."""
    permalink = call.services.permalink(call.stream, known.channel)
    answer = coming(permalink) if is_new else already_in_preparation(what, known.key, permalink)
    return call.say(answer, title or what.capitalize())


def import_command(call: WordCall) -> HandlerResponse:
    """Show how to import a file."""
    return call.show(import_help(call.channel))


def list_command(call: WordCall) -> HandlerResponse:
    """List the models of the channel."""
    models = call.models()
    if not models:
        return call.show(opening_help(call.channel))
    return call.show(model_list(model_list_items(call.services, models, call.request.person), call.channel))


def status_command(call: WordCall) -> HandlerResponse:
    """Show a copy of the card."""
    known = call.register
    link = call.services.permalink(call.stream, known.channel)
    return call.show(status_copy(call.stream, known, call.services.naming, link))


def as_of_command(call: WordCall) -> HandlerResponse:
    """Show the model as of a day; without a day, ask for it."""
    if call.target.day is None:
        return call.open_form(Target(name="look_back", stream=call.target.stream))
    return call.show_page(DayTarget(name="as_of", stream=call.target.stream, day=call.target.day))


def parse_as_of_day(call: WordCall) -> WordTarget:
    """Parse the day after `as-of`; raises Rejected for an invalid one."""
    return replace(call.target, day=parse_day(call.rest, call.today)) if call.rest else call.target


def undo_command(call: WordCall) -> HandlerResponse:
    """Undo the person's last answer; ask first with further text, or if a later change of theirs stays."""
    services, person = call.services, call.request.person
    undo = preview_undo(list(services.store.events(call.stream)), person)
    if undo is not None and (call.rest or undo.stays) and not _was_undone(call):
        return call.show(undo_help(call.target, undo, services.naming))
    return perform_action(call.services, call.request, Target(name=Action.UNDO, stream=call.target.stream))


def _was_undone(call: WordCall) -> bool:
    """Return whether this request was answered before, so that its first result is shown again."""
    services = call.services
    return services.was_done(Undo(by=call.request.person, at=services.now()), command_key(call.request))


def vote_command(call: WordCall) -> HandlerResponse:
    """Open the first owed ballot, else the list of ballots; without any, show a message."""
    services, request = call.services, call.request
    if not services.ballot_papers(call.stream, request.person):
        return call.show(refusal(NOTHING_TO_VOTE_ON))
    shown = next_ballot(services, request, call.target, first_round=call.target.argument)
    return show_view(request, load_modal(services, shown, request.person), again=shown)


def threats_command(call: WordCall) -> HandlerResponse:
    """Show all threats, or the one whose ID was typed."""
    about = SelectionTarget(name="threats", stream=call.target.stream, selection=call.target.element)
    return call.show_page(about)


def parse_threat(call: WordCall) -> WordTarget:
    """Parse the ID of a threat, as in `threats TH-3`."""
    found = _THREAT.search(call.rest)
    return replace(call.target, element=f"TH-{found[1]}") if found else call.target


_THREAT = re.compile(r"\bTH[-_ ]?([1-9][0-9]{0,8})\b", re.IGNORECASE | re.ASCII)


def page_command(page: str) -> WordHandler:
    """Return a handler that shows a page."""
    return lambda call: call.show_page(Target(name=page, stream=call.target.stream))


def page_of_model_command(page: str) -> WordHandler:
    """Return a handler that shows a page, with what concerns the model if only one matches."""

    def answer(call: WordCall) -> HandlerResponse:
        stream = call.target.stream
        if not stream and (channel := call.channel):
            meant = call.matching(call.services.models(channel))
            stream = meant[0].stream if len(meant) == 1 else ""
        return call.show_page(Target(name=page, stream=stream))

    return answer


def phase_command(move: Action) -> WordHandler:
    """Return a handler that opens the form for a phase change."""

    def answer(call: WordCall) -> HandlerResponse:
        stream = call.target.stream
        if move is Action.CLOSE and call.services.command_handler.model(call.stream).closing is not None:
            return call.show_page(Target(name="closing", stream=stream))
        return call.open_form(PhaseTarget(name="move", stream=stream, move=move))

    return answer


_SCOPES = {READ: frozenset({Scope.READ}), PROPOSE: frozenset(Scope)}
_ALSO_CALLED = {"new": PROPOSE, "create": PROPOSE, "write": PROPOSE, "readonly": READ, "delete": REVOKE}


def token_command(call: WordCall) -> HandlerResponse:
    """List the person's tokens, create one, or revoke one."""
    tokens, person = call.services.person_tokens, call.request.person
    action, _, id = call.target.argument.partition("/")
    if action == REVOKE:
        return call.say(_revoked(tokens, person, id, call.target), _TITLE)
    # The answer to words in a message might be a message that stays.
    is_message = isinstance(call.request, SlashCommand) and not call.request.response_url
    if action not in _SCOPES or is_message:
        return call.say(_listed(tokens, person, call.target), _TITLE)
    if call.services.operator_settings.mcp_port is None:
        return call.say(no_agents(), _TITLE)
    issued = tokens.issue(person, _SCOPES[action], key=command_key(call.request))
    return call.say(new_token(issued.text.reveal(), _shown(tokens, issued.record)), "Access token")


def parse_token_argument(call: WordCall) -> WordTarget:
    """Parse the text after `token`; anything unknown lists the tokens."""
    action, _, id = call.rest.lower().partition(" ")
    action = _ALSO_CALLED.get(action, action)
    if action == REVOKE:
        return replace(call.target, argument=f"{REVOKE}/{id.strip()[:_ID]}")
    return replace(call.target, argument=action) if action in _SCOPES else call.target


_TITLE = "Access tokens"
_ID = 40


def _listed(tokens: PersonTokens, person: PersonId, target: WordTarget, note: str = "") -> Message:
    return token_list([_shown(tokens, token) for token in tokens.active(person)], target, note=note)


def _revoked(tokens: PersonTokens, person: PersonId, id: str, target: WordTarget) -> Message:
    active = [token.id for token in tokens.active(person)]
    meant = id or (active[0] if len(active) == 1 else "")
    if not meant:
        note = "Choose the token to revoke." if active else "You have no token."
    elif tokens.revoke(meant, person):
        note = f"✓ The token `{meant}` is revoked."
    else:
        note = "You have no such token. It may be revoked already."
    return _listed(tokens, person, target, note)


def _shown(tokens: PersonTokens, token: AccessToken) -> ShownToken:
    return ShownToken(
        id=token.id,
        proposes=Scope.PROPOSE in token.scopes.split(),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used=tokens.last_used(token),
    )
