"""What each of seventeen kinds of file becomes: counts, items and answers with their lines."""

from collections import Counter
from typing import NamedTuple

from bot.drafts import SourceFile, read_draft
from bot.drafts.draft_drift import drift_from_model
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import protocol_typed
from domain.draft_comparison.compared_draft import ItemState, compare_draft
from domain.drafts.draft import Certainty, Draft, DraftItem
from domain.kernel.answer import Answer
from domain.kernel.elements import DataFlow, Kind
from domain.kernel.length_limits import NAME, WORD
from domain.model import ThreatModel
from domain.model.element_labels import same_name
from domain.replay import replay
from tests.domain.drafted_shop import accept, seen_all
from tests.drafts.fixture_drafts import FIXTURES, NAMES, fixture_draft
from tests.drafts.judgement import JUDGED, read_unseen
from tests.examples import decide_all, started

KINDS = (
    Kind.COMPONENT,
    Kind.DATA_FLOW,
    Kind.ENTRY_POINT,
    Kind.EXTERNAL_DEPENDENCY,
    Kind.ASSET,
    Kind.TRUST_BOUNDARY,
)


class Counts(NamedTuple):
    """Numbers of items by kind and by certainty, of answers yes and no, and of the rest."""

    kinds: str
    """Components, data flows, entry points, external dependencies, assets, trust boundaries."""
    sure: str
    """Certain, likely, guess."""
    answers: str
    """Yes, no."""
    rest: str
    """Threats, assumptions, notes."""


PAIR = "minimal.compose.yaml override.compose.yaml"
COUNTS = {
    "accounts.swagger.yaml": Counts("1 0 6 0 2 0", "7 2 0", "18 3", "0 0 1"),
    "agents.kubernetes.yaml": Counts("2 0 2 1 1 0", "5 1 0", "3 6", "0 0 0"),
    "cloud.plan.json": Counts("8 4 4 0 6 0", "14 5 3", "13 8", "0 0 1"),
    "flow.mermaid.mmd": Counts("8 7 0 0 0 2", "15 2 0", "0 0", "0 0 0"),
    "gateway.kubernetes.yaml": Counts("1 1 2 2 0 0", "3 3 0", "4 0", "0 0 0"),
    "list.kubernetes.json": Counts("1 0 3 1 0 0", "4 1 0", "5 3", "0 0 0"),
    "minimal.compose.yaml": Counts("2 1 1 1 2 0", "5 1 1", "3 1", "0 0 0"),
    "orders.openapi.yaml": Counts("1 0 6 1 1 0", "7 2 0", "25 3", "0 0 0"),
    "override.compose.yaml": Counts("2 1 2 2 0 0", "4 3 0", "4 2", "0 0 0"),
    "page.mermaid.md": Counts("4 3 0 0 0 0", "7 0 0", "0 0", "0 0 0"),
    "review.tc.json": Counts("0 0 0 0 0 0", "0 0 0", "0 0", "3 1 3"),
    "shop.compose.yaml": Counts("12 25 5 3 8 1", "36 13 5", "22 17", "0 0 1"),
    "shop.kubernetes.yaml": Counts("6 6 2 2 5 2", "14 8 1", "17 7", "0 0 1"),
    "silent.openapi.json": Counts("1 0 3 0 0 0", "4 0 0", "6 0", "0 0 0"),
    "steps.mermaid.mmd": Counts("4 3 0 0 0 0", "0 0 7", "0 0", "0 0 1"),
    "workers.compose.yaml": Counts("5 2 0 1 1 0", "6 2 1", "6 6", "0 0 0"),
    PAIR: Counts("3 3 3 2 2 0", "9 3 1", "5 3", "0 0 0"),
}


def counts_of(names: str) -> Counts:
    draft = fixture_draft(names)
    kinds = Counter(item.kind for item in draft.items)
    sure = Counter(item.certainty for item in draft.items)
    answers = Counter(answer.answer for item in draft.items for answer in item.answers)
    return Counts(
        " ".join(str(kinds[kind]) for kind in KINDS),
        " ".join(str(sure[certainty]) for certainty in Certainty),
        f"{answers[Answer.YES]} {answers[Answer.NO]}",
        f"{len(draft.threats)} {len(draft.assumptions)} {len(draft.notes)}",
    )


def test_each_file_becomes_as_many_items_as_before() -> None:
    assert {names: counts_of(names) for names in COUNTS} == COUNTS


def test_every_fixture_is_counted() -> None:
    assert {*COUNTS} == {*NAMES, PAIR}
    assert len(COUNTS) == 17


SHOP, CLUSTER, PLAN = "shop.compose.yaml", "shop.kubernetes.yaml", "cloud.plan.json"
AGENTS, ORDERS, ACCOUNTS = "agents.kubernetes.yaml", "orders.openapi.yaml", "accounts.swagger.yaml"


class Said(NamedTuple):
    """An answer that a file gives."""

    names: str
    key: str
    fact: str
    answer: str
    line: int
    certainty: str = "certain"


ANSWERS = (
    Said(SHOP, "compose:shop/proxy", "least_privilege", "no", 53),
    Said(SHOP, "compose:shop/proxy", "isolated", "no", 53),
    Said(SHOP, "compose:shop/api", "least_privilege", "yes", 36, "likely"),
    Said(SHOP, "compose:shop/api>shop/db", "encrypted", "no", 19),
    Said(SHOP, "compose:shop/api>dependency:api.stripe.com", "encrypted", "yes", 26, "likely"),
    Said(SHOP, "dependency:container-images", "ships_code", "yes", 44),
    Said(SHOP, "dependency:container-images", "version_pinned", "no", 32),
    Said(SHOP, "dependency:container-images", "code_integrity_verified", "no", 32),
    Said(SHOP, "compose:shop/credential/AWS_SECRET_ACCESS_KEY", "out_of_code", "no", 25),
    Said(PAIR, "compose:admin:8081", "administers", "yes", 10, "likely"),
    Said(PAIR, "dependency:container-images", "version_pinned", "no", 8),
    Said(PAIR, "dependency:container-images", "code_integrity_verified", "no", 8),
    Said("workers.compose.yaml", "compose:monitor", "isolated", "no", 19),
    Said("workers.compose.yaml", "compose:tuner", "least_privilege", "no", 24),
    Said(CLUSTER, "kubernetes:shop/Deployment/web", "least_privilege", "yes", 27, "likely"),
    Said(CLUSTER, "kubernetes:shop/Deployment/orders", "least_privilege", "no", 164),
    Said(CLUSTER, "kubernetes:shop/Deployment/orders", "role_restricted", "no", 164),
    Said(CLUSTER, "kubernetes:shop/Secret/orders-db", "out_of_code", "no", 151),
    Said(CLUSTER, "kubernetes:shop/Secret/web-session", "vaulted", "yes", 156, "guess"),
    Said(CLUSTER, "kubernetes:shop/Ingress/shop/web", "rate_limited", "yes", 90, "likely"),
    Said(AGENTS, "kubernetes:monitoring/DaemonSet/log-agent", "isolated", "no", 11),
    Said(AGENTS, "kubernetes:monitoring/DaemonSet/log-agent", "role_restricted", "no", 32),
    Said(
        "list.kubernetes.json",
        "kubernetes:sales/Deployment/legacy-crm",
        "least_privilege",
        "no",
        12,
        "likely",
    ),
    Said("gateway.kubernetes.yaml", "dependency:container-images", "version_pinned", "yes", 32),
    Said("gateway.kubernetes.yaml", "dependency:container-images", "code_integrity_verified", "yes", 32),
    Said(ORDERS, "openapi:Orders API/Orders", "caller_authenticated", "yes", 6, "likely"),
    Said(ORDERS, "openapi:Orders API/Orders", "takes_xml", "yes", 20),
    Said(ORDERS, "openapi:Orders API/Orders", "names_objects", "yes", 29),
    Said(ORDERS, "openapi:Orders API/Orders", "accepts_tokens", "yes", 69),
    Said(ORDERS, "openapi:Orders API/Attachments", "takes_files", "yes", 32),
    Said(ORDERS, "openapi:Orders API/Sign-in", "logs_in", "yes", 40, "likely"),
    Said(ORDERS, "openapi:Orders API/Sign-in", "offers_recovery", "yes", 48, "likely"),
    Said(ORDERS, "openapi:Orders API/Sign-in", "caller_authenticated", "no", 42),
    Said(ORDERS, "openapi:Orders API/Status", "anonymous_by_design", "yes", 54, "guess"),
    Said(ORDERS, "openapi:Orders API/Status", "changes_something", "no", 54, "likely"),
    Said(ORDERS, "openapi:Orders API/Administration", "administers", "yes", 56, "likely"),
    Said(ORDERS, "openapi:Orders API/Administration", "fetches_addresses", "yes", 56, "likely"),
    Said(ORDERS, "openapi:Orders API/Administration", "rate_limited", "yes", 56, "likely"),
    Said(ACCOUNTS, "openapi:Accounts/accounts", "cookie_session", "yes", 8),
    Said(ACCOUNTS, "openapi:Accounts/photos", "takes_files", "yes", 15),
    Said(ACCOUNTS, "openapi:Accounts/plans", "caller_authenticated", "no", 29, "likely"),
    Said(PLAN, "terraform:module.database.aws_db_instance.this", "encrypted_at_rest", "no", 262),
    Said(PLAN, "terraform:module.database.aws_db_instance.this", "copied", "yes", 264, "likely"),
    Said(PLAN, "terraform:aws_ecs_service.api", "role_restricted", "no", 79),
    Said(PLAN, "terraform:aws_s3_bucket.invoices", "not_public", "yes", 175),
    Said(PLAN, "terraform:aws_s3_bucket.site", "not_public", "no", 196),
    Said(PLAN, "terraform:aws_security_group.bastion:22", "peers_restricted", "no", 230),
    Said(PLAN, "terraform:aws_lambda_function_url.invoice", "caller_authenticated", "no", 157),
    Said(PLAN, "terraform:var.db_password", "out_of_code", "no", 627),
)

SILENT = (
    (ACCOUNTS, "openapi:Accounts/mixed", "caller_authenticated"),
    ("silent.openapi.json", "openapi:Catalog/products", "caller_authenticated"),
    ("silent.openapi.json", "openapi:Catalog/search", "changes_something"),
    (SHOP, "compose:shop/db", "least_privilege"),
    (SHOP, "compose:shop/credential/DB_PASSWORD", "out_of_code"),
    (SHOP, "compose:shop/api>shop/cache", "encrypted"),
    (CLUSTER, "kubernetes:data/StatefulSet/postgres", "isolated"),
    (PLAN, "terraform:aws_s3_bucket.invoices", "encrypted_at_rest"),
)
"""Questions that a file does not answer: silence is no answer."""

ATTRIBUTES: tuple[tuple[str, str, dict[str, object]], ...] = (
    (
        SHOP,
        "compose:shop/proxy:8080",
        {"exposure": "local", "protocol": "HTTP", "component": "compose:shop/proxy"},
    ),
    (SHOP, "compose:shop/proxy:443", {"exposure": None, "protocol": "HTTPS"}),
    (SHOP, "compose:shop/db", {"role": "data_store", "technology": "postgresql"}),
    (SHOP, "compose:shop/cache", {"technology": "redis", "boundary": "compose:shop/network/data"}),
    (SHOP, "compose:shop/api>shop/broker", {"protocol": "AMQP", "source": "compose:shop/api"}),
    (SHOP, "compose:shop/mailcatcher", {"certainty": "guess"}),
    (SHOP, "dependency:api.stripe.com", {"technology": "stripe", "certainty": "likely"}),
    (
        SHOP,
        "compose:shop/api>dependency:api.stripe.com",
        {"name": "api → api.stripe.com", "protocol": "HTTPS"},
    ),
    (
        "workers.compose.yaml",
        "compose:image/consumers",
        {"name": "consumers services", "certainty": "likely"},
    ),
    ("workers.compose.yaml", "compose:clickhouse", {"role": "data_store", "technology": ""}),
    (CLUSTER, "kubernetes:shop/Ingress/shop/web", {"exposure": "internet", "protocol": "HTTPS"}),
    (CLUSTER, "kubernetes:shop/CronJob/reports", {"technology": "scheduled_job"}),
    (CLUSTER, "kubernetes:data/Kafka/kafka", {"technology": "kafka", "certainty": "likely"}),
    ("list.kubernetes.json", "kubernetes:sales/Ingress/plain/legacy-crm", {"protocol": "HTTP"}),
    ("gateway.kubernetes.yaml", "kubernetes:app/Service/app-internal:50051", {"exposure": "internal"}),
    (
        AGENTS,
        "kubernetes:monitoring/Service/dashboards:3000",
        {"name": "dashboards port 31300", "exposure": None},
    ),
    (
        PLAN,
        "terraform:aws_lb_listener.https",
        {"exposure": "internet", "component": "terraform:aws_lb.front"},
    ),
    (PLAN, "terraform:aws_instance.bastion", {"name": "bastion", "technology": "amazon_ec2"}),
    (ORDERS, "openapi:Orders API/Orders", {"parent": "openapi:Orders API/", "protocol": "HTTPS"}),
    ("flow.mermaid.mmd", "mermaid:queue", {"role": "data_store", "boundary": "mermaid:subgraph/private"}),
    ("flow.mermaid.mmd", "mermaid:customer", {"role": "external_entity"}),
    ("flow.mermaid.mmd", "mermaid:subgraph/private", {"parent": "mermaid:subgraph/cloud"}),
    ("flow.mermaid.mmd", "mermaid:api>stripe", {"protocol": "REST over HTTPS"}),
)


def item_of(names: str, key: str) -> DraftItem:
    found = [item for item in fixture_draft(names).items if item.key == key]
    assert found, f"{names} proposes no {key}"
    return found[0]


def test_files_answer_the_questions_that_they_answer() -> None:
    wrong: list[str] = []
    for one in ANSWERS:
        answers = {answer.fact: answer for answer in item_of(one.names, one.key).answers}
        given = answers.get(one.fact)
        said = (given.answer, given.place.line, given.certainty) if given else None
        if said != (one.answer, one.line, one.certainty):
            wrong.append(f"{one}: {said}")
    assert wrong == []


def test_a_file_that_says_nothing_answers_nothing() -> None:
    for names, key, fact in SILENT:
        assert fact not in {answer.fact for answer in item_of(names, key).answers}, (names, key, fact)


def test_items_have_the_attributes_that_files_state() -> None:
    wrong: list[str] = []
    for names, key, wanted in ATTRIBUTES:
        one = item_of(names, key)
        wrong += [
            f"{key} {name}: {getattr(one, name)}"
            for name, value in wanted.items()
            if getattr(one, name) != value
        ]
    assert wrong == []


def faults(draft: Draft) -> list[str]:
    """What no draft may have: answers to other questions, keys of nothing, names twice or too long."""
    found: list[str] = []
    keys = [item.key for item in draft.items]
    names: set[tuple[Kind, str]] = set()
    for item in draft.items:
        for answer in item.answers:
            fact = BUILT_IN.facts.get(answer.fact)
            if fact is None or item.kind not in fact.kinds:
                found.append(f"{item.key}: no question {answer.fact} about a {item.kind}")
        found += [f"{item.key} refers to {other}" for other in item.referred if other not in keys]
        if item.technology and BUILT_IN.technology_of(item.technology) is None:
            found.append(f"{item.key}: no technology {item.technology}")
        if item.protocol and not protocol_typed(BUILT_IN, item.protocol):
            found.append(f"{item.key}: no protocol {item.protocol}")
        if item.kind is Kind.DATA_FLOW:
            found += [f"{item.key} has no ends"] if not (item.source and item.target) else []
        if not item.name or len(item.name) > NAME or len(item.sort) > WORD:
            found.append(f"{item.key}: the name or the type is empty or too long")
        named = (item.kind, same_name(item.name))
        if named in names:
            found.append(f"{item.key}: {item.name} is there twice")
        names.add(named)
    found += [f"{key} is there twice" for key in {*keys} if keys.count(key) > 1]
    return found


def test_drafts_are_complete_and_consistent() -> None:
    assert {names: faults(fixture_draft(names)) for names in COUNTS} == {names: [] for names in COUNTS}


def test_no_file_name_and_no_line_is_part_of_a_key() -> None:
    for names in NAMES:
        for item in fixture_draft(names).items:
            assert names not in item.key
            assert f":{item.place.line}" not in item.key or item.kind is Kind.ENTRY_POINT


def test_every_item_of_a_file_with_lines_has_one() -> None:
    for names in COUNTS:
        for item in fixture_draft(names).items:
            assert item.place.line > 0, (names, item.key)
            assert all(answer.place.line > 0 for answer in item.answers), (names, item.key)


def test_threats_are_read_with_their_categories() -> None:
    draft = fixture_draft("review.tc.json")
    assert [(threat.title, "".join(threat.stride), threat.certainty) for threat in draft.threats] == [
        ("Forge payment notifications", "ST", Certainty.LIKELY),
        ("An insider can read card data in logs", "I", Certainty.LIKELY),
        ("A moon phase affects the ledger", "T", Certainty.GUESS),
    ]
    assert draft.threats[0].description.endswith("goods sent without payment\n\nSeen at a competitor.")
    assert [assumption.text for assumption in draft.assumptions] == ["Card numbers never reach our servers"]


def test_a_service_and_its_api_description_are_one_component() -> None:
    draft = fixture_draft(f"{SHOP} {ORDERS}")
    described = next(item for item in draft.items if item.key == "openapi:Orders API/Orders")
    assert described.component == "compose:shop/api"
    assert "openapi:Orders API" not in {item.key for item in draft.items}
    assert faults(draft) == []


def accepted(draft: Draft) -> ThreatModel:
    """A model into which everything was accepted, as often as it takes: also what is only possible."""
    items = {item.key: True for item in draft.items}
    model = replay([started()])
    past = [started()]
    for minute in range(10, 20):
        comparison = compare_draft(draft, model)
        assert not [one for one in comparison.in_state(ItemState.CONFLICT) if not one.identical]
        if not comparison.open:
            break
        past = decide_all(accept(draft, seen_all(draft, items=items), minute=minute), after=past)
        model = replay(past)
    return model


def test_whole_drafts_can_be_accepted_and_propose_nothing_again() -> None:
    drafts = {names: fixture_draft(names) for names in COUNTS} | {name: read_unseen(name) for name in JUDGED}
    left: dict[str, list[str]] = {}
    for names, draft in drafts.items():
        model = accepted(draft)
        left[names] = [f"{one.state} {one.key}" for one in compare_draft(draft, model).open]
        left[names] += [drift.text for drift in drift_from_model(draft, model).drifts]
        kinds = [kind for kind in Kind if kind is not Kind.COMPONENT]
        for kind in kinds:
            proposed = sum(item.kind is kind for item in draft.items)
            if len(model.of_kind(kind)) != proposed:
                left[names].append(f"{kind}: {len(model.of_kind(kind))} of {proposed}")
    assert left == {names: [] for names in drafts}


def test_accepted_flows_are_named_by_their_ends() -> None:
    model = accepted(fixture_draft("shop.compose.yaml"))
    assert {one.name for one in model.of_kind(Kind.DATA_FLOW) if isinstance(one, DataFlow)} == {""}


def test_the_same_content_under_another_name_and_below_other_lines_proposes_nothing() -> None:
    model = accepted(fixture_draft("shop.compose.yaml"))
    text = (FIXTURES / "shop.compose.yaml").read_text()
    moved = SourceFile(name="deploy/stack.yml", content=f"# Moved\n\n{text}".encode())
    assert compare_draft(read_draft([moved]), model).open == ()
