"""The hash chain that makes a changed history visible."""

import hashlib

import msgspec

GENESIS = bytes(32)
"""What the first event of a workspace is chained to."""

SALT_BYTES = 16


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of an event that nothing may ever change, as the database holds them."""

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
    """The 32 bytes that stand for an event's words; the salt keeps guessed words from being confirmed."""
    return hashlib.sha256(framed((salt, data))).digest()


def seal(previous: bytes, link: Link, text_digest: bytes) -> bytes:
    """The hash of an event: over the hash before it, its immutable fields, and the digest of its words."""
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
    """Parts as one, with the length of each before it."""
    # Each part says how long it is: otherwise bytes could move from one field to the next unseen.
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])
