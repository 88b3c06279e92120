"""Tells together what is wrong with the attributes of a command."""

from collections.abc import Callable

from domain.rejections import Rejected


def combine_rejections(*checks: Callable[[], object]) -> None:
    """Run every check, and raise what the first one refuses, with the other refusals beside it.

    The checks must not depend on each other: what follows them may count on all of them.
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
