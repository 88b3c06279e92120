"""Rejections about elements, facts, their order, and assumptions."""

from domain.kernel.elements import SINGULAR, ElementId, Kind, PersonId
from domain.rejections.rejected import Rejected


class NameTaken(Rejected):
    """The name is already used in the register."""

    def __init__(self, kind: Kind, name: str, element: ElementId) -> None:
        super().__init__(
            f"There is already {_article(SINGULAR[kind])} called “{name}” ({element}).", field="name"
        )


class NoSuchElement(Rejected):
    """No element has this id, or it was removed."""

    def __init__(self, element: ElementId, *, field: str | None = None) -> None:
        super().__init__(f"{element} is not part of this model (any more).", field=field)


class WrongKind(Rejected):
    """The element is of another kind than required."""

    def __init__(self, element: ElementId, kind: Kind, *, field: str | None = None) -> None:
        super().__init__(f"{element} is not {_article(SINGULAR[kind])}.", field=field)


class StillUsed(Rejected):
    """Other elements refer to the element, so it cannot be removed."""

    def __init__(self, element: str, users: tuple[str, ...]) -> None:
        shown = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
        super().__init__(f"{element} is still used by {shown}. Change or remove that first.")


class SameEnds(Rejected):
    """Source and target of a flow are the same."""

    def __init__(self) -> None:
        super().__init__("A data flow needs two different ends.", field="target")


class FlowAlreadyDrawn(Rejected):
    """The same flow already exists."""

    def __init__(self, label: str, element: ElementId) -> None:
        super().__init__(f"“{label}” is already there ({element}).", field="target")
        self.element = element


class UnknownTechnology(Rejected):
    """The catalog has no such technology."""

    def __init__(self, technology: str) -> None:
        super().__init__(f"The catalog has no technology “{technology}”.", field="technology")


class BoundaryInItself(Rejected):
    """A boundary would be nested in itself."""

    def __init__(self, element: ElementId) -> None:
        super().__init__(f"{element} cannot lie within itself.", field="parent")


class OrderIncomplete(Rejected):
    """The order does not name every trust level exactly once."""

    def __init__(self) -> None:
        super().__init__(
            "The order must name every trust level exactly once; somebody may have added one just now. "
            "Please open the form again.",
            field="order",
        )


class NoSuchQuestion(Rejected):
    """The kind of element has no such fact."""

    def __init__(self, element: ElementId, fact: str) -> None:
        super().__init__(f"There is no question “{fact}” about {element}.")


class NoSuchAssumption(Rejected):
    """No assumption has this id, or it was withdrawn."""

    def __init__(self, assumption: str) -> None:
        super().__init__(f"The assumption {assumption} is not part of this model (any more).")


class CannotAnswer(Rejected):
    """The person asked is not allowed to answer."""

    def __init__(self, person: PersonId) -> None:
        super().__init__(
            f"@{person} is not among this model's participants, so they could not answer. "
            "Ask somebody else, or ask the facilitator to add them.",
            field="person",
            people=(person,),
        )


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
