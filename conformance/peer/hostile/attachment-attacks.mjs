// attachment-attacks - the rows of the table about files beside a document (section 14).
//
// The document is an application with a photograph. The change gives what the sender does in place of the
// upload, a step {what, request, status, offset} each, with what the receiver must answer. The document
// is then refused; after an upload as it should be, the same octets are receipted.
import { createCipheriv, randomBytes } from 'node:crypto';
import { application } from './case-attacks.mjs';
import { sha256 } from '../seal.mjs';
import { base64 } from '../values.mjs';

// A file of one segment: {octets, manifest}, its ciphertext and the manifest that names it.
export function attachment() {
	const file = randomBytes(5000), key = randomBytes(32);
	const cipher = createCipheriv('aes-256-gcm', key, Buffer.concat([Buffer.alloc(11), Buffer.from([1])]));
	const octets = Buffer.concat([cipher.update(file), cipher.final(), cipher.getAuthTag()]);
	const manifest = '<Attachments><Attachment number="1"><Type>photograph</Type><MediaType>image/jpeg</MediaType>' +
		`<Length>${file.length}</Length><FileDigest>${base64(sha256(file))}</FileDigest>` +
		`<CiphertextDigest>${base64(sha256(octets))}</CiphertextDigest><Key>${base64(key)}</Key>` +
		'<CheckedBy>legal-officer</CheckedBy></Attachment></Attachments>';
	return { octets, manifest };
}
const PHOTOGRAPH = '<Photograph><Attachment>1</Attachment></Photograph><Attestations>';
export function withAttachment({ manifest }) {
	const first = application();
	return { ...first, typed: first.typed.replace('<Attestations>', PHOTOGRAPH) + manifest };
}

const pathOf = ({ octets }) => `/rxp/1/attachments/${sha256(octets).toString('hex')}`;
export const ask = (file) => ({ method: 'HEAD', path: pathOf(file), headers: {} });
// The octets from first on, up to end, of what is said to be the file.
export const put = (file, first, end = file.octets.length, octets = file.octets) => ({
	method: 'PUT', path: pathOf(file), body: octets.subarray(first, end),
	headers: { 'content-range': `bytes ${first}-${end - 1}/${file.octets.length}` },
});

const nothing = (file) => ({ what: 'HEAD of what is not held', request: ask(file), status: 404 });
const held = (file, offset) => ({ what: `HEAD of ${offset} octets`, request: ask(file), status: 200, offset });
const part = (file, end) => ({ what: 'a first part', request: put(file, 0, end), status: 202 });
const flip = (octets) => octets.map((octet, i) => (i === 100 ? octet ^ 1 : octet));

export const ATTACHMENT_ATTACKS = [
	['RXP-ATT-014', 'an attachment that was never uploaded', 'attachment', (file) => [nothing(file)], 'attachment'],
	['RXP-ATT-014', 'a part of an attachment', 'attachment', (file) => [part(file, 1000), held(file, '1000')], 'attachment'],
	['RXP-ATT-012', 'a ciphertext of another digest', 'attachment', (file) => [
		{ what: 'the whole, with a bit changed', request: put(file, 0, undefined, flip(file.octets)), status: 422 }, nothing(file)], 'attachment'],
	['RXP-ATT-012', 'a ciphertext of another digest in two parts', 'attachment', (file) => [
		{ what: 'a first part, with a bit changed', request: put(file, 0, 1000, flip(file.octets)), status: 202 },
		{ what: 'the rest', request: put(file, 1000), status: 422 }, nothing(file)], 'attachment'],
	['RXP-ATT-012', 'a part at an offset that leaves a hole', 'attachment', (file) => [
		{ what: 'a part behind nothing', request: put(file, 1000), status: 409, offset: '0' },
		part(file, 1000), { what: 'a part behind a hole', request: put(file, 2000), status: 409, offset: '1000' }, held(file, '1000')], 'attachment'],
	['RXP-ATT-012', 'a part over what is held', 'attachment', (file) => [
		part(file, 2000), { what: 'a part that overlaps', request: put(file, 1000), status: 409, offset: '2000' }, held(file, '2000')], 'attachment'],
];
