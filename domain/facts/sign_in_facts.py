"""Facts about the authentication of callers."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_entry_point = facts_about(Kind.ENTRY_POINT)
_way = facts_about(Kind.ENTRY_POINT, Kind.DATA_FLOW)

FACTS = (
    _way(
        "anonymous_by_design",
        "Is anonymous access intended here?",
        "anonymous access is intended",
        why="Where anonymous access is intended, missing authentication is not a threat.",
    ),
    _way.control("caller_authenticated", "Is the caller authenticated?", "the caller is authenticated"),
    _way.control(
        "identity_beyond_address",
        "Is the caller identified by more than its network address?",
        "the caller is identified by more than its network address",
        "the caller is identified by its network address only",
    ),
    _entry_point(
        "accepts_tokens", "Does it accept OAuth, OIDC or JWT tokens?", "it accepts OAuth, OIDC or JWT tokens"
    ),
    _entry_point.control(
        "token_signature_verified",
        "Is the signature of each token verified?",
        "the signature of each token is verified",
        "the signature of tokens is not verified",
    ),
    _entry_point.control(
        "token_issuer_checked",
        "Are tokens of unknown issuers rejected?",
        "tokens of unknown issuers are rejected",
        "tokens of any issuer are accepted",
    ),
    _entry_point.control(
        "token_audience_checked",
        "Are tokens for other services rejected (audience)?",
        "tokens for other services are rejected",
        "tokens for other services are accepted",
    ),
    _entry_point.control(
        "token_expiration_checked",
        "Are expired tokens rejected?",
        "expired tokens are rejected",
        "expired tokens are accepted",
    ),
    _entry_point.control(
        "individual_account",
        "Does every user have an individual account?",
        "every user has an individual account",
        "accounts are shared",
    ),
    _entry_point(
        "logs_in",
        "Do users sign in or reset a password here?",
        "users sign in or reset a password here",
        why="Attackers try to impersonate users where users sign in.",
    ),
    _entry_point(
        "issues_tokens",
        "Does it issue OAuth or OIDC tokens (authorization server)?",
        "it issues OAuth or OIDC tokens",
    ),
    _entry_point.control(
        "redirect_uris_exact",
        "Are redirect URIs compared exactly with registered ones?",
        "redirect URIs are compared exactly with registered ones",
    ),
    _entry_point.control(
        "second_factor", "Is multi-factor authentication required?", "multi-factor authentication is required"
    ),
    _entry_point.control(
        "attempts_limited", "Are failed sign-in attempts limited?", "failed sign-in attempts are limited"
    ),
    _entry_point.control(
        "lockout_abuse_prevented",
        "Are users safe from lockout by other people's failed attempts?",
        "failed attempts of other people cannot lock a user out",
        "failed attempts of other people can lock a user out",
    ),
    _entry_point(
        "offers_recovery", "Can a forgotten password be reset here?", "a forgotten password can be reset here"
    ),
    _entry_point.control(
        "recovery_strong",
        "Is account recovery as strong as sign-in?",
        "account recovery is as strong as sign-in",
        "account recovery is weaker than sign-in",
    ),
    _entry_point.control(
        "presence_hidden",
        "Do responses hide whether a person has an account?",
        "responses hide whether a person has an account",
        "responses show whether a person has an account",
    ),
    _entry_point(
        "keeps_session",
        "Does it keep users signed in (sessions)?",
        "it keeps users signed in",
        why="Anyone who obtains a session can act as its user.",
    ),
    _entry_point.control(
        "sessions_expire", "Do sessions expire?", "sessions expire", "sessions do not expire"
    ),
    _entry_point.control(
        "sessions_revocable",
        "Can a session be revoked on the server?",
        "sessions can be revoked on the server",
        "sessions cannot be revoked on the server",
    ),
    _entry_point("cookie_session", "Is the session kept in a cookie?", "the session is kept in a cookie"),
    _entry_point(
        "changes_something", "Can requests change data or state?", "requests can change data or state"
    ),
    _entry_point.control(
        "csrf_defended",
        "Are cross-site requests rejected (CSRF protection)?",
        "cross-site requests are rejected",
    ),
    _entry_point.control(
        "framing_denied",
        "Is framing by other websites denied (frame-ancestors)?",
        "framing by other websites is denied",
        "other websites can show it in a frame",
        several="other websites can show them in a frame",
    ),
)
