"""Kubernetes objects with their names, and the pods that workloads run."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from bot.drafts.lined_values import NO_MAPPING, LinedMapping
from domain.drafts.draft import SourceKey, SourcePlace

DEFAULT_NAMESPACE: Final = "default"

WORKLOADS: Final = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob", "Pod"}
    | {"Rollout", "DeploymentConfig"}
)
"""Kinds of objects that run pods."""


class KubernetesObject(msgspec.Struct, frozen=True):
    """One object."""

    body: LinedMapping

    @property
    def kind(self) -> str:
        """The kind."""
        return self.body.text("kind")

    @property
    def group(self) -> str:
        """The group of its API; empty for the core."""
        return self.body.text("apiVersion").rpartition("/")[0]

    @property
    def name(self) -> str:
        """The name, or its beginning where the cluster completes it."""
        metadata = self.body.mapping("metadata")
        return metadata.text("name") or metadata.text("generateName").rstrip("-")

    @property
    def namespace(self) -> str:
        """The namespace; the default one if it states none."""
        return self.stated_namespace or DEFAULT_NAMESPACE

    @property
    def stated_namespace(self) -> str:
        """The namespace that it states; empty if it gets one when it is applied."""
        return self.body.mapping("metadata").text("namespace")

    @property
    def spec(self) -> LinedMapping:
        """The specification."""
        return self.body.mapping("spec")

    @property
    def place(self) -> SourcePlace:
        """The place of the name, or of the kind."""
        metadata = self.body.mapping("metadata")
        for key in ("name", "generateName"):
            if key in metadata:
                return metadata.place(key)
        return self.body.place("kind")

    @property
    def key(self) -> SourceKey:
        """The key: `kubernetes:shop/Deployment/web`."""
        return SourceKey(f"kubernetes:{self.namespace}/{self.kind}/{self.name}")

    @property
    def annotations(self) -> LinedMapping:
        """The annotations."""
        return self.body.mapping("metadata", "annotations")


def is_kubernetes(document: LinedMapping) -> bool:
    """Return whether a document is an object of Kubernetes, or a list of them."""
    return bool(document.text("kind")) and bool(document.text("apiVersion"))


def objects_of(documents: Sequence[LinedMapping]) -> Iterator[KubernetesObject]:
    """Yield the objects of documents, also those in lists; objects without a name are none."""
    for document in documents:
        if document.text("kind").endswith("List") and "items" in document:
            yield from objects_of([one for one in document.list("items").mappings() if one.text("kind")])
        else:
            found = KubernetesObject(document)
            if found.name:
                yield found


def pod_template(one: KubernetesObject) -> LinedMapping:
    """Return the template of the pods of a workload; for a pod, itself."""
    match one.kind:
        case "Pod":
            return one.body
        case "CronJob":
            return one.spec.mapping("jobTemplate", "spec", "template")
        case _:
            return one.spec.mapping("template")


class Workload(msgspec.Struct, frozen=True):
    """A workload with the specification and the labels of its pods."""

    one: KubernetesObject

    @property
    def template(self) -> LinedMapping:
        """The template of its pods."""
        return pod_template(self.one)

    @property
    def pod(self) -> LinedMapping:
        """The specification of its pods."""
        return self.template.mapping("spec")

    @property
    def labels(self) -> LinedMapping:
        """The labels of its pods."""
        return self.template.mapping("metadata", "labels")

    @property
    def containers(self) -> list[LinedMapping]:
        """The containers that run for as long as the pod."""
        return list(self.pod.list("containers").mappings())

    @property
    def all_containers(self) -> list[LinedMapping]:
        """The containers, also those that prepare the pod."""
        return [*self.containers, *self.pod.list("initContainers").mappings()]

    @property
    def main(self) -> LinedMapping:
        """The container that the pod is for: the one named like the workload, else the first."""
        containers = self.containers
        named = [one for one in containers if one.text("name") == self.one.name]
        return (named or containers or [NO_MAPPING])[0]

    @property
    def account(self) -> str:
        """The service account of its pods."""
        return self.pod.text("serviceAccountName") or self.pod.text("serviceAccount") or "default"

    def selected_by(self, selector: LinedMapping) -> bool:
        """Return whether the labels of its pods have all values of a selector, which has some."""
        wanted = list(selector.texts())
        return bool(wanted) and all(self.labels.text(name) == value for name, value, _ in wanted)
