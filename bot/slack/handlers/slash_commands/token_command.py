"""The word for access tokens, with which agents of people read models and propose drafts."""

from msgspec.structs import replace

from bot.commands.personal_tokens import PersonTokens, Scope
from bot.slack.handlers.handler_responses import HandlerResponse
from bot.slack.handlers.slash_commands.slash_word import WordCall
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import SlashCommand, command_key
from bot.slack.protocol.targets import WordTarget
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
