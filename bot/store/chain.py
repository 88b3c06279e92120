"""Hash chain over all events of a workspace, which reveals changed events.

It has no key: anyone who can write to the database can compute it again. A chain head noted elsewhere
reveals that.
"""

import hashlib

import msgspec

GENESIS = bytes(32)
"""The hash before the first event of a workspace."""

SALT_BYTES = 16


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Immutable fields of an event, as the database stores them."""

    position: int
    tenant: bytes
    sequence: int
    stream: bytes
    version: int
    type: bytes
    schema: int
    meta: bytes
    recorded_at: bytes


def digest(salt: bytes, data: bytes) -> bytes:
    """Return the salted SHA-256 digest of an event's data; the salt prevents guessing the data."""
    return hashlib.sha256(framed((salt, data))).digest()


def seal(previous: bytes, link: Link, text_digest: bytes) -> bytes:
    """Return the hash of an event over the previous hash, its immutable fields, and its data's digest."""
    return hashlib.sha256(
        framed(
            (
                previous,
                b"%d" % link.position,
                link.tenant,
                b"%d" % link.sequence,
                link.stream,
                b"%d" % link.version,
                link.type,
                b"%d" % link.schema,
                link.meta,
                link.recorded_at,
                text_digest,
            )
        )
    ).digest()


def framed(parts: tuple[bytes, ...]) -> bytes:
    """Return parts joined, each prefixed with its length."""
    # Each part is prefixed with its length: otherwise bytes could move between fields undetected.
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])
