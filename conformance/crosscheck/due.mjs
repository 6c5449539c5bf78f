// due - due dates from calendars alone (sections 36.2 and 37). Shares nothing with librxp and goes another way: it lists every
// quarter of an hour of the years in question with its local day, and looks days up in that list.
const quarter = 15 * 60000;
const names = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
export const NEVER = Infinity;

export const instant = (text) => (text === 'never' ? NEVER : Date.parse(text));
const iso = (ms) => new Date(ms).toISOString();
const dayAfter = (day) => iso(Date.parse(day + 'T00:00:00Z') + 86400000).slice(0, 10);

// A calendar {effective (ms), from, until (days), weekend, holidays, offsets ([ms, minutes])}, ready to be counted by, for the
// years from 2025 to the one given.
export function prepare(c, lastYear) {
  // The last quarter of an hour on which the day, or an earlier one, is the local day.
  c.ends = new Map();
  for (let ms = Date.UTC(2025, 11, 1); ms < Date.UTC(lastYear + 1, 0, 1); ms += quarter) c.ends.set(localDay(c, ms), ms + quarter - 1);
  return c;
}

function local(c, ms) {
  let minutes = c.offsets[0][1];
  for (const [from, m] of c.offsets) if (from <= ms) minutes = m;
  return iso(ms + minutes * 60000);
}
const localDay = (c, ms) => local(c, ms).slice(0, 10);

// The calendar that speaks for a day of a clock which began under calendars[at].
function speaker(v, at, day) {
  for (const c of v.calendars.slice(at)) if (day >= c.from && day <= c.until) return [c, true];
  return [v.calendars.at(-1), false];
}

function days(v, at, judged) {
  const on = (day) => speaker(v, at, day)[0];
  const isWorking = (day) => {
    const c = on(day);
    return !c.weekend.includes(names[new Date(day + 'T00:00:00Z').getUTCDay()]) && !c.holidays.includes(day);
  };
  const end = (day) => on(day).ends.get(day);
  const start = (day) => end(iso(Date.parse(day + 'T00:00:00Z') - 86400000).slice(0, 10)) + 1;
  const outage = (day, does) =>
    v.outages.some(([from, until, of]) => v.effect[of] === does && from <= end(day) && until > start(day) && from < until);
  const attempt = (day) => v.attempts.some((at) => at >= start(day) && at <= end(day));
  return {
    isWorking, end,
    stopped: (day) => judged && outage(day, 'stop'),
    mayEnd: (day) =>
      !(judged && (outage(day, 'stop') || outage(day, 'extend'))) &&
      !(judged && v.effect.attempt === 'extend' && attempt(day)) &&
      (!judged || v.roll === 'none' || isWorking(day)),
  };
}

function count(d, from, number, unit) {
  let day = from;
  if (unit === 'months') {
    const [y, m, n] = from.split('-').map(Number);
    const last = new Date(Date.UTC(y, m + number, 0)).getUTCDate();
    const target = iso(Date.UTC(y, m - 1 + number, Math.min(n, last))).slice(0, 10);
    number = 0;
    while (day < target) if (d.stopped((day = dayAfter(day)))) number++;
    unit = 'calendar-days';
  }
  while (number > 0) {
    day = dayAfter(day);
    if (!d.stopped(day) && (unit === 'calendar-days' || d.isWorking(day))) number--;
  }
  while (!d.mayEnd(day)) day = dayAfter(day);
  return day;
}

// Hours, a second at a time.
function hours(v, ms, number, judged) {
  const out = (at, does) => judged && v.outages.some(([from, until, of]) => v.effect[of] === does && from <= at && until > at);
  let left = number * 3600;
  for (; left > 0; ms += 1000) if (!out(ms, 'stop')) left--;
  while (out(ms, 'extend')) ms += 1000;
  return ms;
}

const limits = { 'notice': false, 'transit-notice': false, 'consent-validity': false, 'transit-use': false, 'travel-document-validity': false };

function period(v, start, clock, [number, unit]) {
  const judged = limits[clock] ?? true;
  let at = -1;
  v.calendars.forEach((c, i) => { if (c.effective <= start) at = i; });
  const d = days(v, at, judged);
  const c = v.calendars[at];
  if (unit === 'hours') {
    const due = hours(v, start, Number(number), judged);
    return { due, last: localDay(c, due), eventDay: localDay(c, start), d, at, provisional: false };
  }
  let eventDay = localDay(c, start);
  if (v.cutOff && (local(c, start).slice(11, 16) >= v.cutOff || !d.isWorking(eventDay)))
    do eventDay = dayAfter(eventDay); while (!d.isWorking(eventDay));
  if (number === undefined) return { due: NEVER, last: undefined, eventDay, d, at };
  const last = count(d, eventDay, Number(number), unit);
  return { due: d.end(last), last, eventDay, d, at };
}

// Is there a day up to the last of which no version speaks?
function unspoken(v, p, last) {
  if (p.provisional === false) return false;
  for (let day = p.eventDay; day <= last; day = dayAfter(day)) if (!speaker(v, p.at, day)[1]) return true;
  return false;
}

function compute(v) {
  let start = v.event;
  let unsure = false;
  const [starts] = v.starts;
  if (starts !== 'receipt') {
    const got = Math.max(starts === 'registration' ? v.registered : v.handedOver, start);
    const registration = v.registration && period(v, v.event, 'registration', v.registration);
    const limit = registration ? registration.due : NEVER;
    if (got <= limit && got !== NEVER) start = got;
    else if (got === NEVER && v.asOf <= limit) return { waits: limit };
    else unsure = unspoken(v, registration, registration.last);
  }
  if (v.pending === 'clock-waits') {
    if (v.attachments === NEVER) return { waits: NEVER };
    start = Math.max(start, v.attachments);
  }
  const p = period(v, start, v.clock, v.period);
  let { due, last } = p;
  let extended = false;
  if (v.asked && v.asked[1] <= due) {
    const [most, unit, mode] = v.extension;
    const longer = count(p.d, mode === 'additive' ? last : p.eventDay, Math.min(v.asked[0], most), unit);
    if (p.d.end(longer) > due) [due, last, extended] = [p.d.end(longer), longer, true];
  }
  if (v.until && p.d.end(v.until) < due) [due, last] = [p.d.end(v.until), v.until];
  const provisional = unsure || ((p.provisional === undefined || extended) && unspoken(v, { ...p, provisional: undefined }, last));
  const tendered = v.effect.attempt === 'stop' && v.attempts.some((a) => a >= start && a <= due);
  return { due, last, extended, provisional, tendered };
}

// Nothing has happened, and the profile says nothing but how it rolls.
export const nothing = () => ({
  clock: 'reply', period: [], starts: ['receipt'], roll: 'next-working-day', effect: { outage: 'none', attempt: 'none', pause: 'none' }, outages: [], attempts: [],
  registered: NEVER, handedOver: NEVER, asOf: NEVER, attachments: 0,
});

export function result(v) {
  const r = compute(v);
  if (r.waits !== undefined) return { waits: r.waits === NEVER ? 'never' : iso(r.waits) };
  const flags = ['extended', 'provisional', 'tendered'].filter((f) => r[f]);
  return { due: iso(r.due), last: r.last, flags };
}
