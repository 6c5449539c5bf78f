// vectors - the vectors package, read by this second implementation: vectors.mjs DIR. Of each vector it says what comes of its
// files, and compares that with the index; a line for each that is otherwise begins with its id. Ends with 1 if there is one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { KINDS } from './vector-kinds.mjs';

const [dir] = process.argv.slice(2);
const read = new Map();
const octetsOf = (name) => read.get(name) ?? read.set(name, readFileSync(join(dir, name))).get(name);
const index = JSON.parse(octetsOf('index.json'));

const counts = new Map();
let wrong = 0;
for (const one of index.vectors) {
	const files = Object.fromEntries(Object.entries(one.files).map(([use, name]) => [use, octetsOf(name)]));
	const kind = KINDS[one.kind], count = counts.get(one.kind) ?? { judged: 0, left: 0 };
	counts.set(one.kind, count);
	if (!kind || kind.leaves?.(one, files)) {
		count.left++;
		continue;
	}
	count.judged++;
	let seen;
	try {
		seen = kind.judge(files, { ...one, now: Date.parse(one.clock), states: index.states, octetsOf });
	} catch (error) {
		seen = { result: `error: ${error.message}` };
	}
	// Of an answer that the index gives besides, nothing is said where only a receiver could.
	const expected = Object.fromEntries(Object.entries(one.expected).filter(([key]) => key in seen));
	if (isDeepStrictEqual(seen, expected)) continue;
	wrong++;
	console.log(`${one.id}  ${one.words}: ${JSON.stringify(one.expected)}, and ${JSON.stringify(seen)}`);
}
for (const [name, { judged, left }] of counts) console.log(`${name}: ${judged} judged${left ? `, ${left} left` : ''}`);
console.log(`${index.vectors.length} vectors, ${wrong} otherwise`);
process.exitCode = wrong === 0 && counts.size > 0 ? 0 : 1;
