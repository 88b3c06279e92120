"""Result of a check of the database."""

import msgspec


class HealthFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Result of one check; the text of a failed one ends with the repair."""

    well: bool
    text: str
