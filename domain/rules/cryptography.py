"""Rules for disclosure through weak cryptography, and through browsers of other websites."""

from domain.kernel.elements import Kind
from domain.kernel.stride import Stride
from domain.rules import component_predicates
from domain.rules.conditions import AllOf, AnyAmong, guarded, it_is, itself
from domain.rules.entry_point_predicates import HANDLED_BY_SOFTWARE, component_behind, flows_through
from domain.rules.flow_predicates import CARRIES_CONFIDENTIAL, CROSSES_BY_SOFTWARE, IS_ENCRYPTED
from domain.rules.impacts import Impact
from domain.rules.rule import AUTHORIZATION, CONFIDENTIALITY, INTEGRITY, Control, Rule
from domain.rules.supply_chain import HANDLES_VALUABLE
from domain.rules.threat_sources import ThreatSource

ENCRYPTS_IN_TRANSIT = AnyAmong(
    among=flows_through, part=AllOf((CROSSES_BY_SOFTWARE, CARRIES_CONFIDENTIAL, IS_ENCRYPTED))
)
USES_CRYPTOGRAPHY = AllOf(
    (component_predicates.SOFTWARE_PROCESS, HANDLES_VALUABLE, it_is("uses_cryptography"))
)

RULES = (
    Rule(
        id="I18",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        kind=Kind.ENTRY_POINT,
        title="Outdated encryption in transit",
        explanation="Someone on the network can make both ends use encryption that can be broken.",
        applies=AllOf((HANDLED_BY_SOFTWARE, ENCRYPTS_IN_TRANSIT)),
        controlled=guarded("transport_encryption_current"),
        question="Which is the weakest encryption that it accepts?",
        source=ThreatSource.NETWORK,
        action="break the encryption of {element} in transit",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(CONFIDENTIALITY, "Accept only TLS 1.2 or newer, with recommended cipher suites"),
            Control(CONFIDENTIALITY, "Scan what is accepted after each change of the configuration"),
        ),
        cwe=(757, 327),
        capec=(620,),
        asvs=("V12.1",),
        false_alarm="A gateway that no one can bypass ends the encryption, and accepts only current one.",
        cell=component_behind,
    ),
    Rule(
        id="I19",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        kind=Kind.COMPONENT,
        title="Weak cryptographic algorithm",
        explanation="Data that an outdated algorithm protects can be read or forged without the key.",
        applies=USES_CRYPTOGRAPHY,
        controlled=guarded("algorithms_current"),
        question="Which algorithms, modes and key lengths are used?",
        source=ThreatSource.INTRUDER,
        action="break the weak encryption, signatures or hashes of {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(CONFIDENTIALITY, "Use authenticated encryption of a well-kept library, such as AES-GCM"),
            Control(INTEGRITY, "Replace MD5 and SHA-1, and hash passwords with a slow function (Argon2id)"),
            Control(CONFIDENTIALITY, "Keep a list of algorithms and keys, so that they can be replaced"),
        ),
        cwe=(327, 328),
        capec=(20, 97),
        asvs=("V11.2", "V11.3", "V11.4"),
        false_alarm="The algorithm protects nothing, such as a checksum that only finds accidental errors.",
        cell=itself,
    ),
    Rule(
        id="I20",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        kind=Kind.COMPONENT,
        title="Inadequate key management",
        explanation="An attacker who gets the data gets its key as well, or a stolen key works for years.",
        applies=USES_CRYPTOGRAPHY,
        controlled=AllOf((guarded("keys_stored_separately"), guarded("keys_rotated"))),
        question="Where are the keys, who can use them, and when are they replaced?",
        source=ThreatSource.INTRUDER,
        action="decrypt data with stolen or old keys of {element}",
        controls=(
            Control(CONFIDENTIALITY, "Keep keys in a key management service or a hardware module"),
            Control(CONFIDENTIALITY, "Replace keys at a set interval, and after each suspicion"),
            Control(AUTHORIZATION, "Let only the component that needs a key use it, and record each use"),
        ),
        cwe=(312, 324),
        asvs=("V11.1", "V13.3"),
        false_alarm="The encryption protects nothing by itself: all of the data is meant for the public.",
        cell=itself,
    ),
    Rule(
        id="I21",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        kind=Kind.ENTRY_POINT,
        title="Permissive cross-origin policy (CORS)",
        explanation="Another website can read what a user's browser requests with the user's rights.",
        applies=AllOf((HANDLED_BY_SOFTWARE, it_is("shared_across_origins"))),
        controlled=guarded("origins_listed"),
        question="Which websites can read the responses?",
        source=ThreatSource.OTHER_SITE,
        action="read responses of {element} in the name of a signed-in user",
        controls=(
            Control(AUTHORIZATION, "Compare the origin exactly with an allow-list, and never reflect it"),
            Control(AUTHORIZATION, "Allow credentials for no origin that other teams or users control"),
        ),
        cwe=(942,),
        asvs=("V3.4", "V3.5"),
        false_alarm="Every response is public, and the same for callers from the internet as for users here.",
        cell=component_behind,
    ),
)
