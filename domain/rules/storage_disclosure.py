"""Rules for information disclosure from builds and storage."""

from domain.kernel.elements import Kind
from domain.kernel.stride import Stride
from domain.rules import asset_predicates, component_predicates
from domain.rules.asset_predicates import holder
from domain.rules.conditions import AllOf, guarded, it_is, itself
from domain.rules.information_disclosure import KEEPS_CONFIDENTIAL, KEEPS_SECRETS
from domain.rules.rule import AUTHENTICATION, AUTHORIZATION, CONFIDENTIALITY, Control, Rule
from domain.rules.threat_sources import ThreatSource

RULES = (
    Rule(
        id="I13",
        version=2,
        category=Stride.INFORMATION_DISCLOSURE,
        kind=Kind.COMPONENT,
        title="CI secrets exposed to logs or fork builds",
        explanation="Anyone who can read build logs, or build a fork, obtains the secrets of the pipeline.",
        applies=AllOf((component_predicates.SOFTWARE_PROCESS, component_predicates.BUILDS_SOFTWARE)),
        controlled=AllOf(
            (guarded("build_logs_without_secrets"), guarded("unreviewed_builds_without_secrets"))
        ),
        question="Who can read build logs and start builds?",
        source=ThreatSource.INSIDER,
        action="obtain the secrets of {element} from logs or builds of forks",
        controls=(
            Control(CONFIDENTIALITY, "Mask secrets in build logs"),
            Control(AUTHORIZATION, "Give builds of forks no secrets"),
            Control(AUTHENTICATION, "Use short-lived credentials in builds"),
        ),
        cwe=(532,),
        asvs=("V13.3",),
        false_alarm="The pipeline holds no secrets, not even short-lived tokens or roles of a cloud.",
        cell=itself,
    ),
    Rule(
        id="I14",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        kind=Kind.ASSET,
        title="Excessive data retention",
        explanation="Data that is no longer needed can still leak, and the law may require its deletion.",
        applies=AllOf((asset_predicates.STORED_BY_SOFTWARE, asset_predicates.PERSONAL)),
        controlled=guarded("retention_limited"),
        question="When is it deleted?",
        source=ThreatSource.INTRUDER,
        action="obtain {element} that should have been deleted",
        controls=(
            Control(CONFIDENTIALITY, "Define a retention period, and delete automatically"),
            Control(CONFIDENTIALITY, "Anonymize what is kept for statistics"),
        ),
        cwe=(459,),
        asvs=("V14.2",),
        false_alarm="A law requires keeping each field this long, and access is limited to that purpose.",
        cell=holder,
    ),
    Rule(
        id="I15",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        kind=Kind.COMPONENT,
        title="Data remnants on reused storage",
        explanation="A disk, volume or backup that is reused or discarded still contains the data.",
        applies=AllOf((component_predicates.SOFTWARE_STORE, KEEPS_SECRETS)),
        controlled=guarded("wiped_before_reuse"),
        question="What happens to disks and volumes at the end?",
        source=ThreatSource.INTRUDER,
        action="recover the data of {element} from reused or discarded storage",
        controls=(
            Control(CONFIDENTIALITY, "Encrypt the storage, and destroy the keys"),
            Control(CONFIDENTIALITY, "Wipe or destroy media before reuse or disposal"),
        ),
        cwe=(226,),
        capec=(546,),
        asvs=("V14.2",),
        false_alarm=(
            "Everything on the storage is encrypted with keys that are destroyed when it is released."
        ),
        cell=itself,
    ),
    Rule(
        id="I16",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        kind=Kind.COMPONENT,
        title="Publicly accessible object store",
        explanation="Anyone on the internet can list or download the stored objects.",
        applies=AllOf(
            (component_predicates.SOFTWARE_STORE, KEEPS_CONFIDENTIAL, component_predicates.OBJECT_STORE)
        ),
        controlled=guarded("not_public"),
        question="Can anyone list or read the objects?",
        source=ThreatSource.CALLER,
        action="list or download the objects of {element}",
        controls=(
            Control(AUTHORIZATION, "Block public access for the whole account"),
            Control(AUTHORIZATION, "Check permissions of objects automatically"),
        ),
        cwe=(552,),
        capec=(150,),
        asvs=("V8.2", "V13.4"),
        false_alarm="Every object in it is meant for the public, and this is checked before it is stored.",
        cell=itself,
    ),
    Rule(
        id="I17",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        kind=Kind.COMPONENT,
        title="Long-lived download links",
        explanation="A link that was forwarded or logged gives access until the link expires.",
        applies=AllOf(
            (
                component_predicates.SOFTWARE_STORE,
                KEEPS_CONFIDENTIAL,
                component_predicates.OBJECT_STORE,
                it_is("hands_out_links"),
            )
        ),
        controlled=guarded("links_expire"),
        question="How long does a link work?",
        source=ThreatSource.CALLER,
        action="use a forwarded or logged link to {element}",
        controls=(
            Control(AUTHORIZATION, "Let links expire within minutes"),
            Control(AUTHENTICATION, "Require authentication in addition to the link"),
        ),
        cwe=(613,),
        asvs=("V9.2",),
        false_alarm="Every object that a link leads to is meant for the public.",
        cell=itself,
    ),
)
