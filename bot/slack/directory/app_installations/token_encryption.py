"""Encryption of the tokens of installations."""

from datetime import datetime

import msgspec

from bot.settings import Secret
from bot.store.repositories.installations import InstallationRecord
from bot.token_cipher import TokenCipher


def bot_token(cipher: TokenCipher, record: InstallationRecord) -> Secret:
    """Return the bot token of an installation; raises TokenUnreadable."""
    return Secret(cipher.decrypt(record.token, use="bot", owner=record.name, key=record.key_id))


def refresh_token(cipher: TokenCipher, record: InstallationRecord) -> Secret:
    """Return the refresh token of an installation, empty if its token does not expire.

    Raises TokenUnreadable.
    """
    if not record.refresh_token:
        return Secret("")
    text = cipher.decrypt(record.refresh_token, use="refresh", owner=record.name, key=record.key_id)
    return Secret(text)


def with_tokens(
    cipher: TokenCipher, record: InstallationRecord, bot: Secret, refresh: Secret, *, now: datetime
) -> InstallationRecord:
    """Return an installation with these tokens, encrypted with the newest key."""
    token = cipher.encrypt(bot.reveal(), use="bot", owner=record.name, now=now)
    renewing = cipher.encrypt(refresh.reveal(), use="refresh", owner=record.name, now=now) if refresh else b""
    return msgspec.structs.replace(record, token=token, refresh_token=renewing, key_id=cipher.newest)
