"""Web shop example: browser, CDN, application with its stores, admin console, external dependencies."""

from collections.abc import Mapping, Sequence

from bot.demo.shop_answers import ANSWERS, Said
from bot.demo.story_runner import PEOPLE, TimedStep, element_named
from domain.analysis.rule_findings import apply_rules
from domain.commands import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    AddTrustBoundary,
    AnswerQuestions,
    CompleteRegister,
    ConfirmAssumptions,
    NameElements,
    OpenFact,
    RecordAssumption,
    Reply,
    StartThreatModel,
)
from domain.kernel.elements import (
    REGISTERS,
    ChannelId,
    ComponentKind,
    DataKind,
    ElementId,
    Exposure,
    Kind,
    Outage,
    PersonId,
    Rating,
)
from domain.model import ThreatModel

_ENTITY, _PROCESS, _STORE = ComponentKind
_LOW, _MEDIUM, _HIGH = Rating
_PERSONAL, _CREDENTIAL, _LOG, _OTHER = DataKind

_LEVELS = ("Visitors", "Customers", "Partners", "Staff", "Application", "Administrators")
_ASSUMPTIONS = (
    "Card numbers go directly from the browser to the payment provider",
    "The warehouse works with packing slips printed from the admin console",
)
# Boundaries and components, each with the boundary that contains it.
_BOUNDARIES = (("Edge", ""), ("Shop network", ""), ("Data network", "Shop network"))
_COMPONENTS = (
    ("Browser", _ENTITY, "Visitors", ""),
    ("CDN", _PROCESS, "Partners", "Edge"),
    ("Application", _PROCESS, "Application", "Shop network"),
    ("Payment provider", _ENTITY, "Partners", ""),
    ("Support staff", _ENTITY, "Staff", ""),
    ("Admin console", _PROCESS, "Administrators", "Shop network"),
    ("Database", _STORE, "Application", "Data network"),
    ("Log store", _STORE, "Administrators", "Data network"),
)
_DEPENDENCIES = (
    ("CDN", "Benji, by a yearly contract", "content delivery network", Outage.STOPS),
    ("Payment provider", "Chiyo, by a contract", "payment service", Outage.STOPS),
    ("Image library", "Amina", "package from a public registry", Outage.NOTHING),
)
_ENTRY_POINTS = (
    ("Edge address", "CDN", "Visitors", "The public host name of the shop"),
    ("Shop pages", "Application", "Visitors", "Lamps, prices, search and reviews"),
    ("Log-in", "Application", "Visitors", "Logging in, signing up, resetting a password"),
    ("Checkout and account", "Application", "Customers", "Orders, invoices, addresses"),
    ("Payment callback", "Application", "Partners", "Payment notifications from the payment provider"),
    ("Console log-in", "Admin console", "Staff", "Access for staff and administrators"),
)
# Name, data kind, ratings (confidentiality, integrity, availability), store, readers, writers.
_ASSETS = (
    (
        "Card tokens",
        _OTHER,
        (_HIGH, _HIGH, _MEDIUM),
        "Database",
        ("Partners", "Application"),
        ("Application",),
    ),
    ("Passwords", _CREDENTIAL, (_HIGH, _HIGH, _MEDIUM), "Database", (), ()),
    ("Sessions", _CREDENTIAL, (_HIGH, _HIGH, _LOW), "Database", (), ()),
    ("Customer records", _PERSONAL, (_HIGH, _MEDIUM, _MEDIUM), "Database", ("Customers", "Staff"), ()),
    (
        "Orders",
        _PERSONAL,
        (_MEDIUM, _HIGH, _HIGH),
        "Database",
        ("Customers", "Partners", "Staff"),
        ("Customers", "Staff", "Application"),
    ),
    ("Catalogue and prices", _OTHER, (_LOW, _HIGH, _MEDIUM), "Database", ("Visitors",), ("Staff",)),
    ("Admin credentials", _CREDENTIAL, (_HIGH, _HIGH, _MEDIUM), "Database", (), ("Administrators",)),
    ("Payment API key", _CREDENTIAL, (_HIGH, _HIGH, _MEDIUM), "Application", (), ("Administrators",)),
    ("Audit log", _LOG, (_MEDIUM, _HIGH, _MEDIUM), "Log store", ("Administrators",), ("Application",)),
)
_SIGNED_IN = ("Passwords", "Sessions", "Customer records")
_BOUGHT = ("Sessions", "Orders", "Card tokens", "Customer records")
_PAGES = ("Catalogue and prices", "Orders", "Customer records", "Sessions")
_KEPT = ("Orders", "Customer records", "Sessions", "Passwords", "Card tokens", "Catalogue and prices")
_MANAGED = ("Orders", "Customer records", "Catalogue and prices")
_LOGGED = ("Audit log",)
# Name, source, target, entry point, protocol, assets.
_FLOWS = (
    ("Visits", "Browser", "CDN", "Edge address", "HTTPS", (*_SIGNED_IN, "Orders", "Card tokens")),
    ("Browsing", "CDN", "Application", "Shop pages", "HTTPS", ("Catalogue and prices",)),
    ("Logging in", "CDN", "Application", "Log-in", "HTTPS", _SIGNED_IN),
    ("Buying", "CDN", "Application", "Checkout and account", "HTTPS", _BOUGHT),
    ("Pages to the edge", "Application", "CDN", "", "HTTPS", _PAGES),
    ("Pages to the browser", "CDN", "Browser", "", "HTTPS", _PAGES),
    (
        "Charges",
        "Application",
        "Payment provider",
        "",
        "HTTPS",
        ("Card tokens", "Orders", "Payment API key"),
    ),
    ("Payment notices", "Payment provider", "Application", "Payment callback", "HTTPS", ("Orders",)),
    ("Shop writes", "Application", "Database", "", "PostgreSQL", _KEPT),
    ("Shop reads", "Database", "Application", "", "PostgreSQL", _KEPT),
    ("Shop logs", "Application", "Log store", "", "syslog", _LOGGED),
    (
        "Console work",
        "Support staff",
        "Admin console",
        "Console log-in",
        "HTTPS",
        ("Admin credentials", *_MANAGED),
    ),
    ("Console pages", "Admin console", "Support staff", "", "HTTPS", (*_MANAGED, "Audit log")),
    ("Console writes", "Admin console", "Database", "", "PostgreSQL", (*_MANAGED, "Admin credentials")),
    ("Console reads", "Database", "Admin console", "", "PostgreSQL", (*_MANAGED, "Admin credentials")),
    ("Console logs", "Admin console", "Log store", "", "HTTPS", _LOGGED),
    ("Log search", "Log store", "Admin console", "", "HTTPS", _LOGGED),
)


def shop_steps(channel: ChannelId, people: Sequence[PersonId] = PEOPLE) -> tuple[TimedStep, ...]:
    """Return the steps of collection, with all answers."""
    first, second, third, fourth = people
    answering = zip((second, first, first, third, second, third), ANSWERS, strict=True)
    return (
        _start(first, channel, people),
        lambda _, at: NameElements(by=first, at=at, trust_levels=_LEVELS),
        *(_boundary(first, *told) for told in _BOUNDARIES),
        *(_component(first, *told) for told in _COMPONENTS),
        *(_dependency(second, *told) for told in _DEPENDENCIES),
        *(_entry_point(second, *told) for told in _ENTRY_POINTS),
        *(_asset(third, *told) for told in _ASSETS),
        *(_flow(first, *told) for told in _FLOWS),
        *(_assumption(by, told) for by, told in zip((third, fourth), _ASSUMPTIONS, strict=True)),
        *(_answers(by, *told) for by, told in answering),
        _confirmed(fourth),
        *(_completed(first, register) for register in REGISTERS),
    )


def _start(by: PersonId, channel: ChannelId, people: Sequence[PersonId]) -> TimedStep:
    return lambda _, at: StartThreatModel(
        by=by,
        at=at,
        name="The web shop",
        channel=channel,
        description="An online lamp shop with eight employees, twenty thousand customers and one application",
        out_of_scope="The warehouse, e-mail, the payment provider's pages, employee laptops",
        participants=tuple(people),
    )


def _boundary(by: PersonId, name: str, parent: str) -> TimedStep:
    return lambda model, at: AddTrustBoundary(by=by, at=at, name=name, parent=_within(model, parent))


def _component(by: PersonId, name: str, sort: ComponentKind, level: str, boundary: str) -> TimedStep:
    return lambda model, at: AddComponent(
        by=by,
        at=at,
        name=name,
        sort=sort,
        trust_level=element_named(model, Kind.TRUST_LEVEL, level),
        boundary=_within(model, boundary),
    )


def _dependency(by: PersonId, name: str, owner: str, sort: str, outage: Outage) -> TimedStep:
    return lambda _, at: AddExternalDependency(by=by, at=at, name=name, owner=owner, sort=sort, outage=outage)


def _entry_point(by: PersonId, name: str, behind: str, lowest: str, description: str) -> TimedStep:
    return lambda model, at: AddEntryPoint(
        by=by,
        at=at,
        name=name,
        description=description,
        exposure=Exposure.INTERNET,
        protocol="HTTPS",
        component=element_named(model, Kind.COMPONENT, behind),
        lowest_trust_level=element_named(model, Kind.TRUST_LEVEL, lowest),
    )


def _asset(
    by: PersonId,
    name: str,
    data: DataKind,
    ratings: tuple[Rating, Rating, Rating],
    kept: str,
    readers: tuple[str, ...],
    writers: tuple[str, ...],
) -> TimedStep:
    return lambda model, at: AddAsset(
        by=by,
        at=at,
        name=name,
        data=data,
        confidentiality=ratings[0],
        integrity=ratings[1],
        availability=ratings[2],
        stored_in=(element_named(model, Kind.COMPONENT, kept),),
        readers=tuple(element_named(model, Kind.TRUST_LEVEL, one) for one in readers),
        writers=tuple(element_named(model, Kind.TRUST_LEVEL, one) for one in writers),
    )


def _flow(
    by: PersonId,
    name: str,
    source: str,
    target: str,
    entry_point: str,
    protocol: str,
    assets: tuple[str, ...],
) -> TimedStep:
    return lambda model, at: AddDataFlow(
        by=by,
        at=at,
        name=name,
        source=element_named(model, Kind.COMPONENT, source),
        target=element_named(model, Kind.COMPONENT, target),
        assets=tuple(element_named(model, Kind.ASSET, one) for one in assets),
        entry_point=element_named(model, Kind.ENTRY_POINT, entry_point) if entry_point else None,
        protocol=protocol,
    )


def _assumption(by: PersonId, text: str) -> TimedStep:
    return lambda _, at: RecordAssumption(by=by, at=at, text=text, held_by=by)


def _answers(by: PersonId, kind: Kind, told: Mapping[str, Said]) -> TimedStep:
    return lambda model, at: AnswerQuestions(
        by=by,
        at=at,
        replies=tuple(
            Reply(element=element_named(model, kind, name), fact=fact, answer=answer)
            for name, said in told.items()
            for answer, facts in said.items()
            for fact in facts.split()
        ),
    )


def _confirmed(by: PersonId) -> TimedStep:
    """Return a step that confirms the suggested answers of technologies and protocols."""
    return lambda model, at: ConfirmAssumptions(
        by=by,
        at=at,
        facts=tuple(
            OpenFact(element=one.element, fact=one.fact)
            for one in apply_rules(model).questions
            if one.suggested
        ),
    )


def _completed(by: PersonId, register: Kind) -> TimedStep:
    return lambda _, at: CompleteRegister(by=by, at=at, register=register)


def _within(model: ThreatModel, boundary: str) -> ElementId | None:
    return element_named(model, Kind.TRUST_BOUNDARY, boundary) if boundary else None
