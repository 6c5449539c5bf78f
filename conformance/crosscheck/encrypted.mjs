// encrypted - an independent opening of an EncryptedData with Node's own cryptography.
//
// Takes the values out of the text with expressions, knows no XML library, and so shares nothing with the
// project's code but the specification (RXP-ENV-005 to 009).
import { createHash, createPublicKey, createDecipheriv, diffieHellman } from 'node:crypto';

const one = (text, expression) => {
	const found = [...text.matchAll(expression)];
	if (found.length !== 1) throw new Error(`${found.length} matches of ${expression}`);
	return found[0][1];
};
const equal = (what, a, b) => {
	if (a !== b) throw new Error(`${what}: ${a} is not ${b}`);
};

// The text of the one element of this name.
export const element = (text, name) =>
	one(text, new RegExp(`<(?:\\w+:)?${name}(?: [^>]*)?>([^<]*)</(?:\\w+:)?${name}>`, 'g'));

// text: one EncryptedData and no other. info: the four parts that its key is derived with, as Buffers.
export function openEncrypted(text, privateKey, info) {
	['AlgorithmID', 'PartyUInfo', 'PartyVInfo', 'SuppPubInfo'].forEach((name, i) =>
		equal(name, one(text, new RegExp(` ${name}="([^"]*)"`, 'g')), '00' + info[i].toString('hex').toUpperCase()));

	const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
	equal('KeyName', element(text, 'KeyName'), createHash('sha256').update(spki).digest('hex'));

	const point = Buffer.from(element(text, 'PublicKey'), 'base64');
	equal('point', point.length === 65 && point[0], 4);
	const originator = createPublicKey({ format: 'jwk', key: {
		kty: 'EC', crv: 'P-256',
		x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') } });
	const z = diffieHellman({ privateKey, publicKey: originator });
	const kek = createHash('sha256').update(Buffer.from([0, 0, 0, 1])).update(z).update(Buffer.concat(info)).digest();

	const values = [...text.matchAll(/<(?:\w+:)?CipherValue>([^<]*)</g)].map((m) => Buffer.from(m[1], 'base64'));
	equal('CipherValues', values.length, 2);
	const unwrap = createDecipheriv('aes256-wrap', kek, Buffer.from('a6a6a6a6a6a6a6a6', 'hex'));
	const cek = Buffer.concat([unwrap.update(values[0]), unwrap.final()]);
	const content = createDecipheriv('aes-256-gcm', cek, values[1].subarray(0, 12));
	content.setAuthTag(values[1].subarray(-16));
	return Buffer.concat([content.update(values[1].subarray(12, -16)), content.final()]);
}
