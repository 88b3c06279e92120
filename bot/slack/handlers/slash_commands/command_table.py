"""Table of slash words, and the buttons that stand for a word."""

from msgspec.structs import replace

from bot.commands.personal_tokens import PersonTokens, Scope
from bot.slack.handlers.handler_responses import HandlerResponse, respond_privately, show_message, show_view
from bot.slack.handlers.modal_buttons import show_page
from bot.slack.handlers.modal_loading import load_modal
from bot.slack.handlers.slash_commands.element_commands import (
    add_command,
    element_page_command,
    parse_element_kind,
    parse_element_names,
)
from bot.slack.handlers.slash_commands.screen_commands import (
    as_of_command,
    chart_command,
    diagram_command,
    export_command,
    import_command,
    list_command,
    page_command,
    parse_as_of_day,
    parse_chart,
    parse_conditions,
    parse_format,
    parse_report,
    parse_threat,
    phase_command,
    portfolio_command,
    questions_command,
    report_command,
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
    answer_word,
    channel_of_command,
    check_no_day,
    command_target,
    matching_models,
    nearest_word,
    parse_command,
)
from bot.slack.handlers.submissions.voting_submissions import next_ballot
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import Request, SlashCommand, command_key
from bot.slack.protocol.targets import Action, StaleButton, Target, WordTarget
from bot.slack.queries.services import Services
from bot.slack.ui.messages.help_messages import HELP_LABEL, HelpGroup, help_message, unknown_word
from bot.slack.ui.messages.notices import message_modal, refusal
from bot.slack.ui.messages.token_messages import (
    PROPOSE,
    READ,
    REVOKE,
    ShownToken,
    new_token,
    no_agents,
    token_list,
)
from bot.store.repositories.access_tokens import AccessToken
from domain.kernel.elements import PersonId


def tracker_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Show the connected trackers, and the choice of the model if only one matches."""
    stream = target.stream
    if not stream and (channel := channel_of_command(request, target)):
        meant = matching_models(services, services.models(channel), parsed, target)
        stream = meant[0].stream if len(meant) == 1 else ""
    return show_page(services, request, Target(name="trackers", stream=stream))


NOTHING_TO_VOTE_ON = "You have no open voting round in this model. You are notified when one opens."


def vote_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Open the first owed ballot, else the list of ballots; without any, show a message."""
    del parsed
    stream = services.stream(target)
    if not services.ballot_papers(stream, request.person):
        return show_message(request, refusal(NOTHING_TO_VOTE_ON))
    shown = next_ballot(services, request, target, first_round=target.argument)
    return show_view(request, load_modal(services, shown, request.person), again=shown)


_SCOPES = {READ: frozenset({Scope.READ}), PROPOSE: frozenset(Scope)}
_ALSO_CALLED = {"new": PROPOSE, "create": PROPOSE, "write": PROPOSE, "readonly": READ, "delete": REVOKE}


def token_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """List the person's tokens, create one, or revoke one."""
    del parsed
    tokens, person = services.person_tokens, request.person
    action, _, id = target.argument.partition("/")
    if action == REVOKE:
        return _say(request, _revoked(tokens, person, id, target))
    if action not in _SCOPES or _is_a_message(request):
        return _say(request, _listed(tokens, person, target))
    if not services.agents_enabled:
        return _say(request, no_agents())
    issued = tokens.issue(person, _SCOPES[action], key=command_key(request))
    shown = _shown(tokens, issued.record)
    return _say(request, new_token(issued.text.reveal(), shown), title="Access token")


def parse_token_argument(
    services: Services, request: SlashCommand, rest: str, target: WordTarget
) -> WordTarget:
    """Parse the text after `token`; anything unknown lists the tokens."""
    del services, request
    action, _, id = rest.lower().partition(" ")
    action = _ALSO_CALLED.get(action, action)
    if action == REVOKE:
        return replace(target, argument=f"{REVOKE}/{id.strip()[:_ID]}")
    return replace(target, argument=action) if action in _SCOPES else target


_ID = 40


def _is_a_message(request: Request) -> bool:
    """Return whether the words came in a message: its answer might be a message that stays."""
    return isinstance(request, SlashCommand) and not request.response_url


def _listed(tokens: PersonTokens, person: PersonId, target: WordTarget, note: str = "") -> Message:
    active = [_shown(tokens, one) for one in tokens.active(person)]
    return token_list(active, target, note=note)


def _revoked(tokens: PersonTokens, person: PersonId, id: str, target: WordTarget) -> Message:
    active = [one.id for one in tokens.active(person)]
    meant = id or (active[0] if len(active) == 1 else "")
    if not meant:
        return _listed(
            tokens, person, target, "Choose the token to revoke." if active else "You have no token."
        )
    if not tokens.revoke(meant, person):
        return _listed(tokens, person, target, "You have no such token. It may be revoked already.")
    return _listed(tokens, person, target, f"✓ The token `{meant}` is revoked.")


def _shown(tokens: PersonTokens, token: AccessToken) -> ShownToken:
    return ShownToken(
        id=token.id,
        proposes=Scope.PROPOSE in token.scopes.split(),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used=tokens.last_used(token),
    )


def _say(request: Request, message: Message, *, title: str = "Access tokens") -> HandlerResponse:
    return respond_privately(request, message, view=message_modal(message, title))


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
