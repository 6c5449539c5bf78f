// check-evidence - the containers of evidence of a vectors package, held against a verifier: check-evidence.mjs DIR COMMAND, which is
// readmit-verify or what has its options, its exit statuses and its words. A line for each that is otherwise; then exit status 1.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [dir, command] = process.argv.slice(2);
const index = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8'));
const RESULTS = ['proved', 'wrong', 'wrong use', 'not-compared', 'no-container', 'unreadable', 'in-part'];
// What is said of one document, below its number and its type; and of the whole.
const OF_ONE = {
	unsealed: /^ {4}NOT PROVED that \w+ sealed it:/m, unanswered: /^ {4}NOT PROVED that \w+ answered it\./m, logged: /sealed its log, in which it/,
	contradicted: /the two contradict each other/, 'in-log': /That is entry \d+ of the log/, 'came-back': /That is entry \d+ of another log/, body: /body\.xml is what/, erased: /nothing of the content of case/,
};

// Why a document is not given; what has none of these was altered.
const WITHHELD = { unnamed: /no descriptor that is left/, unproved: /came back/, missing: /holds nothing of/, altered: /./ };

function words(text) {
	const found = new Set();
	for (const [, number, said] of text.matchAll(/^(\d\d) {2}\S+\n((?: {4}.*\n)*)/gm))
		for (const [word, pattern] of Object.entries(OF_ONE)) if (pattern.test(said)) found.add(`${number}:${word}`);
	for (const [, type, said, from] of text.matchAll(/^-- {2}(\w+)\n {4}NOT GIVEN: (.* document of (\w+),.*\n.*)\n/gm))
		found.add(`withheld:${type}-${from}:${Object.keys(WITHHELD).find((why) => WITHHELD[why].test(said))}`);
	if (/^All of it was there not later than /m.test(text)) found.add('stamped');
	for (const [, entry] of text.matchAll(/^- \w+, (\S+): /gm)) found.add(`contradiction:${entry}`);
	return [...found].sort();
}

function judge(one) {
	const roots = one.given.roots.flatMap(({ party, root }) => ['--root', `${party}=${root}`]);
	const run = spawnSync(command, [join(dir, one.files.container), ...roots], { encoding: 'utf8' });
	const { named } = one.expected, isNamed = named === undefined || run.stderr.includes(` ${named}: `);
	return { result: RESULTS[run.status] ?? `status ${run.status}`, says: words(run.stdout), ...(named === undefined ? {} : { named: isNamed ? named : run.stderr }) };
}

const rows = index.vectors.filter(({ kind }) => kind === 'evidence'), order = (o) => JSON.stringify([o.result, o.named, o.says]);
let wrong = 0;
for (const one of rows) {
	const seen = judge(one);
	if (order(seen) === order(one.expected)) continue;
	wrong++;
	console.log(`${one.id}  ${one.words}: ${JSON.stringify(one.expected)}, and ${JSON.stringify(seen)}`);
}
console.log(`evidence: ${rows.length} judged, ${wrong} otherwise`);
process.exitCode = rows.length > 0 && wrong === 0 ? 0 : 1;
