"""How often a team wants to be reminded."""

from enum import StrEnum


class NudgePolicy(StrEnum):
    """How insistently owners are reminded of what they own; the value is kept for ever."""

    USUAL = "usual"
    OFTEN = "often"
    SELDOM = "seldom"

    @property
    def words(self) -> str:
        """When that is, as people choose it."""
        return _WORDS[self]


_WORDS = {
    NudgePolicy.USUAL: "7 days and 1 day before, on the day, then every 3 days",
    NudgePolicy.OFTEN: "14, 7, 3 days and 1 day before, on the day, then every day",
    NudgePolicy.SELDOM: "1 day before, on the day, then once a week",
}
