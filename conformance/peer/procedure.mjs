// procedure - the tables of section 11: who may say what of whom, in which state, and what follows.
import { children, value, walk } from './xml.mjs';
import { table, words } from './tables.mjs';

const RANKS = table('case-rank').map(({ Rank }) => Rank);
const DOCUMENTS = new Map(table('case-document').map((row) => [row.Document, {
	isWhole: row['Speaks of'] === 'the whole case', rank: RANKS.indexOf(row.Rank), opens: row['Opens a case'] === 'yes' }]));
const EVENTS = table('case-event'), MARKS = table('case-mark'), MARKS_OF_ALL = table('case-mark-all');
const CONDITIONS = table('case-condition'), DUTIES = table('case-duty'), CONCERNS = table('case-answers');
const STAYS = new Set(table('case-trait').filter((row) => row.Stays === 'yes').map(({ Trait }) => Trait));
const STATES = table('case-state').map(({ State }) => State);
// By "state says": the next state, and whether the procedure foresees it.
const MOVES = new Map();
for (const [name, isForeseen] of [['case', true], ['case-fact', false]])
	for (const row of table(name))
		for (const state of row.State === 'any but unknown' ? STATES.slice(1) : words(row.State))
			MOVES.set(`${state} ${row['Document says']}`, { next: row['Next state'] === 'unchanged' ? state : row['Next state'], isForeseen, isSealed: row['A sender may seal it'] !== 'no' });
const TURNS = new Map(table('case-turn').map((row) => [row.State, row['Next state']]));
const OF_CHILDREN = ['child', 'unaccompanied'];

export const documentOf = (type) => DOCUMENTS.get(type);
export const staying = (traits) => [...traits].filter((trait) => STAYS.has(trait));
export const moveOf = (state, says) => MOVES.get(`${state} ${says}`);
// RXP-CAS-012
export const turnOf = (state, had, gained) => OF_CHILDREN.some((trait) => gained.has(trait) && !had.has(trait)) ? TURNS.get(state) ?? state : state;

// The event of a type and a mark: {Says, Sender, Gives}. Without one the type is no document of a case.
const eventOf = (type, marks) => EVENTS.find((row) => row.Document === type && (row.Mark === '' || marks.includes(row.Mark)));

// What a typed content says of persons: {isWhole, rank, opens, persons: [{key, says, sender, traits}], says, sender, given: Map key →
// traits (of a document of the whole case), concerned (a fingerprint)}.
export function readSaid(type, typed) {
	const document = documentOf(type), isGiving = ({ Element, Text }, node) => node.local === Element && (Text === '' || value(node) === Text);
	const marks = MARKS.filter((row) => row.Document === type), persons = new Map(), outside = new Set();
	for (const node of document.isWhole ? [] : children(typed, 'Person')) persons.set(node.attributes.get('key'), { node, traits: new Set() });
	const given = new Map();
	for (const path of walk(typed)) {
		const person = path.slice(0, -1).find(({ local }) => local === 'Person');
		const traits = marks.filter((row) => isGiving(row, path.at(-1))).map(({ Gives }) => Gives), key = person?.attributes.get('key');
		if (path.at(-1).local === 'Person' && document.isWhole) given.set(path.at(-1).attributes.get('key'), given.get(path.at(-1).attributes.get('key')) ?? new Set());
		const into = !person ? outside : document.isWhole ? given.get(key) : persons.get(key).traits;
		for (const trait of traits) into.add(trait);
	}
	for (const row of MARKS_OF_ALL)
		if (row.Document === type && children(typed, row.Element).some(({ attributes }) => row.Attribute === '' || attributes.get(row.Attribute) === row.Value)) outside.add(row.Gives);
	const said = (names, traits) => {
		const event = eventOf(type, names);
		return { says: event.Says, sender: event.Sender, gives: event.Gives, traits };
	};
	return {
		type, ...document, given, concerned: CONCERNS.some((row) => row.Document === type) ? value(children(typed)[0]) : undefined,
		persons: [...persons].map(([key, { node, traits }]) => ({ key, ...said(children(node).slice(0, 1).map(({ local }) => local), new Set([...traits, ...outside])) })),
		...(document.isWhole ? said(children(typed).map(({ local }) => local), outside) : {}),
	};
}

// The condition of section 11.3 that what is said of a person with these traits does not meet: {Code, Requirement}, or undefined.
export const unmetCondition = (says, traits) => CONDITIONS.find((row) => row.Says === says && (row['Of a person'] === 'always' || traits.has(row['Of a person']))
	&& (row.Needs === 'never' || !traits.has(row.Needs)));
// RXP-CAS-014: does a record not give what it must?
export const lacksDuty = (says, had, given) => DUTIES.some((row) => row.Says === says && had.has(row['Of a person']) && !given.has(row['Must give']));
// RXP-CAS-010: of which types, and sealed by whom, what a document of a type concerns may be.
export const concernsOf = (type) => CONCERNS.filter((row) => row.Document === type);
