// Marks panes that the user has scrolled up, so that new messages do not move them. Content added at the end
// during a scroll to the end does not count as scrolling up.
document.addEventListener('scroll', ({target: pane}) => {
    if (!pane.classList?.contains('messages')) return;
    const far = pane.scrollHeight - pane.scrollTop - pane.clientHeight > 120;
    if (!far) pane.dataset.away = '';
    else if (pane.scrollTop < (pane.before ?? 0)) pane.dataset.away = '1';
    pane.before = pane.scrollTop;
}, true);
// Panes scrolled to the end stay there when messages or pictures arrive or the window changes.
const pinMessages = () => document.querySelectorAll('.messages').forEach((pane) => {
    if (!pane.dataset.away) pane.scrollTop = pane.scrollHeight;
});
document.addEventListener('load', pinMessages, true);
addEventListener('resize', pinMessages);
new MutationObserver((changes) => {
    if (changes.some(({target}) => target.closest?.('.messages'))) pinMessages();
}).observe(document, {childList: true, subtree: true});
// Escape means the page also where nothing on it has the focus.
document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.target !== document.body) return;
    if (document.querySelector('.q-menu, .q-dialog__inner')) return;
    document.querySelector('.app')?.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}));
});
const follow = (id, always) => setTimeout(() => {
    const pane = getHtmlElement(id);
    if (pane && (always || !pane.dataset.away)) pane.scrollTop = pane.scrollHeight;
}, 30);
const jumpToEnd = (event) => {
    const pane = event.target.closest('.jump').previousElementSibling;
    pane.scrollTo({top: pane.scrollHeight});
};
// If the browser denies the clipboard to pages like this one, a hidden text box is used.
const copyText = (text) => {
    const byHand = () => {
        const box = Object.assign(document.createElement('textarea'), {value: text});
        document.body.append(box); box.select(); document.execCommand('copy'); box.remove();
    };
    navigator.clipboard ? navigator.clipboard.writeText(text).catch(byHand) : byHand();
};
