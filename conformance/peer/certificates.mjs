// certificates - what a player of scripts can show as its certificate, by the words that the package has for it: of the pinned key with
// other dates, names and uses, or of another key of the same name. Written here octet by octet, since OpenSSL's programs sign nothing for the past.
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

const DAY = 86_400_000;
// DER: a tag, the length of what follows, and that.
function der(tag, ...parts) {
	const inner = Buffer.concat(parts.map((one) => (Buffer.isBuffer(one) ? one : Buffer.from(one)))), n = inner.length;
	return Buffer.concat([Buffer.from(n < 128 ? [tag, n] : n < 256 ? [tag, 0x81, n] : [tag, 0x82, n >> 8, n & 255]), inner]);
}
const sequence = (...parts) => der(0x30, ...parts), octets = (text) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const time = (ms) => der(0x18, new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')), name = (text) => sequence(der(0x31, sequence(octets('06 03 55 04 03'), der(0x0c, text))));
const SIGNED = { ec: sequence(octets('06 08 2a 86 48 ce 3d 04 03 02')), rsa: sequence(octets('06 09 2a 86 48 86 f7 0d 01 01 0b'), octets('05 00')), ed25519: sequence(octets('06 03 2b 65 70')) };
// An extension: what it is, whether whoever does not know it must refuse, and its value.
const extension = (id, isCritical, value) => sequence(octets(id), ...(isCritical ? [octets('01 01 ff')] : []), der(0x04, value));
const usage = (id, isCritical) => extension('06 03 55 1d 25', isCritical, sequence(octets(id)));

const rsa = (modulusLength) => () => generateKeyPairSync('rsa', { modulusLength }).privateKey, curve = (namedCurve) => () => generateKeyPairSync('ec', { namedCurve }).privateKey;
const WAYS = {
	"the certificate of the descriptor's pin": null,
	'a certificate that has expired, of the pinned key': { from: -800, until: -1 },
	'a certificate that is not valid yet, of the pinned key': { from: 30 },
	'a certificate of an authority, of the pinned key': { extension: extension('06 03 55 1d 13', true, sequence(octets('01 01 ff'))) },
	'a certificate for servers alone, of the pinned key': { extension: usage('06 08 2b 06 01 05 05 07 03 01', false) },
	'a certificate for the signing of code, of the pinned key': { extension: usage('06 08 2b 06 01 05 05 07 03 03', true) },
	'a certificate of other names, of the pinned key': { extension: extension('06 03 55 1d 11', false, sequence(der(0x82, '*.example'), der(0x82, 'localhost'), der(0x87, [192, 0, 2, 1]))) },
	'a certificate of version 1, of the pinned key': { version: 1 },
	'a certificate of an RSA key of 1024 bits that is no pin': { key: rsa(1024) },
	'a certificate of an RSA key that is no pin': { key: rsa(3072) },
	'a certificate of a key on P-384 that is no pin': { key: curve('P-384') },
	'a certificate of an Ed25519 key that is no pin': { key: () => generateKeyPairSync('ed25519').privateKey },
	'a certificate of the same name and dates, of a key that is no pin': { key: curve('P-256') },
	'no certificate': undefined,
};
export const isCertificate = (words) => Object.hasOwn(WAYS, words);

// {key, cert} for TLS, or {} for none.
export function certificateOf(words, { tls, party }) {
	const way = WAYS[words];
	if (way === null) return tls.pem;
	if (way === undefined) return {};
	const key = way.key?.() ?? tls.key, kind = SIGNED[key.asymmetricKeyType], from = Date.now() + (way.from ?? -1) * DAY, own = name(`${party} tls`);
	const body = sequence(...(way.version === 1 ? [] : [der(0xa0, octets('02 01 02'))]), octets('02 01 07'), kind, own,
		sequence(time(from), time(Date.now() + (way.until ?? 800) * DAY)), own, createPublicKey(key).export({ type: 'spki', format: 'der' }),
		...(way.extension ? [der(0xa3, sequence(way.extension))] : []));
	const value = sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', body, key), whole = sequence(body, kind, der(0x03, [0], value));
	return { key: key.export({ type: 'pkcs8', format: 'pem' }), cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n` };
}
