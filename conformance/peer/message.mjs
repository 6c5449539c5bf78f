// message - the Header and Body of a Document (section 4).
import { randomBytes } from 'node:crypto';
import { elements, value } from './xml.mjs';
import { base64, DAY, isTime, octetsOf, timeText } from './values.mjs';
import { DOCUMENT } from './schema.mjs';
import { unseal } from './seal.mjs';
import { TYPES } from './tables.mjs';

const LIMIT = 188_416, LATE_SEAL = 300_000, SALT = 16;

export const write = (pairs) => pairs.filter(([, v]) => v !== undefined).map(([name, v]) => `<${name}>${v}</${name}>`).join('');

// RXP-MSG-001
export function messageId(ms = Date.now()) {
	const octets = randomBytes(16);
	octets.writeUIntBE(ms, 0, 6);
	octets[6] = 0x70 | (octets[6] & 0x0f);
	octets[8] = 0x80 | (octets[8] & 0x3f);
	return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
export const idOctets = (id) => Buffer.from(id.replaceAll('-', ''), 'hex');
export const isMessageId = (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text);
export const isParty = (text) => /^[A-Z]{3}$/.test(text);

// The fields of a Document's Header that a Ping has; others are added by the caller.
export function pingFields(from, to, now = Date.now()) {
	return {
		Suite: 'RXP-1-P256', MessageId: messageId(now), From: from, To: to, Created: timeText(now),
		Expires: timeText(now + 60 * DAY), Type: 'Ping', FromOffice: 'NODE', ToOffice: 'NODE',
	};
}
export const content = (name, inside = '') => `<${name} xmlns="urn:rxp:1:body">${inside}</${name}>`;
export const bodyText = (typed, salt = randomBytes(SALT)) => `<Salt>${base64(salt)}</Salt>${typed}`;

// What is in the Header but is judged after opening (RXP-OPN-001).
const JUDGED_LATER = new Set(['Type', 'FromOffice', 'ToOffice']);

// A Document as far as opening judges it: {header: {…fields, Profile: {id, version}}, salt, typed, attachments, fingerprint}.
// It throws for any other.
export function readDocument(octets, accept) {
	if (octets.length > LIMIT) throw new Error('a Document too long');
	const { header, body, fingerprint, time } = unseal('Document', octets, accept);
	if (DOCUMENT.fault(header, { type: 'Header', unjudged: JUDGED_LATER })) throw new Error('the Header');
	const fields = Object.fromEntries(elements(header).filter(({ local }) => local !== 'Profile').map((node) => [node.local, value(node)]));
	const profile = elements(header).find(({ local }) => local === 'Profile');
	if (profile) fields.Profile = { id: profile.attributes.get('id'), version: profile.attributes.get('version') };
	// RXP-DOC-002: of a type that nobody knows either form will do.
	if ((TYPES.get(fields.Type)?.inCase ?? Boolean(profile)) !== Boolean(profile)) throw new Error('the group of a case');
	if (!isTime(fields.Created) || !isTime(fields.Expires)) throw new Error('a time');
	// RXP-SEA-011
	if (Math.abs(Date.parse(time) - Date.parse(fields.Created)) > LATE_SEAL) throw new Error('SigningTime');
	const [salt, typed, attachments, ...more] = elements(body), saltOctets = octetsOf(value(salt));
	if (salt.local !== 'Salt' || salt.ns !== DOCUMENT.namespace || salt.attributes.size || saltOctets?.length !== SALT) throw new Error('Salt');
	if (typed?.ns !== 'urn:rxp:1:body' || more.length) throw new Error('content');
	if (attachments && (attachments.ns !== DOCUMENT.namespace || attachments.local !== 'Attachments')) throw new Error('content');
	return { header: fields, salt: saltOctets, typed, attachments, fingerprint };
}
