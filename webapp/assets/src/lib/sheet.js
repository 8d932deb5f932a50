// Keeps a form alive while it is filled in: hides what doesn't apply, works out what is computed.
import { compute, holds } from './conditions.js';

const PASSES = 6;

// The facts of a form as it stands: {name: value}, lists as arrays of rows, hidden fields blank.
function readFacts(form) {
  const facts = { ...JSON.parse(form.dataset.facts || '{}') };
  for (const list of form.querySelectorAll('[data-list]')) {
    const rows = isHidden(list) ? [] : rowsOf(list).map((row) => readFields(form, row));
    facts[list.dataset.list] = rows.filter((row) => JSON.stringify(row) !== blankRow(form, list));
  }
  return Object.assign(facts, readFields(form, null));
}

const rowsOf = (list) => [...list.querySelectorAll(':scope > [data-rows] > [data-row]')];
const isHidden = (element) => element.closest('[data-hide][hidden]') !== null;
const rowOf = (element) => element.closest('[data-row]');

// A row that nobody touched doesn't count, on the server neither.
const blanks = new WeakMap();
function blankRow(form, list) {
  if (!blanks.has(list)) {
    const row = list.querySelector('template').content.querySelector('[data-row]');
    blanks.set(list, JSON.stringify(readFields(form, row)));
  }
  return blanks.get(list);
}

function readFields(form, row) {
  const found = {};
  const scope = row || form;
  const key = (name) => (row ? name.slice(row.dataset.row.length + 1) : name);
  for (const input of scope.querySelectorAll('input, select, textarea')) {
    if (!input.name || rowOf(input) !== row || ['csrf_token', 'key'].includes(input.name)) continue;
    put(found, key(input.name.replace(/^kept:/, '')), input);
  }
  for (const output of scope.querySelectorAll('output[data-name]')) {
    if (rowOf(output) === row) found[key(output.dataset.name)] = output.dataset.value ?? null;
  }
  return found;
}

function put(found, name, input) {
  const hidden = isHidden(input);
  if (input.type === 'checkbox' && input.value !== 'on') {
    found[name] = Array.isArray(found[name]) ? found[name] : [];
    if (input.checked && !hidden) found[name].push(input.value);
  } else if (input.type === 'checkbox') {
    found[name] = input.checked && !hidden;
  } else if (input.type === 'radio') {
    found[name] ??= null;
    if (input.checked && !hidden) found[name] = input.value;
  } else {
    found[name] = hidden ? null : input.value.trim() || null;
  }
}

const parsed = new WeakMap();
function tree(element, attribute) {
  if (!parsed.has(element)) parsed.set(element, JSON.parse(element.dataset[attribute]));
  return parsed.get(element);
}

export function refresh(form) {
  for (let pass = 0; pass < PASSES; pass += 1) {
    const facts = readFacts(form);
    const rows = new Map();
    const seen = (element) => {
      const row = rowOf(element);
      if (!row) return facts;
      if (!rows.has(row)) rows.set(row, { ...facts, ...readFields(form, row) });
      return rows.get(row);
    };
    let changed = false;
    for (const output of form.querySelectorAll('output[data-compute]')) {
      changed = write(output, compute(tree(output, 'compute'), seen(output))) || changed;
    }
    for (const element of form.querySelectorAll('[data-hide]')) {
      const hide = holds(tree(element, 'hide'), seen(element));
      changed = changed || element.hidden !== hide;
      element.hidden = hide;
    }
    if (!changed) return;
  }
}

function write(output, value) {
  const before = output.dataset.value;
  if (value === null || value === undefined) delete output.dataset.value;
  else output.dataset.value = String(value);
  const shown = { true: '是', false: '否' }[value] ?? value ?? '填写后自动计算';
  if (output.textContent !== String(shown)) output.textContent = shown;
  return output.dataset.value !== before;
}

export function watch(form) {
  let waiting = 0;
  const later = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => refresh(form));
  };
  form.addEventListener('input', later);
  form.addEventListener('change', later);
  form.addEventListener('rows', later);
  refresh(form);
}
