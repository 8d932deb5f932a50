// What every page runs; each page works without it.
import { preview } from './lib/files.js';
import { filterChoices } from './lib/filter.js';
import { refresh } from './lib/refresh.js';
import { prepareList } from './lib/rows.js';
import { watch } from './lib/sheet.js';

const NARROW = matchMedia('(max-width: 66rem)');

// A second click sends nothing; coming back with the browser's button wakes the form again.
function submitOnce(form) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = 'true';
    const button = event.submitter || form.querySelector('button');
    if (!button) return;
    button.dataset.words = button.textContent;
    setTimeout(() => { // after the browser has collected the fields
      button.disabled = true;
      if (button.dataset.busy) button.textContent = button.dataset.busy;
    });
  });
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    delete form.dataset.sent;
    form.querySelectorAll('button[data-words]').forEach((button) => {
      button.disabled = false;
      button.textContent = button.dataset.words;
    });
  });
}

// Whoever has typed much is asked before leaving.
function warnBeforeLoss(form) {
  let changed = false;
  form.addEventListener('input', () => { changed = true; });
  form.addEventListener('submit', () => { changed = false; });
  addEventListener('beforeunload', (event) => { if (changed) event.preventDefault(); });
}

// A menu closes when one turns to something else, and with Escape, which leaves the focus on it.
function closeByItself(menu) {
  const shut = () => { menu.open = false; };
  document.addEventListener('click', (event) => { if (!menu.contains(event.target)) shut(); });
  menu.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) shut();
  });
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    shut();
    menu.querySelector('summary').focus();
  });
}

function all(selector, act) {
  document.querySelectorAll(selector).forEach(act);
}

all('form[data-once]', submitOnce);
all('[data-list]', prepareList);
all('form.sheet', (form) => { watch(form); warnBeforeLoss(form); });
all('select[data-filter]', filterChoices);
all('details[data-fold]', (details) => { details.open = !NARROW.matches; });
all('details[data-menu]', closeByItself);
all('[data-refresh]', refresh);
all('[data-print]', (button) => { button.hidden = false; button.addEventListener('click', () => print()); });
all('[data-focus]', (box) => box.focus());
document.addEventListener('change', (event) => { if (event.target.matches('input[data-preview]')) preview(event.target); });

// A link of the summary of faults goes to the field itself, ready to type.
document.addEventListener('click', (event) => {
  const link = event.target.closest('.faults a[href^="#"], .contents a');
  const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  event.preventDefault();
  target.scrollIntoView({ block: 'center' });
  target.focus({ preventScroll: true });
});
