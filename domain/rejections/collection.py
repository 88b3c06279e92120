"""Why elements, facts, order and assumptions are not so."""

from domain.kernel.elements import SINGULAR, ElementId, Kind, PersonId
from domain.rejections.rejected import Rejected


class NameTaken(Rejected):
    """Names are unique within a register."""

    def __init__(self, kind: Kind, name: str, element: ElementId) -> None:
        super().__init__(
            f"There is already {_article(SINGULAR[kind])} called “{name}” ({element}).", field="name"
        )


class NoSuchElement(Rejected):
    """An id that is not, or not any more, in the model."""

    def __init__(self, element: ElementId, *, field: str | None = None) -> None:
        super().__init__(f"{element} is not part of this model (any more).", field=field)


class WrongKind(Rejected):
    """An element of one kind where another kind is needed."""

    def __init__(self, element: ElementId, kind: Kind, *, field: str | None = None) -> None:
        super().__init__(f"{element} is not {_article(SINGULAR[kind])}.", field=field)


class StillUsed(Rejected):
    """An element that others name cannot be removed under them."""

    def __init__(self, element: str, users: tuple[str, ...]) -> None:
        shown = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
        super().__init__(f"{element} is still used by {shown}. Change or remove that first.")


class SameEnds(Rejected):
    """A flow goes from one component to another."""

    def __init__(self) -> None:
        super().__init__("A data flow needs two different ends.", field="target")


class FlowAlreadyDrawn(Rejected):
    """The same flow again."""

    def __init__(self, label: str, element: ElementId) -> None:
        super().__init__(f"“{label}” is already there ({element}).", field="target")


class BoundaryInItself(Rejected):
    """Boundaries nest like boxes, never in a circle."""

    def __init__(self, element: ElementId) -> None:
        super().__init__(f"{element} cannot lie within itself.", field="parent")


class OrderIncomplete(Rejected):
    """An order must name every trust level once."""

    def __init__(self) -> None:
        super().__init__(
            "The order must name every trust level exactly once; somebody may have added one just now. "
            "Please open the form again.",
            field="order",
        )


class NoSuchQuestion(Rejected):
    """A fact that this kind of element does not have."""

    def __init__(self, element: ElementId, fact: str) -> None:
        super().__init__(f"There is no question “{fact}” about {element}.")


class NoSuchAssumption(Rejected):
    """An assumption that is not, or not any more, in the model."""

    def __init__(self, assumption: str) -> None:
        super().__init__(f"The assumption {assumption} is not part of this model (any more).")


class CannotAnswer(Rejected):
    """Somebody is asked who may not answer."""

    def __init__(self, person: PersonId) -> None:
        super().__init__(
            f"@{person} is not among this model's participants, so they could not answer. "
            "Ask somebody else, or ask the facilitator to add them.",
            field="person",
            people=(person,),
        )


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
