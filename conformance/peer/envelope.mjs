// envelope - closing and opening an Envelope (section 3).
import { createCipheriv, createDecipheriv, createPublicKey, diffieHellman, generateKeyPairSync, randomBytes } from 'node:crypto';
import { elements, parse, structure, value } from './xml.mjs';
import { base64, sha256 } from './seal.mjs';
import { idOctets } from './message.mjs';

const WRAP_IV = Buffer.from('a6a6a6a6a6a6a6a6', 'hex');
// How an Envelope is made. A hostile sender replaces one value.
export const RIGHT = {
	suite: 'RXP-1-P256', content: 'http://www.w3.org/2009/xmlenc11#aes256-gcm', cipher: 'aes-256-gcm', keyLength: 32, ivLength: 12,
	wrap: 'http://www.w3.org/2001/04/xmlenc#kw-aes256', agreement: 'http://www.w3.org/2009/xmlenc11#ECDH-ES',
	derivation: 'http://www.w3.org/2009/xmlenc11#ConcatKDF', digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
	curve: 'urn:oid:1.2.840.10045.3.1.7', info: (octets) => octets, ephemeral: (octets) => octets, wrapped: (octets) => octets,
	ciphertext: (octets) => octets,
};

const spkiOf = (key) => key.export({ type: 'spki', format: 'der' });
export const keyName = (publicKey) => sha256(spkiOf(publicKey)).toString('hex');
const infoOf = ({ From, To, MessageId }) => [Buffer.from('RXP-1-P256'), Buffer.from(From), Buffer.from(To), idOctets(MessageId)];
const keyEncryptionKey = (z, info) => sha256(Buffer.concat([Buffer.from([0, 0, 0, 1]), z, ...info]));

// The one shape of an Envelope (RXP-ENV-001); reader and writer share nothing else.
function envelopeText(how, header, info, { point, name, wrapped, ciphertext }) {
	const [algorithm, u, v, pub] = info.map((octets) => `00${octets.toString('hex').toUpperCase()}`);
	return `<Envelope xmlns="urn:rxp:1:envelope" Suite="${how.suite}"><Header><MessageId>${header.MessageId}</MessageId>` +
		`<From>${header.From}</From><To>${header.To}</To><Created>${header.Created}</Created><Expires>${header.Expires}</Expires></Header>` +
		'<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">' +
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
		`<xenc:CipherData><xenc:CipherValue>${ciphertext}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></Envelope>`;
}

// Encrypt the octets of a Document to a public key: the Envelope as text.
export function close(document, header, recipient, how = RIGHT) {
	const cek = randomBytes(how.keyLength), iv = randomBytes(how.ivLength);
	const cipher = createCipheriv(how.cipher, cek, iv);
	const gcm = how.cipher.endsWith('gcm');
	const ciphertext = Buffer.concat([iv, cipher.update(document), cipher.final(), gcm ? cipher.getAuthTag() : Buffer.alloc(0)]);
	const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const z = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient });
	const info = how.info(infoOf(header));
	const wrap = createCipheriv('aes256-wrap', keyEncryptionKey(z, info), WRAP_IV);
	const wrapped = Buffer.concat([wrap.update(cek), wrap.final()]);
	return envelopeText(how, header, info, {
		point: base64(how.ephemeral(spkiOf(ephemeral.publicKey).subarray(-65))), name: keyName(recipient),
		wrapped: base64(how.wrapped(wrapped)), ciphertext: base64(how.ciphertext(ciphertext)),
	});
}

// Open an Envelope with one of the private keys: {header, document (octets)}. Throws otherwise.
export function open(octets, privateKeys) {
	if (octets.length > 262_144) throw new Error('an Envelope too long');
	const root = parse(octets, { declaration: true });
	const at = (...path) => value(path.reduce((node, i) => elements(node)[i], root));
	const header = Object.fromEntries(['MessageId', 'From', 'To', 'Created', 'Expires'].map((name, i) => [name, at(0, i)]));
	const read = {
		point: at(1, 1, 0, 1, 0, 1, 0, 0, 1), name: at(1, 1, 0, 1, 0, 2, 0), wrapped: at(1, 1, 0, 2, 0), ciphertext: at(1, 2, 0),
	};
	const info = infoOf(header);
	if (structure(parse(envelopeText(RIGHT, header, info, read))) !== structure(root)) throw new Error('shape of the Envelope');
	const key = privateKeys.find((one) => keyName(createPublicKey(one)) === read.name);
	if (!key) throw new Error('an unknown agreement key');
	const [point, wrapped, ciphertext] = [read.point, read.wrapped, read.ciphertext].map((text) => Buffer.from(text, 'base64'));
	if (point.length !== 65 || point[0] !== 4) throw new Error('point');
	const publicKey = createPublicKey({ format: 'jwk', key: {
		kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') } });
	const kek = keyEncryptionKey(diffieHellman({ privateKey: key, publicKey }), info);
	const unwrap = createDecipheriv('aes256-wrap', kek, WRAP_IV);
	const cek = Buffer.concat([unwrap.update(wrapped), unwrap.final()]);
	const decipher = createDecipheriv('aes-256-gcm', cek, ciphertext.subarray(0, 12), { authTagLength: 16 });
	decipher.setAuthTag(ciphertext.subarray(-16));
	return { header, document: Buffer.concat([decipher.update(ciphertext.subarray(12, -16)), decipher.final()]) };
}
