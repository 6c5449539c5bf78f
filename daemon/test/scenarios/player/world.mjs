// world - two nodes: their desks, the lines between them, and their clocks.
import path from 'node:path';
import { Clock } from './clock.mjs';
import { Desk } from './desk.mjs';
import { Line } from './line.mjs';

const KEY_LASTS = 4 * 86_400_000; // milliseconds
const PATIENCE = 10_000, PAUSE = 50; // milliseconds: for what must come to be so, and between two looks

export class World {
	// ports: of each party, that of its endpoint and that behind it, where its node listens.
	constructor(work, pictures, ports) {
		this.work = work;
		this.parties = Object.keys(ports);
		this.clock = new Clock(this.parties.map((party) => path.join(work, party, 'clock')));
		this.desks = this.forEach((party) => new Desk(party, path.join(work, party, 'api.sock'), work, pictures));
		// By the party that sends on it.
		this.lines = this.forEach((party) => new Line(...ports[this.other(party)]));
	}

	forEach(make) {
		return Object.fromEntries(this.parties.map((party) => [party, make(party)]));
	}

	other(party) {
		return this.parties.find((p) => p !== party);
	}

	inOrder() {
		return this.parties.every((party) => this.lines[party].state === 'is back');
	}

	// The scenario's present case at a State.
	caseAt(scenario, party) {
		return this.desks[party].timeline(scenario.cases.at(-1));
	}

	// A clock of the case as a State shows it, for each person who has it.
	async clocksAt(scenario, party, name) {
		const { json } = await this.desks[party].run('case', 'show', scenario.cases.at(-1));
		return (json?.clocks ?? []).filter((row) => row.clock === name);
	}

	// An officer's test of the other State: it ends the pause that a failing peer has earned.
	test(party) {
		return this.desks[party].run('peer', 'test', this.other(party), '--wait', '10');
	}

	// Both test each other until each knows a key of the other that lasts: nodes in touch do, and here days are leapt over.
	async freshen() {
		for (const party of this.parties)
			await until(async () => {
				await this.test(party);
				const { json } = await this.desks[party].run('status');
				const key = json?.figures.find(({ metric }) => metric === 'peer_key_not_after_timestamp_seconds');
				return key?.value * 1000 > this.clock.now() + KEY_LASTS;
			});
	}

	end() {
		this.parties.forEach((party) => this.lines[party].close());
	}
}

// Until it is so; false if it did not come to be.
export async function until(what) {
	for (const end = Date.now() + PATIENCE; ;) {
		if (await what())
			return true;
		if (Date.now() > end)
			return false;
		await new Promise((resolve) => setTimeout(resolve, PAUSE));
	}
}

export const isoDay = (ms) => new Date(ms).toISOString().slice(0, 10);
