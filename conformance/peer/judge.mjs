// judge - what a State says to an Envelope, in the order of RXP-ANS-011. It changes nothing: node.mjs keeps what is decided.
import { base64 } from './values.mjs';
import { open } from './envelope.mjs';
import { readDocument } from './message.mjs';
import { readContent } from './content.mjs';
import { compartmentFault } from './compartment.mjs';
import { brokenSafeguard } from './safeguard.mjs';
import { placeOf } from './schema.mjs';
import { textOf } from './xml.mjs';
import { TYPES } from './tables.mjs';
import { Case } from './case.mjs';
import { isRestored } from './restored.mjs';

const AHEAD = 300_000;
const OFFICES = ['NODE', 'RETURNS', 'READMISSION', 'CONSULAR', 'BORDER', 'CHILD-PROTECTION', 'HEALTH', 'SOCIAL', 'DATA-PROTECTION'];
// Of the types that a node itself reads, those on which this one acts (RXP-DOC-013); of notices the kinds (RXP-NOT-009).
const ACTED_ON = ['Ping', 'AttachmentsReceived', 'Void', 'HandedOver', 'NodeNotice', 'HistoryRequest', 'HistoryCopy'];
const NOTICES = ['ProfileOffer', 'Calendar', 'OutageBegins', 'OutageEnds', 'Restored', 'Erased', 'Contact'];

// Why a message is refused; `more` is what else the Refusal says.
class Refused extends Error {
	constructor(code, more = {}) {
		super(code);
		Object.assign(this, { code, more });
	}
}
const refuse = (code, more) => {
	throw new Refused(code, more);
};

// What is known of the message before it opens.
function judgeOuter({ header, data }, { state, peer }) {
	if (header.From !== peer.party) refuse('sender', { requirement: 'RXP-ENV-012' });
	if (header.To !== state.party) refuse('recipient', { requirement: 'RXP-ENV-012' });
	// RXP-ENV-009
	return state.agreementKeys.get(data.name) ?? refuse('rekey', { working: state.working() });
}
function opened(envelope, key, { peer, at }) {
	let isGone = false; // its seal is one that is not taken any more
	try {
		const octets = open(envelope, key), document = readDocument(octets, (certificate, created) => {
			isGone = !peer.maySeal(certificate, created, at);
			return !isGone || peer.didSeal(certificate);
		});
		for (const [name, value] of Object.entries(envelope.header)) if (document.header[name] !== value) throw new Error(`${name} (RXP-ENV-013)`);
		return { ...document, octets, isGone };
	} catch (error) {
		return refuse('unopenable', { reason: error.message });
	}
}
// RXP-DSC-043: the answer to what came under a seal that is not taken any more, or to what its Void names. Otherwise it does not open.
function answerBehind({ header, typed, fingerprint }, node) {
	const named = namedBy(typed);
	return node.known(header.MessageId, fingerprint).answer ?? (header.Type === 'Void' && node.known(named.MessageId, named.fingerprint).answer);
}
const namedBy = (typed) => ({ MessageId: textOf(typed, 'MessageId'), fingerprint: Buffer.from(textOf(typed, 'Fingerprint') ?? '', 'base64') });
// What is decided on, and what the answer names: the document or, of a valid Void, the message that it names (RXP-VOI-005).
function subjectOf(document, node) {
	const { header, typed, fingerprint } = document, own = { MessageId: header.MessageId, fingerprint };
	if (header.Type !== 'Void') return own;
	try {
		judgeContent(document, node);
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		return own;
	}
	return { ...namedBy(typed), isVoid: true };
}
function judgeTimes({ Type, Created, Expires }, at) {
	const created = Date.parse(Created);
	if (created > at + AHEAD) refuse('future', { requirement: 'RXP-TIM-003', retryAt: created });
	if (Type === 'Void') return; // RXP-VOI-005
	if (Date.parse(Expires) <= at) refuse('expired', { requirement: 'RXP-TIM-004' });
}
function judgeContent({ header, salt, typed, attachments }, { state }) {
	const type = TYPES.get(header.Type);
	if (!type || !state.levels.some((level) => level.toLowerCase() === type.Level)) refuse('unsupported', { requirement: 'RXP-DOC-005' });
	for (const name of ['FromOffice', 'ToOffice']) if (!OFFICES.includes(header[name])) refuse('schema', { requirement: 'RXP-DOC-011', place: `Header/${name}` });
	const { content, fault } = readContent(header.Type, typed, attachments);
	if (fault) refuse('schema', { requirement: fault.requirement, place: placeOf(fault.path) });
	const closed = compartmentFault(typed, header, salt, state.officeKeyNames);
	if (closed) refuse(closed.code, { requirement: closed.requirement, place: placeOf(closed.path) });
	const kind = typed.children.find((one) => typeof one !== 'string')?.local;
	// RXP-DOC-017: not before its content was judged.
	if (type['For the desk'] === 'no' && (!ACTED_ON.includes(header.Type) || (header.Type === 'NodeNotice' && !NOTICES.includes(kind))))
		refuse('unsupported', { requirement: 'RXP-DOC-013' });
	return content;
}
// RXP-PRF-017, RXP-PRF-021 to 023: this node holds the Profile of the specification alone.
function judgeProfile({ Profile, Created }, { profiles }) {
	const held = profiles.find(({ id, version }) => id === Profile.id && version === Profile.version);
	if (!held || held.starts > Created) refuse('unsupported', { requirement: 'RXP-PRF-023' });
}
function judgeCase(document, node) {
	const { header, typed, fingerprint } = document, one = node.caseOf(header.CaseId, header.Seen) ?? new Case(node.state.party, node.peer.party);
	const chain = one.chainFault(header);
	if (chain) refuse(chain.code, chain);
	const { fault, record, isUnplanned } = one.judge(node.peer.party, header, typed, base64(fingerprint));
	if (fault) refuse(fault.code, fault.code === 'not-acceptable' ? {} : fault);
	if (record.said.opens) judgeProfile(header, node);
	return { case: one, record, flags: flagsOf(document, record, isUnplanned) };
}
// Section 6.2, under a Profile that sets no time and gives silence no meaning.
function flagsOf({ typed }, { said }, isUnplanned) {
	const says = said.isWhole ? [said.says] : said.persons.map((person) => person.says);
	const isDue = [typed, ...typed.children].some((one) => typeof one !== 'string' && textOf(one, 'Deadline', 'DueDate') !== undefined);
	return [...(isUnplanned ? ['unplanned'] : []), ...(says.includes('deem') ? ['deemed-unfounded'] : []), ...(isDue ? ['due-differs'] : [])];
}

// Decide on an Envelope that was read: {known} if its answer is stored, {refused: {code, more}}, or {taken: {content, case,
// record, flags}}; with the document, if it opened, and what the answer names of it. `node` is what the receiver knows: {state, peer, at,
// known(MessageId, fingerprint), caseOf(CaseId, Seen), attachments, profiles, isAsked, restoredFault(notice)}.
export function decide(envelope, node) {
	let document, subject;
	try {
		const came = opened(envelope, judgeOuter(envelope, node), node), behind = came.isGone && answerBehind(came, node);
		if (behind) return { document: came, known: behind };
		if (came.isGone) refuse('unopenable', { reason: 'its seal is retired or revoked' });
		document = came;
		subject = subjectOf(document, node);
		const { header } = document, { answer, isTaken } = node.known(subject.MessageId, subject.fingerprint);
		if (answer) return { document, known: answer };
		if (isTaken) refuse('conflict', { requirement: 'RXP-ANS-010' });
		judgeTimes(header, node.at);
		const content = judgeContent(document, node);
		if (subject.isVoid) refuse('voided'); // RXP-VOI-002
		if (brokenSafeguard(content, header.Created, node.state.isTest)) refuse('not-acceptable');
		if (header.Type === 'HistoryCopy') refuse('state', { requirement: 'RXP-HIS-011' });
		// RXP-HIS-010
		if (header.Type === 'HistoryRequest' && node.isAsked) refuse('busy', {});
		const lost = isRestored(document) && node.restoredFault(document);
		if (lost) refuse(lost, { requirement: 'RXP-RCV-006' });
		const taken = TYPES.get(header.Type).inCase ? judgeCase(document, node) : { flags: [] };
		if (node.attachments.isOthers(node.peer.party, content.manifest)) refuse('schema', { requirement: 'RXP-ATT-035' });
		// RXP-ATT-033
		const missing = content.manifest.filter((one) => !node.attachments.has(node.peer.party, one));
		if (missing.length) refuse('attachment', { requirement: 'RXP-ATT-014', missing: missing.map((one) => node.attachments.nameOf(one)) });
		return { document, taken: { content, ...taken } };
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		return { document, subject, refused: { code: error.code, more: error.more } };
	}
}
