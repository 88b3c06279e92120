"""The rule type: two named conditions, explanatory texts and references, threat sources and impacts."""

from collections.abc import Callable, Collection, Iterable
from enum import StrEnum

import msgspec

from domain.kernel.elements import ElementId, Kind
from domain.kernel.threat import ControlClass, Linddun, Stride
from domain.rules.conditions import Condition
from domain.rules.model_index import RuleTarget


class ThreatSource(StrEnum):
    """The kinds of threat source; a threat statement names each after the model."""

    CALLER = "caller"
    """Someone who reaches the entry point, or starts the flow."""
    SENDER = "sender"
    """Someone who can write to the queue that a flow comes from."""
    NETWORK = "network"
    """Someone with access to the network between the two ends."""
    INSIDER = "insider"
    """Someone with legitimate access to the system."""
    OTHER_SITE = "other site"
    """A website that a signed-in user visits."""
    SUPPLIER = "supplier"
    """The provider of an external dependency, or an attacker in its place."""
    RECEIVER = "receiver"
    """The party to which a flow leads."""
    STRANGER = "stranger"
    """Someone whom the element is not meant for, and who needs no more than to reach it or what it reads."""
    INTRUDER = "intruder"
    """Someone with a foothold, a stolen credential, lost data or a retired name."""
    FAILURE = "failure"
    """An outage, a fault or a mistake; no one intends it."""
    OUTAGE = "outage"
    """An outage of the element itself."""


class Impact(StrEnum):
    """The kinds of impact, in the words that stand before the assets concerned."""

    ACCESS = "unauthorized access to"
    ACTIONS = "unauthorized actions on"
    CHANGES = "unauthorized changes to"
    CORRUPTION = "lost or inconsistent changes to"
    DECISIONS = "manipulated decisions on"
    DISCLOSURE = "disclosure of"
    DISCLOSURE_OR_CHANGES = "disclosure of or unauthorized changes to"
    EASIER_ATTACKS = "easier attacks on"
    OUTAGE = "loss of availability of"
    UNDETECTED_ATTACKS = "undetected attacks on"
    UNTRACEABLE_ACTIONS = "disputed or untraceable actions on"


IMPACT_OF_CATEGORY = {
    Stride.SPOOFING: Impact.ACCESS,
    Stride.TAMPERING: Impact.CHANGES,
    Stride.REPUDIATION: Impact.UNTRACEABLE_ACTIONS,
    Stride.INFORMATION_DISCLOSURE: Impact.DISCLOSURE,
    Stride.DENIAL_OF_SERVICE: Impact.OUTAGE,
    Stride.ELEVATION_OF_PRIVILEGE: Impact.ACCESS,
}
"""The impact of the rules of each category, except for those that name another one."""


AUTHENTICATION, INTEGRITY, NON_REPUDIATION, CONFIDENTIALITY, AVAILABILITY, AUTHORIZATION = ControlClass
"""The classes of controls: what a control is, whatever category of threat it answers."""

OVER_SSH = ("SSH", "SFTP", "SCP")
"""The protocols in which a host key, and no certificate, identifies the server."""


class Control(msgspec.Struct, frozen=True):
    """A typical control, with its class.

    One with `protocols` is for flows over these: where it fits, it replaces those that name none. One with
    a `fact` is missing only where that is denied: a rule that needs several controls names the fact of each.
    One of a library has an `id`, and may have a `link` and the group that owns it.
    """

    control_class: ControlClass
    text: str
    protocols: tuple[str, ...] = ()
    fact: str = ""
    id: str = ""
    link: str = ""
    owner_group: str = ""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule: its threat, its conditions, its texts and its typical controls.

    `applies` says whether the element is concerned, `controlled` whether a control exists: a rule that
    applies and is not controlled yields a suggested threat; with a missing fact it yields a question, never a
    suggested threat. `cell` is the element whose STRIDE cell the rule fills. With `peers` the rule is
    applied to the element together with each of them; a rule that `warns` is about the model, not about the
    system.

    `also` are further kinds of element that it checks, as far as `applies` admits them.

    `source`, `action`, `cause` and `impact` are parts of the threat statement: who can do what, why if no
    denied fact says it, and what it leads to if not to the impact of its category. `cwe`, `capec`, `asvs`,
    `atlas` and `owasp_llm` refer to CWE, CAPEC, sections of OWASP ASVS 5.0.0, techniques of MITRE ATLAS and
    risks of the OWASP Top 10 for LLM Applications. `linddun` is the category of a threat to the people whom
    the data is about, beside that of STRIDE.
    """

    id: str
    version: int
    category: Stride
    kind: Kind
    also: tuple[Kind, ...] = ()
    title: str
    explanation: str
    applies: Condition
    controlled: Condition
    question: str
    source: ThreatSource
    action: str
    impact: Impact | None = None
    cause: str = ""
    controls: tuple[Control, ...]
    cwe: tuple[int, ...]
    capec: tuple[int, ...] = ()
    asvs: tuple[str, ...] = ()
    atlas: tuple[str, ...] = ()
    owasp_llm: tuple[str, ...] = ()
    linddun: Linddun | None = None
    false_alarm: str
    cell: Callable[[RuleTarget], ElementId]
    peers: Callable[[RuleTarget], Iterable[str]] | None = None
    warns: bool = False

    @property
    def references(self) -> tuple[str, ...]:
        """Return all references to published lists, such as `CWE-89` and `OWASP LLM01`."""
        return (
            *(f"CWE-{number}" for number in self.cwe),
            *(f"CAPEC-{number}" for number in self.capec),
            *(f"ASVS {section}" for section in self.asvs),
            *(f"ATLAS {technique}" for technique in self.atlas),
            *(f"OWASP {risk}" for risk in self.owasp_llm),
        )

    @property
    def category_label(self) -> str:
        """Return the category of STRIDE, with that of LINDDUN for a threat to people."""
        return f"{self.category.label} (LINDDUN: {self.linddun})" if self.linddun else self.category.label

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Return all kinds of element that it checks."""
        return (self.kind, *self.also)

    def controls_over(self, protocols: Collection[str]) -> tuple[Control, ...]:
        """Return the controls for flows over these protocols: those that name one, else the general ones."""
        special = tuple(one for one in self.controls if not set(protocols).isdisjoint(one.protocols))
        return special or tuple(control for control in self.controls if not control.protocols)

    def missing_controls(
        self, denied: Collection[str], protocols: Collection[str] | None = None
    ) -> tuple[Control, ...]:
        """Return the controls that are missing where these facts are denied; all if that leaves it open.

        With `protocols`, only those for flows over these.
        """
        controls = self.controls if protocols is None else self.controls_over(protocols)
        if not any(control.fact in denied for control in controls):
            return controls
        return tuple(control for control in controls if not control.fact or control.fact in denied)
