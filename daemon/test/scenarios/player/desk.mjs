// desk - the desk of one State: readmitctl, and nothing else.
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const OFFICERS = ['--officer', 'S-3001', '--second-officer', 'S-3002'];
const USERS = { one: 'daemon', two: 'games' }; // of the machine, for acts of which it must know who does them
const PATIENCE = '20'; // seconds for a receipt
const PAGE = '100';

export class Desk {
	constructor(party, socket, work, pictures) {
		Object.assign(this, { party, socket, pictures, folder: mkdtempSync(path.join(work, `desk-${party}-`)), files: 0 });
	}

	// {status, json, text}: what the command answered; text is what it printed for people or complained about.
	run(...words) {
		return this.call('readmitctl', '--json', '--socket', this.socket, ...words);
	}

	runAs(officer, ...words) {
		return this.call('setpriv', '--reuid', USERS[officer], '--regid', 'nogroup', '--clear-groups',
			'readmitctl', '--json', '--socket', this.socket, ...words);
	}

	call(program, ...words) {
		return new Promise((resolve) => execFile(program, words,
			{ maxBuffer: 1 << 24 }, (error, out, complaint) => {
				let json;
				try { json = JSON.parse(out); } catch { /* not every answer is JSON */ }
				resolve({ status: error ? error.code : 0, json, text: `${out}${complaint}`.trim() });
			}));
	}

	// Every row of a list, page by page.
	async list(...words) {
		const rows = [];
		for (let after = null; ;) {
			const { json, text } = await this.run(...words, '--limit', PAGE, ...(after === null ? [] : ['--after', after]));
			if (json?.items === undefined)
				throw new Error(`${this.party}: ${words.join(' ')}: ${text}`);
			rows.push(...json.items);
			after = json.next;
			if (after === null)
				return rows;
		}
	}

	// The case as this State tells it; of one that it does not have, nothing.
	async timeline(id) {
		const { json } = await this.run('case', 'timeline', id);
		return json?.items === undefined ? { items: [], states: [] } : json;
	}

	// The newest message of the type and direction in the case; without a case, at all.
	async latest(type, direction, id) {
		return (await this.list('message', 'list')).filter((m) => m.direction === direction && m.type === type &&
			(id === undefined || m.case_id === id)).at(-1);
	}

	// Give a document to the node; with `wait`, until the other State's receipt is here.
	send({ xml, files }, peer, { id, profile, wait }) {
		const file = path.join(this.folder, `${++this.files}.xml`);
		writeFileSync(file, xml);
		return this.run('message', 'send', file, '--to', peer, ...(id === undefined ? [] : ['--case', id]),
			...(profile === undefined ? [] : ['--profile', profile]), ...OFFICERS,
			...files.flatMap((as, i) => ['--attach', path.join(this.pictures, as === 'document-scan' ? 'passport.jpg' : `portrait-${i % 2 + 1}.jpg`), '--as', as,
				'--checked-by', 'return-officer']), ...(wait ? ['--wait', PATIENCE] : []));
	}

	// Read and take over whatever of the case waits in the inbox.
	async read(id) {
		const waiting = (await this.list('inbox', 'list')).filter((m) => m.case_id === id);
		for (const { local_id: message } of waiting) {
			const out = path.join(this.folder, `in-${++this.files}.xml`);
			for (const words of [['content', message, '--reason', 'case-work', '--out', out], ['ack', message]]) {
				const { status, text } = await this.run('inbox', ...words);
				if (status !== 0)
					throw new Error(`${this.party}: inbox ${words[0]}: ${text}`);
			}
		}
		return waiting.length;
	}
}
