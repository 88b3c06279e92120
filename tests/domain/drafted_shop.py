"""A draft as a reader makes it from a compose file: two services, a store, how they talk, and a secret."""

from typing import Any

from msgspec.structs import replace

from domain.commands import AcceptDraft, AddComponent, Command
from domain.draft_comparison.choices import DraftChoices, DraftOrigin, accept_chosen
from domain.draft_comparison.compared_draft import all_proposals, compare_draft
from domain.drafts.draft import (
    Certainty,
    Draft,
    DraftAnswer,
    DraftItem,
    DraftSource,
    SourceKey,
    SourcePlace,
)
from domain.drafts.settlement import DraftId
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, DataKind, Exposure, Kind
from domain.model import ThreatModel
from tests.examples import ANA, BEN, at, decide_all, started

COMPOSE = DraftSource(name="compose.yaml", format="Compose file", sha256="ab" * 32)
ORIGIN = DraftOrigin(draft=DraftId("TM-1/D-1"), brought_by=BEN)


def key(name: str, origin: str = "compose") -> SourceKey:
    return SourceKey(f"{origin}:{name}")


def line(number: int, file: str = "compose.yaml") -> SourcePlace:
    return SourcePlace(file=file, line=number)


def answer(fact: str, reply: Answer, number: int = 1, **fields: Any) -> DraftAnswer:
    return DraftAnswer(fact=fact, answer=reply, place=line(number), **fields)


def item(name: str, kind: Kind = Kind.COMPONENT, number: int = 1, **fields: Any) -> DraftItem:
    told: dict[str, Any] = {"key": key(name), "kind": kind, "name": name, "place": line(number), **fields}
    return DraftItem(**told)


def flow(source: str, target: str, number: int = 1, **fields: Any) -> DraftItem:
    ends: dict[str, Any] = {"source": key(source), "target": key(target), **fields}
    return item(f"{source} → {target}", Kind.DATA_FLOW, number, **ends)


WEB = item(
    "web",
    number=3,
    role=ComponentKind.PROCESS,
    boundary=key("front"),
    answers=(answer("least_privilege", Answer.YES, 7), answer("isolated", Answer.NO, 8)),
)
STORE = item("orders-db", number=12, role=ComponentKind.DATA_STORE, technology="postgresql")
EDGE = item("web:443", Kind.ENTRY_POINT, 5, component=key("web"), exposure=Exposure.LOCAL, protocol="HTTPS")
CALL = flow("web", "orders-db", 6, protocol="PostgreSQL")
PAYMENTS = item("payments.example", Kind.EXTERNAL_DEPENDENCY, 9, certainty=Certainty.LIKELY)
PAYS = flow("web", "payments.example", 9, protocol="HTTPS", certainty=Certainty.LIKELY)
PASSWORD = item("DB_PASSWORD", Kind.ASSET, 14, data=DataKind.CREDENTIAL, stored_in=(key("orders-db"),))
FRONT = item("front", Kind.TRUST_BOUNDARY, 20)
CRON = item("cron", number=30, certainty=Certainty.GUESS)

SHOP = Draft(sources=(COMPOSE,), items=(CALL, WEB, STORE, EDGE, PAYMENTS, PAYS, PASSWORD, FRONT, CRON))


def seen_all(draft: Draft = SHOP, **choices: Any) -> DraftChoices:
    """The choices of a person who saw every proposal."""
    return DraftChoices(seen=frozenset(proposal.key for proposal in all_proposals(draft)), **choices)


def accept(
    draft: Draft = SHOP, choices: DraftChoices | None = None, *, by: Any = ANA, minute: int = 10
) -> Any:
    """A step of `decide_all`: a person accepts what is chosen in a draft."""

    def command(model: ThreatModel) -> AcceptDraft:
        comparison = compare_draft(draft, model)
        gone = frozenset(one.key for one in comparison.gone)
        chosen = choices or seen_all(draft)
        chosen = replace(chosen, seen=chosen.seen | gone)
        return accept_chosen(draft, ORIGIN, comparison, chosen, by=by, at=at(minute))

    return command


def shop(*then: Any, before: tuple[Command, ...] = ()) -> list[RecordedEvent]:
    """The events of a model that took the shop's draft, and what came after it."""
    return decide_all(*before, accept(), *then, after=[started()])


def component(name: str, minute: int = 1) -> AddComponent:
    return AddComponent(by=BEN, at=at(minute), name=name)


def changed(old: DraftItem, **fields: Any) -> Draft:
    """The shop's draft with one item changed."""
    return replace(SHOP, items=tuple(replace(one, **fields) if one is old else one for one in SHOP.items))
