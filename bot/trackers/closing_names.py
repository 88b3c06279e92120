"""How an issue was closed, by the name of its status or resolution: done, or closed otherwise."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from domain.kernel.tracked_issue import IssueState

_OTHERWISE: Final = re.compile(
    r"\b(?:reject|declin|refus|cancel|abandon|obsolete|invalid|duplicat|discard|dismiss|withdrawn|expired|stale|"
    r"inactiv|postpone|defer|incomplete|unresolved|wont|will not|cannot|cant|could not|unable|out of scope|"
    r"as designed|by design|known error|hardware failure|software failure|no longer|superseded|denied|"
    r"unreproducible|works for me|worksforme|workaround|no change|no action|later|not\b)"
)
"""Beginnings of words by which an issue was closed without having been done, in English."""

_DONE: Final = re.compile(
    r"\b(?:done|fixed|resolved|completed?|implemented|delivered|released|deployed|shipped|verified|solved|finished|"
    r"merged|closed|live)\b"
)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


_REJECTED: Final = _names(
    "abgewiesen|abgelehnt|zurückgewiesen|wird nicht erledigt|duplikat|nicht reproduzierbar|"
    "rejeté|rejetée|annulé|annulée|refusé|doublon|ne sera pas fait|ne sera pas corrigé|"
    "rechazada|rechazado|cancelada|cancelado|duplicado|no se realizará|"
    "rejeitada|rejeitado|rexeitada|duplicada|não será feito|rifiutato|annullato|duplicato|"
    "non verrà eseguito|"
    "afgewezen|geannuleerd|duplicaat|afvist|avvist|avslagen|avbruten|hylätty|tagasi lükatud|"
    "noraidīts|atmestas|"
    "odrzucony|odrzucone|anulowano|duplikat|odmítnutý|odmietnutá|zavrnjen|odbijeno|odbijen|odbaceno|"
    "elutasított|"
    "respins|rebutjat|baztertua|ditolak|reddedildi|rədd etmə|e hedhur tej|từ chối|"
    "απορριπτέο|отклонена|отклонено|отменено|дубликат|отхвърлена|одбијено|одбиена|відмовлено|"
    "відхилено|скасовано|"
    "хүлээж аваагүй|נדחה|مرفوض|ردشده|நிராகரிக்கப்பட்டது|ยกเลิก|却下|取消|重复|重複|已拒絕|已拒绝|已取消|"
    "不修复|不会完成|"
    "対応しない|修正しない|중복|거절|취소|수행하지 않음"
)
"""Names of "rejected", "canceled" and "duplicate" in other languages: those of Redmine and of Jira."""

_DONE_ELSEWHERE: Final = _names(
    "fertig|erledigt|behoben|gelöst|geschlossen|terminé|terminée|résolu|corrigé|fermé|hecho|listo|"
    "resuelta|resuelto|"
    "finalizado|finalizada|concluído|concluída|feito|resolvido|resolvida|fatto|completato|risolto|"
    "chiuso|gereed|"
    "opgelost|klaar|færdig|løst|ferdig|klart|klar|löst|valmis|gotowe|zrobione|rozwiązany|hotovo|"
    "vyřešeno|vyřešený|"
    "vyriešená|kész|megoldva|gata|rezolvat|tamam|bitti|çözüldü|готово|решено|решена|исправлено|"
    "выполнено|"
    "вирішено|виконано|完了|解決|修正済み|完成|已完成|已解决|已解決|已修复|완료|해결|해결됨"
)


_LABELS_AGAINST: Final = _names(
    "wontfix|wontdo|notplanned|duplicate|invalid|stale|rejected|declined|abandoned|obsolete|canceled|cancelled|"
    "cantreproduce|cannotreproduce|notabug|notreproducible|outofscope|worksasintended|worksforme"
)


def by_status(name: str) -> IssueState:
    """Return how an issue with a closed status was closed: done, unless its name says otherwise."""
    return IssueState.CLOSED if _says_otherwise(_plain(name)) else IssueState.COMPLETED


def by_resolution(name: str) -> IssueState:
    """Return how an issue with a resolution was closed: done only if its name says so.

    Resolutions are for telling the ways of closing apart, so that an unknown one is no reason to believe that
    the work was done.
    """
    plain = _plain(name)
    if _says_otherwise(plain):
        return IssueState.CLOSED
    is_done = plain in _DONE_ELSEWHERE or _DONE.search(plain) is not None
    return IssueState.COMPLETED if is_done else IssueState.CLOSED


def label_against(labels: Iterable[str]) -> str:
    """Return the label that says that a closed issue was not done; empty without one.

    Labels are about anything, so that only whole names count. In GitLab, a scope may precede them.
    """
    return next((label for label in labels if _joined(label.rpartition("::")[2]) in _LABELS_AGAINST), "")


def _joined(label: str) -> str:
    return _plain(label).replace(" ", "")


def _says_otherwise(plain: str) -> bool:
    return plain in _REJECTED or _OTHERWISE.search(plain) is not None


def _plain(name: str) -> str:
    """The name in small letters, without apostrophes and punctuation."""
    text = unicodedata.normalize("NFC", name).casefold()
    return " ".join(
        re.sub(r"[-_/().,:;]+", " ", re.sub("['\N{RIGHT SINGLE QUOTATION MARK}`]", "", text)).split()
    )
