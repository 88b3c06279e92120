"""What was said is incomplete, too long, or no different from before."""

from domain.kernel.elements import PersonId
from domain.rejections.rejected import Rejected


class NameMissing(Rejected):
    """An element or a model needs a name."""

    def __init__(self, what: str = "it", *, field: str = "name") -> None:
        super().__init__(f"Please give {what} a name.", field=field)


class TooLong(Rejected):
    """Something said is longer than what can be shown."""

    def __init__(self, what: str, *, length: int, limit: int, field: str) -> None:
        super().__init__(
            f"{what} has {length:,} characters; at most {limit:,} fit. Please shorten it.", field=field
        )


class NotALink(Rejected):
    """Something that is no address of the web."""

    def __init__(self, *, field: str) -> None:
        super().__init__(
            "Please copy the link from the address line of a browser. It begins with https:// and has no "
            'spaces in it, nor any of < > " | and \\.',
            field=field,
        )


class NotATicket(Rejected):
    """Something that is neither the key nor the web address of an issue."""

    def __init__(self, *, field: str) -> None:
        super().__init__(
            "This is not a ticket. Enter its key, such as REFILL-123 or acme/shop#12, or its address, which "
            "begins with https:// and has no spaces.",
            field=field,
        )


class TooMany(Rejected):
    """One answer holds more than can be taken at once."""

    def __init__(self, what: str, *, count: int, limit: int, field: str | None = None) -> None:
        super().__init__(f"{count} {what} at once are too many; please send at most {limit}.", field=field)


class NothingSaid(Rejected):
    """An answer without content."""

    def __init__(self, hint: str, *, field: str | None = None) -> None:
        super().__init__(hint, field=field)


class AlreadySo(Rejected):
    """Nothing would change."""

    def __init__(self, sentence: str, *, people: tuple[PersonId, ...] = ()) -> None:
        super().__init__(sentence, people=people)
