"""What belongs to every command: who asks, and when."""

from datetime import datetime

import msgspec

from domain.kernel.elements import PersonId


class BaseCommand(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Who asks, and when."""

    by: PersonId
    at: datetime
