// terms - the calendars of both States and the versions of the agreement between them, sealed and given to both nodes.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './tables.mjs';

const WEEKENDS = { QRA: ['saturday', 'sunday'], QRB: ['friday', 'saturday'] };
const YEARS = 8; // of which a calendar speaks

const drafts = path.join(root, 'spec/profiles');
const isoOf = (ms) => new Date(ms).toISOString();

function calendarOf(party, begin) {
	const year = new Date(begin).getUTCFullYear();
	return `<?xml version="1.0" encoding="UTF-8"?>
<CalendarDraft xmlns="urn:rxp:1:calendar">
  <Owner>${party}</Owner>
  <Version>1</Version>
  <Effective>${year - 1}-01-01T00:00:00.000Z</Effective>
  <Span from="${year - 1}-01-01" until="${year + YEARS}-12-31"/>
  <Zone name="UTC"><Offset from="${year - 2}-01-01T00:00:00.000Z" minutes="0"/></Zone>
${WEEKENDS[party].map((day) => `  <Weekend>${day}</Weekend>\n`).join('')}</CalendarDraft>
`;
}

// The profiles: of the second version the reply is due later, and it begins in the third week.
function profilesOf(begin) {
	const first = readFileSync(path.join(drafts, 'generic-test.xml'), 'utf8');
	const second = first.replace('<Version>1<', '<Version>2<').replace(/<Starts>[^<]*</, `<Starts>${isoOf(begin)}<`)
		.replace('of="reply" value="8"', 'of="reply" value="12"');
	return [first, second];
}

// Seal them and give them to every node; `begin` is the Monday of the third week.
export async function agree(desks, work, begin) {
	const sealed = [];
	const seal = async (party, kind, text) => {
		const draft = path.join(work, `${kind}-${sealed.length}.draft.xml`), out = path.join(work, `${kind}-${sealed.length}.xml`);
		const keys = path.join(work, party, 'pki/node');
		writeFileSync(draft, text);
		const { status, text: said } = await desks[party].call('readmit-pki', kind, 'seal', '--party', party,
			'--seal-key', path.join(keys, 'seal.key'), '--seal-cert', path.join(keys, 'seal.crt'), '--out', out, draft);
		if (status !== 0)
			throw new Error(`${kind} of ${party}: ${said}`);
		sealed.push([kind, out]);
	};
	for (const party of Object.keys(desks))
		await seal(party, 'calendar', calendarOf(party, begin));
	for (const profile of profilesOf(begin))
		await seal('QRA', 'profile', profile);
	for (const desk of Object.values(desks))
		for (const [kind, file] of sealed) {
			const { status, text } = await desk.run(kind, 'add', file);
			if (status !== 0)
				throw new Error(`${desk.party}: ${kind} add: ${text}`);
		}
}
