// Compute the due dates of spec/examples/due-dates.txt from the calendars alone (due.mjs) and compare. Prints "N passed, M failed".
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { instant, nothing, prepare, result } from './due.mjs';

const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const all = (text, pattern) => [...text.matchAll(pattern)];

function readCalendar(name) {
  const text = readFileSync(join(top, 'spec/profiles/calendars', name + '.xml'), 'utf8');
  const c = {
    effective: instant(/<Effective>(.*?)</.exec(text)[1]),
    from: /<Span from="(.*?)"/.exec(text)[1],
    until: /<Span .*until="(.*?)"/.exec(text)[1],
    weekend: all(text, /<Weekend>(.*?)</g).map((m) => m[1]),
    holidays: all(text, /<Holiday>(.*?)</g).map((m) => m[1]),
    offsets: all(text, /<Offset from="(.*?)" minutes="(.*?)"/g).map((m) => [instant(m[1]), Number(m[2])]),
  };
  return prepare(c, 2030);
}

function readVector(block, calendars) {
  const v = { ...nothing(), expected: {} };
  const keys = {
    vector: (w) => (v.name = w[0]),
    calendars: (w) => (v.calendars = w.map((name) => (calendars[name] ??= readCalendar(name)))),
    clock: (w) => (v.clock = w[0]),
    period: (w) => (v.period = w[1] === 'none' ? [] : w),
    starts: (w) => (v.starts = w),
    roll: (w) => (v.roll = w[0]),
    'cut-off': (w) => (v.cutOff = w[0]),
    registration: (w) => (v.registration = w),
    extension: (w) => (v.extension = [Number(w[0]), w[1], w[2]]),
    'outage-effect': (w) => (v.effect.outage = w[0]),
    'attempt-effect': (w) => (v.effect.attempt = w[0]),
    'supplement-effect': (w) => (v.effect.pause = w[0]),
    pending: (w) => (v.pending = w[0]),
    event: (w) => (v.event = instant(w[0])),
    registered: (w) => (v.registered = instant(w[0])),
    'handed-over': (w) => (v.handedOver = instant(w[0])),
    attachments: (w) => (v.attachments = instant(w[0])),
    'as-of': (w) => (v.asOf = instant(w[0])),
    outage: (w) => v.outages.push([...w.map(instant), 'outage']),
    pause: (w) => v.outages.push([...w.map(instant), 'pause']),
    attempt: (w) => v.attempts.push(instant(w[0])),
    asked: (w) => (v.asked = [Number(w[0]), instant(w[1])]),
    until: (w) => (v.until = w[0]),
    due: (w) => (v.expected.due = w[0]),
    last: (w) => (v.expected.last = w[0]),
    flags: (w) => (v.expected.flags = w),
    waits: (w) => (v.expected.waits = w[0]),
  };
  for (const line of block.split('\n')) {
    const [key, ...words] = line.trim().split(/ +/);
    if (!keys[key]) throw new Error(`${v.name}: unknown line ${line}`);
    keys[key](words);
  }
  return v;
}

function readVectors() {
  const calendars = {};
  const text = readFileSync(join(top, 'spec/examples/due-dates.txt'), 'utf8');
  return text.replace(/^#.*\n/gm, '').split(/\n\n+/).map((b) => b.trim()).filter((b) => b).map((b) => readVector(b, calendars));
}


let passed = 0, failed = 0;
for (const v of readVectors()) {
  const want = v.expected.waits ? v.expected : { ...v.expected, flags: v.expected.flags ?? [] };
  const got = JSON.stringify(result(v)), wanted = JSON.stringify(want);
  if (got === wanted) passed++;
  else { failed++; console.log(`${v.name}: ${got} instead of ${wanted}`); }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
