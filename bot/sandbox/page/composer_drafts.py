"""Unsent drafts, kept by user and conversation across reloads."""

import json

DRAFTS = """
// Kept by the browser, because boxes are redrawn when the conversation or user changes and on page load.
const keepDraft = (box) => {
    if (box.value) sessionStorage.setItem(box.dataset.draft, box.value);
    else sessionStorage.removeItem(box.dataset.draft);
};
const boxOf = (draft) =>
    [...document.querySelectorAll('[data-draft]')].find((box) => box.dataset.draft === draft);
const takeUpDraft = (box) => { box.value = sessionStorage.getItem(box.dataset.draft) ?? ''; };
document.addEventListener('input', ({target: box}) => { if (box.dataset?.draft) keepDraft(box); });
// Puts a text into a box, or keeps it for when the box is drawn.
const putText = (draft, text) => {
    const box = boxOf(draft);
    if (!box) return sessionStorage.setItem(draft, text);
    box.value = text;
    keepDraft(box);
    box.focus();
};
// Puts a text that could not be sent before whatever was typed meanwhile.
const giveBack = (draft, text) =>
    putText(draft, [text, boxOf(draft)?.value ?? sessionStorage.getItem(draft)].filter(Boolean).join('\\n'));
// Takes the text out of a box, to be sent; while the connection is lost it stays there.
const takeText = (box) => {
    const text = box.value;
    if (!text.trim()) return '';
    if (window.did_handshake && !window.socket.connected) {
        const message = 'Not sent: the connection is lost.';
        Quasar.Notify.create({message, type: 'negative', position: 'top'});
        return '';
    }
    box.value = '';
    keepDraft(box);
    // Scroll to the new message.
    const pane = box.closest('.pane, .panel')?.querySelector('.messages');
    if (pane) { pane.dataset.away = ''; pane.scrollTop = pane.scrollHeight; }
    return text;
};
"""
"""Script of the page that stores drafts."""

TAKE_UP = "(drawn) => takeUpDraft(drawn.el)"
"""Script that a box runs when it is added to the page."""


def put_text(draft: str, text: str) -> str:
    """Return the script that puts a text into the box of a draft."""
    return f"putText({json.dumps(draft)}, {json.dumps(text)})"


def restore_text(draft: str, text: str) -> str:
    """Return the script that restores an unsent text in the box of a draft."""
    return f"giveBack({json.dumps(draft)}, {json.dumps(text)})"
