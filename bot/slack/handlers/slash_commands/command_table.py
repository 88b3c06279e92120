"""Table of slash words, and the buttons that stand for a word."""

from bot.slack.handlers.handler_responses import HandlerResponse, show_message
from bot.slack.handlers.slash_commands.element_commands import (
    add_command,
    element_page_command,
    parse_element_kind,
    parse_element_names,
)
from bot.slack.handlers.slash_commands.file_commands import (
    chart_command,
    diagram_command,
    export_command,
    parse_chart,
    parse_format,
    parse_report,
    report_command,
)
from bot.slack.handlers.slash_commands.model_resolution import (
    answer_word,
    channel_of_command,
    check_no_day,
    command_target,
)
from bot.slack.handlers.slash_commands.portfolio_word import parse_conditions, portfolio_command
from bot.slack.handlers.slash_commands.screen_commands import (
    as_of_command,
    import_command,
    list_command,
    page_command,
    parse_as_of_day,
    parse_threat,
    phase_command,
    questions_command,
    settings_command,
    start_command,
    status_command,
    threats_command,
    undo_command,
)
from bot.slack.handlers.slash_commands.slash_word import (
    KeyPosition,
    ModelSelection,
    ParsedCommand,
    SlashWord,
    nearest_word,
    parse_command,
)
from bot.slack.handlers.slash_commands.token_command import parse_token_argument, token_command
from bot.slack.handlers.slash_commands.tracker_word import tracker_command
from bot.slack.handlers.slash_commands.vote_command import vote_command
from bot.slack.protocol.interactions import Action, StaleButton
from bot.slack.protocol.requests import Request, SlashCommand
from bot.slack.protocol.targets import Target, WordTarget
from bot.slack.queries.services import Services
from bot.slack.ui.messages.help_messages import HELP_LABEL, HelpGroup, help_message, unknown_word


def answer_slash_command(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Answer a slash command."""
    del target
    if not isinstance(request, SlashCommand):
        raise StaleButton
    parsed_command = parse_command(request.text, SLASH_WORDS)
    word = SLASH_WORDS.get(parsed_command.word)
    if word is None:
        near = nearest_word(parsed_command.word, SLASH_WORDS)
        return show_message(
            request,
            unknown_word(
                parsed_command.word,
                near,
                command_target(services, request, near, parsed_command.rest, strictly=False),
            ),
        )
    check_no_day(word, parsed_command)
    return answer_word(
        word, services, request, command_target(services, request, word, parsed_command.rest), parsed_command
    )


def answer_word_button(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Answer a button that stands for a word."""
    word = SLASH_WORDS.get(target.name) or _word_of_alias(target.name)
    if word is None:
        raise StaleButton
    return answer_word(word, services, request, WordTarget.of(target), ParsedCommand(word=word.name))


def _word_of_alias(name: str) -> SlashWord | None:
    """Return the word that buttons of earlier versions know by one of its aliases."""
    return next((word for word in _WORDS if name in word.aliases), None)


def _help(services: Services, request: Request, target: WordTarget, parsed: ParsedCommand) -> HandlerResponse:
    del services, parsed
    return show_message(request, help_message(channel_of_command(request, target), SLASH_WORDS.values()))


_WORDS = (
    SlashWord(
        name="start",
        label="Start",
        does="Start a threat model in this channel.",
        does_directly="Start a threat model. Choose its channel in the form.",
        group=HelpGroup.EVERY_DAY,
        typed="start [name]",
        aliases=("new", "begin", "create"),
        answer=start_command,
        models=ModelSelection.NONE,
        for_everyone=True,
        takes_text=True,
        key_position=KeyPosition.NOTHING,
    ),
    SlashWord(
        name="status",
        label="Status",
        does="Show the state of the model and the next step.",
        group=HelpGroup.EVERY_DAY,
        aliases=("card", "show"),
        answer=status_command,
    ),
    SlashWord(
        name="list",
        label="List",
        does="List the models of this channel.",
        does_directly="List the models of your channels.",
        group=HelpGroup.EVERY_DAY,
        aliases=("models",),
        answer=list_command,
        models=ModelSelection.NONE,
    ),
    SlashWord(
        name="add",
        label="Add",
        does="Add an element by name, or open its form.",
        group=HelpGroup.EVERY_DAY,
        typed="add [asset, entry point, …] [name]",
        answer=add_command,
        takes_text=True,
        key_position=KeyPosition.ENDS,
        parse=parse_element_kind,
        text_without_button=parse_element_names,
    ),
    SlashWord(
        name="remove",
        label="Remove",
        does="Open the page of an element to edit or remove it.",
        group=HelpGroup.EVERY_DAY,
        typed="remove [name or ID]",
        aliases=("delete", "rm"),
        answer=element_page_command,
        takes_text=True,
        key_position=KeyPosition.ENDS,
        text_without_button=str,
    ),
    SlashWord(
        name="questions",
        label="Questions",
        does="Answer the open questions.",
        group=HelpGroup.EVERY_DAY,
        aliases=("answer",),
        answer=questions_command,
    ),
    SlashWord(
        name="findings",
        label="Findings",
        does="Review suggested threats and warnings.",
        group=HelpGroup.EVERY_DAY,
        aliases=("finding", "candidates", "candidate", "came up"),
        answer=page_command("seen"),
    ),
    SlashWord(
        name="threats",
        label="Threats",
        does="List all threats of the model, or show one.",
        group=HelpGroup.EVERY_DAY,
        typed="threats [TH-3]",
        aliases=("threat",),
        answer=threats_command,
        parse=parse_threat,
    ),
    SlashWord(
        name="coverage",
        label="Coverage",
        does="Show the STRIDE coverage of each element.",
        group=HelpGroup.EVERY_DAY,
        aliases=("grid",),
        answer=page_command("coverage"),
    ),
    SlashWord(
        name="diagram",
        label="Diagram",
        does="Post the data flow diagram in the card's thread.",
        group=HelpGroup.EVERY_DAY,
        aliases=("dfd", "draw", "drawing", "picture"),
        answer=diagram_command,
    ),
    SlashWord(
        name="chart",
        label="Chart",
        does="Post a chart of scores, coverage or open threats over time in the thread.",
        group=HelpGroup.EVERY_DAY,
        typed="chart [scores, coverage or open-threats]",
        aliases=("charts", "graph", "trend"),
        answer=chart_command,
        parse=parse_chart,
    ),
    SlashWord(
        name="vote",
        label="Vote",
        does="Cast or change your ballots.",
        group=HelpGroup.EVERY_DAY,
        aliases=("ballot", "ballots"),
        answer=vote_command,
    ),
    SlashWord(
        name="plan",
        label="Plan",
        does="Show the response to each threat, with owners and due dates.",
        group=HelpGroup.EVERY_DAY,
        aliases=("mitigations", "mitigation", "mitigate", "respond", "response", "responses", "owners"),
        answer=page_command("plan"),
    ),
    SlashWord(
        name="history",
        label="History",
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
        label="Undo",
        does="Undo your last change.",
        group=HelpGroup.LOOKING_BACK,
        aliases=("revert",),
        answer=undo_command,
        confirm_alias=True,
    ),
    SlashWord(
        name="report",
        label="Report",
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
        label="Export",
        does="Export the model as a file for other tools.",
        group=HelpGroup.LOOKING_BACK,
        typed="export [format]",
        aliases=("download", "file", "formats", "save as"),
        answer=export_command,
        parse=parse_format,
    ),
    SlashWord(
        name="import",
        label="Import",
        does="Explain how to import the file of another tool.",
        group=HelpGroup.LOOKING_BACK,
        aliases=("load", "upload"),
        answer=import_command,
        models=ModelSelection.NONE,
        takes_text=True,
    ),
    SlashWord(
        name="portfolio",
        label="Portfolio",
        does="Show the models of all your channels side by side.",
        group=HelpGroup.LOOKING_BACK,
        typed="portfolio [overdue, critical, high, mine, facilitated, phase, label or digest]",
        aliases=("overview", "dashboard", "all models"),
        answer=portfolio_command,
        models=ModelSelection.NONE,
        takes_text=True,
        key_position=KeyPosition.NOTHING,
        parse=parse_conditions,
    ),
    SlashWord(
        name="settings",
        label="Settings",
        does="Show your working hours and the participants.",
        group=HelpGroup.STEERING,
        aliases=("hours", "working hours", "config", "preferences"),
        answer=settings_command,
        models=ModelSelection.NONE,
    ),
    SlashWord(
        name="tracker",
        label="Trackers",
        does="Connect a tracker such as GitHub or Jira, and choose where mitigations get issues.",
        group=HelpGroup.STEERING,
        aliases=("trackers", "issue tracker", "issues", "github", "gitlab", "jira", "linear", "redmine"),
        answer=tracker_command,
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
        key_position=KeyPosition.NOTHING,
        parse=parse_token_argument,
    ),
    SlashWord(
        name="close",
        label="Close",
        does="Close a model.",
        group=HelpGroup.STEERING,
        answer=phase_command(Action.CLOSE),
    ),
    SlashWord(
        name="reopen",
        label="Reopen",
        does="Reopen a closed model.",
        group=HelpGroup.STEERING,
        answer=phase_command(Action.REOPEN),
        models=ModelSelection.CLOSED,
    ),
    SlashWord(
        name="archive",
        label="Archive",
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
        answer=_help,
        models=ModelSelection.NONE,
        for_everyone=True,
        takes_text=True,
    ),
)

SLASH_WORDS: dict[str, SlashWord] = {word.name: word for word in _WORDS}
"""Every word of the slash command, in the order of the help."""
