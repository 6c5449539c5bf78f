// vector-kinds - what this second implementation says of the vectors of each kind: judge(files, vector) gives what the index
// expects, as far as it can tell. `leaves` says of which it says nothing.
import { createDecipheriv, createPrivateKey, createPublicKey } from 'node:crypto';
import { canonical, children, elements, parse, textOf, value } from './xml.mjs';
import { CODES, readAnswer } from './answer.mjs';
import { Attachments } from './attachments.mjs';
import { Case } from './case.mjs';
import { COMPARTMENTS, compartmentFault, openCompartment } from './compartment.mjs';
import { readContent } from './content.mjs';
import { isNewer, readDescriptor } from './descriptor.mjs';
import { checkFile } from './media.mjs';
import { readDocument } from './message.mjs';
import { open, read as readEnvelope } from './envelope.mjs';
import { keyName } from './encrypted.mjs';
import { decide } from './judge.mjs';
import { named } from './rules.mjs';
import { firstHead, nextHead, RECEIPT, REFUSAL } from './log.mjs';
import { brokenSafeguard } from './safeguard.mjs';
import { sha256, unseal } from './seal.mjs';
import { DAY } from './values.mjs';
import { instant, NEVER, nothing, prepare, result as dueOf } from '../crosscheck/due.mjs';

const check = (holds, what) => {
	if (!holds) throw new Error(what);
};
const hex = (octets) => sha256(octets).toString('hex');
const CUSTOMARY = { id: 'customary', version: '1', starts: '2026-01-01T00:00:00.000Z' };

// What a descriptor of the package says; most are read for many vectors.
const descriptors = new Map();
function stateOf(party, { states, octetsOf, now }) {
	const key = `${party} ${now}`, { descriptor, root } = states.find((one) => one.party === party);
	if (!descriptors.has(key)) descriptors.set(key, readDescriptor(octetsOf(descriptor), root, { now }));
	return descriptors.get(key);
}

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
	['file', (octets, { given }) => checkFile(octets, given.mediaType)],
	['receipt', judgeAnswer],
	['refusal', judgeAnswer],
	['descriptor', (octets, { given, now }) => readDescriptor(octets, given.root, { now })],
	['body', (octets, { given, files }) => {
		const typed = parse(octets, { declaration: true });
		judgeContent(typed.local, typed, files.manifest && parse(files.manifest, { declaration: true }), given.created, true);
	}],
]);
const kindOf = (octets, { mediaType } = {}) => (mediaType ? 'file' : (octets.includes('ustar') && octets.length % 512 === 0 ? 'bundle' : /urn:rxp:1:(\w+)/.exec(octets.toString('latin1'))?.[1]));

function judgeDocument(files, vector) {
	const { given, now } = vector, own = stateOf('QMA', vector);
	const accept = (certificate, created) => own.maySeal(certificate, created, now);
	try {
		READERS.get(kindOf(files.octets, given))(files.octets, { given, now, files, own, accept });
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
function judgeEnvelope(files, vector) {
	const { given, now } = vector, peer = stateOf(given.from, vector), own = stateOf(given.to, vector);
	const agreement = createPrivateKey(vector.octetsOf(given.key));
	let envelope;
	// RXP-HTTP-006
	if (files.envelope.length > 262_144) return { result: '413' };
	try {
		envelope = readEnvelope(files.envelope);
	} catch {
		return { result: '422' };
	}
	const state = {
		party: own.party, agreement, agreementKeys: new Map([[keyName(createPublicKey(agreement)), agreement]]), isTest: true, levels: own.levels,
		officeKeyNames: own.officeKeys, working: () => Buffer.alloc(0),
	};
	const { refused } = decide(envelope, {
		state, peer, at: now, known: () => ({ answer: undefined, isTaken: false }), caseOf: () => undefined, attachments: new Attachments(),
		profiles: [CUSTOMARY], isAsked: false,
	});
	if (files.document) check(open(envelope, agreement).equals(files.document), 'the Document within');
	return { result: refused?.code ?? 'receipt' };
}

// --- compartment ------------------------------------------------------------------------------------
function judgeCompartment({ document, content }, { given, octetsOf }) {
	const [header, body] = elements(parse(document)), key = createPrivateKey(octetsOf(given.key));
	const fields = Object.fromEntries(['From', 'To'].map((name) => [name, textOf(header, name)]));
	const salt = Buffer.from(textOf(body, 'Salt'), 'base64'), path = [...named(body, ...COMPARTMENTS.keys())][0];
	let octets;
	try {
		octets = openCompartment(path.at(-1), fields, salt, key);
	} catch {
		return { result: 'closed' };
	}
	check(content && octets.equals(content), 'the content');
	return { result: 'opens' };
}

// --- attachment -------------------------------------------------------------------------------------
const SEGMENT = 1_048_576, TAG = 16;
// RXP-ATT-005, RXP-ATT-006
function decipher(ciphertext, key) {
	const parts = [];
	for (let at = 0, counter = 0; at === 0 || at < ciphertext.length; counter++) {
		const part = ciphertext.subarray(at, at + SEGMENT + TAG), nonce = Buffer.alloc(12);
		at += part.length;
		nonce.writeUInt32BE(counter, 7);
		nonce[11] = at === ciphertext.length ? 1 : 0;
		check(part.length >= TAG, 'a segment without its tag');
		const one = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
		one.setAuthTag(part.subarray(-TAG));
		parts.push(one.update(part.subarray(0, -TAG)), one.final());
	}
	return Buffer.concat(parts);
}
function judgeAttachment({ ciphertext, file }, { given }) {
	let octets;
	try {
		octets = decipher(ciphertext, Buffer.from(given.key, 'hex'));
	} catch {
		return { result: 'closed' };
	}
	check(file && octets.equals(file), 'the file');
	return { result: 'opens' };
}

// --- deadline ---------------------------------------------------------------------------------------
const prepared = new Map();
function calendarOf(file, name) {
	if (!prepared.has(name)) {
		const { effective, span: [from, until], weekend, holidays, offsets } = JSON.parse(file)[name];
		const read = { effective: instant(effective), from, until, weekend, holidays, offsets: offsets.map(([at, minutes]) => [instant(at), minutes]) };
		prepared.set(name, prepare(read, Number(until.slice(0, 4)) + 2));
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

// --- log --------------------------------------------------------------------------------------------
// RXP-LOG-009, RXP-LOG-010. What earlier pages showed is `earlier`; a reading goes on behind it, or begins again.
const entryOf = ({ MessageId, Fingerprint, ReceivedAt, Outcome }) => ({ MessageId, fingerprint: Buffer.from(Fingerprint, 'hex'), at: Date.parse(ReceivedAt), outcome: Outcome === 'receipt' ? RECEIPT : REFUSAL });
const FIELDS = [['Fingerprint', 'fingerprint-differs'], ['ReceivedAt', 'time-differs'], ['Outcome', 'outcome-differs']];
// Of an entry, the reader's record and what was shown before, whichever two agree outvote the third.
function judgeEntry(entry, mine, before, found) {
	for (const [name, difference] of FIELDS) {
		const own = mine?.[name] && mine[name] === entry[name], shown = before && before[name] === entry[name];
		if (mine?.[name] && !own && shown) found.add('own-record');
		else if (before && !shown && own) found.add('own-copy');
		else if ((mine?.[name] && !own) || (before && !shown)) found.add(difference);
	}
}
function judgeLog(files, vector) {
	const { given, now } = vector, owner = stateOf(given.owner, vector);
	const found = new Set(), met = new Set(), heads = [firstHead(given.owner, given.reader, given.receipts[0].LogId)];
	const earlier = given.earlier ?? [], goesBehind = given.after[0] > 0, counts = [...given.receipts.map((one) => one.LogCount), earlier.length];
	if (goesBehind) for (const one of earlier) heads.push(nextHead(heads.at(-1), heads.length, entryOf(one)));
	const read = (octets) => {
		const { header, body } = unseal('LogPage', octets, (certificate, created) => owner.maySeal(certificate, created, now));
		const [logId, count, head, after, afterHead, ...entries] = elements(body);
		check(textOf(header, 'Owner') === given.owner && textOf(header, 'Peer') === given.reader, 'whose it is');
		return { logId: value(logId), count: Number(value(count)), head: value(head), after: Number(value(after)), afterHead: value(afterHead), entries };
	};
	const judgePage = ({ logId, count, head, after, afterHead, entries }) => {
		if (given.receipts.some((one) => one.LogId !== logId)) return found.add('log-id') && false;
		if (counts.some((n) => n > count)) found.add('log-short');
		check(after === heads.length - 1, 'the page that was asked for');
		if (afterHead !== heads.at(-1).toString('base64')) {
			found.add('head-differs');
			heads[after] = Buffer.from(afterHead, 'base64');
		}
		for (const entry of entries) {
			const [id, fingerprint, receivedAt, outcome] = elements(entry).map(value), mine = given.sent.find(({ MessageId }) => MessageId === id);
			const octets = Buffer.from(fingerprint, 'base64'), place = earlier.findIndex(({ MessageId }) => MessageId === id);
			if (met.has(id)) found.add('entry-twice');
			else if (place < 0 && heads.length <= earlier.length) found.add('entry-added');
			else if (place >= 0 && place + 1 !== heads.length) found.add('entry-moved');
			met.add(id);
			if (!mine) found.add(place < 0 ? 'entry-unknown' : 'own-message-gone');
			judgeEntry({ Fingerprint: octets.toString('hex'), ReceivedAt: receivedAt, Outcome: outcome }, mine, earlier[place], found);
			heads.push(nextHead(heads.at(-1), heads.length, { MessageId: id, fingerprint: octets, at: Date.parse(receivedAt), outcome: outcome === 'receipt' ? RECEIPT : REFUSAL }));
		}
		if (heads.length - 1 === count && heads.at(-1).toString('base64') !== head) found.add('chain-broken');
		return true;
	};
	let goesOn = true;
	for (let i = 1; goesOn && files[`page-${i}`]; i++) {
		let page;
		try {
			page = read(files[`page-${i}`]);
		} catch {
			found.add('page-false');
			goesOn = false;
		}
		if (goesOn) goesOn = judgePage(page);
	}
	if (goesOn) {
		if (given.receipts.some(({ LogCount, LogHead }) => heads[LogCount] && heads[LogCount].toString('hex') !== LogHead)) found.add('receipt-differs');
		if (!goesBehind && earlier.some(({ MessageId }) => !met.has(MessageId))) found.add('entry-removed');
		if (goesBehind) for (const { MessageId } of earlier) met.add(MessageId);
		if (given.sent.some(({ MessageId, Outcome }) => Outcome && !met.has(MessageId))) found.add('answer-missing');
	}
	return { result: found.size ? 'differs' : 'agrees', differences: [...found].sort() };
}

// --- history ----------------------------------------------------------------------------------------
function judgeHistory(files, { given, now }) {
	const steps = [];
	let trusted;
	for (let i = 1; files[`step-${i}`]; i++) {
		let read;
		try {
			read = readDescriptor(files[`step-${i}`], given.root, { now, trusted });
		} catch {
			read = null;
		}
		const isTaken = read !== null && (!trusted || isNewer(read, trusted));
		if (isTaken) trusted = read;
		steps.push(isTaken ? 'taken' : 'refused');
	}
	return { result: steps.at(-1), steps };
}

// --- move, crossing ---------------------------------------------------------------------------------
const opened = new Map();
function openDocument(octets, name, vector) {
	if (!opened.has(name)) {
		const sender = stateOf(/<From>([A-Z]{3})</.exec(octets)[1], vector);
		opened.set(name, readDocument(octets, (certificate, created) => sender.maySeal(certificate, created, vector.now)));
	}
	return opened.get(name);
}
// A case as its two States see it, which both have seen all that came before; and what was said then.
function replay(uses, vector, files) {
	const { requesting, requested } = vector.given, one = new Case(requesting, requested);
	const say = (use) => {
		const { header, typed, fingerprint } = openDocument(files[use], vector.files[use], vector);
		return { header, ...one.judge(header.From, header, typed, fingerprint.toString('base64')) };
	};
	for (let i = 1; files[`before-${i}`]; i++) {
		const { header, fault, record } = say(`before-${i}`);
		check(!fault, `before-${i}: ${JSON.stringify(fault)}`);
		one.add(record, header);
	}
	return { one, said: uses.map(say) };
}
const personOf = (one) => one.persons().get('P1')?.state ?? 'unknown';
function judgeMove(files, vector) {
	const { one, said: [{ header, fault, record, isUnplanned }] } = replay(['tried'], vector, files);
	if (fault) return { result: fault.code, state: personOf(one), unplanned: false };
	one.add(record, header);
	return { result: 'receipt', state: personOf(one), unplanned: Boolean(isUnplanned) };
}
function judgeCrossing(files, vector) {
	const { one, said } = replay(['requesting', 'requested'], vector, files), wrong = said.find(({ fault }) => fault);
	if (wrong) return { result: wrong.fault.code };
	for (const { record, header } of said) one.add(record, header);
	return { result: 'receipt', state: personOf(one) };
}

export const KINDS = {
	document: { judge: judgeDocument, leaves: ({ requirement, given }, { octets }) => UNJUDGED.has(requirement) || !READERS.has(kindOf(octets, given)) },
	canonical: { judge: judgeCanonical },
	envelope: { judge: judgeEnvelope },
	compartment: { judge: judgeCompartment },
	attachment: { judge: judgeAttachment },
	deadline: { judge: judgeDeadline },
	log: { judge: judgeLog },
	history: { judge: judgeHistory },
	move: { judge: judgeMove },
	crossing: { judge: judgeCrossing },
};
