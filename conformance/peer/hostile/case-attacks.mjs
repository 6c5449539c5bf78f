// case-attacks - the rows of the table about documents of a case (sections 10 to 13).
//
// The control is an application, receipted, in a case of its own; the change is made to the next valid
// document of that case, a withdrawal at Position 2, which must be receipted after the mutant.
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { canonical, parse } from '../xml.mjs';
import { seal, sha256 } from '../seal.mjs';
import { base64 } from '../values.mjs';
import { close } from '../envelope.mjs';
import { bodyText, pingFields, write } from '../message.mjs';

const EXAMPLES = new URL('../../../spec/examples/', import.meta.url);
// A typed content of spec/examples in canonical form without the white space between elements.
function example(file) {
	const bare = (node) => {
		const inner = node.children.filter((child) => typeof child !== 'string');
		if (inner.length) node.children = inner;
		inner.forEach(bare);
		return node;
	};
	return canonical(bare(parse(readFileSync(new URL(file, EXAMPLES), 'utf8').trimEnd(), { declaration: true })));
}
// A day so many days from now; attestations and declarations as if made today, since they age (RXP-SAF-006).
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const fresh = (text) => text.replace(/<(Date|Declared)>20[-\d]+</g, `<$1>${day(0)}<`);
const APPLICATION = fresh(example('application-single.xml'));
const CHILD = fresh(example('application-child.xml'));
const WITHDRAWAL = example('withdrawal.xml').replace('key="P2"', 'key="P1"');
const REPLY = (application) => example('reply-split.xml').replace(/<Person key="P2">.*?<\/Person><Person key="P3">.*?<\/Person>/s, '')
	.replace(/(<Application>)[^<]*/, `$1${base64(application)}`);

const firstOf = (typed, type) => ({ caseId: randomUUID(), position: 1, type, typed });
export const application = () => firstOf(APPLICATION, 'ReadmissionApplication');
export const withdrawal = (first, { fingerprint }) => ({ ...first, type: 'Withdrawal', typed: WITHDRAWAL, position: 2, previous: base64(fingerprint) });

// A message of {caseId, position, previous, seen, profile, version, type, typed}.
export function caseMessage(from, peer, { caseId, position, previous, seen, profile = 'customary', version = '1', type, typed }) {
	const fields = { ...pingFields(from.party, peer.party), Type: type, FromOffice: 'RETURNS', ToOffice: 'READMISSION' };
	const group = write([['CaseId', caseId], ['Position', position], ['Previous', previous], ['Seen', seen]]);
	const { text, fingerprint } = seal('Document', `${write(Object.entries(fields))}${group}<Profile id="${profile}" version="${version}"></Profile>`,
		bodyText(typed), from.seal, fields.Created);
	return { id: fields.MessageId, fingerprint, octets: Buffer.from(close(Buffer.from(text), fields, peer.agreement)) };
}

const OTHER = base64(sha256('another'));
const set = (changes) => (valid) => ({ ...valid, ...changes });
const typed = (change) => (valid) => ({ ...valid, typed: change(valid.typed) });
// The files that the lines FILE PLACE REQUIREMENT of invalid/expected*.txt call wrong in their form, and that are
// of a type of a case; what breaks a safeguard is below, since the sender alone judges some of it.
const invalid = readdirSync(new URL('invalid/', EXAMPLES)).filter((name) => /^expected(?!-safeguards).*\.txt$/.test(name))
	.flatMap((name) => readFileSync(new URL(`invalid/${name}`, EXAMPLES), 'utf8').trimEnd().split('\n'))
	.map((line) => line.split(' ')[0]).sort();
const BETWEEN_NODES = /^(attachments-received|history|incident|node-notice|statistics|void)/;
// Of levels that the node does not declare.
const OTHER_LEVEL = /^(deemed|contest|take-back|transit|reintegration|consent)/;
const OPENS = /^(ReadmissionApplication|AdvanceNotice|TransitApplication|ReintegrationReferral)$/;

// [requirement, what is wrong, the change, the valid application]
const SAFEGUARDS = [
	['RXP-SAF-005', 'nothing is attested', (text) => text.replace(/<Attestations>.*?<\/Attestations>/, '<Attestations></Attestations>')],
	['RXP-SAF-005', 'no decision is attested', (text) => text.replace(/<DecisionFinal>.*?<\/DecisionFinal>/, '')],
	['RXP-SAF-005', 'refoulement was not checked', (text) => text.replace(/<RefoulementChecked>.*?<\/RefoulementChecked>/, '')],
	['RXP-SAF-005', 'the person was not informed', (text) => text.replace(/<PersonInformed>.*?<\/PersonInformed>/, '')],
	['RXP-SAF-006', 'refoulement was checked 32 days ago', (text) => text.replace(/(<RefoulementChecked><Date>)[^<]*/, `$1${day(-32)}`)],
	['RXP-SAF-006', 'it was checked the day after tomorrow', (text) => text.replace(/(<RefoulementChecked><Date>)[^<]*/, `$1${day(2)}`)],
	['RXP-SAF-007', 'a return officer checked it', (text) => text.replace('legal-officer', 'return-officer')],
	['RXP-SAF-010', 'a child without Minor', (text) => text.replace('1974-08-12', day(-3000))],
	['RXP-SAF-010', 'an estimated age of 19', (text) => text.replace(/documented">1974-08-12/, `estimated">${day(-6940)}`)],
	['RXP-SAF-036', 'a child by the machine-readable lines alone', (text) => text.replace('documented">1974-08-12', 'declared">1974-08-12')
		.replace(/7408122F1204159ZE184226B((?:&lt;)+)10/, `1503092F3106305${'&lt;'.repeat(14)}06`)],
	['RXP-SAF-011', 'a child without an assessment', (text) => text.replace(/<BestInterests>.*?<\/BestInterests>/, ''), CHILD],
	['RXP-SAF-012', 'an unaccompanied child without a guardian', (text) => text.replace(/<Guardian>.*?<\/Guardian>/, ''), CHILD],
	['RXP-SAF-013', 'an accompanied child alone', (text) => text.replace('<Unaccompanied>true', '<Unaccompanied>false'), CHILD],
	['RXP-SAF-014', 'the code of a refugee', (text) => text.replace('>UTO<', '>XXB<')],
	['RXP-SAF-014', 'the other one', (text) => text.replace('>UTO<', '>XXC<')],
	['RXP-SAF-014', 'the code in a machine-readable line', (text) => text.replace('L898902C36UTO', 'L898902C36XXB')],
	['RXP-SAF-015', 'a State that exists', (text) => text.replace('>UTO<', '>FRA<')],
	['RXP-SAF-018', 'a wish declared later', (text) => text.replace('<Enforced></Enforced>',
		`<Voluntary><Declared>${day(2)}</Declared><Detained>false</Detained></Voluntary>`)],
];

export const CASE_ATTACKS = [
	['RXP-CHN-007', 'a Position left out', 'case', set({ position: 3 }), 'gap'],
	['RXP-CHN-007', 'a case that the receiver does not know', 'case', (valid) => set({ caseId: randomUUID() })(valid), 'gap'],
	['RXP-CHN-008', 'a Position taken before', 'case', set({ position: 1, previous: undefined }), 'fork'],
	['RXP-CHN-009', 'Previous is another document', 'case', set({ previous: OTHER }), 'fork'],
	['RXP-CHN-009', 'no Previous', 'case', set({ previous: undefined }), 'fork'],
	['RXP-CHN-009', 'Previous at Position 1', 'case', () => ({ ...application(), previous: OTHER }), 'fork'],
	['RXP-CHN-009', 'Seen is a document that nobody sent', 'case', set({ seen: OTHER }), 'fork'],
	['RXP-CHN-009', "Seen is the sender's own document", 'case', (valid) => set({ seen: valid.previous })(valid), 'fork'],
	['RXP-CAS-003', 'a second application in the case', 'case', set({ type: 'ReadmissionApplication', typed: APPLICATION }), 'state'],
	['RXP-CAS-003', 'a withdrawal opens a case', 'case', () => firstOf(WITHDRAWAL, 'Withdrawal'), 'state'],
	['RXP-CAS-004', 'a person whom the case does not name', 'case', typed((text) => text.replace('P1', 'P2')), 'state'],
	['RXP-REP-001', 'the requesting State replies', 'case', (valid) => ({ ...valid, type: 'ReadmissionReply', typed: REPLY(Buffer.from(valid.previous, 'base64')) }), 'state'],
	['RXP-DOC-005', 'an unknown type', 'case', (valid) => ({ ...valid, type: 'Withdrawl', typed: valid.typed.replaceAll('Withdrawal', 'Withdrawl') }), 'unsupported'],
	['RXP-XML-006', 'a CaseId of version 7', 'case', (valid) => set({ caseId: valid.caseId.replace(/^(.{14})4/, '$17') })(valid), 'unopenable'],
	['RXP-XML-006', 'Position 0', 'case', set({ position: 0 }), 'unopenable'],
	['RXP-XML-006', 'Position 02', 'case', set({ position: '02' }), 'unopenable'],
	['RXP-XML-006', 'Position 2^63', 'case', set({ position: '9223372036854775808' }), 'unopenable'],
	['RXP-DOC-010', 'a Profile with another sign', 'case', set({ profile: 'model!' }), 'unopenable'],
	['RXP-PRF-023', 'a Profile that the receiver does not hold', 'case', () => ({ ...application(), profile: 'model' }), 'unsupported'],
	['RXP-PRF-022', 'a version with a zero in front', 'case', () => ({ ...application(), version: '01' }), 'unsupported'],
	['RXP-PRF-024', 'another Profile than that of the case', 'case', set({ profile: 'model' }), 'state'],
	['RXP-APP-004', 'an invented element', 'case', () => firstOf(APPLICATION.replace('<Observations>', '<Zebra>stripes</Zebra><Observations>'), 'ReadmissionApplication'), 'schema'],
	['RXP-APP-004', 'an invented kind of evidence', 'case', () => firstOf(APPLICATION.replace('<Kind>passport<', '<Kind>zebra<'), 'ReadmissionApplication'), 'schema'],
	...invalid.filter((file) => !BETWEEN_NODES.test(file)).map((file) => [OTHER_LEVEL.test(file) ? 'RXP-DOC-005' : 'RXP-DOC-008', `the example ${file}`, 'case', (valid) => {
		const content = example(`invalid/${file}`), type = /^<(\w+)/.exec(content)[1];
		return OPENS.test(type) ? firstOf(content, type) : { ...valid, type, typed: content };
	}, OTHER_LEVEL.test(file) ? 'unsupported' : 'schema']),
	...SAFEGUARDS.map(([requirement, what, change, application = APPLICATION]) => [requirement, what, 'case', () => {
		const changed = change(application);
		if (changed === application) throw new Error('the row changes nothing');
		return firstOf(changed, 'ReadmissionApplication');
	}, 'not-acceptable']),
	['RXP-SAF-033', "a child's date of birth without Minor, in a supplement", 'case', (valid) => ({ ...valid, type: 'Supplement', typed: example('invalid/supplement-minor-unsaid.xml') }), 'not-acceptable'],
	['RXP-SAF-036', 'a supplement with the passport of a child, without Minor', 'case', (valid) => ({ ...valid, type: 'Supplement', typed: example('invalid/supplement-minor-line.xml') }), 'not-acceptable'],
	['RXP-SAF-037', 'a travel document with the lines of a child', 'case', (valid) => ({ ...valid, type: 'StandardTravelDocumentNotice', typed: example('invalid/standard-travel-document-notice-child-line.xml') }), 'not-acceptable'],
	['RXP-SAF-033', 'the same in a correction', 'case', (valid) => ({ ...valid, type: 'DataCorrection', typed: example('invalid/data-correction-minor-unsaid.xml').replace(/(<Document>)[^<]*/, `$1${valid.previous}`) }), 'not-acceptable'],
	['RXP-CAS-013', 'a correction that tells of a person whom the case does not know', 'case', (valid) => ({ ...valid, type: 'DataCorrection', typed: example('data-correction-minor.xml').replace(/(<Document>)[^<]*/, `$1${valid.previous}`) }), 'state'],
	// A case of another State is to be one that the receiver does not know.
	['RXP-CHN-007', 'another State sends a document of the case', 'stranger', (valid) => valid, 'gap'],
	['RXP-CHN-004', 'another State names a document of the case', 'stranger', (valid) => ({ ...valid, position: 1, previous: undefined, seen: valid.previous }), 'fork'],
];
