// play - play scenarios on two nodes that run: node play.mjs WORK PICTURES PARTY=PORT:BEHIND... -- FILE...
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { ACTS } from './acts.mjs';
import { check, checkEnd } from './expect.mjs';
import { readScenario } from './read.mjs';
import { print } from './show.mjs';
import { agree } from './terms.mjs';
import { World } from './world.mjs';

const DAY = 86_400_000, WEEK = 7 * DAY, MONDAY = 4 * DAY; // the fifth day of the epoch

const ALONE = ['stop', 'outage']; // commands that concern more than a case

const words = process.argv.slice(2), files = words.splice(words.indexOf('--')).slice(1);
const [work, pictures, ...ports] = words;
const world = new World(work, pictures, Object.fromEntries(ports.map((word) => word.split(/[=:]/))
	.map(([party, ...two]) => [party, two.map(Number)])));
const nextMonday = () => Math.ceil((world.clock.now() + DAY - MONDAY) / WEEK) * WEEK + MONDAY;

async function play(scenario, step) {
	world.clock.to(scenario.begin + step.at);
	step.done = world.clock.now();
	try {
		await ACTS[step.kind](world, scenario, step);
		await check(world, scenario, step);
	} catch (error) {
		scenario.fault = error;
		for (const line of Object.values(world.lines))
			line.become('is back');
	}
}

// All of the round together, day by day.
async function playRound(round) {
	const begin = nextMonday();
	for (const scenario of round)
		Object.assign(scenario, { begin, cases: [], consent: randomUUID() });
	const steps = round.flatMap((scenario) => scenario.steps.map((step) => ({ scenario, step })))
		.sort((a, b) => a.step.at - b.step.at);
	world.clock.to(begin);
	await world.freshen();
	for (const { scenario, step } of steps)
		if (scenario.fault === undefined)
			await play(scenario, step);
	for (const scenario of round) {
		scenario.documents = await checkEnd(world, scenario).catch((error) => { scenario.fault ??= error; });
		print(scenario);
	}
}

async function typesDelivered() {
	const types = new Set();
	for (const desk of Object.values(world.desks))
		for (const message of await desk.list('message', 'list'))
			if (message.direction === 'out' && message.state === 'delivered')
				types.add(message.type);
	return types.size;
}

// Scenarios that touch nothing but their cases are played together; every other by itself.
const scenarios = files.map((file) => readScenario(file, path.basename(file)))
	.filter(({ steps }) => process.getuid() === 0 || steps.every((step) => step.officer === undefined));
const alone = (scenario) => scenario.steps.some((step) => step.kind === 'line' ||
	ALONE.includes(step.words?.[0]));
if (scenarios.length < files.length)
	console.log(`left out, since it takes root to be two officers: ${files.length - scenarios.length}`);
const together = scenarios.filter((s) => !alone(s));
await agree(world.desks, work, nextMonday() + 2 * WEEK);
for (const round of [together, ...scenarios.filter(alone).map((s) => [s])].filter((r) => r.length > 0))
	await playRound(round);

const failed = scenarios.filter((s) => s.fault !== undefined).length, types = await typesDelivered();
world.end();
console.log(`scenarios: ${scenarios.length - failed} passed, ${failed} failed, ${types} document types used`);
process.exit(failed === 0 ? 0 : 1);
