// document - documents as an officer would write them today, made from those of spec/examples.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { concerns, root } from './tables.mjs';

const DAY = 86_400_000;
const folder = path.join(root, 'spec/examples');

// Dates that lie where they lie because of the day on which the document was written.
const MOVED = ['Date', 'Declared', 'ValidUntil', 'AnswerBy', 'ArrivedOn', 'From', 'Until', 'IssuedOn', 'ExpiresOn',
	'Local', 'DetectedAt'];

const PERSON = /^  <Person key="P(\d+)"(?:\/>|>\n[\s\S]*?^  <\/Person>)\n/gm;

// What is in a document only if the step sets it.
const ASKED_FOR = ['FamilySplit', 'ForHealth'];

// --- the examples -----------------------------------------------------------------------------------
const created = readFileSync(path.join(folder, 'created.txt'), 'utf8').trim().split('\n').map((line) => line.split(' '));
const createdOf = (name) => Date.parse(created.filter(([prefix]) => prefix === '*' || name.startsWith(prefix))
	.sort((a, b) => a[0].length - b[0].length).at(-1)[1]);

function personsOf(xml) {
	return [...xml.matchAll(PERSON)].map(([text, key]) =>
		({ key: Number(key), text, mark: /^    <(\w+)/m.exec(text)?.[1] }));
}

// What is plain comes first: adults before children, and short names before long ones.
const special = (file) => (/child|minor/.test(file) ? 100 : 0) + file.length;

const examples = readdirSync(folder).filter((file) => /^[a-z-]+\.xml$/.test(file) && file !== 'ping-envelope.xml')
	.sort((a, b) => special(a) - special(b)).map((file) => {
		const xml = readFileSync(path.join(folder, file), 'utf8');
		return { name: file.slice(0, -4), xml, type: /<(\w+) xmlns=/.exec(xml)[1],
			created: createdOf(file), persons: personsOf(xml) };
	});

// --- which documents it names -------------------------------------------------------------------------
// What a document names besides: element, and the type (undefined: any) and side of what it names.
const NAMES = [
	{ type: 'DeemedAcceptance', element: 'HandedOver', of: 'HandedOver', whose: 'OTHER' },
	{ type: 'DeemedAcceptance', element: 'Reminder', of: 'Reminder', whose: 'OWN' },
	{ type: 'Reminder', element: 'Document', whose: 'OWN' },
	{ type: 'Contest', element: 'Document', whose: 'OWN' },
	{ type: 'UseReport', element: 'Document', whose: 'OWN' },
	{ type: 'UseReport', element: 'Asked', of: 'UseReport', whose: 'OTHER' },
	{ type: 'OnwardConsent', element: 'Document', whose: 'OTHER' },
	{ type: 'OnwardConsent', element: 'Asked', of: 'OnwardConsent', whose: 'OTHER' },
];

// Fill in the fingerprints of the documents named: the latest of the history that fits.
function refer(xml, step, history) {
	for (const row of [...concerns, ...NAMES].filter((r) => r.type === step.type)) {
		const wanted = row.of ?? step.about;
		const named = history.filter((d) => (wanted === undefined || d.type === wanted) &&
			(row.whose === 'EITHER' || (row.whose === 'OWN') === (d.from === step.actor))).at(-1);
		if (named !== undefined)
			xml = xml.replace(new RegExp(`<${row.element}>[^<]*</${row.element}>`),
				`<${row.element}>${named.fingerprint_base64}</${row.element}>`);
	}
	return xml;
}

// --- composing --------------------------------------------------------------------------------------
const hasMark = (example, mark) => new RegExp(`^  <${mark}[ />]`, 'm').test(example.xml);

function baseOf(step) {
	const marks = step.items.filter((item) => item.keys.length === 0).map((item) => item.mark);
	return examples.find((e) => e.type === step.type &&
		(step.like === undefined ? marks.every((mark) => hasMark(e, mark)) : e.name === step.like));
}

// The person as some example has one of whom this is said, by choice the base and the key of the model.
function personFor(base, { key, model, mark }) {
	const from = examples.filter((e) => e.type === base.type && (model.example === undefined || e.name === model.example));
	const rate = (p) => (p.key === model.key ? 1 : 0) + (base.persons.includes(p) ? 2 : 0);
	const person = from.flatMap((e) => e.persons).filter((p) => mark === undefined || p.mark === mark)
		.sort((a, b) => rate(b) - rate(a))[0];
	return person?.text.replace(/key="P\d+"/, `key="P${key}"`);
}

// The persons named in the place of the base's; all of the base if none is.
function cast(base, { items, models }) {
	const named = items.flatMap(({ keys, mark }) => keys.map((key) => ({ key, model: models.get(key) ?? { key }, mark })))
		.sort((a, b) => a.key - b.key);
	if (named.length === 0)
		return base.xml;
	let first = true;
	return base.xml.replace(PERSON, () => {
		const text = first ? named.map((person) => personFor(base, person)).join('') : '';
		first = false;
		return text;
	});
}

const textOf = (ms, like) => new Date(ms).toISOString().slice(0, like.length === 24 ? 24 : like.length);

// Move every dated element by so many milliseconds; a date of birth stays.
function move(xml, ms, names) {
	return xml.replace(new RegExp(`<(${names.join('|')})>(\\d{4}-\\d\\d-\\d\\d[^<]*)<`, 'g'), (_, name, text) =>
		`<${name}>${textOf(Date.parse(text.length === 16 ? `${text}Z` : text) + ms, text)}<`);
}

// Move what is at a place so that it is there at this local time: all of it, by what `element` wants.
function moveTo(xml, element, local) {
	const found = new RegExp(`<${element}>[\\s\\S]*?<Local>([^<]*)<`).exec(xml);
	return found ? move(xml, local - Date.parse(`${found[1]}Z`), ['Local']) : xml;
}

// What is recorded happened an hour ago.
function recordedNow(xml, now) {
	return xml.replace(/<Local>[^<]*<\/Local>(\s*)<Offset>([+-])(\d\d):(\d\d)</g, (_, space, sign, h, m) => {
		const ahead = (sign === '-' ? -1 : 1) * (h * 60 + Number(m)) * 60_000;
		return `<Local>${new Date(now - 3_600_000 + ahead).toISOString().slice(0, 16)}</Local>${space}<Offset>${sign}${h}:${m}<`;
	});
}

// Without every element of the name, or of the name and attribute; each stands in lines of its own.
function drop(xml, [name, attribute = '']) {
	const tag = attribute === '' ? name : `${name} ${attribute}`;
	return xml.replace(new RegExp(`^( +)<${tag}(?:(?: [^\\n]*)?/>|>[^\\n]+|>\\n[\\s\\S]*?^\\1</${name}>)\\n`, 'gm'), '');
}

// The time limit that the sender computed, if any, and the receipt of the application.
function date(xml, deadline, history) {
	const received = history.find((d) => d.position === 1)?.received;
	if (deadline === undefined)
		return drop(xml, ['Deadline']);
	return xml.replace(/(<Starts [^>]*>)[^<]*</g, `$1${deadline.start}<`)
		.replace(/<DueDate>[^<]*</g, `<DueDate>${deadline.due}<`)
		.replace(/<Calendar [^>]*>/g, `<Calendar owner="${deadline.owner}" version="1"/>`)
		.replace(/<ReceivedAt>[^<]*</g, `<ReceivedAt>${received}<`);
}

// The files that the document names, numbered anew in their order.
function number(xml) {
	const files = [];
	const text = xml.replace(/<(\w+)>(\s*)<Attachment>\d+<|<Attachment>\d+</g, (_, parent, space) => {
		files.push(parent === 'Photograph' ? 'photograph' : 'document-scan');
		return `${parent === undefined ? '' : `<${parent}>${space}`}<Attachment>${files.length}<`;
	});
	return { xml: text, files };
}

// {xml, files}: the document of a step, written at `now` with this history of the case in view; undefined if
// no example says such a thing. `dateOf` tells the instant of a date of the scenario.
export function compose(step, { now, history, consent, follows, deadline, dateOf }) {
	const base = baseOf(step);
	if (base === undefined)
		return undefined;
	let xml = cast(base, step);
	if (xml.includes('undefined'))
		return undefined;
	xml = move(xml, Math.round((now - base.created) / DAY) * DAY, MOVED);
	if (step.type === 'TransferRecord')
		xml = recordedNow(xml, now);
	if (step.arriving !== undefined)
		xml = moveTo(xml, step.type === 'TransitApplication' || step.type === 'TransitReply' ? 'Entry' : 'Arrival',
			dateOf(step.arriving));
	for (const name of ASKED_FOR.filter((element) => !step.set.some(([set]) => set === element)))
		xml = drop(xml, [name]);
	xml = step.drop.reduce(drop, xml);
	for (const [name, value] of step.set.filter(([, text]) => text !== undefined))
		xml = xml.replace(new RegExp(`<${name}>[^<]*<`, 'g'), `<${name}>${value}<`);
	xml = date(xml, deadline, history);
	xml = refer(xml, step, history).replace(/<ConsentId>[^<]*</g, `<ConsentId>${consent}<`)
		.replace(/<FollowsCase>[^<]*</, `<FollowsCase>${follows}<`);
	return number(xml);
}
