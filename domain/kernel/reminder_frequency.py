"""The reminder frequency that a team chooses."""

from enum import StrEnum


class ReminderFrequency(StrEnum):
    """How often owners are reminded; the values are stored and never change."""

    USUAL = "usual"
    OFTEN = "often"
    SELDOM = "seldom"

    @property
    def label(self) -> str:
        """Return the schedule in words, as the form offers it."""
        return _LABELS[self]


_LABELS = {
    ReminderFrequency.USUAL: "7 days and 1 day before, on the day, then every 3 days",
    ReminderFrequency.OFTEN: "14, 7, 3 days and 1 day before, on the day, then every day",
    ReminderFrequency.SELDOM: "1 day before, on the day, then once a week",
}
