// Works out the conditions and formulas of forms from the trees that the server sends; the server stays the judge.
//
// The rules are those of forms/evaluation.py: a blank fact equals only 空, and anything else over it is undecided.
export class Undecided extends Error {}

const NUMBER = /^-?\d{1,30}(\.\d{1,30})?$/;
const DAY = /^\d{4}-\d\d-\d\d/;
const WORDS = new Map([['是', true], ['真', true], ['true', true], ['否', false], ['假', false], ['false', false]]);

const asNumber = (value) => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : null;
};
const asDay = (value) => (typeof value === 'string' && DAY.test(value) ? value.slice(0, 10) : null);
const asTruth = (value) => (WORDS.has(value) ? WORDS.get(value) : value);
const flat = (values) => values.flat(Infinity).filter((value) => value !== null && value !== undefined);

function number(value) {
  const found = asNumber(value);
  if (found === null) throw new Undecided();
  return found;
}

function truth(value) {
  const found = asTruth(value);
  if (found !== true && found !== false) throw new Undecided();
  return found;
}

function equals(left, right) {
  if (left === null || right === null) return left === right;
  if (typeof left === 'boolean' || typeof right === 'boolean') return asTruth(left) === asTruth(right);
  if (typeof left === 'string' && typeof right === 'string') return left === right;
  if (typeof left === 'number' || typeof right === 'number') return asNumber(left) === asNumber(right);
  return left === right;
}

function compare(left, right) {
  const numbers = [asNumber(left), asNumber(right)];
  if (!numbers.includes(null)) return Math.sign(numbers[0] - numbers[1]);
  const days = [asDay(left), asDay(right)];
  if (days.includes(null)) throw new Undecided();
  return days[0] < days[1] ? -1 : Number(days[0] > days[1]);
}

function field(owner, name) {
  if (owner === null || owner === undefined) return null;
  if (Array.isArray(owner)) return owner.map((row) => field(row, name));
  if (typeof owner !== 'object') throw new Undecided();
  return name in owner ? owner[name] : null;
}

const exact = (value) => Number(value.toPrecision(15)); // 0.1 + 0.2 is 0.3

function round(how, value, digits) {
  const scale = 10 ** digits;
  const away = how === 'round' ? (n) => Math.sign(n) * Math.round(Math.abs(n)) : Math[how === 'ceiling' ? 'ceil' : 'floor'];
  return away(exact(value * scale)) / scale;
}

function days(left, right) {
  const [first, second] = [asDay(left), asDay(right)];
  return first && second ? (Date.parse(first) - Date.parse(second)) / 86400000 : null;
}

function age(birth, day) {
  const [born, then] = [asDay(birth), asDay(day)];
  if (!born || !then) throw new Undecided();
  return Number(then.slice(0, 4)) - Number(born.slice(0, 4)) - (then.slice(5) < born.slice(5) ? 1 : 0);
}

function extreme(name, values) {
  const rows = flat(values);
  if (!rows.length) return null;
  return rows.reduce((best, row) => ((compare(row, best) < 0) === (name === 'min') ? row : best));
}

const calls = {
  max: (values) => extreme('max', values),
  min: (values) => extreme('min', values),
  sum: (values) => exact(flat(values).reduce((total, row) => total + number(row), 0)),
  count: ([value]) => (value === null || value === undefined ? 0 : value.length),
  any: (values) => flat(values).some(truth),
  all: (values) => flat(values).every(truth),
  round: ([value, digits = 2]) => round('round', number(value), number(digits)),
  ceiling: ([value, digits = 0]) => round('ceiling', number(value), number(digits)),
  floor: ([value, digits = 0]) => round('floor', number(value), number(digits)),
  date: ([value]) => { if (!asDay(value)) throw new Undecided(); return asDay(value); },
  age: ([birth, day]) => age(birth, day),
};

export function evaluate([kind, ...rest], facts) {
  const value = (node) => evaluate(node, facts);
  const lenient = (node) => {
    try { return value(node); } catch (error) { if (error instanceof Undecided) return null; throw error; }
  };
  switch (kind) {
    case 'num': return Number(rest[0]);
    case 'str': case 'bool': return rest[0];
    case 'null': return null;
    case 'name':
      if (!(rest[0] in facts)) throw new Undecided();
      return facts[rest[0]];
    case 'get': return field(value(rest[0]), rest[1]);
    case 'list': return rest[0].map(value);
    case 'and': return rest[0].every((node) => truth(value(node)));
    case 'or': return rest[0].some((node) => truth(value(node)));
    case 'not': return !truth(value(rest[0]));
    case '=': case '!=': {
      const read = rest.some((node) => node[0] === 'null') ? lenient : value;
      return equals(read(rest[0]), read(rest[1])) === (kind === '=');
    }
    case '<': return compare(value(rest[0]), value(rest[1])) < 0;
    case '<=': return compare(value(rest[0]), value(rest[1])) <= 0;
    case '>': return compare(value(rest[0]), value(rest[1])) > 0;
    case '>=': return compare(value(rest[0]), value(rest[1])) >= 0;
    case 'in': case 'notin': {
      const group = value(rest[1]);
      const item = value(rest[0]);
      return Array.isArray(group) && group.some((member) => equals(item, member)) === (kind === 'in');
    }
    case 'neg': return -number(value(rest[0]));
    case '+': return exact(number(value(rest[0])) + number(value(rest[1])));
    case '-': {
      const [left, right] = [value(rest[0]), value(rest[1])];
      return days(left, right) ?? exact(number(left) - number(right));
    }
    case '*': return exact(number(value(rest[0])) * number(value(rest[1])));
    case '/': {
      const below = number(value(rest[1]));
      if (below === 0) throw new Undecided();
      return exact(number(value(rest[0])) / below);
    }
    case 'call':
      if (rest[0] === 'if') return truth(value(rest[1][0])) ? value(rest[1][1]) : value(rest[1][2]);
      return calls[rest[0]](rest[1].map(value));
    default: throw new Undecided();
  }
}

// A condition that can't be decided hides nothing.
export function holds(tree, facts) {
  try {
    return evaluate(tree, facts) === true;
  } catch (error) {
    if (error instanceof Undecided) return false;
    throw error;
  }
}

export function compute(tree, facts) {
  try {
    return evaluate(tree, facts);
  } catch (error) {
    if (error instanceof Undecided) return null;
    throw error;
  }
}
