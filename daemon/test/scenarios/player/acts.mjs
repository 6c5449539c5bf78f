// acts - what the steps of a scenario do, each as an officer would with readmitctl.
import { CASE, STOP } from './commands.mjs';
import { compose } from './document.mjs';
import { Fault } from './read.mjs';
import { caseless, openers } from './tables.mjs';
import { isoDay, until } from './world.mjs';

// The answer of a command is as the step says: done, or refused for a requirement.
function judge({ refused, place }, { status, text }) {
	if (refused === undefined && status !== 0)
		throw new Fault(place, `refused: ${text}`);
	if (refused !== undefined && (status === 0 || !text.includes(refused)))
		throw new Fault(place, `not refused for ${refused}: ${text}`);
}

// What the State computed of the reply, for those who write a Deadline; or to when it extends it.
async function deadlineOf(world, scenario, step) {
	const [reply] = step.due === undefined ? await world.clocksAt(scenario, step.actor, 'reply') : [];
	const due = step.due === undefined ? reply?.due_local?.slice(0, 10) : isoDay(scenario.begin + step.due);
	return due && { due, start: reply?.start ?? new Date(world.clock.now()).toISOString(), owner: scenario.asked };
}

// Whoever writes has read what there is of the case, if the other State's line brings it.
async function send(world, scenario, step) {
	const { actor, place, profile } = step, desk = world.desks[actor], peer = world.other(actor);
	const opens = openers.includes(step.type);
	const id = opens || caseless.includes(step.type) ? undefined : scenario.cases.at(-1);
	if (id !== undefined && world.lines[peer].state === 'is back')
		await desk.read(id);
	const document = compose(step, {
		now: world.clock.now(), dateOf: (offset) => scenario.begin + offset,
		history: id === undefined ? [] : (await desk.timeline(id)).items,
		deadline: id === undefined ? undefined : await deadlineOf(world, scenario, step),
		consent: scenario.consent, follows: scenario.cases.at(-1),
	});
	if (document === undefined)
		throw new Fault(place, 'no example says this');
	const answer = await desk.send(document, peer, { id, profile, wait: world.lines[actor].state === 'is back' });
	judge(step, answer);
	if (step.refused !== undefined)
		return;
	if (opens) {
		scenario.cases.push(answer.json.case_id);
		scenario.asked = peer;
	}
	const flags = answer.json.message?.flags ?? undefined;
	if (flags !== step.flags)
		throw new Fault(place, `flagged ${flags} and not ${step.flags}`);
}

// Before a line fails both know each other's keys of the day, as nodes in touch do.
async function setLine(world, scenario, { actor, state }) {
	if (world.inOrder())
		await world.freshen();
	world.lines[actor].become(state);
	if (state === 'is back')
		await world.test(actor);
}

// The id of what a word of a command stands for.
async function idOf(world, scenario, { actor }, word) {
	if (word === CASE)
		return scenario.cases.at(-1);
	if (word === STOP)
		return scenario.stop;
	if (typeof word === 'string')
		return word;
	return (await world.desks[actor].latest(word.type, word.direction, scenario.cases.at(-1)))?.local_id ?? '';
}

async function command(world, scenario, step) {
	const desk = world.desks[step.actor];
	const words = await Promise.all(step.words.map((word) => idOf(world, scenario, step, word)));
	let answer;
	await until(async () => {
		answer = await (step.officer === undefined ? desk.run(...words) : desk.runAs(step.officer, ...words));
		return !answer.text.includes('try again in a moment'); // the message is being sent just then
	});
	judge(step, answer);
	if (step.words[1] === 'set')
		scenario.stop = answer.json.id;
}

// By the kind of the step.
export const ACTS = {
	send, command, line: setLine, wait: () => {},
	read: (world, scenario, { actor }) => world.desks[actor].read(scenario.cases.at(-1)),
};
