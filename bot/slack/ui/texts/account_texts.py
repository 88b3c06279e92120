"""Words about the accounts of people in trackers."""

from bot.slack.protocol.escaping import escape_name
from bot.slack.screens.tracker_screen import ShownTracker
from bot.slack.ui.texts.common_texts import person_name
from domain.kernel.person_names import Naming
from domain.tracker_accounts import TrackerAccount


def own_account_text(shown: ShownTracker) -> str:
    """Return the reader's account in a tracker in mrkdwn, and what confirms it."""
    account = shown.account
    if account is None:
        return "none, as you said" if shown.has_none else "not chosen"
    if account.found:
        confirmed = "found by your email address"
    elif account.corrected:
        confirmed = "confirmed by an administrator"
    else:
        confirmed = "confirmed by your email address" if account.confirmed else "not confirmed"
    return f"*{escape_name(account.name or account.account)}* ({confirmed})"


def account_text(account: TrackerAccount, naming: Naming) -> str:
    """Return an account, its person, and what confirms that it is theirs, in two lines of mrkdwn."""
    person = person_name(naming, account.person)
    if account.found:
        said = "✓ Found by the email address"
    elif account.corrected:
        said = f"✓ Confirmed by {person_name(naming, account.by)}"
    elif account.confirmed:
        said = "✓ Confirmed by the email address"
    else:
        said = f"⚠ Stated by {person}, not confirmed"
    return f"*{escape_name(account.name or account.account)}* · {person}\n{said}"
