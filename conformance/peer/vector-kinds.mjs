// vector-kinds - what this second implementation says of the vectors of each kind: judge(files, vector) gives what the index
// expects, as far as it can tell. `leaves` says of which it says nothing.
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { canonical, children, elements, parse } from './xml.mjs';
import { CODES, readAnswer } from './answer.mjs';
import { compartmentFault } from './compartment.mjs';
import { readContent } from './content.mjs';
import { readDescriptor } from './descriptor.mjs';
import { readDocument } from './message.mjs';
import { open, read as readEnvelope } from './envelope.mjs';
import { keyName } from './encrypted.mjs';
import { decide } from './judge.mjs';
import { brokenSafeguard } from './safeguard.mjs';
import { sha256, unseal } from './seal.mjs';
import { DAY } from './values.mjs';
import { instant, NEVER, nothing, prepare, result as dueOf } from '../crosscheck/due.mjs';

const check = (holds, what) => {
	if (!holds) throw new Error(what);
};
const hex = (octets) => sha256(octets).toString('hex');
const CUSTOMARY = { id: 'customary', version: '1', starts: '2026-01-01T00:00:00.000Z' };

// --- document ---------------------------------------------------------------------------------------
// What a sender owes and a receiver does not look for, and what needs a reader that is not here.
const UNJUDGED = new Set(['SAF-022', 'DOC-012', 'DOC-016', 'DSC-025', 'STA-002'].map((id) => `RXP-${id}`));
const OFFICES = ['NODE', 'RETURNS', 'READMISSION', 'CONSULAR', 'BORDER', 'CHILD-PROTECTION', 'HEALTH', 'SOCIAL', 'DATA-PROTECTION'];
const isLasting = ({ Created, Expires }) => Date.parse(Expires) > Date.parse(Created) && Date.parse(Expires) - Date.parse(Created) <= 90 * DAY;

function judgeContent(type, typed, manifest, created, isTest) {
	const { content, fault } = readContent(type, typed, manifest);
	check(!fault, fault?.requirement ?? 'the schema');
	const broken = brokenSafeguard(content, created.slice(0, 10), isTest);
	check(!broken, broken);
}
function judgeAnswer(octets, { own, accept }) {
	const answer = readAnswer(octets, accept);
	check(answer.From === own.party, 'From');
	check(answer.kind === 'Receipt' || CODES.has(answer.Code), 'Code');
	check(answer.kind === 'Receipt' || ['gap', 'fork'].includes(answer.Code) === Boolean(answer.View), 'View');
	check(!answer.View || new Set(children(answer.View).map((last) => last.attributes.get('party'))).size === 2, 'Last');
}
const READERS = new Map([
	['envelope', (octets) => readEnvelope(octets)],
	['document', (octets, { accept }) => {
		const { header, salt, typed, attachments } = readDocument(octets, accept);
		check(isLasting(header), 'Expires');
		check(OFFICES.includes(header.FromOffice) && OFFICES.includes(header.ToOffice), 'an office');
		judgeContent(header.Type, typed, attachments, header.Created, true);
		// For which key it is closed, only the recipient can judge.
		check(compartmentFault(typed, header, salt, [])?.code !== 'schema', 'a compartment');
	}],
	['receipt', judgeAnswer],
	['refusal', judgeAnswer],
	['descriptor', (octets, { given, now }) => readDescriptor(octets, given.root, { now })],
	['body', (octets, { given, files }) => {
		const typed = parse(octets, { declaration: true });
		judgeContent(typed.local, typed, files.manifest && parse(files.manifest, { declaration: true }), given.created, true);
	}],
]);
const kindOf = (octets) => (octets.includes('ustar') && octets.length % 512 === 0 ? 'bundle' : /urn:rxp:1:(\w+)/.exec(octets.toString('latin1'))?.[1]);

function judgeDocument(files, { given, now, states, octetsOf }) {
	const [sender] = states, own = readDescriptor(octetsOf(sender.descriptor), sender.root, { now });
	const accept = (certificate, created) => own.maySeal(certificate, created, now);
	try {
		READERS.get(kindOf(files.octets))(files.octets, { given, now, files, own, accept });
		return { result: 'sound' };
	} catch {
		return { result: 'broken' };
	}
}

// --- canonical --------------------------------------------------------------------------------------
function judgeCanonical(files, { given }) {
	const { header, body, root, fingerprint } = unseal(given.is, files.object, () => true), [, , signature] = elements(root);
	const [signedInfo, , , object] = elements(signature), [qualifying] = elements(object), [properties] = elements(qualifying);
	const octets = { header, body, properties, 'signed-info': signedInfo };
	const made = Object.fromEntries(Object.entries(octets).map(([name, node]) => [name, Buffer.from(canonical(node))]));
	for (const [name, one] of Object.entries(made)) check(one.equals(files[name]), `${name} of ${given.is}`);
	return {
		result: 'sound', object: hex(files.object), fingerprint: fingerprint.toString('hex'),
		...Object.fromEntries(Object.entries(made).map(([name, one]) => [name, hex(one)])),
	};
}

// --- envelope ---------------------------------------------------------------------------------------
function judgeEnvelope(files, { given, now, states, octetsOf }) {
	const stateOf = (party) => states.find((one) => one.party === party), from = stateOf(given.from), to = stateOf(given.to);
	const peer = readDescriptor(octetsOf(from.descriptor), from.root, { now }), own = readDescriptor(octetsOf(to.descriptor), to.root, { now });
	const agreement = createPrivateKey(octetsOf(given.key));
	let envelope;
	// RXP-HTTP-006
	if (files.envelope.length > 262_144) return { result: '413' };
	try {
		envelope = readEnvelope(files.envelope);
	} catch {
		return { result: '422' };
	}
	const state = {
		party: to.party, agreement, agreementName: keyName(createPublicKey(agreement)), isTest: true, levels: own.levels,
		officeKeyNames: own.officeKeys, working: () => Buffer.alloc(0),
	};
	const { refused } = decide(envelope, {
		state, peer, at: now, known: () => ({ answer: undefined, isTaken: false }), caseOf: () => undefined, attachments: { has: () => true },
		profiles: [CUSTOMARY], isAsked: false,
	});
	if (files.document) check(open(envelope, agreement).equals(files.document), 'the Document within');
	return { result: refused?.code ?? 'receipt' };
}

// --- deadline ---------------------------------------------------------------------------------------
const prepared = new Map();
function calendarOf(file, name) {
	if (!prepared.has(name)) {
		const { effective, span: [from, until], weekend, holidays, offsets } = JSON.parse(file)[name];
		const read = { effective: instant(effective), from, until, weekend, holidays, offsets: offsets.map(([at, minutes]) => [instant(at), minutes]) };
		prepared.set(name, prepare(read, 2035));
	}
	return prepared.get(name);
}
const list = (value) => (value === undefined ? [] : [value].flat());
const instantOr = (value, otherwise) => (value === undefined ? otherwise : instant(value));
function judgeDeadline({ calendars }, { given }) {
	const v = {
		...nothing(), calendars: given.calendars.map((name) => calendarOf(calendars, name)), period: list(given.period).filter((word) => word !== 'none'),
		effect: { outage: given['outage-effect'] ?? 'none', attempt: given['attempt-effect'] ?? 'none', pause: given['supplement-effect'] ?? 'none' },
		outages: [...(given.outage ?? []).map((span) => [...span.map(instant), 'outage']), ...(given.pause ?? []).map((span) => [...span.map(instant), 'pause'])],
		attempts: list(given.attempt).map(instant), event: instant(given.event), registered: instantOr(given.registered, NEVER),
		handedOver: instantOr(given['handed-over'], NEVER), asOf: instantOr(given['as-of'], NEVER), attachments: instantOr(given.attachments, 0),
		registration: given.registration, extension: given.extension, pending: given.pending, cutOff: given['cut-off'], until: given.until,
		asked: given.asked && [given.asked[0], instant(given.asked[1])],
	};
	if (v.period.length === 1) v.period = [];
	Object.assign(v, given.clock && { clock: given.clock }, given.roll && { roll: given.roll }, given.starts && { starts: [given.starts] });
	const { waits, ...due } = dueOf(v);
	return waits === undefined ? { result: 'due', ...due } : { result: 'waits', until: waits };
}

export const KINDS = {
	document: { judge: judgeDocument, leaves: ({ requirement }, { octets }) => UNJUDGED.has(requirement) || !READERS.has(kindOf(octets)) },
	canonical: { judge: judgeCanonical },
	envelope: { judge: judgeEnvelope },
	deadline: { judge: judgeDeadline },
};
