// answer - Receipts and Refusals (section 6).
import { children, elements, value } from './xml.mjs';
import { Schema } from './schema.mjs';
import { seal, sha256, unseal } from './seal.mjs';
import { table } from './tables.mjs';
import { base64, isDay, timeText } from './values.mjs';
import { write } from './message.mjs';

const LIMIT = 32_768;
const SCHEMAS = { Receipt: new Schema('receipt.xsd'), Refusal: new Schema('refusal.xsd') };
// Section 6.1: class and HTTP status of each code.
export const CODES = new Map(table('refusal').map(({ Code, Class, HTTP }) => [Code, { class: Class, status: Number(HTTP) }]));

// An answer {kind, status, body} of a State to what a party sent: `about` is {MessageId, digest (of the Envelope)}.
function answer(kind, { state, to, about, at = Date.now() }, body) {
	const header = write([['MessageId', about.MessageId], ['From', state.party], ['To', to], ['Created', timeText(at)]]);
	return Buffer.from(seal(kind, header, body, state.seal, timeText(Date.now())).text);
}
export function receipt(how, { fingerprint, receivedAt, log: { named: log }, flags = [] }) {
	const body = write([
		['EnvelopeDigest', base64(how.about.digest)], ['Fingerprint', base64(fingerprint)], ['ReceivedAt', timeText(receivedAt)],
		['LogId', log.id], ['LogCount', log.count], ['LogHead', base64(log.head)], ...flags.map((flag) => ['Flag', flag]),
	]);
	return { kind: 'Receipt', status: 200, body: answer('Receipt', how, body) };
}
// `view` is of [party, position, fingerprint], own and other (RXP-CHN-012).
export function refusal(how, code, { fingerprint, requirement, place, retryAt, working, view } = {}) {
	const { class: kind, status } = CODES.get(code);
	const last = view?.map(([party, position, text = '']) => `<Last party="${party}" position="${position}">${text}</Last>`).join('');
	const body = write([
		['EnvelopeDigest', base64(how.about.digest)], ['Fingerprint', fingerprint && base64(fingerprint)], ['Code', code], ['Class', kind],
		['Requirement', requirement], ['Place', place], ['RetryAt', retryAt && timeText(retryAt)], ['Working', working && base64(working)], ['View', last],
	]);
	return { kind: 'Refusal', code, status, isNever: kind !== 'later', body: answer('Refusal', how, body) };
}

// An answer of either kind: {kind, certificate, …its fields, Flag (a list), View (an element)}. It throws for any other.
export function readAnswer(octets, accept) {
	if (octets.length > LIMIT) throw new Error('an answer too long');
	const kind = /^<(\w+)/.exec(octets.toString('latin1'))?.[1];
	if (!Object.hasOwn(SCHEMAS, kind ?? '')) throw new Error('not an answer');
	const { header, body, certificate } = unseal(kind, octets, accept);
	for (const [node, type] of [[header, 'AnswerHeader'], [body, 'Body']]) if (SCHEMAS[kind].fault(node, { type })) throw new Error(node.local);
	const flat = [...elements(header), ...elements(body)].filter(({ local }) => local !== 'View' && local !== 'Flag');
	const read = { kind, certificate, ...Object.fromEntries(flat.map((node) => [node.local, value(node)])) };
	if (!isDay(read.Created) || !isDay(read.ReceivedAt ?? '')) throw new Error('a time');
	const [View] = children(body, 'View');
	// RXP-ANS-008, RXP-ANS-016 and RXP-CHN-011: what goes with which code. A code of a later version has the class that it says.
	const known = kind === 'Refusal' && CODES.get(read.Code);
	if (known && (known.class !== read.Class || (read.Code === 'rekey') !== ('Working' in read) || ['gap', 'fork'].includes(read.Code) !== (View !== undefined))) throw new Error('what goes with the code');
	return { ...read, Flag: children(body, 'Flag').map(value), View };
}

// Is it the answer of the peer to what was sent, {id, octets, fingerprint, former (other Envelopes of it)} (RXP-ANS-012)? It throws if it is not.
export function judge(answer, { peer, state, sent }) {
	if (answer.From !== peer.party || answer.To !== state.party || answer.MessageId !== sent.id) throw new Error('an answer to something else');
	if (![sent.octets, ...(sent.former ?? [])].some((octets) => answer.EnvelopeDigest === base64(sha256(octets)))) throw new Error('an answer to another Envelope');
	if (answer.Fingerprint !== undefined && answer.Fingerprint !== base64(sent.fingerprint)) throw new Error('an answer to another document');
	return answer;
}
// RXP-ANS-009
export const isFinal = (read) => read.kind === 'Receipt' || (read.Fingerprint !== undefined && read.Class !== 'later');
