"""Rules for spoofing through credentials, tokens, devices and names."""

from domain.kernel.elements import Kind
from domain.kernel.stride import Stride
from domain.rules import asset_predicates, component_predicates
from domain.rules.asset_predicates import holder
from domain.rules.conditions import AllOf, AnyAmong, guarded, it_is, itself
from domain.rules.entry_point_predicates import (
    AUTHENTICATES_CALLERS,
    FIRST_TO_ITS_COMPONENT,
    HANDLED_BY_SOFTWARE,
    KEEPS_SESSION,
    LOGS_IN,
    PUBLIC,
    REMOTE_ACCESS,
    component_behind,
)
from domain.rules.impacts import Impact
from domain.rules.rule import AUTHENTICATION, CONFIDENTIALITY, INTEGRITY, Control, Rule
from domain.rules.threat_sources import ThreatSource

HOLDS_CREDENTIALS_ON_A_DEVICE = AllOf(
    (
        component_predicates.IS_ENTITY,
        component_predicates.IS_NO_DEPENDENCY,
        AnyAmong(among=component_predicates.neighbors, part=component_predicates.IS_SOFTWARE),
        AnyAmong(among=component_predicates.handled_assets, part=asset_predicates.CREDENTIAL),
    )
)
ACCEPTS_TOKENS = AllOf((HANDLED_BY_SOFTWARE, AUTHENTICATES_CALLERS, it_is("accepts_tokens")))

RULES = (
    Rule(
        id="S11",
        version=1,
        category=Stride.SPOOFING,
        kind=Kind.ASSET,
        title="Guessable credential",
        explanation="A credential that is short or predictable can be guessed or computed.",
        applies=AllOf((asset_predicates.STORED_BY_SOFTWARE, asset_predicates.CREDENTIAL)),
        controlled=guarded("unguessable"),
        question="How long and how random is it?",
        source=ThreatSource.CALLER,
        action="guess {element}",
        controls=(
            Control(AUTHENTICATION, "Generate credentials with a secure random generator"),
            Control(AUTHENTICATION, "Require long passwords, and reject common ones"),
        ),
        cwe=(334, 521),
        capec=(112,),
        asvs=("V6.2", "V11.5"),
        false_alarm=(
            "It is only an identifier: nothing accepts it as proof of identity or as a right to access."
        ),
        cell=holder,
    ),
    Rule(
        id="S12",
        version=2,
        category=Stride.SPOOFING,
        kind=Kind.ASSET,
        title="Credential without expiration",
        explanation="A stolen or abandoned credential works until it is revoked.",
        applies=AllOf((asset_predicates.STORED_BY_SOFTWARE, asset_predicates.CREDENTIAL)),
        controlled=AllOf((guarded("lifetime_limited"), guarded("revoked_when_unneeded"))),
        question="When does it stop working?",
        source=ThreatSource.INTRUDER,
        action="use a stolen or abandoned copy of {element} until it is revoked",
        controls=(
            Control(AUTHENTICATION, "Let tokens and keys expire, and rotate them automatically"),
            Control(AUTHENTICATION, "Revoke credentials when their holder leaves"),
        ),
        cwe=(262, 613),
        capec=(555,),
        asvs=("V9.2", "V13.3"),
        false_alarm=(
            "It is a user's own password, protected by a second factor, and disabled together with the "
            "account."
        ),
        cell=holder,
    ),
    Rule(
        id="S13",
        version=2,
        category=Stride.SPOOFING,
        kind=Kind.COMPONENT,
        title="Unprotected user device",
        explanation="Someone who finds or steals the device can act as its user.",
        applies=HOLDS_CREDENTIALS_ON_A_DEVICE,
        controlled=AllOf((guarded("device_encrypted"), guarded("device_locked"))),
        question="What happens if a device is lost or stolen?",
        source=ThreatSource.INTRUDER,
        action="act as {element} with a lost or stolen device",
        controls=(
            Control(CONFIDENTIALITY, "Require device encryption"),
            Control(AUTHENTICATION, "Require a screen lock"),
            Control(AUTHENTICATION, "Allow remote revocation of credentials on a device"),
        ),
        cwe=(312,),
        capec=(37, 507),
        asvs=("V14.3",),
        false_alarm="No credential, session or personal data stays on the device after use.",
        cell=itself,
    ),
    Rule(
        id="S14",
        version=1,
        category=Stride.SPOOFING,
        kind=Kind.ENTRY_POINT,
        title="Clickjacking",
        explanation="Another website can show this page invisibly and make a user click on it unknowingly.",
        applies=AllOf((KEEPS_SESSION, it_is("cookie_session"), it_is("changes_something"))),
        controlled=guarded("framing_denied"),
        question="Can another website embed this page?",
        source=ThreatSource.OTHER_SITE,
        action="make a signed-in user click on {element} unknowingly",
        impact=Impact.ACTIONS,
        controls=(
            Control(INTEGRITY, "Send frame-ancestors in the Content-Security-Policy"),
            Control(
                AUTHENTICATION, "Set SameSite on the session cookie, so that a framed page is not signed in"
            ),
        ),
        cwe=(1021,),
        capec=(103,),
        asvs=("V3.3", "V3.4"),
        false_alarm="Nothing that a user does on the page, by click, key or drag, changes or reveals data.",
        cell=component_behind,
    ),
    Rule(
        id="S15",
        version=2,
        category=Stride.SPOOFING,
        kind=Kind.ENTRY_POINT,
        title="Token not validated",
        explanation="A forged token, or one issued for another service, is accepted as proof of identity.",
        applies=ACCEPTS_TOKENS,
        controlled=AllOf(
            (
                guarded("token_signature_verified"),
                guarded("token_issuer_checked"),
                guarded("token_audience_checked"),
                guarded("token_expiration_checked"),
            )
        ),
        question="Which checks does a token have to pass?",
        source=ThreatSource.CALLER,
        action="use a forged or foreign token at {element}",
        controls=(
            Control(AUTHENTICATION, "Verify the signature of each token, with only the expected algorithms"),
            Control(AUTHENTICATION, "Check issuer, audience and expiration of each token"),
        ),
        cwe=(347, 613),
        capec=(475,),
        asvs=("V9.1", "V9.2", "V10.3"),
        false_alarm="No identity or right follows from the token: everything it leads to is public.",
        cell=component_behind,
    ),
    Rule(
        id="S16",
        version=2,
        category=Stride.SPOOFING,
        kind=Kind.ENTRY_POINT,
        title="Redirect URI not validated",
        explanation="A crafted sign-in link delivers a user's authorization code to an attacker.",
        applies=AllOf((LOGS_IN, it_is("issues_tokens"))),
        controlled=guarded("redirect_uris_exact"),
        question="Which redirect URIs are accepted?",
        source=ThreatSource.INTRUDER,
        action="receive authorization codes of users who sign in at {element}",
        controls=(
            Control(AUTHENTICATION, "Compare redirect URIs exactly with registered ones"),
            Control(AUTHENTICATION, "Require PKCE for each authorization code"),
        ),
        cwe=(601,),
        asvs=("V10.4",),
        false_alarm="It returns no authorization codes or tokens through a redirect of the browser.",
        cell=component_behind,
    ),
    Rule(
        id="S17",
        version=1,
        category=Stride.SPOOFING,
        kind=Kind.ENTRY_POINT,
        title="Dangling DNS record (subdomain takeover)",
        explanation="A DNS record points to a retired service that an attacker can claim.",
        applies=AllOf((HANDLED_BY_SOFTWARE, FIRST_TO_ITS_COMPONENT, PUBLIC)),
        controlled=guarded("dns_maintained"),
        question="Who removes DNS records of retired services?",
        source=ThreatSource.INTRUDER,
        action="serve content under the name of {element}",
        controls=(
            Control(INTEGRITY, "Remove DNS records before the service behind them"),
            Control(INTEGRITY, "Check regularly for records without a target"),
        ),
        cwe=(672,),
        false_alarm="The name points only to addresses from a block that is registered to the organization.",
        cell=component_behind,
    ),
    Rule(
        id="S18",
        version=1,
        category=Stride.SPOOFING,
        kind=Kind.ENTRY_POINT,
        title="No multi-factor authentication for remote access",
        explanation="One stolen or guessed password is enough to enter the internal network.",
        applies=AllOf((REMOTE_ACCESS, PUBLIC)),
        controlled=guarded("second_factor"),
        question="What happens if the password of a remote user leaks?",
        source=ThreatSource.INTRUDER,
        action="sign in at {element} as a remote user with one stolen password",
        controls=(
            Control(
                AUTHENTICATION,
                "Require a second factor for remote access, preferably one that resists phishing",
            ),
            Control(AUTHENTICATION, "Admit only managed devices with a certificate of their own"),
        ),
        cwe=(308,),
        capec=(555,),
        asvs=("V6.3",),
        false_alarm=(
            "Users sign in only with hardware-bound keys that need a PIN or a fingerprint, never a password."
        ),
        cell=component_behind,
    ),
)
