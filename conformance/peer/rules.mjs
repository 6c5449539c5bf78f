// rules - what the schema of a type cannot say: the rules between fields of RXP-DOC-008.
//
// Each rule yields the paths of the elements at fault. They are given the content: {type, typed, manifest, persons,
// values}, typed and manifest as elements (the latter may be missing), values as [path, text, names of the type].
import { children, textOf, value, walk } from './xml.mjs';
import { ELEMENTS } from './schema.mjs';
import { instant, isDay, octetsOf } from './values.mjs';
import { opens, TYPES } from './tables.mjs';
import { readLines } from './mrz.mjs';

export const personsOf = (typed) => children(typed, 'Person').map((node) => ({ node, key: node.attributes.get('key') }));
// Paths of the elements of these names, wherever they stand.
export function* named(typed, ...names) {
	for (const path of walk(typed)) if (names.includes(path.at(-1).local)) yield path;
}
// Paths of elements that hold machine-readable lines, with the lines.
export function* linesIn(node, path = [node]) {
	for (const found of walk(node, path)) {
		const lines = children(found.at(-1), 'MrzLine');
		if (lines.length) yield [found, lines.map(value)];
	}
}

const at = (stop) => {
	const [local, offset] = [textOf(stop, 'At', 'Local'), textOf(stop, 'At', 'Offset')];
	return { local, instant: instant(local, offset) };
};
// Elements whose second child must not be earlier than the first: [name, first, second].
function* inOrder(typed, first, second, isRight, fault) {
	for (const path of walk(typed)) {
		const [[a], [b]] = [children(path.at(-1), first), children(path.at(-1), second)];
		if (a && b && !isRight(at(a).instant, at(b).instant)) yield [...path, fault === first ? a : b];
	}
}
function* numbered(nodes, path) {
	for (const [i, node] of nodes.entries()) if (node.attributes.get('number') !== String(i + 1)) yield [...path, node];
}
const attachmentsNamed = (typed) => [...named(typed, 'Attachment')];
const CODE_FORMS = { iata: /^[A-Z]{3}$/, icao: /^[A-Z]{4}$/, locode: /^[A-Z]{2}[A-Z0-9]{3}$/, local: /^/ };

// What text is: the other simple types are codes, ids, digests and numbers.
const TEXT = ['Printable', 'NamePart', 'MrzLine', 'DocumentNumber', 'Telephone', 'Email'];
// RXP-FRM-002: what makes two elements of a list the same, or nothing.
function sameness({ type }, path, values) {
	const node = path.at(-1), code = node.attributes.get('code');
	if (code !== undefined && !values.has(node)) return code;
	const names = values.get(node);
	return !names || names.some((name) => TEXT.includes(name)) ? undefined : JSON.stringify([...node.attributes, value(node)]);
}
const isLater = ({ type }) => TYPES.get(type).section >= 25 && TYPES.get(type).section <= 35;

// [requirement, the rule]
export const RULES = [
	['RXP-APP-002', function* ({ type, typed, persons }) {
		for (const [i, { node, key }] of persons.entries()) if (opens(type) && key !== `P${i + 1}`) yield [typed, node];
	}],
	['RXP-REP-003', function* ({ type, typed, persons }) {
		const number = (key) => Number(key.slice(1));
		for (const [i, { node, key }] of persons.entries())
			if (!opens(type) && i > 0 && number(key) <= number(persons[i - 1].key)) yield [typed, node];
	}],
	['RXP-APP-003', function* ({ typed, persons }) {
		const roles = persons.map(({ node }) => textOf(node, 'Role')).filter((role) => role !== undefined);
		if (roles.length && roles.filter((role) => role === 'principal').length !== 1) yield [typed];
	}],
	['RXP-APP-022', function* ({ values }) {
		for (const [path, text, names] of values)
			if ((['Date', 'PartialDate', 'Time'].some((name) => names.includes(name)) || path.at(-1).local === 'Local') && !isDay(text)) yield path;
	}],
	['RXP-APP-014', function* ({ typed }) {
		for (const [path, lines] of linesIn(typed)) if (!readLines(lines)) yield [...path, children(path.at(-1), 'MrzLine')[0]];
	}],
	['RXP-APP-013', function* ({ typed }) {
		if (textOf(typed, 'Head', 'InterviewRequested') === 'false' && named(typed, 'Evidence').next().done) yield [typed];
	}],
	['RXP-SUP-004', function* ({ type, typed, persons }) {
		for (const { node } of persons) if (type === 'Supplement' && children(node).length === 0) yield [typed, node];
	}],
	['RXP-TDN-005', function* ({ typed }) {
		for (const path of named(typed, 'TravelDocument', 'OwnDocument')) {
			const [from, until] = [textOf(path.at(-1), 'IssuedOn'), textOf(path.at(-1), 'ExpiresOn')];
			if (from && until < from) yield [...path, children(path.at(-1), 'ExpiresOn')[0]];
		}
	}],
	['RXP-ADV-003', function* ({ type, typed, persons }) {
		if (type !== 'AdvanceNotice') return;
		const day = at(children(children(typed, 'Transfer')[0], 'Arrival')[0]).local.slice(0, 10);
		for (const { node } of persons) {
			const document = children(node, 'TravelDocument')[0];
			if (textOf(document, 'ExpiresOn') < day) yield [typed, node, document, children(document, 'ExpiresOn')[0]];
		}
	}],
	['RXP-TDN-006', function* ({ typed, persons }) {
		for (const { node } of persons) {
			const fallback = textOf(node, 'Fallback');
			if (fallback && (fallback === 'reply') === (children(node, 'TravelDocument').length > 0)) yield [typed, node, children(node, 'Fallback')[0]];
		}
	}],
	['RXP-TRF-007', function* ({ typed }) {
		for (const path of named(typed, 'CrossingPoint')) {
			const { attributes } = path.at(-1);
			if (!CODE_FORMS[attributes.get('scheme')].test(attributes.get('code'))) yield path;
		}
	}],
	['RXP-TRF-017', ({ typed }) => inOrder(typed, 'Departure', 'Arrival', (a, b) => b > a, 'Departure')],
	['RXP-ATT-002', function* ({ typed, manifest }) {
		for (const path of attachmentsNamed(typed)) if (!manifest.some((one) => one.attributes.get('number') === value(path.at(-1)))) yield path;
	}],
	['RXP-APP-015', function* ({ typed, manifest }) {
		for (const path of attachmentsNamed(typed)) {
			const one = manifest.find(({ attributes }) => attributes.get('number') === value(path.at(-1)));
			if (path.at(-2).local === 'Photograph' && textOf(one, 'Type') !== 'photograph') yield path;
		}
	}],
	['RXP-ATT-002', ({ manifest, attachments }) => numbered(manifest, [attachments])],
	['RXP-ATT-003', function* ({ typed, manifest, attachments }) {
		const numbers = new Set(attachmentsNamed(typed).map((path) => value(path.at(-1))));
		for (const node of manifest) if (!numbers.has(node.attributes.get('number'))) yield [attachments, node];
	}],
	['RXP-FRM-001', function* ({ typed }) {
		for (const path of walk(typed)) {
			const [from, until] = [textOf(path.at(-1), 'From'), textOf(path.at(-1), 'Until')];
			if (from !== undefined && until < from) yield [...path, children(path.at(-1), 'Until')[0]];
		}
	}],
	['RXP-FRM-002', function* (content) {
		if (!isLater(content)) return;
		const types = new Map(content.values.map(([path, , names]) => [path.at(-1), names]));
		for (const path of walk(content.typed)) {
			const seen = new Set();
			for (const node of children(path.at(-1))) {
				const same = sameness(content, [node], types);
				if (same !== undefined && seen.has(`${node.local} ${same}`)) yield [...path, node];
				seen.add(`${node.local} ${same}`);
			}
		}
	}],
	['RXP-FRM-003', function* ({ values }) {
		for (const [path, text, names] of values) if (names.includes('Base64') && !octetsOf(text)) yield path;
	}],
	['RXP-TRN-008', ({ typed }) => inOrder(typed, 'Entry', 'Exit', (a, b) => b >= a, 'Exit')],
	['RXP-COR-006', ({ typed }) => numbered(children(typed, 'Item'), [typed])],
	['RXP-COR-005', function* ({ typed }) {
		for (const path of named(typed, 'Field'))
			if (value(path.at(-1)).split('/').some((step) => !ELEMENTS.has(step.replace(/\[.*/, '')))) yield path;
	}],
	['RXP-HIS-005', function* ({ typed }) {
		for (const path of named(typed, 'Copy')) if (path.at(-1).attributes.get('piece') > path.at(-1).attributes.get('pieces')) yield path;
	}],
];

// The first fault of a content that its schema admits: {requirement, path}, or null.
export function firstFault(content) {
	for (const [requirement, rule] of RULES) {
		const { value: path } = rule(content).next();
		if (path) return { requirement, path };
	}
	return null;
}
