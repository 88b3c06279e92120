"""Salted digests: they show whether two contents are equal, and nothing without the salt."""

import hashlib
import secrets


def salted_digest(digest: str, salt: str = "") -> str:
    """Return a digest under a salt, a new one unless it is given."""
    salt = salt or secrets.token_hex(8)
    return f"{salt}:{hashlib.sha256(f'{salt}{digest}'.encode()).hexdigest()}"


def matches_salted_digest(shown: str, digest: str) -> bool:
    """Return whether a salted digest is that of a content; an empty one matches none."""
    salt, _, _ = shown.partition(":")
    return bool(salt) and shown == salted_digest(digest, salt)
