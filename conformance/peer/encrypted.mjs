// encrypted - the EncryptedData of section 3: of an Envelope for a State, of a compartment (section 35) for an office.
//
// `info` is what the key is derived for: [algorithm, party U, party V, public], octets each.
import { createCipheriv, createDecipheriv, createPublicKey, diffieHellman, generateKeyPairSync, randomBytes } from 'node:crypto';
import { elements, parse, structure, value } from './xml.mjs';
import { base64, octetsOf } from './values.mjs';
import { sha256 } from './seal.mjs';

const WRAP_IV = Buffer.from('a6a6a6a6a6a6a6a6', 'hex'), IV = 12, TAG = 16;
// How it is made. A hostile sender replaces one value; `data` and `written` may give other octets of the same EncryptedData and
// Envelope (lawful.mjs).
export const RIGHT = {
	suite: 'RXP-1-P256', content: 'http://www.w3.org/2009/xmlenc11#aes256-gcm', cipher: 'aes-256-gcm', keyLength: 32, ivLength: IV,
	wrap: 'http://www.w3.org/2001/04/xmlenc#kw-aes256', agreement: 'http://www.w3.org/2009/xmlenc11#ECDH-ES',
	derivation: 'http://www.w3.org/2009/xmlenc11#ConcatKDF', digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
	curve: 'urn:oid:1.2.840.10045.3.1.7', info: (info) => info, ephemeral: (octets) => octets, wrapped: (octets) => octets,
	ciphertext: (octets) => octets, data: (text) => text, written: (text) => text,
};

const spkiOf = (key) => key.export({ type: 'spki', format: 'der' });
// RXP-ENV-009
export const keyName = (publicKey) => sha256(spkiOf(publicKey)).toString('hex');
// RXP-ENV-006, RXP-ENV-007
const keyEncryptionKey = (z, info) => sha256(Buffer.concat([Buffer.from([0, 0, 0, 1]), z, ...info]));

// The one shape; reader and writer share nothing else.
export function encryptedText(how, info, { point, name, wrapped, ciphertext }) {
	const [algorithm, u, v, pub] = info.map((octets) => `00${octets.toString('hex').toUpperCase()}`);
	return '<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">' +
		`<xenc:EncryptionMethod Algorithm="${how.content}"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">` +
		`<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${how.wrap}"/><ds:KeyInfo>` +
		`<xenc:AgreementMethod Algorithm="${how.agreement}">` +
		`<xenc11:KeyDerivationMethod xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" Algorithm="${how.derivation}">` +
		`<xenc11:ConcatKDFParams AlgorithmID="${algorithm}" PartyUInfo="${u}" PartyVInfo="${v}" SuppPubInfo="${pub}">` +
		`<ds:DigestMethod Algorithm="${how.digest}"/></xenc11:ConcatKDFParams></xenc11:KeyDerivationMethod>` +
		'<xenc:OriginatorKeyInfo><ds:KeyValue><dsig11:ECKeyValue xmlns:dsig11="http://www.w3.org/2009/xmldsig11#">' +
		`<dsig11:NamedCurve URI="${how.curve}"/><dsig11:PublicKey>${point}</dsig11:PublicKey></dsig11:ECKeyValue></ds:KeyValue>` +
		`</xenc:OriginatorKeyInfo><xenc:RecipientKeyInfo><ds:KeyName>${name}</ds:KeyName></xenc:RecipientKeyInfo></xenc:AgreementMethod>` +
		`</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>${wrapped}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>` +
		`<xenc:CipherData><xenc:CipherValue>${ciphertext}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>`;
}

// Octets under a content key of their own: {cek, ciphertext}.
export function encryptContent(plaintext, how = RIGHT) {
	const cek = randomBytes(how.keyLength), iv = randomBytes(how.ivLength);
	const cipher = createCipheriv(how.cipher, cek, iv), isGcm = how.cipher.endsWith('gcm');
	return { cek, ciphertext: Buffer.concat([iv, cipher.update(plaintext), cipher.final(), isGcm ? cipher.getAuthTag() : Buffer.alloc(0)]) };
}
// The EncryptedData of encrypted content for a public key, as text, under a fresh ephemeral key.
export function closeContent({ cek, ciphertext }, info, recipient, how = RIGHT) {
	const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const z = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient }), used = how.info(info);
	const wrap = createCipheriv('aes256-wrap', keyEncryptionKey(z, used), WRAP_IV);
	const wrapped = Buffer.concat([wrap.update(cek), wrap.final()]);
	return how.data(encryptedText(how, used, {
		point: base64(how.ephemeral(spkiOf(ephemeral.publicKey).subarray(-65))), name: keyName(recipient),
		wrapped: base64(how.wrapped(wrapped)), ciphertext: base64(how.ciphertext(ciphertext)),
	}));
}

// What an EncryptedData holds, if it has the shape, the info, and values of the right form and length: {name, point,
// wrapped, ciphertext, octets (of the plaintext, how many)}. It throws for any other, and needs no key.
export function readData(node, info) {
	const at = (...path) => value(path.reduce((one, i) => elements(one)[i], node));
	const text = { point: at(1, 0, 1, 0, 1, 0, 0, 1), name: at(1, 0, 1, 0, 2, 0), wrapped: at(1, 0, 2, 0), ciphertext: at(2, 0) };
	if (structure(parse(encryptedText(RIGHT, info, text))) !== structure(node)) throw new Error('shape of the encryption');
	const [point, wrapped, ciphertext] = [text.point, text.wrapped, text.ciphertext].map(octetsOf);
	if (!/^[0-9a-f]{64}$/.test(text.name) || point?.length !== 65 || point[0] !== 4 || wrapped?.length !== 40 || !(ciphertext?.length > IV + TAG))
		throw new Error('a value of the encryption');
	return { name: text.name, point, wrapped, ciphertext, octets: ciphertext.length - IV - TAG };
}

// The plaintext. It throws if anything is not as it was made.
export function openData({ point, wrapped, ciphertext }, info, privateKey) {
	const publicKey = createPublicKey({ format: 'jwk', key: {
		kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') } });
	const unwrap = createDecipheriv('aes256-wrap', keyEncryptionKey(diffieHellman({ privateKey, publicKey }), info), WRAP_IV);
	const cek = Buffer.concat([unwrap.update(wrapped), unwrap.final()]);
	const decipher = createDecipheriv('aes-256-gcm', cek, ciphertext.subarray(0, IV), { authTagLength: TAG });
	decipher.setAuthTag(ciphertext.subarray(-TAG));
	return Buffer.concat([decipher.update(ciphertext.subarray(IV, -TAG)), decipher.final()]);
}
