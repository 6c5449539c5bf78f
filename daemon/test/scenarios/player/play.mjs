// play - play scenarios on two nodes that run: node play.mjs WORK PICTURES PARTY=PORT:TARGET... -- FILE...
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Clock } from './clock.mjs';
import { Desk } from './desk.mjs';
import { compose } from './document.mjs';
import { Line } from './line.mjs';
import { Fault, readScenario } from './read.mjs';
import { print } from './show.mjs';
import { openers } from './tables.mjs';

const DAY = 86_400_000, WEEK = 7 * DAY, MONDAY = 4 * DAY; // the fifth day of the epoch
const PATIENCE = 20_000, PAUSE = 50; // milliseconds: for what must come to be equal, and between two looks

const GIVEN_UP = ['refused', 'overtaken', 'discarded']; // states of a message that is no document of the case

const [work, pictures, ...rest] = process.argv.slice(2);
const files = rest.splice(rest.indexOf('--')).slice(1);
const ports = Object.fromEntries(rest.map((word) => word.split(/[=:]/)).map(([party, ...two]) => [party, two.map(Number)]));
const parties = Object.keys(ports);
const other = (party) => parties.find((p) => p !== party);
const desks = Object.fromEntries(parties.map((party) =>
	[party, new Desk(party, path.join(work, party, 'api.sock'), work, pictures)]));
// By the party that sends on it.
const lines = Object.fromEntries(parties.map((party) => [party, new Line(party, other(party), ...ports[other(party)])]));

const clock = new Clock(parties.map((party) => path.join(work, party, 'clock')));

async function until(what) {
	for (const end = Date.now() + PATIENCE; ;) {
		if (await what())
			return true;
		if (Date.now() > end)
			return false;
		await new Promise((resolve) => setTimeout(resolve, PAUSE));
	}
}

// --- what a step does ---------------------------------------------------------------------------------
// The scenario's case at a node, and what of it both States must agree on.
const caseAt = (scenario, party) => desks[party].timeline(scenario.cases.at(-1));
const agreed = ({ items, states }) => JSON.stringify([items.filter((d) => d.received !== null)
	.map((d) => [d.from, d.type, d.position, d.fingerprint, d.received, d.effect]), states]);

async function send(scenario, step) {
	const desk = desks[step.actor], opened = scenario.cases.length > 0;
	const opens = openers.includes(step.type);
	if (opened && !opens && lines[other(step.actor)].state === 'is back')
		await desk.read(scenario.cases.at(-1));
	const { items } = opened ? await caseAt(scenario, step.actor) : { items: [] };
	const document = compose(step, { now: clock.now(), history: items, consent: scenario.consent, follows: scenario.cases.at(-1),
		dateOf: (offset) => scenario.begin + offset });
	if (document === undefined)
		throw new Fault(step.place, 'no example says this');
	const wait = lines[step.actor].state === 'is back';
	const { status, json, text } = await desk.send(document, other(step.actor), opens ? undefined : scenario.cases.at(-1),
		wait);
	if (step.refused !== undefined) {
		if (status === 0 || !text.includes(step.refused))
			throw new Fault(step.place, `not refused for ${step.refused}: ${text}`);
		return;
	}
	if (json?.local_id === undefined || (wait && status !== 0))
		throw new Fault(step.place, `not sent: ${text}`);
	if (opens)
		scenario.cases.push(json.case_id);
	if ((json.message?.flags ?? undefined) !== step.flags)
		throw new Fault(step.place, `flagged ${json.message?.flags} and not ${step.flags}`);
}

async function setLine(scenario, step) {
	lines[step.actor].become(step.state);
	if (step.state !== 'is back')
		return;
	// A test by an officer ends the pause that a failing peer has earned; then everything must go through.
	await desks[step.actor].run('peer', 'test', other(step.actor), '--wait', '10');
	if (!await until(async () => (await desks[step.actor].list('queue', 'list')).length === 0))
		throw new Fault(step.place, `${step.actor}'s queue does not drain`);
}

async function takeBack(scenario, step) {
	const message = await desks[step.actor].sent(step.type, scenario.cases.at(-1));
	const { status, text } = await desks[step.actor].run('message', 'void', message?.local_id ?? '', '--yes');
	if (status !== 0)
		throw new Fault(step.place, `not voided: ${text}`);
}

const ACTS = {
	send, line: setLine, void: takeBack, wait: () => {},
	read: (scenario, step) => desks[step.actor].read(scenario.cases.at(-1)),
};

// --- what must be so afterwards -------------------------------------------------------------------------
const statesOf = (shown) => new Map(shown.states.map(({ person, state }) => [person, state]));

async function check(scenario, step) {
	const cut = parties.some((party) => lines[party].state !== 'is back');
	if (scenario.cases.length === 0)
		return;
	let views;
	const look = async () => {
		views = new Map();
		for (const party of parties)
			views.set(party, await caseAt(scenario, party));
		return cut || new Set([...views.values()].map(agreed)).size === 1;
	};
	const equal = await until(look);
	step.shown = new Map([...views].map(([party, view]) => [party, statesOf(view)]));
	if (!equal)
		throw new Fault(step.place, 'the two States do not tell the same story');
	for (const { party, states } of step.expect)
		for (const at of party === undefined ? parties : [party])
			for (const { keys, mark } of states)
				for (const key of keys)
					if (step.shown.get(at).get(key) !== mark)
						throw new Fault(step.place, `P${key} is ${step.shown.get(at).get(key)} at ${at} and not ${mark}`);
	for (const type of step.overtaken)
		if (!views.get(parties[0]).items.some((d) => d.type === type && d.effect === 'overtaken'))
			throw new Fault(step.place, `no ${type} is overtaken`);
	for (const { party, type, state, refusal } of step.ends) {
		let message;
		if (!await until(async () => {
			message = await desks[party].sent(type, scenario.cases.at(-1));
			return message?.state === state && (message.refusal ?? undefined) === refusal;
		}))
			throw new Fault(step.place, `${party} has its ${type} as ${message?.state} ${message?.refusal ?? ''}`);
	}
}

async function play(scenario, step) {
	clock.to(scenario.begin + step.at);
	step.done = clock.now();
	try {
		await ACTS[step.kind](scenario, step);
		await check(scenario, step);
	} catch (error) {
		scenario.fault = error;
		for (const party of parties)
			lines[party].become('is back');
	}
}

// At the end nothing is on its way, and both tell the same of each case, also if nobody has touched it since.
async function endOf(scenario) {
	scenario.documents = 0;
	for (const id of scenario.cases) {
		let views;
		const ended = await until(async () => {
			views = await Promise.all(parties.map((party) => desks[party].timeline(id)));
			return agreed(views[0]) === agreed(views[1]) && views.every(({ items }) =>
				items.every((d) => d.received !== null || GIVEN_UP.includes(d.state)));
		});
		if (!ended)
			scenario.fault ??= new Fault({ file: scenario.name, line: 'end' }, 'the two States do not tell the same story');
		scenario.documents += views[0].items.filter((d) => d.received !== null).length;
	}
}

// Scenarios that leave the lines alone are played together, day by day; every other by itself.
async function playRound(round) {
	const begin = Math.ceil((clock.now() + 2 * DAY - MONDAY) / WEEK) * WEEK + MONDAY;
	for (const scenario of round)
		Object.assign(scenario, { begin, cases: [], consent: randomUUID() });
	for (const instant of [begin - DAY, begin]) { // the first lets nodes make keys of these weeks, the second tells them
		clock.to(instant);
		for (const party of parties)
			await desks[party].run('peer', 'test', other(party), '--wait', '10');
	}
	const steps = round.flatMap((scenario) => scenario.steps.map((step) => ({ scenario, step })))
		.sort((a, b) => a.step.at - b.step.at);
	for (const { scenario, step } of steps)
		if (scenario.fault === undefined)
			await play(scenario, step);
	for (const scenario of round)
		await endOf(scenario);
	round.forEach(print);
}

const scenarios = files.map((file) => readScenario(file, path.basename(file)));
const alone = (scenario) => scenario.steps.some((step) => step.kind === 'line');
const together = scenarios.filter((s) => !alone(s));
for (const round of [...(together.length > 0 ? [together] : []), ...scenarios.filter(alone).map((s) => [s])])
	await playRound(round);

const delivered = new Set();
for (const party of parties)
	for (const message of await desks[party].list('message', 'list'))
		if (message.direction === 'out' && message.state === 'delivered')
			delivered.add(message.type);
parties.forEach((party) => lines[party].close());
const failed = scenarios.filter((s) => s.fault !== undefined);
console.log(`scenarios: ${scenarios.length - failed.length} passed, ${failed.length} failed, ${delivered.size} document types used`);
process.exit(failed.length === 0 ? 0 : 1);
