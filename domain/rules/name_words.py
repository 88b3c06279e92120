"""Classification of components by words in their names.

A word can save a question, and it can raise one; it never makes a finding, which needs a stated *no*.
"""

import re
from functools import lru_cache


def _word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_QUEUES = _word_set(
    "queue queues topic topics kafka rabbitmq sqs sns pubsub broker stream streams nats kinesis mqtt "
    "eventhub eventbus servicebus activemq pulsar"
)
_OBJECT_STORES = _word_set("s3 bucket buckets blob blobs gcs minio fileshare objects")
_BUILDERS = _word_set(
    "ci cicd jenkins buildkite circleci teamcity tekton travis argocd build builds builder runner "
    "deployer deployment"
)
_OTHER_STORES = _word_set(
    "db database databases sql postgres postgresql mysql mariadb oracle mongodb dynamodb redis cache "
    "log logs disk table tables warehouse elasticsearch index ledger vault"
)


@lru_cache(maxsize=4096)
def is_queue_name(name: str) -> bool | None:
    """Return whether a store is a message queue; None if its name does not tell."""
    return _told(name, _QUEUES, _OTHER_STORES | _OBJECT_STORES)


@lru_cache(maxsize=4096)
def is_object_store_name(name: str) -> bool | None:
    """Return whether a store is an object store or file share; None if its name does not tell."""
    return _told(name, _OBJECT_STORES, _OTHER_STORES | _QUEUES)


@lru_cache(maxsize=4096)
def is_build_name(name: str) -> bool:
    """Return whether the name of a process tells that it builds or deploys software."""
    return bool(_told(name, _BUILDERS, frozenset()))


def _told(name: str, these: frozenset[str], others: frozenset[str]) -> bool | None:
    words = frozenset(_WORDS.findall(name.casefold()))
    if words & these:
        return True
    return False if words & others else None


_WORDS = re.compile(r"[a-z0-9]+")
