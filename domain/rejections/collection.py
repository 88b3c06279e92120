"""Rejections about elements, facts, their order, assumptions and drafts."""

from domain.kernel.elements import SINGULAR, ElementId, Kind, PersonId
from domain.kernel.name_choice import LikelyDuplicate
from domain.kernel.text_formatting import count_phrase, join_list
from domain.rejections.rejected import Rejected


class NameTaken(Rejected):
    """The name is already used in the register."""

    def __init__(self, kind: Kind, name: str, element: ElementId) -> None:
        super().__init__(
            f"The name “{name}” is already used by {SINGULAR[kind]} {element}. Enter another name.",
            field="name",
        )
        self.element = element


class LikelyDuplicates(Rejected):
    """New names are like others; each has to be confirmed as the same or as another thing."""

    def __init__(self, found: tuple[LikelyDuplicate, ...]) -> None:
        first, closest = found[0], found[0].others[0]
        there = f" ({closest.element})" if closest.element else ""
        rest = len(found) - 1
        more = f" The same question arises for {count_phrase(rest, 'other name')}." if rest else ""
        super().__init__(
            f"The {SINGULAR[first.kind]} “{first.name}” may be the same as “{closest.name}”{there}. "
            f"Choose whether it is the same element or a different one.{more}"
        )
        self.found = found


class LinkedAlready(Rejected):
    """The component is linked to another external dependency."""

    def __init__(self, component: str, dependency: str) -> None:
        super().__init__(
            f"{component} is already the same thing as {dependency}. "
            "State first that these are two different things."
        )


class LinkedIsExternal(Rejected):
    """A component that is an external dependency stays an external entity."""

    def __init__(self, component: str, dependency: str) -> None:
        super().__init__(
            f"{component} is the same thing as the external dependency {dependency}, so it is an external "
            "entity. To change its type, state first that these are two different things.",
            field="sort",
        )


class NoSuchElement(Rejected):
    """No element has this id, or it was removed."""

    def __init__(self, element: ElementId, *, field: str | None = None) -> None:
        super().__init__(f"This model has no element {element}. It may have been removed.", field=field)


class WrongKind(Rejected):
    """The element is of another kind than required."""

    def __init__(self, element: ElementId, kind: Kind, *, field: str | None = None) -> None:
        super().__init__(f"{element} is not {_article(SINGULAR[kind])}.", field=field)


class StillUsed(Rejected):
    """Other elements refer to the element, so it cannot be removed."""

    def __init__(self, element: str, users: tuple[str, ...]) -> None:
        shown = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
        super().__init__(f"{element} is used by {shown}. Change or remove these references first.")


class OthersReferToIt(Rejected):
    """Other elements refer to the element than those that the person saw."""

    def __init__(self, element: str) -> None:
        super().__init__(f"Meanwhile, other elements refer to {element} than the form shows. Open it again.")


class ReplacedByItself(Rejected):
    """An element cannot take the place of itself."""

    def __init__(self, element: str) -> None:
        super().__init__(f"{element} is the one to remove. Choose another element.", field="replacement")


class SameEnds(Rejected):
    """Source and target of a flow are the same."""

    def __init__(self) -> None:
        super().__init__(
            "The source and the target of a data flow are the same. Choose two different components.",
            field="target",
        )


class FlowAlreadyDrawn(Rejected):
    """The same flow already exists."""

    def __init__(self, label: str, element: ElementId) -> None:
        super().__init__(f"The flow “{label}” already exists ({element}).", field="target")
        self.element = element


class UnknownTechnology(Rejected):
    """The catalog has no such technology."""

    def __init__(self, technology: str) -> None:
        super().__init__(
            f"The catalog has no technology “{technology}”. Choose one from the list.", field="technology"
        )


class BoundaryInItself(Rejected):
    """A boundary would be nested in itself."""

    def __init__(self, element: ElementId) -> None:
        super().__init__(f"{element} cannot be inside itself. Choose another boundary.", field="parent")


class OrderIncomplete(Rejected):
    """The order does not name every trust level exactly once."""

    def __init__(self) -> None:
        super().__init__(
            "The order must contain every trust level once. Someone may have added one meanwhile. "
            "Open the form again.",
            field="order",
        )


class NoSuchQuestion(Rejected):
    """The kind of element has no such fact."""

    def __init__(self, element: ElementId, fact: str) -> None:
        super().__init__(f"{element} has no question “{fact}”.")


class NoSuchAssumption(Rejected):
    """No assumption has this id, or it was withdrawn."""

    def __init__(self, assumption: str) -> None:
        super().__init__(f"This model has no assumption {assumption}. It may have been withdrawn.")


class CannotAnswer(Rejected):
    """The person asked is not allowed to answer."""

    def __init__(self, person: PersonId) -> None:
        super().__init__(
            f"@{person} is not a participant of this model. Choose a participant, or ask the facilitator to "
            "add them.",
            field="person",
            people=(person,),
        )


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


class FlowEndsMissing(Rejected):
    """An end of an accepted data flow is neither accepted nor part of the model."""

    def __init__(self, source: str, target: str, missing: tuple[str, ...]) -> None:
        named = join_list([f"“{one}”" for one in missing])
        lacks = (
            "is neither part of the model nor accepted"
            if len(missing) == 1
            else ("are neither part of the model nor accepted")
        )
        end = "this component" if len(missing) == 1 else "these components"
        super().__init__(
            f"The data flow from “{source}” to “{target}” cannot be added: {named} {lacks}. "
            f"Accept {end} as well, or leave the data flow out."
        )
        self.missing = missing


class DraftConflict(Rejected):
    """An accepted item has the name, or a similar name, of an element of the model."""

    def __init__(self, kind: Kind, name: str, other: str) -> None:
        super().__init__(
            f"The {SINGULAR[kind]} “{name}” may be the same as {other}. "
            "Choose whether it is the same element or a different one."
        )


class DraftItemInvalid(Rejected):
    """An accepted item cannot be added as it is."""

    def __init__(self, kind: Kind, name: str, why: str) -> None:
        shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
        super().__init__(f"The {SINGULAR[kind]} “{shown}” cannot be added. {why} Leave it out to continue.")


_SHOWN = 60
