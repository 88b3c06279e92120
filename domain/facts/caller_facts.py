"""Facts about the authentication of callers."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_entry_point = facts_about(Kind.ENTRY_POINT)
_way = facts_about(Kind.ENTRY_POINT, Kind.DATA_FLOW)

FACTS = (
    _way("caller_authenticated", "Does the receiver know who is calling?", "the caller is authenticated"),
    _entry_point(
        "own_account",
        "Does everybody come in under a name of their own, with no shared account?",
        "nobody shares an account",
    ),
    _entry_point(
        "logs_in",
        "Do people log in or reset a password here?",
        "people log in or reset a password here",
        "Where people prove who they are, others try to pass for them.",
    ),
    _entry_point(
        "second_factor", "Does logging in take more than a password?", "logging in takes a second factor"
    ),
    _entry_point(
        "attempts_limited",
        "Are wrong attempts to log in slowed down or stopped?",
        "wrong attempts are limited",
    ),
    _entry_point(
        "lockout_fair",
        "Are others safe from being locked out by somebody who fails on purpose?",
        "nobody can lock others out",
    ),
    _entry_point(
        "offers_recovery",
        "Can somebody who forgot the password get in again here?",
        "a forgotten password can be recovered here",
    ),
    _entry_point(
        "recovery_strong",
        "Is getting in again as hard for a stranger as the login itself?",
        "recovery is as strong as the login",
    ),
    _entry_point(
        "keeps_session",
        "Does somebody stay logged in from one call to the next?",
        "callers stay logged in",
        "Who stays logged in can be acted for.",
    ),
    _entry_point(
        "session_ends",
        "Does a login run out, and can a stolen one be ended?",
        "logins run out and can be ended",
    ),
    _entry_point(
        "cookie_session",
        "Does the browser send the login along by itself (a cookie)?",
        "the browser sends the login along by itself",
    ),
    _entry_point(
        "changes_something", "Can something be changed through it?", "something can be changed through it"
    ),
    _entry_point(
        "csrf_defended",
        "Is a call refused that another site made the browser send?",
        "calls that another site started are refused",
    ),
)
