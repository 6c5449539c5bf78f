// seal - sealing and verifying (section 5). The text is written in canonical form, so that what is
// digested stands in the object as it is; a received object is canonicalized first.
import { createHash, sign, verify } from 'node:crypto';
import { keyOfCertificate } from './certificate.mjs';
import { canonical, elements, parse, structure, textOf, value, walk } from './xml.mjs';
import { base64, isTime, octetsOf } from './values.mjs';

const C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const XADES = 'http://uri.etsi.org/01903/v1.3.2#';
export const sha256 = (octets) => createHash('sha256').update(octets).digest();
// RXP-SEA-002
export const namespaceOf = (kind) => `urn:rxp:1:${kind === 'LogPage' ? 'log' : kind.toLowerCase()}`;

// RXP-SEA-008 and RXP-SEA-009 by the key: the method's fragment, the hash, the octets of a signature.
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const CURVES = { prime256v1: ['ecdsa-sha256', 'sha256', 64], secp384r1: ['ecdsa-sha384', 'sha384', 96] };
function methodOf({ asymmetricKeyType, asymmetricKeyDetails: { namedCurve, modulusLength } }) {
	if (asymmetricKeyType === 'rsa' && modulusLength >= 3072 && modulusLength <= 4096) return ['rsa-sha256', 'sha256', Math.ceil(modulusLength / 8)];
	if (!Object.hasOwn(CURVES, namedCurve ?? '')) throw new Error('a key of another kind');
	return CURVES[namedCurve];
}

// The public key of a certificate, in base64, that may seal, else it throws; that of one seen before is not read out of it again.
const keys = new Map();
export function sealKeyOf(text) {
	if (keys.size > 64) keys.clear();
	if (!keys.has(text)) {
		const key = keyOfCertificate(Buffer.from(text, 'base64'));
		methodOf(key);
		keys.set(text, key);
	}
	return keys.get(text);
}

// How a seal is made; without `method` and `hash` as the key has it. A hostile sender replaces one value; everybody else uses these,
// or (lawful.mjs) other prefixes, another time of signing, another signature that is as good, or, `written`, other octets of the same canonical form.
export const RIGHT = {
	ds: 'ds', xades: 'xades', c14n: C14N, transform: C14N, digest: 'sha256', digestUri: SHA256, method: undefined, hash: undefined, encoding: 'ieee-p1363',
	signedInfo: (text) => text, properties: (text) => text, toSign: (text) => text, signedAt: (kind, time) => time, written: (text) => text, signature: (octets) => octets,
};

const part = (kind, name, content) => `<${name} xmlns="${namespaceOf(kind)}" Id="${name.toLowerCase()}">${content}</${name}>`;

function propertiesText(how, { time, certificateDigest }) {
	const ds = how.ds, x = how.xades, declare = ` xmlns:${ds}="${DS}"`;
	const format = (name) => `<${x}:DataObjectFormat ObjectReference="#ref-${name}"><${x}:MimeType>text/xml</${x}:MimeType></${x}:DataObjectFormat>`;
	return `<${x}:SignedProperties xmlns:${x}="${XADES}" Id="seal"><${x}:SignedSignatureProperties>` +
		`<${x}:SigningTime>${time}</${x}:SigningTime><${x}:SigningCertificateV2><${x}:Cert><${x}:CertDigest>` +
		`<${ds}:DigestMethod${declare} Algorithm="${SHA256}"></${ds}:DigestMethod>` +
		`<${ds}:DigestValue${declare}>${certificateDigest}</${ds}:DigestValue>` +
		`</${x}:CertDigest></${x}:Cert></${x}:SigningCertificateV2></${x}:SignedSignatureProperties>` +
		`<${x}:SignedDataObjectProperties>${format('header')}${format('body')}</${x}:SignedDataObjectProperties></${x}:SignedProperties>`;
}

function signedInfoText(how, digests) {
	const ds = how.ds;
	const reference = (attributes, digest) => `<${ds}:Reference ${attributes}>` +
		`<${ds}:Transforms><${ds}:Transform Algorithm="${how.transform}"></${ds}:Transform></${ds}:Transforms>` +
		`<${ds}:DigestMethod Algorithm="${how.digestUri}"></${ds}:DigestMethod><${ds}:DigestValue>${digest}</${ds}:DigestValue></${ds}:Reference>`;
	return `<${ds}:SignedInfo xmlns:${ds}="${DS}">` +
		`<${ds}:CanonicalizationMethod Algorithm="${how.c14n}"></${ds}:CanonicalizationMethod>` +
		`<${ds}:SignatureMethod Algorithm="${how.method}"></${ds}:SignatureMethod>` +
		reference('Id="ref-header" URI="#header"', digests[0]) + reference('Id="ref-body" URI="#body"', digests[1]) +
		reference('Type="http://uri.etsi.org/01903#SignedProperties" URI="#seal"', digests[2]) + `</${ds}:SignedInfo>`;
}

function signatureText(how, { signedInfo, signature, certificate, properties }) {
	const ds = how.ds, x = how.xades;
	return `<${ds}:Signature xmlns:${ds}="${DS}" Id="sig">${signedInfo}<${ds}:SignatureValue>${signature}</${ds}:SignatureValue>` +
		`<${ds}:KeyInfo><${ds}:X509Data><${ds}:X509Certificate>${certificate}</${ds}:X509Certificate></${ds}:X509Data></${ds}:KeyInfo>` +
		`<${ds}:Object><${x}:QualifyingProperties xmlns:${x}="${XADES}" Target="#sig">${properties}</${x}:QualifyingProperties></${ds}:Object></${ds}:Signature>`;
}

// seal a Header's and a Body's content: {text, fingerprint}. signer: {key, certificate (DER)}; `created` is the time of signing, too.
export function seal(kind, header, body, signer, created, as = RIGHT) {
	const [method, hash] = methodOf(signer.key), how = { ...as, method: as.method ?? MORE + method, hash: as.hash ?? hash }, time = how.signedAt(kind, created);
	const digest = (text) => createHash(how.digest).update(text).digest('base64');
	const parts = [part(kind, 'Header', header), part(kind, 'Body', body)];
	const properties = how.properties(propertiesText(how, { time, certificateDigest: base64(sha256(signer.certificate)) }));
	const signedInfo = how.signedInfo(signedInfoText(how, [...parts, properties].map(digest)));
	const signature = base64(how.signature(sign(how.hash, Buffer.from(how.toSign(signedInfo)), { key: signer.key, dsaEncoding: how.encoding })));
	const text = `<${kind} xmlns="${namespaceOf(kind)}">${parts.join('')}` +
		`${signatureText(how, { signedInfo, signature, certificate: base64(signer.certificate), properties })}</${kind}>`;
	return { text: how.written(text), fingerprint: sha256(signedInfo) };
}

// Verify a sealed object of the kind: {root, header, body (elements), fingerprint, certificate, time}. `accept` says
// whether a certificate (DER) may seal an object of this Created. Throws otherwise.
export function unseal(kind, octets, accept) {
	const root = parse(octets);
	const [header, body, signature] = elements(root);
	const own = namespaceOf(kind);
	if (root.local !== kind || root.children.length !== 3 || root.attributes.size || root.declares.size !== 1 || root.declares.get('') !== own)
		throw new Error(`not a ${kind}`);
	for (const [node, name] of [[header, 'Header'], [body, 'Body']])
		if (node.ns !== own || node.local !== name || node.attributes.size !== 1 || node.attributes.get('Id') !== name.toLowerCase())
			throw new Error(`${name} of a ${kind}`);
	// RXP-XML-004, RXP-SEA-004
	for (const path of [header, body].flatMap((node) => [...walk(node)]))
		if (path.length > 1 && ['Id', 'ID'].some((name) => path.at(-1).attributes.has(name))) throw new Error('an Id');
	const at = (...path) => path.reduce((node, i) => elements(node)[i], signature);
	const read = {
		digests: [2, 3, 4].map((i) => value(at(0, i, 2))), signature: value(at(1)), certificate: value(at(2, 0, 0)),
		time: value(at(3, 0, 0, 0, 0)), certificateDigest: value(at(3, 0, 0, 0, 1, 0, 0, 1)),
	};
	const certificate = Buffer.from(read.certificate, 'base64');
	const key = sealKeyOf(read.certificate);
	const [method, hash, length] = methodOf(key);
	// The whole shape at once: what these values give is what must have been received.
	const how = { ...RIGHT, method: MORE + method };
	const expected = signatureText(how, { ...read, signedInfo: signedInfoText(how, read.digests), properties: propertiesText(how, read) });
	if (structure(parse(expected)) !== structure(signature)) throw new Error('shape of the seal');
	for (const path of walk(signature)) {
		const declared = [...path.at(-1).declares.values()];
		if (declared.some((uri) => uri !== DS && uri !== XADES) || new Set(declared).size !== declared.length) throw new Error('a namespace in the seal');
	}
	const parts = [header, body, at(3, 0, 0)];
	parts.forEach((node, i) => {
		if (base64(sha256(canonical(node))) !== read.digests[i]) throw new Error(`digest of ${node.local}`);
	});
	if (base64(certificate) !== read.certificate || base64(sha256(certificate)) !== read.certificateDigest) throw new Error('certificate digest');
	if (!isTime(read.time)) throw new Error('SigningTime');
	if (!accept(certificate, textOf(header, 'Created'))) throw new Error('not a certificate of this party');
	const signedInfo = canonical(at(0)), made = octetsOf(read.signature);
	if (made?.length !== length || !verify(hash, Buffer.from(signedInfo), { key, dsaEncoding: 'ieee-p1363' }, made)) throw new Error('signature');
	return { root, header, body, fingerprint: sha256(signedInfo), certificate, time: read.time };
}
