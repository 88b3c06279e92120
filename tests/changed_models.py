"""Work on changed models that always causes the same kind of work."""

from collections.abc import Callable

from bot.delivery.work_kinds import NO_WAIT, Done, Kind
from bot.store.work_queue import MODEL, Claim, Item, Touch


def causing(name: str, touch: Callable[[Touch], object]) -> Kind:
    """Return the work on changed models that causes work with a name."""

    def run(claim: Claim) -> Done:
        subject = claim.item.subject
        touch(Touch(item=Item(claim.item.tenant, name, subject), lane=f"{name}/{subject}"))
        return Done()

    return Kind(name=MODEL, waits=NO_WAIT, run=run)
