// certificate - the certificate of a seal (RXP-SEA-014): the key of one of X.509 version 3 in DER. Nothing else of it is looked at.
import { X509Certificate } from 'node:crypto';

const LIMIT = 4_096, CONSTRUCTED = 0x20, INTEGER = 0x02, OID = 0x06, VERSION = 0xa0;

// One element of DER that begins at `at`: {tag, body, end}.
function element(octets, at) {
	const tag = octets[at], first = octets[at + 1];
	if (first === undefined || (tag & 0x1f) === 0x1f) throw new Error('a certificate that is not in DER');
	const count = first < 128 ? 0 : first - 128, from = at + 2 + count;
	const length = count === 0 ? first : count <= 2 && from <= octets.length ? octets.readUIntBE(at + 2, count) : NaN;
	// As few octets as will do.
	if (!(from + length <= octets.length) || (count > 0 && length < [0, 128, 256][count])) throw new Error('a certificate that is not in DER');
	return { tag, body: octets.subarray(from, from + length), end: from + length };
}
// What stands in an element, all of it in DER.
function children(octets) {
	const all = [];
	for (let at = 0; at < octets.length; at = all.at(-1).end) {
		all.push(element(octets, at));
		const { tag, body } = all.at(-1);
		if (tag & CONSTRUCTED) children(body);
		if (tag === INTEGER && (!body.length || (body.length > 1 && (body[0] === 0x00 ? body[1] < 128 : body[0] === 0xff && body[1] > 127)))) throw new Error('a number that is not in DER');
	}
	return all;
}

// Its public key; it throws if there is none that may seal. Whether its kind may, SEA-008 says (seal.mjs).
export function keyOfCertificate(octets) {
	const [whole, behind] = octets.length <= LIMIT ? children(octets) : [];
	if (!whole || behind) throw new Error('not one certificate');
	const [version, , , , , , key] = children(children(whole.body)[0].body);
	if (version.tag !== VERSION || version.body.toString('hex') !== '020102') throw new Error('a certificate of another version');
	const { publicKey } = new X509Certificate(octets), [, parameters] = children(children(key.body)[0].body);
	if (publicKey.asymmetricKeyType === 'ec' && parameters?.tag !== OID) throw new Error('a curve without its name');
	if (publicKey.asymmetricKeyType === 'rsa' && publicKey.asymmetricKeyDetails.publicExponent !== 65_537n) throw new Error('another exponent');
	return publicKey;
}
