"""Links: an external dependency and a component of the flows that are the same thing, or are not."""

from datetime import datetime

import msgspec

from domain.kernel.elements import ComponentKind, ElementId, PersonId


class ElementLink(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer whether an external dependency and a component are the same thing.

    Both keep their ids, their answers and what was decided about them. `former_sort` is the kind that the
    component had before it became an external entity by the link.
    """

    dependency: ElementId
    component: ElementId
    same: bool
    by: PersonId
    at: datetime
    former_sort: ComponentKind | None = None
