"""Traits of forms: the data they need, how they are submitted, and what is shown afterwards."""

from enum import Enum, auto


class FormData(Enum):
    """What a form is filled with."""

    MODEL = auto()
    """The model, where there is one."""
    OWN_HOURS = auto()
    """Besides, the person's working hours and time zone."""
    PAPER = auto()
    """The person's voting paper alone: everybody may ask for theirs at the same moment."""
    VOTERS = auto()
    """Besides, the persons who would be invited to a round, and its usual deadline."""
    FILE = auto()
    """Besides, what a file would become once it was read."""
    REMINDER = auto()
    """Besides, the reminder that it puts off."""


class FormSubmission(Enum):
    """What submitting a form does."""

    COMMAND = auto()
    """Executes the form's command on the model."""
    NEW_MODEL = auto()
    """Starts a model, in a channel in which the bot can post."""
    CHOSEN_MODEL = auto()
    """Executes the command on the model that was chosen in the form."""
    BALLOT = auto()
    """Casts a ballot and opens the next one that the person owes."""
    WORKING_HOURS = auto()
    """Saves the person's working hours, which belong to no model."""
    IMPORT = auto()
    """Creates a model from the file that was previewed."""
    PAGE = auto()
    """Opens the page that follows, without a command."""


class FormEnding(Enum):
    """What is shown once a form is handed in, where no other form follows."""

    CLOSES = auto()
    """Nothing: the page that it was opened from shows what came of it."""
    IN_WORDS = auto()
    """A sentence on what was done, and what comes next."""
    IN_WORDS_WITHOUT_PAGE = auto()
    """That sentence where it was opened from a message, which does not show what came of it."""
    SNOOZED = auto()
    """That the reminder was snoozed, and until when."""
