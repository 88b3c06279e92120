// Files that are dropped anywhere onto a conversation or thread are shared in it.
const attachingAt = (target) => target.closest?.('.pane, .panel')?.querySelector('.attaching');
document.addEventListener('dragover', (event) => {
    if (attachingAt(event.target)) event.preventDefault();
});
document.addEventListener('drop', (event) => {
    const attaching = attachingAt(event.target), files = [...event.dataTransfer.files];
    if (!attaching || !files.length) return;
    event.preventDefault();
    getElement(Number(attaching.id.slice(1))).$refs.qRef.addFiles(files);
});
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
    putText(draft, [text, boxOf(draft)?.value ?? sessionStorage.getItem(draft)].filter(Boolean).join('\n'));
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
const sendText = (box, emit) => {
    const text = takeText(box);
    if (text) emit(text);
};
// Enter sends and empties the box, or takes the selected suggestion; Shift+Enter makes a new line, as does
// Enter during IME composition. Tab takes the first suggestion; without one, or with Shift, it moves the
// focus as usual.
const composerKey = (event, emit) => {
    const box = event.target, all = [...box.closest('.composer').querySelectorAll('.suggestion')];
    const at = all.findIndex((one) => one.classList.contains('picked'));
    // By its text: the server may be about to replace the suggestions by those for the last letter.
    const take = (one) => { event.preventDefault(); emit('take', one.dataset.text); };
    if (event.isComposing) return;
    if (event.key === 'Escape' && all.length) {
        event.stopPropagation();
        emit('escape', '');
    } else if (event.key === 'Tab' && !event.shiftKey && all.length) {
        take(all[Math.max(at, 0)]);
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && all.length) {
        event.preventDefault();
        const step = event.key === 'ArrowDown' ? 1 : -1;
        const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length;
        all.forEach((one, place) => one.classList.toggle('picked', place === next));
        all[next].scrollIntoView({block: 'nearest'});
    } else if (event.key === 'Enter' && !event.shiftKey) {
        if (at >= 0) return take(all[at]);
        event.preventDefault();
        const text = takeText(box);
        if (text) emit('enter', text);
    }
};
