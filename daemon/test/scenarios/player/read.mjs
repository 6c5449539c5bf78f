// read - a scenario file: a title, what it is about, and steps on days; README.md describes the form.
import { readFileSync } from 'node:fs';
import { commandOf } from './commands.mjs';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MINUTE = 60_000, DAY = 86_400_000;
const DATE = String.raw`(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{1,3})(?: (\d\d):(\d\d))?`;
const FIRST_ACT = 9 * 60, BETWEEN_ACTS = 30; // minutes: what a step without a time of its own gets

// A fault of a scenario file or of what happened in it, with its place.
export class Fault extends Error {
	constructor(place, text) {
		super(`${place.file}:${place.line}: ${text}`);
	}
}

// `Tue 2 14:30` in milliseconds after the Monday on which the scenario begins; undefined if it is no date.
export function offsetOf(text, minutes = 0) {
	const found = new RegExp(`^${DATE}$`).exec(text);
	if (!found)
		return undefined;
	const [, day, week, hour, minute] = found;
	return ((week - 1) * 7 + DAYS.indexOf(day)) * DAY +
		(hour === undefined ? minutes : hour * 60 + Number(minute)) * MINUTE;
}

const keysOf = (text) => text.trim().split(/\s+/).map((key) => Number(key.slice(1)));

// `P1 P3 Accepted, P2 Refused` or `Registered`: what is said of whom; of the whole case without keys.
function itemsOf(text) {
	return text.split(',').map((item) => {
		const [, keys, mark] = /^\s*((?:P\d+\s*)*)([\w-]+)?\s*$/.exec(item) ?? [];
		return keys === undefined ? undefined : { keys: keys ? keysOf(keys) : [], mark };
	});
}

// The acts: each the shape of its line and what is kept of it.
const ACTS = [
	[/^(QR[AB]) sends (\w+)(?: as in ([a-z-]+))?(?:: (.+))?$/, ([, actor, type, like, items]) =>
		({ kind: 'send', actor, type, like, items: items === undefined ? [] : itemsOf(items) })],
	[/^(QR[AB]) reads$/, ([, actor]) => ({ kind: 'read', actor })],
	[/^the line from (QR[AB]) to QR[AB] (is cut|is back|loses documents|loses answers)$/, ([, actor, state]) =>
		({ kind: 'line', actor, state })],
	[/^nothing happens$/, () => ({ kind: 'wait' })],
	[/^(QR[AB])(?:'s officer (one|two))? (.+)$/, ([, actor, officer, text]) => {
		const words = commandOf(text);
		return words && { kind: 'command', actor, officer, words };
	}],
];

// What may follow an act in lines of its own.
const CLAUSES = [
	[/^=> (?:(QR[AB]): )?(.+)$/, (step, [, party, states]) => step.expect.push({ party, states: itemsOf(states) })],
	[/^with (\w+)(?: (.+))?$/, (step, [, name, value]) => step.set.push([name, value])],
	[/^without (\w+)(?: (\w+="\w+"))?$/, (step, [, name, attribute]) => step.drop.push([name, attribute])],
	[/^P(\d+) like P(\d+) (?:there|of ([a-z-]+))$/, (step, [, key, model, example]) =>
		step.models.set(Number(key), { key: Number(model), example })],
	[/^arriving (.+)$/, (step, [, date]) => { step.arriving = offsetOf(date); return step.arriving; }],
	[/^under ([a-z-]+) (\d+)$/, (step, [, id, version]) => { step.profile = `${id}/${version}`; }],
	[/^names (.+) as the due date$/, (step, [, date]) => { step.due = offsetOf(date); return step.due; }],
	[/^due ([a-z-]+) (.+)$/, (step, [, clock, date]) => {
		step.clocks.push({ clock, due: offsetOf(date) });
		return step.clocks.at(-1).due;
	}],
	[/^([a-z-]+) (is|at (QR[AB]) is) ([a-z]+)$/, (step, [, clock, , party, status]) => step.clocks.push({ clock, party, status })],
	[/^about (\w+)$/, (step, [, type]) => { step.about = type; }],
	[/^flagged ([a-z -]+)$/, (step, [, flags]) => { step.flags = flags; }],
	[/^refused (RXP-[A-Z]+-\d{3})$/, (step, [, requirement]) => { step.refused = requirement; }],
	[/^(QR[AB]) has its (\w+) as ([a-z-]+)(?: \(([a-z-]+)\))?$/, (step, [, party, type, state, refusal]) =>
		step.ends.push({ party, type, state, refusal })],
	[/^(QR[AB]) shows the (\w+) as ([a-z-]+)$/, (step, [, party, type, content]) => step.contents.push({ party, type, content })],
	[/^overtaken (\w+)$/, (step, [, type]) => step.overtaken.push(type)],
];

const DATED = /^(arriving|names|due) /;

function actOf(text, place) {
	for (const [shape, make] of ACTS) {
		const act = shape.test(text) ? make(shape.exec(text)) : undefined;
		if (act !== undefined)
			return { ...act, text, place, expect: [], set: [], drop: [], models: new Map(), ends: [], clocks: [], contents: [], overtaken: [] };
	}
	return undefined;
}

function addClause(step, text, place) {
	const row = CLAUSES.find(([shape]) => shape.test(text));
	if (step === undefined || row === undefined)
		throw new Fault(place, `not understood: ${text}`);
	if (row[1](step, row[0].exec(text)) === undefined && DATED.test(text))
		throw new Fault(place, `no date: ${text}`);
}

// The steps with their instants: that of the line, else half an hour after the step before on that day.
export function readScenario(path, name) {
	const lines = readFileSync(path, 'utf8').split('\n');
	const scenario = { name, title: lines[0].trim(), about: [], steps: [] };
	let day, minutes;
	for (const [i, raw] of lines.entries()) {
		const place = { file: name, line: i + 1 }, text = raw.trim();
		if (i === 0 || text === '' || text.startsWith('#'))
			continue;
		const dated = new RegExp(`^${DATE}\\s+(.+)$`).exec(text);
		if (dated === null && scenario.steps.length === 0) {
			scenario.about.push(text);
			continue;
		}
		const step = actOf(dated === null ? text : dated[5], place);
		if (step === undefined && dated === null) {
			addClause(scenario.steps.at(-1), text, place);
			continue;
		}
		if (step === undefined)
			throw new Fault(place, `no act: ${dated[5]}`);
		if (dated !== null) {
			const same = day === `${dated[1]} ${dated[2]}`;
			day = `${dated[1]} ${dated[2]}`;
			minutes = dated[3] !== undefined ? dated[3] * 60 + Number(dated[4]) :
				same ? minutes + BETWEEN_ACTS : FIRST_ACT;
		} else {
			minutes += BETWEEN_ACTS;
		}
		step.at = offsetOf(day, minutes);
		if (step.at < (scenario.steps.at(-1)?.at ?? 0))
			throw new Fault(place, 'before the step above it');
		if (step.items?.includes(undefined) || step.expect.some((e) => e.states.includes(undefined)))
			throw new Fault(place, 'not understood: what is said of whom');
		scenario.steps.push(step);
	}
	return scenario;
}
