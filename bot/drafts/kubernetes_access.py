"""Privileges of pods: security contexts, the host, and the roles of their service accounts."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from bot.drafts.draft_builder import BuiltItem
from bot.drafts.host_privileges import answer_capability, answer_host_path
from bot.drafts.kubernetes_objects import KubernetesObject, Workload
from bot.drafts.lined_values import LinedMapping, text_of
from bot.drafts.variable_values import is_open
from domain.drafts.draft import Certainty, SourcePlace

_ADMINISTRATORS: Final = frozenset({"cluster-admin"})


_ACCOUNT: Final = re.compile(r"system:serviceaccount:([^:]{1,253}):([^:]{1,253})")
_ACCOUNTS: Final = re.compile(r"system:(?:serviceaccounts(?::([^:]{1,253}))?|(?:un)?authenticated)")


class _Binding(msgspec.Struct, frozen=True):
    """A role that is given to an account; its namespace or its name is empty if it may be any."""

    namespace: str
    name: str
    strong: bool
    place: SourcePlace


class BoundRoles:
    """The roles that service accounts are given, and whether they need the token of one at all.

    An object that states no namespace gets it when it is applied: it may be that of any other object.
    """

    def __init__(self, objects: Sequence[KubernetesObject]) -> None:
        wide = [one for one in objects if one.kind in ("Role", "ClusterRole") and _is_wide(one)]
        self._tokenless = [
            one
            for one in objects
            if one.kind == "ServiceAccount" and one.body.get("automountServiceAccountToken") is False
        ]
        self._bindings: list[_Binding] = []
        for one in objects:
            if one.kind not in ("RoleBinding", "ClusterRoleBinding"):
                continue
            role = one.body.mapping("roleRef")
            kind, name = role.text("kind"), role.text("name")
            strong = name in _ADMINISTRATORS or any(
                (kind, name) == (other.kind, other.name)
                and (kind == "ClusterRole" or _may_be_same(one.stated_namespace, other.stated_namespace))
                for other in wide
            )
            place = one.body.place("roleRef")
            for namespace, account in _accounts(one):
                named = not is_open(f"{namespace}{account}")
                self._bindings.append(
                    _Binding(namespace if named else "", account if named else "", strong and named, place)
                )

    def of(self, workload: Workload) -> list[_Binding]:
        """Return the roles of a workload, each with whether it may do everything."""
        return [
            one
            for one in self._bindings
            if one.name in ("", workload.account)
            and _may_be_same(one.namespace, workload.one.stated_namespace)
        ]

    def has_no_token(self, workload: Workload) -> bool:
        """Return whether the files say that the pods of a workload get no token of a service account."""
        stated = workload.pod.get("automountServiceAccountToken")
        projected = any(
            "serviceAccountToken" in source
            for volume in workload.pod.list("volumes").mappings()
            for source in volume.mapping("projected").list("sources").mappings()
        )
        return not projected and (
            stated is False
            or (
                stated is None
                and any(
                    one.name == workload.account
                    and _may_be_same(one.stated_namespace, workload.one.stated_namespace)
                    for one in self._tokenless
                )
            )
        )


def _accounts(binding: KubernetesObject) -> Iterator[tuple[str, str]]:
    """Yield the namespace and the name of each service account of a binding; empty if it may be any."""
    for subject in binding.body.list("subjects").mappings():
        name = subject.text("name")
        if subject.text("kind") == "ServiceAccount":
            yield subject.text("namespace") or binding.stated_namespace, name
        elif found := _ACCOUNT.fullmatch(name):
            yield found[1], found[2]
        elif found := _ACCOUNTS.fullmatch(name):
            yield found[1] or "", ""


def _may_be_same(one: str, other: str) -> bool:
    """Return whether two namespaces can be the same one: an empty one is not stated."""
    return not one or not other or one == other


def answer_pod_privileges(item: BuiltItem, workload: Workload, roles: BoundRoles) -> None:
    """Answer the questions about privileges that the pod and its roles answer."""
    pod = workload.pod
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.is_true(key):
            item.answer("isolated", pod.place(key), yes=False)
            item.answer("least_privilege", pod.place(key), yes=False, certainty=Certainty.LIKELY)
    for volume in pod.list("volumes").mappings():
        path = volume.mapping("hostPath")
        if path.text("path"):
            answer_host_path(item, path.text("path"), path.place("path"))
            item.answer("isolated", path.place("path"), yes=False, certainty=Certainty.LIKELY)
    contexts = [_context(pod, one) for one in workload.all_containers]
    for context in contexts:
        _answer_context(item, context)
    bound = roles.of(workload)
    for one in bound:
        if one.strong:
            sure = Certainty.CERTAIN if workload.one.stated_namespace else Certainty.LIKELY
            item.answer("least_privilege", one.place, yes=False, certainty=sure)
            item.answer("role_restricted", one.place, yes=False, certainty=sure)
    # Roles may be bound in other files, so that only a pod without a token surely has none.
    if contexts and all(_is_tight(one) for one in contexts) and not bound and roles.has_no_token(workload):
        place = next((one.place("runAsNonRoot") for one in contexts if "runAsNonRoot" in one), item.place)
        item.answer("least_privilege", place, yes=True, certainty=Certainty.LIKELY)


def _is_wide(role: KubernetesObject) -> bool:
    return any(
        _has_all(rule, "verbs") and _has_all(rule, "resources") for rule in role.body.list("rules").mappings()
    )


def _has_all(rule: LinedMapping, key: str) -> bool:
    return any(text == "*" for text, _ in rule.list(key).texts())


def _context(pod: LinedMapping, container: LinedMapping) -> LinedMapping:
    """Return the security context of a container, with what the pod's adds to it."""
    found = LinedMapping(pod.file)
    for context in (pod.mapping("securityContext"), container.mapping("securityContext")):
        for key, value in context.items():
            found.put(key, value, context.lines[key])
    return found


def _answer_context(item: BuiltItem, context: LinedMapping) -> None:
    if context.is_true("privileged"):
        item.answer("least_privilege", context.place("privileged"), yes=False)
        item.answer("isolated", context.place("privileged"), yes=False)
    if context.is_true("allowPrivilegeEscalation"):
        place = context.place("allowPrivilegeEscalation")
        item.answer("least_privilege", place, yes=False, certainty=Certainty.LIKELY)
    if context.text("runAsUser") and not context.text("runAsUser").strip("0"):
        place = context.place("runAsUser")
        item.answer("least_privilege", place, yes=False, certainty=Certainty.LIKELY)
    for name, place in context.mapping("capabilities").list("add").texts():
        answer_capability(item, name, place)


def _is_tight(context: LinedMapping) -> bool:
    user = context.text("runAsUser")
    drops = {text_of(one).upper() for one in context.mapping("capabilities").list("drop")}
    return (
        (context.get("runAsNonRoot") is True or (user.isdecimal() and user.strip("0") != ""))
        and "ALL" in drops
        and context.get("allowPrivilegeEscalation") is False
    )
