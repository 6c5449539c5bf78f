// expect - what must be so after a step, and at the end of a scenario.
import { Fault } from './read.mjs';
import { isoDay, until } from './world.mjs';

const GIVEN_UP = ['refused', 'overtaken', 'discarded']; // states of a message that is no document of the case
const APART = 'the two States do not tell the same story';

// What of a case both States must agree on.
const agreed = ({ items, states, clock, due }) => JSON.stringify([items.filter((d) => d.received !== null)
	.map((d) => [d.from, d.type, d.position, d.fingerprint, d.received, d.effect]), states, clock, due]);

function wrongState(step, { party, states }) {
	for (const at of party === undefined ? step.shown.keys() : [party])
		for (const { key, mark } of states.flatMap(({ keys, mark }) => keys.map((key) => ({ key, mark }))))
			if (step.shown.get(at).get(key) !== mark)
				return `P${key} is ${step.shown.get(at).get(key)} at ${at} and not ${mark}`;
	return undefined;
}

async function wrongClock(world, scenario, { clock, party, due, status }) {
	const wanted = due === undefined ? status : isoDay(scenario.begin + due);
	for (const at of party === undefined ? world.parties : [party]) {
		const rows = await world.clocksAt(scenario, at, clock);
		const found = new Set(rows.map((row) => due === undefined ? row.status : row.due_local?.slice(0, 10)));
		if (found.size !== 1 || !found.has(wanted))
			return `${clock} at ${at}: ${[...found].join(', ') || 'none'} and not ${wanted}`;
	}
	return undefined;
}

async function wrongEnd(world, scenario, { party, type, state, refusal }) {
	const message = await world.desks[party].latest(type, 'out', scenario.cases.at(-1));
	return message?.state === state && (message.refusal ?? undefined) === refusal ? undefined :
		`${party} has its ${type} as ${message?.state} ${message?.refusal ?? message?.last_error ?? ''}`.trim();
}

// What of the content of a document is still there.
async function wrongContent(world, scenario, { party, type, content }) {
	const { json } = await world.desks[party].run('case', 'retention', scenario.cases.at(-1));
	const found = json?.documents?.filter((d) => d.type === type).at(-1)?.content;
	return found === content ? undefined : `${party} shows the ${type} as ${found} and not ${content}`;
}

// What is not as the step says, in words; undefined if all is. `shown` of the step: the states at each State;
// `next`: what is due first, as the first of them shows it.
async function deviation(world, scenario, step) {
	const views = new Map();
	for (const party of world.parties)
		views.set(party, await world.caseAt(scenario, party));
	step.shown = new Map([...views].map(([party, { states }]) => [party, new Map(states.map((p) => [p.person, p.state]))]));
	const { clock, actor, own, peer, due_local: due } = views.get(world.parties[0]);
	step.next = clock ? `${actor === 'own' ? own : peer} due ${due.slice(0, 10)}: ${clock}` : '';
	let found = world.inOrder() && new Set([...views.values()].map(agreed)).size > 1 ? APART : undefined;
	for (const wanted of step.expect)
		found ??= wrongState(step, wanted);
	for (const wanted of step.clocks)
		found ??= await wrongClock(world, scenario, wanted);
	for (const wanted of step.ends)
		found ??= await wrongEnd(world, scenario, wanted);
	for (const wanted of step.contents)
		found ??= await wrongContent(world, scenario, wanted);
	for (const type of step.overtaken)
		if (![...views.values()].every(({ items }) => items.some((d) => d.type === type && d.effect === 'overtaken')))
			found ??= `no ${type} is overtaken`;
	return found;
}

export async function check(world, scenario, step) {
	let found;
	if (scenario.cases.length > 0 &&
		!await until(async () => (found = await deviation(world, scenario, step)) === undefined))
		throw new Fault(step.place, found);
}

// Nothing is on its way, and both tell the same of each case, also if nobody has touched it since. How many documents.
export async function checkEnd(world, scenario) {
	let documents = 0;
	for (const id of scenario.cases) {
		let views;
		if (!await until(async () => {
			views = await Promise.all(world.parties.map((party) => world.desks[party].timeline(id)));
			return agreed(views[0]) === agreed(views[1]) && views.every(({ items }) =>
				items.every((d) => d.received !== null || GIVEN_UP.includes(d.state)));
		}))
			throw new Fault({ file: scenario.name, line: 'end' }, APART);
		documents += views[0].items.filter((d) => d.received !== null).length;
	}
	return documents;
}
