// message - the Header and Body of Documents and answers (sections 4 and 6).
import { randomBytes } from 'node:crypto';
import { fields, value, elements } from './xml.mjs';
import { base64, seal, unseal } from './seal.mjs';

const DAY = 86_400_000;
export const timeText = (ms) => new Date(ms).toISOString();
export const write = (pairs) => pairs.filter(([, v]) => v !== undefined).map(([name, v]) => `<${name}>${v}</${name}>`).join('');

export function messageId(ms = Date.now()) {
	const octets = randomBytes(16);
	octets.writeUIntBE(ms, 0, 6);
	octets[6] = 0x70 | (octets[6] & 0x0f);
	octets[8] = 0x80 | (octets[8] & 0x3f);
	return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
export const idOctets = (id) => Buffer.from(id.replaceAll('-', ''), 'hex');

// The fields of a Document's Header that a Ping has; others are added by the caller.
export function pingFields(from, to, now = Date.now()) {
	return {
		Suite: 'RXP-1-P256', MessageId: messageId(now), From: from, To: to, Created: timeText(now),
		Expires: timeText(now + 60 * DAY), Type: 'Ping', FromOffice: 'NODE', ToOffice: 'NODE',
	};
}
export const content = (name, inside = '') => `<${name} xmlns="urn:rxp:1:body">${inside}</${name}>`;
export const bodyText = (typed) => `<Salt>${base64(randomBytes(16))}</Salt>${typed}`;

const HEADER = /^Suite MessageId From To Created Expires Type FromOffice ToOffice( CaseId Position( Previous)?( Seen)? Profile)?$/;
export function readDocument(octets, accept) {
	const { header, body, fingerprint } = unseal('Document', octets, accept);
	const read = Object.fromEntries(fields(header, HEADER, ['Profile']));
	const [salt, typed] = elements(body);
	if (salt.local !== 'Salt' || Buffer.from(value(salt), 'base64').length !== 16 || typed.ns !== 'urn:rxp:1:body' || typed.local !== read.Type)
		throw new Error('content');
	return { ...read, fingerprint, typed };
}

const ANSWER = {
	Receipt: /^EnvelopeDigest Fingerprint ReceivedAt LogId LogCount LogHead( Flag){0,4}$/,
	Refusal: /^EnvelopeDigest( Fingerprint)? Code Class( Requirement)?( Place)?( RetryAt)?( Working)?( View)?$/,
};
// An answer of either kind, with `kind`, verified under the party's certificates. Throws for anything else.
export function readAnswer(octets, accept) {
	if (octets.length > 32_768) throw new Error('an answer too long');
	const kind = /^<(\w+)/.exec(octets.toString('latin1'))?.[1];
	if (!Object.hasOwn(ANSWER, kind ?? '')) throw new Error('not an answer');
	const { header, body, certificate } = unseal(kind, octets, accept);
	return {
		kind, certificate, ...Object.fromEntries(fields(header, /^MessageId From To Created$/)),
		...Object.fromEntries(fields(body, ANSWER[kind], ['View'])),
	};
}
export function receiptText({ to, from, messageId: id, now, body, signer }) {
	const header = write([['MessageId', id], ['From', from], ['To', to], ['Created', timeText(now)]]);
	return seal('Receipt', header, write(Object.entries(body)), signer, timeText(now)).text;
}
