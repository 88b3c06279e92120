"""Names of the app's entry points, as its manifest declares them."""

from typing import Final

COMMAND: Final = "/threatmodel"

START_SHORTCUT: Final = "start_threat_model"
REPORT_SHORTCUT: Final = "report_as_threat"
IMPORT_SHORTCUT: Final = "import_as_threat_model"
DRAFT_SHORTCUT: Final = "draft_from_file"

EVENTS_PATH: Final = "/slack/events"
INSTALL_PATH: Final = "/slack/install"
START_PATH: Final = "/slack/install/start"
REDIRECT_PATH: Final = "/slack/oauth_redirect"
LINK_PATH: Final = "/m/"
