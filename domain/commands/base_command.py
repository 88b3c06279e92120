"""The base of all commands: author and time."""

from datetime import datetime

import msgspec

from domain.kernel.elements import PersonId


class BaseCommand(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """The author and time of a command."""

    by: PersonId
    at: datetime
