"""Table of slash words, and the buttons that stand for a word."""

import re
from contextlib import suppress

from msgspec.structs import replace

from bot.slack.handlers.handler_responses import HandlerResponse, show_message
from bot.slack.handlers.slash_commands.element_commands import (
    add_command,
    element_page_command,
    parse_add_arguments,
)
from bot.slack.handlers.slash_commands.screen_commands import (
    as_of_command,
    chart_command,
    diagram_command,
    export_command,
    import_command,
    list_command,
    page_command,
    page_of_model_command,
    parse_as_of_day,
    parse_conditions,
    parse_report,
    parse_threat,
    parse_token_argument,
    phase_command,
    portfolio_command,
    report_command,
    status_command,
    threats_command,
    token_command,
    undo_command,
    vote_command,
)
from bot.slack.handlers.slash_commands.slash_word import (
    ModelKeyPosition,
    ModelSelection,
    SlashWord,
    WordCall,
    answer_word,
    match_chart,
    match_format,
    nearest_word,
    parse_command,
)
from bot.slack.handlers.submissions.start_model import open_start
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.requests import Request, SlashCommand, is_direct_message
from bot.slack.protocol.targets import Action, StaleButton, Target, WordTarget
from bot.slack.queries.services import Services
from bot.slack.ui.messages.help_messages import HELP_LABEL, HelpGroup, help_message, unknown_word
from domain.rejections import Rejected


def answer_slash_command(services: Services, request: SlashCommand) -> HandlerResponse:
    """Answer a slash command."""
    parsed = parse_command(request.text, SLASH_WORDS)
    channel = "" if is_direct_message(request.channel) else request.channel
    here = WordTarget(name=parsed.word, channel=channel, thread=request.thread)
    call = WordCall(services=services, request=request, target=here, key=parsed.key, rest=parsed.rest)
    word = SLASH_WORDS.get(parsed.word)
    if word is None:
        near = nearest_word(parsed.word, SLASH_WORDS)
        with suppress(Rejected):  # an invalid day is left out
            here = here if near is None else near.parse(call)
        return show_message(request, unknown_word(parsed.word, near, here))
    if not word.takes_text and _OF_A_DAY.search(parsed.rest):
        raise Rejected(
            f"“{word.name}” shows the current model only. For a past day, type “{COMMAND} as-of "
            f"yesterday” or “{COMMAND} report as-of yesterday”."
        )
    return answer_word(word, replace(call, target=word.parse(call)))


_OF_A_DAY = re.compile(r"(?:^|\s)(?:as[- ]of|since|until)\s", re.IGNORECASE)


def answer_word_button(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Answer a button that stands for a word."""
    word = SLASH_WORDS.get(target.name)
    if word is None:
        raise StaleButton
    return answer_word(word, WordCall(services=services, request=request, target=WordTarget.of(target)))


_WORDS = (
    SlashWord(
        name="start",
        does="Start a threat model in this channel.",
        does_directly="Start a threat model. Choose its channel in the form.",
        group=HelpGroup.EVERY_DAY,
        typed="start [name]",
        aliases=("new", "begin", "create"),
        answer=lambda call: open_start(call.services, call.request, call.target, call.rest),
        models=ModelSelection.NONE,
        for_everyone=True,
        takes_text=True,
        model_key_position=ModelKeyPosition.NOWHERE,
    ),
    SlashWord(
        name="status",
        does="Show the state of the model and the next step.",
        group=HelpGroup.EVERY_DAY,
        aliases=("card", "show"),
        answer=status_command,
    ),
    SlashWord(
        name="list",
        does="List the models of this channel.",
        does_directly="List the models of your channels.",
        group=HelpGroup.EVERY_DAY,
        aliases=("models",),
        answer=list_command,
        models=ModelSelection.NONE,
    ),
    SlashWord(
        name="add",
        does="Add an element by name, or open its form.",
        group=HelpGroup.EVERY_DAY,
        typed="add [asset, entry point, …] [name]",
        answer=add_command,
        takes_text=True,
        model_key_position=ModelKeyPosition.ENDS,
        parse=lambda call: replace(call.target, kind=parse_add_arguments(call.rest).kind),
        text_without_button=lambda rest: parse_add_arguments(rest).text,
    ),
    SlashWord(
        name="remove",
        does="Open the page of an element to edit or remove it.",
        group=HelpGroup.EVERY_DAY,
        typed="remove [name or ID]",
        aliases=("delete", "rm"),
        answer=element_page_command,
        takes_text=True,
        model_key_position=ModelKeyPosition.ENDS,
        text_without_button=str,
    ),
    SlashWord(
        name="questions",
        does="Answer the open questions.",
        group=HelpGroup.EVERY_DAY,
        aliases=("answer",),
        answer=lambda call: call.open_form(Target(name="questions", stream=call.target.stream)),
    ),
    SlashWord(
        name="findings",
        does="Review suggested threats and warnings.",
        group=HelpGroup.EVERY_DAY,
        aliases=("finding", "suggested threats", "suggested threat", "came up"),
        answer=page_command("seen"),
    ),
    SlashWord(
        name="threats",
        does="List all threats of the model, or show one.",
        group=HelpGroup.EVERY_DAY,
        typed="threats [TH-3]",
        aliases=("threat",),
        answer=threats_command,
        parse=parse_threat,
    ),
    SlashWord(
        name="coverage",
        does="Show the STRIDE coverage of each element.",
        group=HelpGroup.EVERY_DAY,
        aliases=("grid",),
        answer=page_command("coverage"),
    ),
    SlashWord(
        name="prevented",
        does="List the threats that controls in place prevent.",
        group=HelpGroup.EVERY_DAY,
        answer=page_command("prevented"),
    ),
    SlashWord(
        name="diagram",
        does="Post the data flow diagram in the card's thread.",
        group=HelpGroup.EVERY_DAY,
        aliases=("dfd", "draw", "drawing", "picture"),
        answer=diagram_command,
    ),
    SlashWord(
        name="chart",
        does="Post a chart of scores, coverage or open threats over time in the thread.",
        group=HelpGroup.EVERY_DAY,
        typed="chart [scores, coverage or open-threats]",
        aliases=("charts", "graph", "trend"),
        answer=chart_command,
        parse=lambda call: replace(call.target, argument=match_chart(call.rest) or ""),
    ),
    SlashWord(
        name="vote",
        does="Cast or change your ballots.",
        group=HelpGroup.EVERY_DAY,
        aliases=("ballot", "ballots"),
        suggested_for=("round", "rounds", "rate", "rating", "score", "open"),
        answer=vote_command,
    ),
    SlashWord(
        name="plan",
        does="Show the response to each threat, with owners and due dates.",
        group=HelpGroup.EVERY_DAY,
        aliases=("mitigations", "mitigation", "mitigate", "respond", "response", "responses", "owners"),
        answer=page_command("plan"),
    ),
    SlashWord(
        name="history",
        does="List all changes, with author and time.",
        group=HelpGroup.LOOKING_BACK,
        aliases=("log", "timeline"),
        answer=page_command("history"),
    ),
    SlashWord(
        name="as-of",
        label="Past state…",
        does="Show the model as it was on a past day.",
        group=HelpGroup.LOOKING_BACK,
        typed="as-of [day]",
        aliases=("asof", "as of", "date", "time travel", "look back"),
        answer=as_of_command,
        takes_text=True,
        parse=parse_as_of_day,
    ),
    SlashWord(
        name="undo",
        does="Undo your last change.",
        group=HelpGroup.LOOKING_BACK,
        aliases=("revert",),
        answer=undo_command,
        confirm_alias=True,
    ),
    SlashWord(
        name="report",
        does="Post the report in the card's thread; `full` adds registers, answers and history.",
        group=HelpGroup.LOOKING_BACK,
        typed="report [pdf, html or md] [full] [since day] [as-of day]",
        aliases=("reports", "summary", "pdf", "canvas"),
        answer=report_command,
        takes_text=True,
        parse=parse_report,
    ),
    SlashWord(
        name="export",
        does="Export the model as a file for other tools.",
        group=HelpGroup.LOOKING_BACK,
        typed="export [format]",
        aliases=("download", "file", "formats", "save as"),
        answer=export_command,
        parse=lambda call: replace(call.target, argument=match_format(call.rest) or ""),
    ),
    SlashWord(
        name="import",
        does="Explain how to import the file of another tool.",
        group=HelpGroup.LOOKING_BACK,
        aliases=("load", "upload"),
        answer=import_command,
        models=ModelSelection.NONE,
        takes_text=True,
    ),
    SlashWord(
        name="portfolio",
        does="Show the models of all your channels side by side.",
        group=HelpGroup.LOOKING_BACK,
        typed="portfolio [overdue, critical, high, mine, facilitated, phase, label or digest]",
        aliases=("overview", "dashboard", "all models"),
        answer=portfolio_command,
        models=ModelSelection.NONE,
        takes_text=True,
        model_key_position=ModelKeyPosition.NOWHERE,
        parse=parse_conditions,
    ),
    SlashWord(
        name="settings",
        does="Show your working hours and the participants.",
        group=HelpGroup.STEERING,
        aliases=("hours", "working hours", "config", "preferences"),
        answer=page_of_model_command("settings"),
        models=ModelSelection.NONE,
    ),
    SlashWord(
        name="reassign",
        does="Assign all that a person has to do to another person, such as when someone leaves.",
        group=HelpGroup.STEERING,
        aliases=("reassign all", "substitute"),
        answer=lambda call: call.open_form(Target(name="reassign_all", stream=call.target.stream)),
    ),
    SlashWord(
        name="tracker",
        label="Trackers",
        does="Connect a tracker such as GitHub or Jira, and choose where mitigations get issues.",
        group=HelpGroup.STEERING,
        aliases=("trackers", "issue tracker", "issues", "github", "gitlab", "jira", "linear", "redmine"),
        answer=page_of_model_command("trackers"),
        models=ModelSelection.NONE,
    ),
    SlashWord(
        name="token",
        label="Access tokens",
        does="Create or revoke an access token, with which an agent reads your models and proposes drafts.",
        group=HelpGroup.STEERING,
        typed="token [propose, read or revoke]",
        aliases=("tokens", "access token", "access tokens", "agent", "agents", "mcp"),
        answer=token_command,
        models=ModelSelection.NONE,
        takes_text=True,
        model_key_position=ModelKeyPosition.NOWHERE,
        parse=parse_token_argument,
    ),
    SlashWord(
        name="close",
        does="Close a model.",
        group=HelpGroup.STEERING,
        answer=phase_command(Action.CLOSE),
    ),
    SlashWord(
        name="reopen",
        does="Reopen a closed model.",
        group=HelpGroup.STEERING,
        answer=phase_command(Action.REOPEN),
        models=ModelSelection.CLOSED,
    ),
    SlashWord(
        name="archive",
        does="Archive a model in any phase: it is hidden from lists.",
        group=HelpGroup.STEERING,
        answer=phase_command(Action.ARCHIVE),
        models=ModelSelection.ALL,
    ),
    SlashWord(
        name="help",
        label=HELP_LABEL,
        does="List all commands.",
        group=None,
        aliases=("hello", "hi", "hey", "good morning", "what can you do", "shortcut", "shortcuts"),
        answer=lambda call: call.show(help_message(call.channel, SLASH_WORDS.values())),
        models=ModelSelection.NONE,
        for_everyone=True,
        takes_text=True,
    ),
)

SLASH_WORDS: dict[str, SlashWord] = {word.name: word for word in _WORDS}
"""Every word of the slash command, in the order of the help."""
