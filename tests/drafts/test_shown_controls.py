"""A reader suggests a control only from what a file shows; most of what is ticked on unseen files is kept."""

import re
from pathlib import Path

import pytest

from bot.drafts.draft_builder import is_weakness
from domain.built_in_catalog import BUILT_IN
from domain.drafts.draft import Certainty, Draft, SourceKey
from domain.kernel.answer import Answer
from tests.bench.drafts import KEPT_AT_LEAST, WRONG_AT_MOST, totals
from tests.drafts.fixture_drafts import NAMES, draft_of, fixture_draft
from tests.drafts.judgement import JUDGED, UNSEEN, judge, read_unseen
from tests.drafts.test_fixtures import faults

SHOWN_BY = {
    ("compose", "least_privilege"): "a user other than root, and all capabilities dropped",
    ("compose", "encrypted"): "the scheme or the options of an address",
    ("compose", "peer_verified"): "sslmode=verify-full in an address",
    (
        "kubernetes",
        "least_privilege",
    ): "security contexts of all containers, and no token of a service account",
    ("kubernetes", "encrypted"): "the scheme or the options of an address",
    ("kubernetes", "peers_restricted"): "ranges of addresses, none of which is the internet",
    ("kubernetes", "caller_authenticated"): "an annotation of the controller that serves the ingress",
    ("kubernetes", "rate_limited"): "an annotation with a number above 0",
    ("kubernetes", "input_bounded"): "an annotation with a size",
    ("kubernetes", "out_of_code"): "an object that holds the secret sealed, or only its name",
    ("dependency", "version_pinned"): "digests of all images, none of which is built or unknown",
    ("dependency", "code_integrity_verified"): "the same",
    ("openapi", "caller_authenticated"): "security requirements of all operations",
    ("openapi", "rate_limited"): "a response 429 of all operations",
    ("openapi", "changes_something"): "methods of all operations, none of which writes",
    ("terraform", "caller_authenticated"): "the type of authorization of a URL",
    ("terraform", "encrypted_at_rest"): "an attribute or a configuration of the resource",
    ("terraform", "not_public"): "all four blocks of public access",
    ("terraform", "vaulted"): "the resource is an entry of a vault",
}
"""What shows each reassuring answer, by the reader and the fact: a new one must say it here."""


def reassuring(draft: Draft) -> set[tuple[str, str]]:
    """The answers of a draft that say that a control is in place, or that a weakness is impossible."""
    return {
        (item.key.partition(":")[0], answer.fact)
        for item in draft.items
        for answer in item.answers
        if answer.certainty is not Certainty.GUESS and not is_weakness(answer.fact, answer.answer)
    }


def test_every_reassuring_answer_names_what_shows_it() -> None:
    drafts = [*map(fixture_draft, NAMES), *map(read_unseen, JUDGED)]
    assert {one for draft in drafts for one in reassuring(draft)} <= {*SHOWN_BY}


def test_every_control_that_a_reader_names_is_in_the_list() -> None:
    sources = [path.read_text() for path in (Path(__file__).parents[2] / "bot/drafts").glob("*.py")]
    controls = {name for name, fact in BUILT_IN.facts.items() if fact.denial}
    never = {"isolated", "role_restricted"}
    named = {name for name in controls if any(re.search(rf'["\s]{name}["\s]', text) for text in sources)}
    assert named - never <= {fact for _, fact in SHOWN_BY}


def answers_of(text: str, key: str) -> dict[str, str]:
    (one,) = [item for item in draft_of(text).items if item.key == SourceKey(key)]
    return {
        answer.fact: answer.answer.value for answer in one.answers if answer.certainty is not Certainty.GUESS
    }


TIGHT = (
    "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: controller%s}\n"
    "spec:\n  template:\n    spec:\n"
    "      serviceAccountName: controller\n      automountServiceAccountToken: %s\n"
    "      containers:\n        - name: c\n          image: acme/c\n          securityContext:\n"
    "            {runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}\n"
)
BINDING = (
    "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\n"
    "roleRef: {kind: ClusterRole, name: %s}\nsubjects: [%s]\n"
)
ROLE = (
    "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\n"
    "rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]\n"
)
SUBJECT = "{kind: ServiceAccount, name: controller, namespace: operations}"
KEY = "kubernetes:default/StatefulSet/controller"
WIDE = {"least_privilege": "no", "role_restricted": "no"}


@pytest.mark.parametrize(
    "subject",
    [
        SUBJECT,
        "{kind: ServiceAccount, name: controller}",
        "{kind: Group, name: system:serviceaccounts}",
        "{kind: Group, name: system:serviceaccounts:operations}",
        "{kind: Group, name: system:authenticated}",
        "{kind: User, name: system:serviceaccount:operations:controller}",
    ],
)
@pytest.mark.parametrize("role", ["cluster-admin", "all"])
def test_a_workload_without_a_namespace_has_the_roles_of_its_account_in_any(subject: str, role: str) -> None:
    found = answers_of(TIGHT % ("", "true") + BINDING % (role, subject) + ROLE, KEY)
    assert {fact: found.get(fact) for fact in WIDE} == WIDE


def test_a_workload_in_another_namespace_has_not_the_roles_of_an_account_of_the_same_name() -> None:
    text = TIGHT % (", namespace: shop", "true") + BINDING % ("cluster-admin", SUBJECT)
    assert "least_privilege" not in answers_of(text, KEY.replace("default", "shop"))


def test_least_privilege_is_suggested_only_for_pods_without_a_token() -> None:
    assert answers_of(TIGHT % ("", "false"), KEY)["least_privilege"] == "yes"
    account = (
        "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: controller}\n"
        "automountServiceAccountToken: false\n"
    )
    assert answers_of(TIGHT % ("", "") + account, KEY)["least_privilege"] == "yes"
    withdrawn = {
        "a token": TIGHT % ("", "true"),
        "nothing said of it": TIGHT % ("", ""),
        "a token in a volume": TIGHT.replace(
            "      containers:",
            "      volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t}}]}}]\n"
            "      containers:",
        )
        % ("", "false"),
        "a role": TIGHT % ("", "false") + BINDING % ("view", SUBJECT),
        "a role of an account that is not known": TIGHT % ("", "false")
        + BINDING % ("view", "{kind: ServiceAccount, name: '${ACCOUNT}'}"),
        "a privilege behind a variable": (TIGHT % ("", "false")).replace(
            "runAsNonRoot: true", "runAsNonRoot: true, privileged: '${P}'"
        ),
        "a user that is root": (TIGHT % ("", "false")).replace("runAsNonRoot: true", "runAsUser: '00'"),
    }
    assert [
        name for name, text in withdrawn.items() if answers_of(text, KEY).get("least_privilege") == "yes"
    ] == []


def test_least_privilege_of_a_service_is_not_suggested_over_what_was_not_read() -> None:
    tight = "services: {a: {image: b, user: '1000', cap_drop: [ALL]%s}}"
    assert answers_of(tight % "", "compose:a")["least_privilege"] == "yes"
    for more in (
        ", extends: {service: x}",
        ", pid: '${P}'",
        ", volumes: ['${V}:/v']",
        ", privileged: 'true'",
    ):
        assert answers_of(tight % more, "compose:a").get("least_privilege") != "yes", more
    assert answers_of(tight.replace("1000", "00") % "", "compose:a")["least_privilege"] == "no"


DIGEST = f"b@sha256:{'3' * 64}"
IMAGES = "dependency:container-images"


def test_images_are_pinned_only_if_all_are_known() -> None:
    pinned = f"services: {{a: {{image: '{DIGEST}'}}%s}}"
    assert answers_of(pinned % "", IMAGES)["version_pinned"] == "yes"
    for more in (", c: {image: '${IMAGE}'}", ", c: {build: .}", ", c: {extends: {file: x, service: y}}"):
        assert "version_pinned" not in answers_of(pinned % more, IMAGES), more
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
        f"spec: {{containers: [{{name: a, image: '{DIGEST}'}}]}}\n"
    )
    assert answers_of(pod, IMAGES)["version_pinned"] == "yes"
    other = "---\napiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\n"
    assert "version_pinned" not in answers_of(pod + other, IMAGES)


INGRESS = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: i\n  annotations:\n%s"
    "spec:\n  %s\n  rules: [{host: h, http: {paths: [{path: /, backend: {service: {name: s}}}]}}]\n"
)
ANNOTATIONS = {
    "whitelist-source-range: 10.0.0.0/8": {"peers_restricted": "yes"},
    "whitelist-source-range: 0.0.0.0/0": {"peers_restricted": "no"},
    "whitelist-source-range: '10.0.0.0/8,::/0'": {"peers_restricted": "no"},
    "whitelist-source-range: '0.0.0.0/1,128.0.0.0/1'": {"peers_restricted": "no"},
    "whitelist-source-range: '${RANGE}'": {},
    "limit-rps: '5'": {"rate_limited": "yes"},
    "limit-rps: '0'": {},
    "auth-type: basic": {"caller_authenticated": "yes"},
    "auth-type: none": {},
    "auth-tls-secret: a/b": {"caller_authenticated": "yes"},
    "auth-tls-secret: a/b\n    nginx.ingress.kubernetes.io/auth-tls-verify-client: optional": {},
    "proxy-body-size: '0'": {"input_bounded": "no"},
}


@pytest.mark.parametrize("annotation", ANNOTATIONS)
def test_an_annotation_counts_with_its_value_and_for_its_controller(annotation: str) -> None:
    line = f"    nginx.ingress.kubernetes.io/{annotation}\n"
    key = "kubernetes:default/Ingress/i/s"
    found = answers_of(INGRESS % (line, "ingressClassName: nginx"), key)
    found.pop("public")
    assert found == ANNOTATIONS[annotation]
    for other in ("ingressClassName: traefik", "ingressClassName: ''"):
        assert "yes" not in (answers_of(INGRESS % (line, other), key) | {"public": ""}).values()


def test_an_api_that_is_partly_in_another_file_is_not_called_authenticated() -> None:
    whole = (
        "openapi: 3.0.0\ninfo: {title: A}\nsecurity: [{k: []}]\n"
        "components: {securitySchemes: {k: {type: http, scheme: basic}}}\npaths:\n  /a: {get: {tags: [T]}}\n"
    )
    found = answers_of(whole, "openapi:A/T")
    assert (found["caller_authenticated"], found["changes_something"]) == ("yes", "no")
    found = answers_of(f"{whole}  /b: {{$ref: other.yaml}}\n", "openapi:A/T")
    assert not {"caller_authenticated", "changes_something"} & {*found}


def test_what_was_not_read_is_listed() -> None:
    kinds = "".join(
        f"---\napiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: a}}\n"
        for group, kind in (
            ("argoproj.io", "Workflow"),
            ("networking.k8s.io", "NetworkPolicy"),
            ("policy", "PodDisruptionBudget"),
        )
    )
    assert draft_of(kinds).notes == (
        "Workflow: objects of this kind were not read",
        "NetworkPolicy: what it allows or denies was not read",
    )


def test_a_weakness_is_always_told() -> None:
    told = draft_of("services: {a: {image: '${I}', privileged: true, pid: '${P}', extends: {service: b}}}")
    answers = {answer.fact: answer.answer for item in told.items for answer in item.answers}
    assert answers["least_privilege"] is Answer.NO


def test_people_keep_most_of_what_is_ticked_and_few_answers_are_wrong() -> None:
    ticked, kept, answers, wrong = totals([judge(file) for file in JUDGED])
    assert kept >= KEPT_AT_LEAST * ticked
    assert wrong <= WRONG_AT_MOST * answers
    assert ticked > 100
    assert answers > 80


def test_every_file_is_judged_and_its_draft_is_consistent() -> None:
    assert sorted(JUDGED) == sorted(path.name for path in UNSEEN.iterdir())
    assert {file: faults(read_unseen(file)) for file in JUDGED} == {file: [] for file in JUDGED}
