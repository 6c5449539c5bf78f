// safeguard - the rules of section 38 that both States judge, on a document alone. Whichever it breaks, its sender learns
// nothing but `not-acceptable` (RXP-SAF-002); the requirement is told to tests.
//
// A rule is given {type, typed, persons, manifest, values, created (a day), isTest} and yields the paths of what is wrong.
import { children, textOf, value, walk } from './xml.mjs';
import { linesIn, named } from './rules.mjs';
import { birthInSecondLine, readLines } from './mrz.mjs';
import { opens, table, words } from './tables.mjs';
import { addDays } from './values.mjs';

const ATTESTED = table('attested');

// --- who counts as a child (RXP-SAF-009, RXP-SAF-036) ---

const LAST = { 4: '-12-31', 7: '-31', 10: '' };
// Is who was born then, at the latest that the date leaves open, a child on a day? The birthday counts to childhood.
function isYoung(date, certainty, day) {
	const born = date + LAST[date.length], years = certainty === 'estimated' ? 20 : 18;
	return day <= `${Number(born.slice(0, 4)) + years}${born.slice(4)}`;
}
// A date of birth in machine-readable lines, with its century; nothing if the year is left open.
function bornByLine(birth, created) {
	if (birth.startsWith('<<')) return undefined;
	const [month, day] = [birth.slice(2, 4), birth.slice(4)].map((part, i) => part === '<<' ? ['12', '31'][i] : part);
	return ['20', '19'].map((century) => `${century}${birth.slice(0, 2)}-${month}-${day}`).find((date) => date <= created);
}
const certaintyOf = (birth) => children(birth, 'Date')[0].attributes.get('certainty');
const isYoungByBirth = (birth, created) => isYoung(textOf(birth, 'Date'), certaintyOf(birth), created);

function isYoungByLines(person, { created }) {
	const [birth] = children(person, 'Birth');
	if (birth && !isYoungByBirth(birth, created) && ['documented', 'age-assessed'].includes(certaintyOf(birth))) return false;
	for (const [, lines] of linesIn(person)) {
		const born = bornByLine(readLines(lines).birth, created);
		if (born && isYoung(born, 'documented', created)) return true;
	}
	return false;
}
function isChild(person, content) {
	const [[minor], [birth]] = [children(person, 'Minor'), children(person, 'Birth')];
	return minor !== undefined || textOf(person, 'Category') === 'minor-child' || (birth !== undefined && isYoungByBirth(birth, content.created))
		|| isYoungByLines(person, content);
}
const isAlone = (person) => textOf(person, 'Minor', 'Unaccompanied') === 'true';
const WHO = { each: () => true, child: isChild, alone: isAlone };

// --- dates (RXP-SAF-004) ---

const isNotAfter = (day, created) => day <= addDays(created, 1);
const isWithin = (day, days, created) => isNotAfter(day, created) && day >= addDays(created, -days - 1);

// --- countries (RXP-SAF-014, RXP-SAF-015) ---

const PROTECTED = ['XXB', 'XXC'];
const isOfTests = (code) => code === 'UTO' || /^Q[M-Z][A-Z]$/.test(code);
const isRightCountry = (code, isNationality, { isTest }) => !PROTECTED.includes(code)
	&& (['XXA', 'XXX'].includes(code) ? isNationality || !isTest : isOfTests(code) === isTest);
const COUNTRIES = ['Country', 'Issuer', 'Nationality', 'Destination', 'OtherState', 'RecipientState'];
// What a correction gives in the place of a value: {path, name of the field, text}.
function* corrections(typed) {
	for (const path of named(typed, 'Rectify'))
		yield { path, field: textOf(path.at(-1), 'Field'), name: textOf(path.at(-1), 'Field').split('/').at(-1), text: textOf(path.at(-1), 'Value') };
}

function* attested(content, isWrong) {
	for (const row of ATTESTED.filter(({ Document }) => Document === content.type))
		for (const { node } of content.persons) {
			const [inside] = children(node, row.In), [found] = children(inside, row.Attestation);
			if (isWrong(row, node, found)) yield [content.typed, node, inside, ...(found ? [found] : [])];
		}
}
const onlyOf = (type, rule) => function* (content) {
	if (content.type === type) yield* rule(content);
};

// [requirement, the rule]
export const SAFEGUARDS = [
	['RXP-SAF-005', (content) => attested(content, (row, person, found) => row.For === 'each' && !found)],
	['RXP-SAF-006', function* (content) {
		yield* attested(content, (row, person, found) => found && !isWithin(textOf(found, 'Date'), Number(row.Days), content.created));
		for (const path of named(content.typed, 'GuardianConfirmed')) if (!isWithin(textOf(path.at(-1), 'Date'), 30, content.created)) yield path;
	}],
	['RXP-SAF-007', (content) => attested(content, (row, person, found) => found && !words(row.Role).includes(textOf(found, 'Role')))],
	['RXP-SAF-010', function* (content) {
		for (const { node } of content.persons) if (opens(content.type) && isChild(node, content) && !children(node, 'Minor').length) yield [content.typed, node];
	}],
	['RXP-SAF-011', (content) => attested(content, (row, person, found) => row.For === 'child' && !found && WHO.child(person, content))],
	['RXP-SAF-012', function* ({ type, typed, persons }) {
		for (const { node } of persons) if (opens(type) && isAlone(node) && !children(children(node, 'Minor')[0], 'Guardian').length) yield [typed, node];
	}],
	['RXP-SAF-013', function* (content) {
		if (!opens(content.type) || content.persons.some(({ node }) => !isChild(node, content))) return;
		for (const { node } of content.persons) if (textOf(node, 'Minor', 'Unaccompanied') === 'false') yield [content.typed, node];
	}],
	['RXP-SAF-033', function* (content) {
		const { type, typed, persons, created } = content;
		for (const { node } of persons) {
			if (type === 'Supplement' && isChild(node, content) && !children(node, 'Minor').length) yield [typed, node];
			for (const path of type === 'ReadmissionReply' ? named(node, 'ConfirmedIdentity') : [])
				if (isYoungByBirth(children(path.at(-1), 'Birth')[0], created) && !children(path.at(-1), 'Minor').length) yield [typed, ...path];
		}
		for (const { path, field, text } of corrections(typed)) {
			const line = /(^|\/)MrzLine\[2\]$/.test(field) && birthInSecondLine(text);
			const born = /(^|\/)Birth(\[1\])?\/Date(\[1\])?$/.test(field) && /^\d{4}(-\d\d){0,2}$/.test(text) ? text : line && bornByLine(line, created);
			if (born && isYoung(born, 'documented', created) && !children(path.at(-1), 'Person').length) yield path;
		}
	}],
	['RXP-SAF-037', function* (content) {
		const placeless = ['TransferNotification', 'TravelDocumentNotice', 'StandardTravelDocumentNotice', 'TakeBackRequest'];
		for (const { node } of content.persons) if (placeless.includes(content.type) && isYoungByLines(node, content)) yield [content.typed, node];
	}],
	['RXP-SAF-034', onlyOf('TransitApplication', function* ({ typed, persons }) {
		if (persons.some(({ node }) => isAlone(node)) && textOf(typed, 'Transit', 'Escorts', 'ChildProtection') === undefined) yield [typed];
	})],
	['RXP-SAF-035', (content) => attested(content, (row, person, found) => row.For === 'alone' && !found && isAlone(person))],
	['RXP-SAF-014', function* ({ typed, values }) {
		for (const [path, text, names] of values) if (names.includes('Country') && PROTECTED.includes(text)) yield path;
		for (const [path, lines] of linesIn(typed)) {
			const { code, issuer, nationality } = readLines(lines);
			if (PROTECTED.includes(issuer) || PROTECTED.includes(nationality) || ['PR', 'PT'].includes(code)) yield path;
		}
		for (const { path, name, text } of corrections(typed)) if (COUNTRIES.includes(name.replace(/\[.*/, '')) && PROTECTED.includes(text)) yield path;
	}],
	['RXP-SAF-015', function* (content) {
		for (const [path, text, names] of content.values)
			if (names.includes('Country') && !isRightCountry(text, path.at(-1).local === 'Nationality', content)) yield path;
		for (const [path, lines] of linesIn(content.typed)) {
			const { issuer, nationality } = readLines(lines);
			if (!isRightCountry(issuer, false, content) || !isRightCountry(nationality, true, content)) yield path;
		}
		for (const { path, name, text } of corrections(content.typed)) {
			const field = name.replace(/\[.*/, '');
			if (COUNTRIES.includes(field) && /^[A-Z]{3}$/.test(text) && !isRightCountry(text, field === 'Nationality', content)) yield path;
		}
	}],
	// RXP-SAF-039
	['RXP-SAF-016', function* ({ type, typed, persons }) {
		const [family] = children(typed, 'Family');
		const isApart = family?.attributes.get('moveTogether') === 'false' && !family.attributes.has('split');
		if (['ReadmissionApplication', 'AdvanceNotice'].includes(type) && (isApart || (persons.length > 1 && !family))) yield [typed];
	}],
	['RXP-SAF-018', function* ({ type, typed, created }) {
		for (const path of named(typed, 'Declared')) if (!isNotAfter(value(path.at(-1)), created)) yield path;
		for (const path of type === 'ReintegrationReferral' ? named(typed, 'Consent') : []) if (!isNotAfter(textOf(path.at(-1), 'Date'), created)) yield path;
	}],
	['RXP-TRN-006', onlyOf('TransitApplication', function* ({ typed }) {
		if (textOf(typed, 'Transit', 'AdmissionGuaranteed') === 'false' || textOf(typed, 'Transit', 'RefusalGroundKnown') === 'true') yield [typed];
	})],
	['RXP-RIN-009', function* ({ typed }) {
		for (const path of named(typed, 'Withdrawable')) if (value(path.at(-1)) === 'false') yield path;
	}],
	['RXP-SAF-019', function* ({ manifest, attachments }) {
		for (const node of manifest)
			if (textOf(node, 'Type') === 'statement' && !['decision-officer', 'legal-officer'].includes(textOf(node, 'CheckedBy'))) yield [attachments, node];
	}],
	['RXP-SAF-023', function* ({ typed }) {
		for (const path of walk(typed))
			if (path.at(-1).local === 'OwnReference' && (!/^[A-Z0-9]{4}(-[A-Z0-9]{4}){1,3}$/.test(value(path.at(-1))) || /[A-Z]{3}/.test(value(path.at(-1))))) yield path;
	}],
];

// The requirement that a content breaks first, or null. `created` is when the document says that it was made.
export function brokenSafeguard(content, created, isTest) {
	const judged = { ...content, created: created.slice(0, 10), isTest };
	const broken = SAFEGUARDS.find(([, rule]) => !rule(judged).next().done);
	return broken ? broken[0] : null;
}
