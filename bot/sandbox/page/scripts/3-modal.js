// Someone who is already typing keeps the focus.
const focusModal = (first) => setTimeout(() => {
    const field = `.modal-body ${first ? '' : '.wrong '}:is(input,textarea,select)`;
    if (!document.activeElement?.closest('.modal-body')) document.querySelector(field)?.focus();
}, 60);
// Not on a phone, where the keyboard would cover half of the page.
const focusComposer = () => {
    if (matchMedia('(min-width: 641px)').matches) document.querySelector('.pane-foot .composer-box')?.focus();
};
const clickOnEnter = (event, button) => {
    if (event.target.tagName !== 'INPUT' || event.isComposing) return;
    event.preventDefault();
    button.click();
};
// Escape in an open list closes the list alone, as in Slack. A list that closes by this very press is still
// marked as open here.
const escapeModal = (event, emit) => {
    if (!event.target.closest('[role=combobox][aria-expanded=true]')) emit();
};
// Tab stays inside the modal while it is open.
const stayInside = (event) => {
    const all = [...event.currentTarget.querySelectorAll('a[href],button,input,select,textarea,summary')]
        .filter((one) => !one.disabled && one.offsetParent);
    const [first, last] = [all[0], all[all.length - 1]];
    if (event.shiftKey && document.activeElement === first) { event.preventDefault(); last.focus(); }
    if (!event.shiftKey && document.activeElement === last) { event.preventDefault(); first.focus(); }
};
