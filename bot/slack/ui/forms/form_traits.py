"""Traits of forms: the data they need, how they are submitted, and what is shown afterwards."""

from enum import Enum, auto


class FormData(Enum):
    """Data that a form needs."""

    MODEL = auto()
    """The model, if there is one."""
    WORKSPACE_SETTINGS = auto()
    """The settings of the workspace in place of a model, for its administrators only."""
    OWN_HOURS = auto()
    """Also the person's working hours and time zone."""
    PAPER = auto()
    """Only the person's ballot paper, because all voters may open theirs at the same time."""
    VOTERS = auto()
    """Also the default voters of a round, and its default deadline."""
    FILE = auto()
    """Also the preview of a file's import."""
    DRAFT = auto()
    """Also a draft, compared with the model."""
    TEMPLATES = auto()
    """Also the models that the person may start a new one from."""
    REMINDER = auto()
    """Also the reminder that it snoozes."""
    TRACKERS = auto()
    """Also the trackers that are connected to the workspace."""
    TRACKER_CONNECTION = auto()
    """The connected trackers in place of a model, for administrators of the workspace's settings only."""


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
    QUESTIONS = auto()
    """Answers a page of questions; *no* for the others is confirmed first."""
    WORKING_HOURS = auto()
    """Saves the person's working hours, which belong to no model."""
    WORKSPACE_SETTINGS = auto()
    """Saves the settings of the workspace, which belong to no model."""
    IMPORT = auto()
    """Creates a model from the file that was previewed."""
    DRAFT = auto()
    """Accepts parts of a draft, and shows what is left of it."""
    FILES = auto()
    """Reads files as a draft, and shows it."""
    TRACKER = auto()
    """Requests something of a tracker of the workspace, and shows the page of trackers."""
    PAGE = auto()
    """Opens the page or form that follows, without a command."""


class FormEnding(Enum):
    """View after the submission of a form that no other form follows."""

    CLOSES = auto()
    """Nothing: the page from which it was opened shows the result."""
    TEXT = auto()
    """A confirmation with the next step."""
    TEXT_WITHOUT_PAGE = auto()
    """A confirmation only if it was opened from a message, which does not show the result."""
    SNOOZED = auto()
    """That the reminder was snoozed, and until when."""
