"""Rejections of invalid input: incomplete, too long, or without a change."""

from domain.kernel.elements import PersonId
from domain.rejections.rejected import Rejected


class NameMissing(Rejected):
    """The name is missing."""

    def __init__(self, what: str = "", *, field: str = "name") -> None:
        whose = f" of {what}" if what else ""
        super().__init__(f"The name{whose} is missing. Enter one.", field=field)


class TooLong(Rejected):
    """The input is too long."""

    def __init__(self, what: str, *, length: int, limit: int, field: str) -> None:
        super().__init__(f"{what} has {length:,} characters. Shorten it to {limit:,} or fewer.", field=field)


class NotALink(Rejected):
    """The input is not a web address."""

    def __init__(self, *, field: str) -> None:
        super().__init__(
            "The link is not a valid URL. Enter one that begins with https:// and contains no spaces and "
            'none of < > " | \\.',
            field=field,
        )


class NotATicket(Rejected):
    """The input is neither the key nor the web address of an issue."""

    def __init__(self, *, field: str) -> None:
        super().__init__(
            "The ticket is neither a key nor a URL. Enter a key such as REFILL-123 or acme/shop#12, or "
            "a URL that begins with https:// and contains no spaces.",
            field=field,
        )


class TooMany(Rejected):
    """The command holds too many items."""

    def __init__(self, what: str, *, count: int, limit: int, field: str | None = None) -> None:
        super().__init__(f"{count} {what} are too many. Enter at most {limit} at a time.", field=field)


class ContentMissing(Rejected):
    """The command has no content."""

    def __init__(self, hint: str, *, field: str | None = None) -> None:
        super().__init__(hint, field=field)


class NothingChanged(Rejected):
    """The command would change nothing."""

    def __init__(self, sentence: str, *, people: tuple[PersonId, ...] = ()) -> None:
        super().__init__(sentence, people=people)
