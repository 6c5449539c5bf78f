#!/usr/bin/env node
// check - the second implementation against the examples of the specification: what is valid has no fault, and what is invalid
// the fault, at the place, that the specification says. And it has each rule and safeguard of the tables.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from './xml.mjs';
import { placeOf } from './schema.mjs';
import { readContent } from './content.mjs';
import { RULES } from './rules.mjs';
import { brokenSafeguard, SAFEGUARDS } from './safeguard.mjs';
import { SPECIFICATION, table } from './tables.mjs';

const EXAMPLES = new URL('examples/', SPECIFICATION), INVALID = new URL('invalid/', EXAMPLES);
const lines = (name, folder) => readFileSync(new URL(name, folder), 'utf8').trimEnd().split('\n').map((line) => line.split(' '));
const load = (name, folder) => parse(readFileSync(new URL(name, folder), 'utf8').trimEnd(), { declaration: true });
// RXP-SAF-004: when each was made, by the longest beginning of its name.
const MADE = lines('created.txt', EXAMPLES).sort(([a], [b]) => b.length - a.length);
const madeAt = (name) => (MADE.find(([beginning]) => name.startsWith(beginning)) ?? MADE.find(([beginning]) => beginning === '*'))[1];
const BY_SENDER = new Set(table('safeguard').filter((row) => row['Judged by'] === 'sender').map(({ Requirement }) => Requirement));

let wrong = 0;
const complain = (words) => (wrong++, console.log(words));

// "PLACE REQUIREMENT", "REQUIREMENT" of a safeguard, or ''.
function judge(name, folder) {
	const typed = load(name, folder), manifest = name.replace('.xml', '.attachments.xml');
	const { content, fault } = readContent(typed.local, typed, existsSync(new URL(manifest, folder)) ? load(manifest, folder) : undefined);
	return fault ? `${placeOf(fault.path)} ${fault.requirement ?? 'schema'}` : brokenSafeguard(content, madeAt(name), true) ?? '';
}
const expected = new Map();
for (const name of readdirSync(EXAMPLES)) if (/^(?!ping-envelope).*(?<!\.attachments)\.xml$/.test(name)) expected.set(`${name} valid`, [name, EXAMPLES, '']);
for (const file of readdirSync(INVALID).filter((name) => name.startsWith('expected')))
	for (const [name, place, requirement] of lines(file, INVALID)) {
		const isSafeguard = file.includes('safeguard');
		expected.set(name, [name, INVALID, !isSafeguard ? `${place} ${requirement}` : BY_SENDER.has(requirement) ? '' : requirement]);
	}
for (const [name, folder, fault] of expected.values()) {
	const found = judge(name, folder);
	if (found !== fault) complain(`${name}: '${found}' and not '${fault}'`);
}

const missing = (rows, known) => rows.map(({ Requirement }) => Requirement).filter((id) => !known.some(([one]) => one === id));
for (const id of missing(table('rule'), RULES)) complain(`${id}: no rule`);
for (const id of missing(table('safeguard').filter((row) => row['Judged by'] === 'both'), SAFEGUARDS)) complain(`${id}: no safeguard`);
console.log(`${expected.size} examples, ${wrong} wrong`);
process.exitCode = wrong ? 1 : 0;
