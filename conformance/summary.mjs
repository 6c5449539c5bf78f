// summary - what `make conformance` came to, in one object: summary.mjs REPORTS TRACE SECONDS ROLE…
//
// failed counts what failed and what the suite failed at; untraced the requirements that a role binds for which there is neither a case nor a
// reason why there never will be one.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [reports, trace, seconds, ...roles] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(join(reports, name)));
const each = roles.map((role) => read(`${role}.json`).summary);
const sum = (...names) => each.reduce((n, one) => n + names.reduce((m, name) => m + one[name], 0), 0);
const requirements = readFileSync(trace, 'utf8').split(/^(?=RXP-)/m).filter((text) => text.startsWith('RXP-'));
const isUntraced = (text) => text.split('\n').slice(1).some((line) => /^ {2}\w+ *$| no case \(later\)/.test(line));
const { mutants, killed } = read('selftest.json');
const summary = {
	cases: sum('cases'), negative: sum('negative'), passed: sum('pass'), weak: sum('weak'), failed: sum('fail', 'error'),
	incomplete: sum('incomplete'), 'not-asked': sum('not-asked'), requirements: requirements.length,
	untraced: requirements.filter(isUntraced).length, mutants, killed, seconds: Number(seconds),
};
writeFileSync(join(reports, 'summary.json'), `${JSON.stringify(summary, null, 1)}\n`);
console.log(JSON.stringify(summary));
