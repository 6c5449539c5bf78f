// summary - what `make conformance` came to, in one object: summary.mjs REPORTS TRACE SECONDS FAILED TOOK… -- ROLE…
//
// failed counts what failed and what the suite failed at; missing are roles that have no report, untraced requirements that a role binds
// for which there is neither a case nor a reason why there never will be one; again what was tried once more; parts the seconds of each
// part and those of a processor that it took, in the files NAME.took. whole: all of it came to its end, and is as it should be.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [reports, trace, seconds, failed, ...rest] = process.argv.slice(2), end = rest.indexOf('--'), took = rest.slice(0, end), roles = rest.slice(end + 1);
const read = (file, otherwise) => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return otherwise;
	}
};
// One that was cut off says nothing.
const report = (name) => {
	try {
		return JSON.parse(read(join(reports, name), 'null'));
	} catch {
		return null;
	}
};
const each = roles.map((role) => report(`${role}.json`)?.summary), missing = roles.filter((role, i) => !each[i]);
const sum = (...names) => each.filter(Boolean).reduce((n, one) => n + names.reduce((m, name) => m + one[name], 0), 0);
const requirements = read(trace, '').split(/^(?=RXP-)/m).filter((text) => text.startsWith('RXP-'));
const isUntraced = (text) => text.split('\n').slice(1).some((line) => /^ {2}\w+ *$| no case \(later\)/.test(line));
const partOf = ([all, user = 0, kernel = 0]) => ({ seconds: Math.round(all), processor: Math.round(user + kernel) });
const { mutants = 0, killed = 0, again: mutantsAgain = 0 } = report('selftest.json') ?? {};
const summary = {
	whole: failed === '0', cases: sum('cases'), negative: sum('negative'), passed: sum('pass'), weak: sum('weak'), failed: sum('fail', 'error'),
	incomplete: sum('incomplete'), 'not-asked': sum('not-asked'), again: sum('again'), missing, requirements: requirements.length,
	untraced: requirements.filter(isUntraced).length, mutants, killed, 'mutants-again': mutantsAgain, seconds: Number(seconds),
	parts: Object.fromEntries(took.map((file) => [basename(file, '.took'), partOf(read(file, '').split(' ').map(Number))])),
};
writeFileSync(join(reports, 'summary.json'), `${JSON.stringify(summary, null, 1)}\n`);
console.log(JSON.stringify(summary));
