"""Rejections of invalid input: incomplete, too long, or without a change."""

from domain.kernel.elements import PersonId
from domain.rejections.rejected import Rejected


class NameMissing(Rejected):
    """The name is missing."""

    def __init__(self, what: str = "it", *, field: str = "name") -> None:
        super().__init__(f"Please give {what} a name.", field=field)


class TooLong(Rejected):
    """The input is too long."""

    def __init__(self, what: str, *, length: int, limit: int, field: str) -> None:
        super().__init__(
            f"{what} has {length:,} characters; at most {limit:,} fit. Please shorten it.", field=field
        )


class NotALink(Rejected):
    """The input is not a web address."""

    def __init__(self, *, field: str) -> None:
        super().__init__(
            "Please copy the link from the address line of a browser. It begins with https:// and has no "
            'spaces in it, nor any of < > " | and \\.',
            field=field,
        )


class NotATicket(Rejected):
    """The input is neither the key nor the web address of an issue."""

    def __init__(self, *, field: str) -> None:
        super().__init__(
            "This is not a ticket. Enter its key, such as REFILL-123 or acme/shop#12, or its address, which "
            "begins with https:// and has no spaces.",
            field=field,
        )


class TooMany(Rejected):
    """The command holds too many items."""

    def __init__(self, what: str, *, count: int, limit: int, field: str | None = None) -> None:
        super().__init__(f"{count} {what} at once are too many; please send at most {limit}.", field=field)


class ContentMissing(Rejected):
    """The command has no content."""

    def __init__(self, hint: str, *, field: str | None = None) -> None:
        super().__init__(hint, field=field)


class NothingChanged(Rejected):
    """The command would change nothing."""

    def __init__(self, sentence: str, *, people: tuple[PersonId, ...] = ()) -> None:
        super().__init__(sentence, people=people)
