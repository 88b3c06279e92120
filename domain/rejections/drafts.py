"""Rejections about drafts."""

from domain.kernel.elements import SINGULAR, Kind
from domain.kernel.text_formatting import join_list
from domain.rejections.rejected import Rejected


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
