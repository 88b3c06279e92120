"""Use of the keys that encrypt tokens, so that an operator knows which one can be removed.

A new key is first added at the end: a replica that reads only the earlier ones could not read what another
one writes with it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from bot.token_cipher import TokenCipher


def key_findings(cipher: TokenCipher, needed: Iterable[str]) -> Iterator[tuple[bool, str]]:
    """Yield which keys are still needed; `needed` has the ID of a key for each token that it encrypts."""
    used = Counter(needed)
    for number, key in enumerate(cipher.key_ids, start=1):
        which = f"THREATMODEL_TOKEN_KEYS: key {number} ({key})"
        if key == cipher.newest:
            yield True, f"{which} encrypts new tokens, and is used by {used[key]}"
        elif used[key]:
            yield True, f"{which} is still needed by {used[key]}; `serve` encrypts their tokens again"
        else:
            yield True, f"{which} is used by no token. Remove an earlier key; move a new one to the front."
