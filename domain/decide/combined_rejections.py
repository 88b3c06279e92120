"""Combination of several rejections of one command."""

from collections.abc import Callable

from domain.rejections import Rejected


def combine_rejections(*checks: Callable[[], object]) -> None:
    """Run every check and raise the first rejection, with the others attached to it.

    The checks must be independent of each other.
    """
    found: list[Rejected] = []
    for check in checks:
        try:
            check()
        except Rejected as refused:
            found.append(refused)
    if found:
        first, *others = found
        first.also = (*first.also, *others)
        raise first
