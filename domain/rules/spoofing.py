"""Rules for spoofing."""

from domain.kernel.elements import Kind
from domain.kernel.stride import Stride
from domain.rules import asset_predicates, dependency_predicates
from domain.rules.asset_predicates import holder
from domain.rules.caller_predicates import ANONYMOUS_BY_DESIGN, IDENTIFIED_BEYOND_ADDRESS
from domain.rules.conditions import AllOf, AnyOf, guarded, it_is, itself
from domain.rules.entry_point_predicates import (
    ADMINISTERS_WITHOUT_REMOTE_ACCESS,
    KEEPS_SESSION,
    LOGS_IN,
    PUBLIC,
    component_behind,
)
from domain.rules.flow_predicates import (
    CARRIES_SENSITIVE,
    CROSSES,
    CROSSES_BY_SOFTWARE,
    IS_A_CALLBACK,
    IS_ENCRYPTED,
    STARTED_BY_CALLER,
    TARGET_IS_INTERNAL,
    TARGET_IS_PROCESS,
    TO_A_SERVICE,
    flow_entry_point,
    flow_target,
)
from domain.rules.impacts import Impact
from domain.rules.rule import (
    AUTHENTICATION,
    CONFIDENTIALITY,
    INTEGRITY,
    NON_REPUDIATION,
    OVER_SSH,
    Control,
    Rule,
)
from domain.rules.threat_sources import ThreatSource
from domain.rules.zone_predicates import VALUABLE_WITHIN_ZONE

RULES = (
    Rule(
        id="S01",
        version=3,
        category=Stride.SPOOFING,
        kind=Kind.DATA_FLOW,
        title="Missing authentication",
        explanation="Anyone who can reach the receiver can use it in place of the expected caller.",
        applies=AllOf((AnyOf((CROSSES, VALUABLE_WITHIN_ZONE)), TARGET_IS_INTERNAL, STARTED_BY_CALLER)),
        controlled=AnyOf(
            (
                IS_A_CALLBACK,
                ANONYMOUS_BY_DESIGN,
                AllOf((guarded("caller_authenticated", flow_entry_point), IDENTIFIED_BEYOND_ADDRESS)),
            )
        ),
        question="How does the receiver authenticate the caller?",
        source=ThreatSource.CALLER,
        action="send requests through {element}",
        controls=(
            Control(AUTHENTICATION, "Authenticate the caller before processing the request"),
            Control(AUTHENTICATION, "Identify callers by credentials, not by network addresses"),
        ),
        cwe=(306, 290),
        capec=(115,),
        asvs=("V6.3", "V13.2"),
        false_alarm="Everything it returns is public, and nothing it does depends on who is calling.",
        cell=flow_target,
    ),
    Rule(
        id="S02",
        version=1,
        category=Stride.SPOOFING,
        kind=Kind.ENTRY_POINT,
        title="No multi-factor authentication for administrators",
        explanation="One stolen or guessed password is enough to take over administration.",
        applies=AllOf((ADMINISTERS_WITHOUT_REMOTE_ACCESS, PUBLIC)),
        controlled=guarded("second_factor"),
        question="What happens if an administrator's password leaks?",
        source=ThreatSource.INTRUDER,
        action="sign in at {element} as an administrator with one stolen password",
        controls=(
            Control(
                AUTHENTICATION,
                "Require a second factor for administrators, preferably one that resists phishing",
            ),
        ),
        cwe=(308,),
        asvs=("V6.3", "V8.4"),
        false_alarm=(
            "Administrators sign in only with hardware-bound keys that need a PIN or a fingerprint, "
            "never a password."
        ),
        cell=component_behind,
    ),
    Rule(
        id="S03",
        version=1,
        category=Stride.SPOOFING,
        kind=Kind.ENTRY_POINT,
        title="Missing brute-force protection",
        explanation="Attackers can try large numbers of passwords until one of them works.",
        applies=LOGS_IN,
        controlled=guarded("attempts_limited"),
        question="How many guesses per hour are possible?",
        source=ThreatSource.CALLER,
        action="guess passwords at {element}",
        controls=(
            Control(AUTHENTICATION, "Throttle failed sign-in attempts"),
            Control(AUTHENTICATION, "Reject passwords known from data breaches"),
        ),
        cwe=(307,),
        capec=(16,),
        asvs=("V6.3",),
        false_alarm=(
            "The only secret accepted here is generated and has at least 128 random bits; users choose none."
        ),
        cell=component_behind,
    ),
    Rule(
        id="S04",
        version=2,
        category=Stride.SPOOFING,
        kind=Kind.DATA_FLOW,
        title="Server identity not verified",
        explanation="Encrypted data can reach an impostor, because no one checks the other end.",
        applies=AllOf(
            (
                AnyOf((CROSSES_BY_SOFTWARE, VALUABLE_WITHIN_ZONE)),
                STARTED_BY_CALLER,
                TO_A_SERVICE,
                CARRIES_SENSITIVE,
                IS_ENCRYPTED,
            )
        ),
        controlled=guarded("peer_verified"),
        question="How does the client recognize the server (certificate, host key)?",
        source=ThreatSource.NETWORK,
        action="impersonate the receiver of {element}",
        controls=(
            Control(AUTHENTICATION, "Verify the server's certificate and name"),
            Control(AUTHENTICATION, "Trust only the expected certificate authority"),
            Control(
                AUTHENTICATION,
                "Over SSH, pin the server's host key, or trust only keys signed by your own authority",
                protocols=OVER_SSH,
            ),
        ),
        cwe=(295, 322),
        capec=(94, 217),
        asvs=("V12.3",),
        false_alarm="Both ends run on one machine and are connected by a socket that only they can open.",
        cell=flow_target,
    ),
    Rule(
        id="S05",
        version=2,
        category=Stride.SPOOFING,
        kind=Kind.EXTERNAL_DEPENDENCY,
        title="Webhook signature not verified",
        explanation="A forged message, such as “paid”, is accepted as if the provider had sent it.",
        applies=dependency_predicates.SENDS_WEBHOOKS,
        controlled=AllOf((guarded("webhook_signature_verified"), guarded("webhook_replays_rejected"))),
        question="Could anyone send this webhook?",
        source=ThreatSource.CALLER,
        action="send forged webhooks in the name of {element}",
        impact=Impact.ACTIONS,
        controls=(
            Control(INTEGRITY, "Verify a signature over the whole message"),
            Control(INTEGRITY, "Reject messages that are old or were already received"),
            Control(INTEGRITY, "Query the provider before acting on it"),
        ),
        cwe=(347, 294),
        capec=(148,),
        asvs=("V4.1",),
        false_alarm=(
            "Its content is not used: it only makes the system query the provider, over an "
            "authenticated connection."
        ),
        cell=itself,
    ),
    Rule(
        id="S06",
        version=1,
        category=Stride.SPOOFING,
        kind=Kind.ASSET,
        title="Shared or unprotected credential",
        explanation="Anyone who obtains the credential can act as its holder, and no one can tell who did.",
        applies=AllOf((asset_predicates.STORED_BY_SOFTWARE, asset_predicates.CREDENTIAL)),
        controlled=AllOf((guarded("individual_credential"), guarded("vaulted"))),
        question="Who holds this credential, and how is it rotated?",
        source=ThreatSource.INSIDER,
        action="use {element} in the name of another holder",
        controls=(
            Control(AUTHENTICATION, "Give each user and service its own credential"),
            Control(CONFIDENTIALITY, "Store secrets in a vault"),
            Control(
                CONFIDENTIALITY, "Store user passwords only as salted hashes of a slow function (Argon2id)"
            ),
        ),
        cwe=(522,),
        capec=(560,),
        asvs=("V11.4", "V13.2", "V13.3"),
        false_alarm="It grants nothing beyond what is public, and no record relies on it to tell who acted.",
        cell=holder,
    ),
    Rule(
        id="S07",
        version=1,
        category=Stride.SPOOFING,
        kind=Kind.ENTRY_POINT,
        title="Cross-site request forgery (CSRF)",
        explanation="Another website can make a signed-in user's browser submit this request.",
        applies=AllOf((KEEPS_SESSION, it_is("cookie_session"), it_is("changes_something"))),
        controlled=guarded("csrf_defended"),
        question="Can another website trigger this request?",
        source=ThreatSource.OTHER_SITE,
        action="submit requests to {element} in the name of a signed-in user",
        impact=Impact.ACTIONS,
        controls=(
            Control(AUTHENTICATION, "Require an anti-forgery token"),
            Control(AUTHENTICATION, "Set SameSite on the session cookie"),
        ),
        cwe=(352,),
        capec=(62,),
        asvs=("V3.5",),
        false_alarm=(
            "Each request must carry a header that other sites cannot set, and CORS admits no other origin."
        ),
        cell=component_behind,
    ),
    Rule(
        id="S08",
        version=2,
        category=Stride.SPOOFING,
        kind=Kind.ENTRY_POINT,
        title="Insufficient session expiration or revocation",
        explanation="A stolen session stays useful, because it does not end or cannot be ended.",
        applies=KEEPS_SESSION,
        controlled=AllOf((guarded("sessions_expire"), guarded("sessions_revocable"))),
        question="How is a stolen session revoked?",
        source=ThreatSource.INTRUDER,
        action="continue to use a stolen session of {element}",
        controls=(
            Control(AUTHENTICATION, "Let sessions expire after inactivity, and after a maximum lifetime"),
            Control(AUTHENTICATION, "Let users and administrators revoke sessions on the server"),
        ),
        cwe=(613,),
        capec=(60,),
        asvs=("V7.3", "V7.4"),
        false_alarm="The session gives access only to public content, and can change nothing.",
        cell=component_behind,
    ),
    Rule(
        id="S09",
        version=1,
        category=Stride.SPOOFING,
        kind=Kind.ENTRY_POINT,
        title="Weak account recovery",
        explanation="Account recovery is an easier way into an account than signing in.",
        applies=AllOf((LOGS_IN, it_is("offers_recovery"))),
        controlled=guarded("recovery_strong"),
        question="What does a caller have to prove to reset a password?",
        source=ThreatSource.CALLER,
        action="take over an account through the recovery at {element}",
        controls=(
            Control(AUTHENTICATION, "Require the same factors for recovery as for sign-in"),
            Control(
                NON_REPUDIATION,
                "Notify the owner of each recovery through a channel that the recovery did not use",
            ),
        ),
        cwe=(640,),
        capec=(50,),
        asvs=("V6.4",),
        false_alarm="An account gives its user nothing that an anonymous visitor does not have.",
        cell=component_behind,
    ),
    Rule(
        id="S10",
        version=2,
        category=Stride.SPOOFING,
        kind=Kind.DATA_FLOW,
        title="Missing replay protection",
        explanation="A copied or repeated message, or an impatient second click, orders or pays again.",
        applies=AllOf((CROSSES_BY_SOFTWARE, STARTED_BY_CALLER, TARGET_IS_PROCESS, it_is("commands"))),
        controlled=guarded("replays_ineffective"),
        question="What happens if the message is sent twice?",
        source=ThreatSource.CALLER,
        action="send a message of {element} again",
        impact=Impact.ACTIONS,
        controls=(
            Control(INTEGRITY, "Accept each message number or nonce only once"),
            Control(INTEGRITY, "Reject messages that are too old"),
            Control(INTEGRITY, "Make the action idempotent by a key that the sender chooses"),
        ),
        cwe=(837, 294),
        asvs=("V2.3",),
        false_alarm="Repeating the message, even much later and out of order, changes nothing.",
        cell=flow_target,
    ),
)
