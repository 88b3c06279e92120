"""Templates that were not rendered: Helm, Kustomize, Jinja; with how to render them."""

import re
from typing import Final

from bot.drafts.lined_values import LinedList, LinedMapping

_MARKS: Final = re.compile(r"\{\{|\{%")
_HELM: Final = re.compile(
    r"\{\{-?\s{0,20}(?:\.(?:Values|Release|Chart|Capabilities|Files|Template)\b"
    r"|(?:include|template|tpl|toYaml|range|with|define|if|end|else)\b|\$|/\*)"
)
_JINJA_BLOCK: Final = re.compile(r"\{%")
_KUSTOMIZE_KEYS: Final = ("resources", "patches", "patchesStrategicMerge", "bases", "configMapGenerator")

HELM: Final = (
    "The file is a Helm template that is not rendered. Render it, and draft the result: "
    "helm template RELEASE CHART > rendered.yaml."
)
CHART: Final = (
    "The file belongs to a Helm chart and describes no objects. Render the chart, and draft the result: "
    "helm template RELEASE CHART > rendered.yaml."
)
KUSTOMIZE: Final = (
    "The file is a Kustomization, which refers to other files. Render it, and draft the result: "
    "kubectl kustomize DIRECTORY > rendered.yaml."
)
JINJA: Final = (
    "The file is a template ({{ … }}) that is not rendered. Render it with the tool that it is for, and "
    "draft the result."
)


def has_marks(text: str) -> bool:
    """Return whether a text has marks of a template anywhere; they may be part of a value."""
    return _MARKS.search(text) is not None


def refusal_of(text: str) -> str:
    """Return how to render a text that has marks of a template."""
    return HELM if _HELM.search(text) else JINJA


def template_refusal(text: str, documents: list[LinedMapping]) -> str:
    """Return the refusal of a file whose documents belong to a template; empty if they do not."""
    for one in documents:
        if one.text("kind") == "Kustomization" or ("kustomize.config.k8s.io" in one.text("apiVersion")):
            return KUSTOMIZE
        if "kind" not in one and any(isinstance(one.get(key), LinedList) for key in _KUSTOMIZE_KEYS):
            return KUSTOMIZE
        if one.text("apiVersion") in ("v1", "v2") and "kind" not in one and "version" in one:
            return CHART
    if _JINJA_BLOCK.search(text) and re.search(r"^[^\S\n]*\{%", text, re.MULTILINE):
        return refusal_of(text)
    if has_marks(text) and any(_is_template(one) for one in documents):
        return refusal_of(text)
    return ""


def _is_template(document: LinedMapping) -> bool:
    """Return whether a name, a type or an image of a document is a placeholder."""
    named = [document.text("kind"), document.text("name"), document.mapping("metadata").text("name")]
    services = document.mapping("services")
    named += [*services, *(services.mapping(one).text("image") for one in services)]
    named += [document.mapping("info").text("title")]
    pod = document.mapping("spec", "template", "spec")
    named += [one.text("image") for one in pod.list("containers").mappings()]
    named += [text for text, _ in _names(document)]
    return any("{{" in one for one in named)


def _names(document: LinedMapping) -> list[tuple[str, int]]:
    metadata = document.mapping("metadata")
    return [(metadata.text(key), metadata.lines.get(key, 0)) for key in ("namespace", "generateName")]
