"""Personal access tokens: the text of a new one is in the direct answer to the request and nowhere else."""

from msgspec.structs import replace

from bot.commands.personal_tokens import PersonTokens, Scope
from bot.slack.handlers.handler_responses import HandlerResponse, respond_privately
from bot.slack.handlers.slash_commands.slash_word import ParsedCommand
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.idempotency_keys import command_key
from bot.slack.protocol.requests import Request, SlashCommand
from bot.slack.protocol.targets import WordTarget
from bot.slack.queries.services import Services
from bot.slack.ui.messages.notices import message_modal
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
