"""Secrets of a connection are readable with the keys alone, and only for their own tracker."""

import pytest

from bot.settings import Secret
from bot.token_cipher import TokenCipher, TokenUnreadable, key_id
from bot.trackers.connection_secrets import (
    ConnectionSecrets,
    decrypt_secrets,
    encrypt_secrets,
    new_secrets,
)
from tests.slack.installing import FIRST_KEY, SECOND_KEY
from tests.store.saying import NOON

TOKEN = "ghp_made-up-token"
OLD, NEW = Secret(FIRST_KEY), Secret(SECOND_KEY)


def encrypted(cipher: TokenCipher, held: ConnectionSecrets, owner: str = "TR-1") -> bytes:
    return encrypt_secrets(cipher, held, tenant="T1", owner=owner, now=NOON)


def decrypted(
    cipher: TokenCipher, text: bytes, *, tenant: str = "T1", owner: str = "TR-1"
) -> ConnectionSecrets:
    return decrypt_secrets(cipher, text, tenant=tenant, owner=owner, key=key_id(OLD))


def test_secrets_come_back_and_show_themselves_nowhere() -> None:
    cipher, held = TokenCipher([OLD]), new_secrets(Secret(TOKEN), "ana@example.org")
    text = encrypted(cipher, held)

    assert decrypted(cipher, text) == held
    assert TOKEN.encode() not in text
    assert TOKEN not in repr(held)
    assert held.mark_key.reveal() not in repr(held)
    assert new_secrets(Secret(TOKEN)).mark_key != held.mark_key


def test_another_key_reads_them_as_long_as_the_first_is_configured() -> None:
    held = new_secrets(Secret(TOKEN))
    text = encrypted(TokenCipher([OLD]), held)

    assert decrypted(TokenCipher([NEW, OLD]), text) == held
    with pytest.raises(TokenUnreadable, match=rf"lacks the key {key_id(OLD)}, .* or replace it with"):
        decrypted(TokenCipher([NEW]), text)


def test_a_row_that_was_copied_is_refused() -> None:
    cipher = TokenCipher([OLD])
    text = encrypted(cipher, new_secrets(Secret(TOKEN)))

    for owner in ({"tenant": "T2"}, {"owner": "TR-2"}):
        with pytest.raises(TokenUnreadable, match="was encrypted for another owner"):
            decrypted(cipher, text, **owner)
    with pytest.raises(TokenUnreadable, match="damaged"):
        decrypted(cipher, text[:-4])
