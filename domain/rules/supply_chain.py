"""Rules for tampering with software before it runs."""

from domain.kernel.elements import Kind
from domain.kernel.stride import Stride
from domain.rules import asset_predicates, component_predicates, dependency_predicates
from domain.rules.conditions import AllOf, AnyAmong, guarded, it_is, itself
from domain.rules.impacts import Impact
from domain.rules.rule import AUTHORIZATION, INTEGRITY, Control, Rule
from domain.rules.threat_sources import ThreatSource

HANDLES_VALUABLE = AnyAmong(among=component_predicates.handled_assets, part=asset_predicates.VALUABLE)

RULES = (
    Rule(
        id="T20",
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.EXTERNAL_DEPENDENCY,
        title="Vulnerable third-party library or image",
        explanation="Published vulnerabilities of code in the system can be exploited until it is updated.",
        applies=AllOf((dependency_predicates.SOFTWARE, it_is("ships_code"))),
        controlled=guarded("patched_in_time"),
        question="How soon are published vulnerabilities patched?",
        source=ThreatSource.CALLER,
        action="exploit a published vulnerability of {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(INTEGRITY, "Scan dependencies, and update them within a fixed time"),
            Control(INTEGRITY, "Keep an inventory of components (SBOM)"),
        ),
        cwe=(1395,),
        asvs=("V15.1", "V15.2"),
        false_alarm=(
            "For each published vulnerability, it is verified and recorded that no input reaches the "
            "affected code."
        ),
        cell=itself,
    ),
    Rule(
        id="T21",
        version=2,
        category=Stride.TAMPERING,
        kind=Kind.COMPONENT,
        title="Unreviewed or tampered build",
        explanation="Code that no one has reviewed, or that was changed after review, runs in production.",
        applies=AllOf((component_predicates.SOFTWARE_PROCESS, HANDLES_VALUABLE)),
        controlled=AllOf((guarded("changes_reviewed"), guarded("only_pipeline_builds"))),
        question="Can one person bring code into production alone?",
        source=ThreatSource.INSIDER,
        action="bring unreviewed or tampered code into {element}",
        impact=Impact.DISCLOSURE_OR_CHANGES,
        controls=(
            Control(AUTHORIZATION, "Require review of each change"),
            Control(INTEGRITY, "Sign builds, and deploy only signed builds from the pipeline"),
        ),
        cwe=(494,),
        capec=(184, 444),
        asvs=("V15.2",),
        false_alarm=(
            "This organization neither builds nor deploys it: its provider operates it as a service."
        ),
        cell=itself,
    ),
)
