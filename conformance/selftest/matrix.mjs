// matrix - what the parts of a selftest came to, together. A part that is not there, or broke off, has found nothing.
//
//   node matrix.mjs left LIST PART…        the lines of LIST that none of the parts has found
//   node matrix.mjs write OUT LIST PART…   the whole: a part "selftest-again-…" has what was tried once more, which counts
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';

const [verb, ...given] = process.argv.slice(2), out = verb === 'write' ? given.shift() : undefined, [list, ...parts] = given;
const lines = readFileSync(list, 'utf8').split('\n').filter((line) => line !== ''), idOf = (line) => line.split('\t')[1];
const found = new Map();
let tried = 0;
for (const file of parts) {
	let part;
	try {
		part = JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		continue;
	}
	tried += part.tried;
	for (const one of part.matrix) found.set(one.id, file.includes('selftest-again-') ? { ...one, again: true } : one);
}
if (verb === 'left') {
	for (const line of lines) if (!found.get(idOf(line))?.killed) console.log(line);
} else {
	const matrix = lines.map((line) => found.get(idOf(line)) ?? { id: idOf(line), words: line.split('\t')[4], cases: [], killed: false });
	const count = (holds) => matrix.filter(holds).length;
	writeFileSync(out, JSON.stringify({ mutants: matrix.length, killed: count(({ killed }) => killed), again: count(({ again }) => again), tried, matrix }, null, 1));
	for (const file of parts) unlinkSync(file);
}
