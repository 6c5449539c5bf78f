// flip - a copy of the vectors package that expects the opposite of each vector: flip.mjs DIR COPY [N]. Whatever judges the one as it
// is must find every vector of the other that it judges to be wrong: what nobody can fail tests nothing. N: the index of the copy has
// each Nth vector alone.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [dir, copy, each = '1'] = process.argv.slice(2);
const index = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8'));
const OTHER = { sound: 'broken', broken: 'sound', receipt: 'unopenable', taken: 'refused', refused: 'taken' };
const otherThan = (value) => {
	if (Array.isArray(value)) return [...value, 'another'];
	if (typeof value === 'object' && value) return { ...value, another: 'one' };
	return OTHER[value] ?? (/^[0-9a-f]{64}$/.test(value) ? 'f'.repeat(64) : 'another');
};

mkdirSync(copy);
for (const name of readdirSync(dir)) if (name !== 'index.json') symlinkSync(resolve(dir, name), join(copy, name));
index.vectors = index.vectors.filter((_, i) => i % Number(each) === 0);
for (const one of index.vectors) one.expected = { ...one.expected, result: otherThan(one.expected.result) };
writeFileSync(join(copy, 'index.json'), JSON.stringify(index, null, 1));
