// Lets a repeated list grow and shrink; without it the server offers one blank row at a time.
const MARK = /__row__/g;

function renumber(list) {
  const rows = [...list.querySelectorAll(':scope > [data-rows] > [data-row]')];
  rows.forEach((row, index) => {
    const name = `${list.dataset.rowLabel} ${index + 1}`;
    row.querySelector(':scope > legend .row-name').textContent = name;
    row.querySelector(':scope > [data-remove] .sr').textContent = name;
    row.querySelector(':scope > [data-remove]').hidden = false;
  });
  const add = list.querySelector('[data-add]');
  add.hidden = rows.length >= Number(list.dataset.most);
  list.dispatchEvent(new CustomEvent('rows', { bubbles: true }));
}

function nextNumber(list) {
  const taken = [...list.querySelectorAll('[data-row]')].map((row) => Number(row.dataset.row.split('-').pop()));
  return Math.max(-1, ...taken) + 1;
}

function addRow(list) {
  const holder = document.createElement('div');
  holder.innerHTML = list.querySelector('template').innerHTML.replace(MARK, nextNumber(list));
  const row = holder.querySelector('[data-row]');
  list.querySelector('[data-rows]').append(row);
  document.dispatchEvent(new CustomEvent('row-added', { detail: row }));
  renumber(list);
  const first = row.querySelector('input:not([type=hidden]), select, textarea');
  if (first) first.focus();
}

function removeRow(list, row) {
  const neighbour = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  renumber(list);
  (neighbour?.querySelector('input:not([type=hidden]), select, textarea') || list.querySelector('[data-add]')).focus();
}

export function prepareList(list) {
  for (const row of list.querySelectorAll('[data-spare]')) row.remove(); // it is for browsers without script
  list.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (button?.hasAttribute('data-add')) addRow(list);
    if (button?.hasAttribute('data-remove')) removeRow(list, button.closest('[data-row]'));
  });
  renumber(list);
}
