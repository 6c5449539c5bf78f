// attacks - the table of the hostile sender. Each row is one valid message with exactly one change.
//
// [requirement, name, stage, change, expected]: `change` gets what the stage made (attack.mjs has the
// stages in their order) and gives it back changed. Expected is a code of section 6.1, a number for an
// unsigned response of this status, or
//   receipt      the change is one that the specification allows
//   same         the stored octets of the control's Receipt
//   descriptor   the node's descriptor
//   refused      no octet of HTTP
import { publicEncrypt, randomBytes, randomUUID, constants, generateKeyPairSync } from 'node:crypto';
import { seal, RIGHT as SEAL, sha256 } from '../seal.mjs';
import { close, RIGHT as CLOSE } from '../envelope.mjs';
import { ATTACHMENT_ATTACKS } from './attachment-attacks.mjs';
import { CASE_ATTACKS } from './case-attacks.mjs';
import { bodyText, content, messageId, write } from '../message.mjs';
import { base64, timeText } from '../values.mjs';

const swap = (from, to) => (text) => {
	const parts = text.split(from);
	if (parts.length !== 2) throw new Error(`${parts.length - 1} times in the text: ${from}`);
	return parts.join(typeof to === 'function' ? to(text) : to);
};
const swapAt = (n, from, to) => (text) => {
	const parts = text.split(from);
	if (parts.length <= n + 1) throw new Error(`not so often in the text: ${from}`);
	return parts.slice(0, n + 1).join(from) + to + parts.slice(n + 1).join(from);
};
const sub = (expression, to) => (text) => {
	if (!expression.test(text)) throw new Error(`not in the text: ${expression}`);
	return text.replace(expression, to);
};
const set = (changes) => (object) => ({ ...object, ...changes });
const flip = (n) => (octets) => {
	const copy = Buffer.from(octets);
	copy[n < 0 ? copy.length + n : n] ^= 1;
	return copy;
};
const cutEnd = (n) => (octets) => octets.subarray(0, -n);
const between = (text, name) => new RegExp(`<${name}[ >].*</${name}>`, 's').exec(text)[0];
const later = (seconds, days = 60) => (fields) => {
	const created = Date.now() + seconds * 1000;
	return { ...fields, MessageId: messageId(created), Created: timeText(created), Expires: timeText(created + days * 86_400_000) };
};
const pad = (tag, size) => (octets) => {
	const text = octets.toString(), at = text.indexOf(tag) + tag.length;
	return Buffer.from(text.slice(0, at) + ' '.repeat(size - octets.length) + text.slice(at));
};
const header = (more) => (request) => ({ ...request, headers: { 'content-type': 'application/rxp+xml', ...more } });
const NS = { ds: 'http://www.w3.org/2000/09/xmldsig#', xades: 'http://uri.etsi.org/01903/v1.3.2#' };
const SHA1 = 'http://www.w3.org/2000/09/xmldsig#sha1', C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const TRANSFORM = '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform>';
const REFERENCE = (text, uri) => new RegExp(`<ds:Reference[^>]*URI="${uri}".*?</ds:Reference>`).exec(text)[0];
const attribute = (...texts) => swap('"urn:rxp:1:body">', ['"urn:rxp:1:body"', ...texts].join(' ') + '>');
const ATTACHMENT = `<Attachment number="1"><Type>photograph</Type><MediaType>image/jpeg</MediaType><Length>1</Length><FileDigest>${base64(sha256('a'))}</FileDigest>` +
	`<CiphertextDigest>${base64(sha256('b'))}</CiphertextDigest><Key>${base64(sha256('c'))}</Key><CheckedBy>legal-officer</CheckedBy></Attachment>`;
const SALT = /<Salt>[^<]*<\/Salt>/;
const KEY_VALUE = () => {
	const point = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
	return '<ds:KeyValue><dsig11:ECKeyValue xmlns:dsig11="http://www.w3.org/2009/xmldsig11#"><dsig11:NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"/>' +
		`<dsig11:PublicKey>${base64(point)}</dsig11:PublicKey></dsig11:ECKeyValue></ds:KeyValue>`;
};

// (r, s) becomes (r, n-s): as valid a signature.
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const MIRRORED = sub(/(<ds:SignatureValue>)([^<]*)/, (_, tag, text) => {
	const octets = Buffer.from(text, 'base64'), s = ORDER - BigInt(`0x${octets.subarray(32).toString('hex')}`);
	return tag + base64(Buffer.concat([octets.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]));
});

// What the specification allows: a node that refuses these is too strict.
const ALLOWED = [
	['RXP-SEA-001', 'other prefixes in the seal', 'seal', set({ ds: 'dsig', xades: 'x' }), 'receipt'],
	['RXP-SEA-007', 'empty-element tags in the Document', 'document', (text) => text.replaceAll(/><\/(ds:Transform|ds:DigestMethod|Ping)>/g, '/>'), 'receipt'],
	['RXP-SEA-007', 'white space within tags and single quotes', 'document', swap('<Header xmlns="urn:rxp:1:document" Id="header">', "<Header\n Id='header'\txmlns='urn:rxp:1:document' >"), 'receipt'],
	['RXP-SEA-007', 'no second declaration of the namespaces', 'document', (text) => swap('<ds:SignedInfo xmlns:ds="' + NS.ds + '">', '<ds:SignedInfo>')(swap('<Header xmlns="urn:rxp:1:document" Id', '<Header Id')(text)), 'receipt'],
	['RXP-XML-003', 'numeric character references', 'document', swap('<From>QRZ<', '<From>&#81;R&#x5A;<'), 'receipt'],
	['RXP-XML-002', 'an XML declaration on the Envelope', 'envelope', (text) => `<?xml version="1.0" encoding="UTF-8"?>${text}`, 'receipt'],
	['RXP-ENV-001', 'other prefixes in the Envelope', 'envelope', (text) => text.replaceAll('xenc:', 'e:').replaceAll('xmlns:xenc=', 'xmlns:e=').replaceAll('dsig11:', 'k:').replaceAll('xmlns:dsig11=', 'xmlns:k='), 'receipt'],
	['RXP-ENV-001', 'all namespaces declared at the root', 'envelope', (text) => text.replaceAll(/ xmlns:(xenc|ds|xenc11|dsig11)="[^"]*"/g, '')
		.replace('<Envelope', '<Envelope xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" xmlns:dsig11="http://www.w3.org/2009/xmldsig11#"'), 'receipt'],
	['RXP-ENV-002', 'an Envelope of 262,144 octets', 'octets', pad('<xenc:EncryptedData', 262_144), 'receipt'],
	['RXP-ENV-003', 'a Document of 188,416 octets', 'plaintext', pad('<Ping', 188_416), 'receipt'],
	['RXP-TIM-002', 'Expires 90 days after Created', 'fields', later(0, 90), 'receipt'],
	['RXP-TIM-003', 'Created 300 seconds ahead', 'fields', later(300), 'receipt'],
	['RXP-SEA-009', 'the signature (r, n-s)', 'document', MIRRORED, 'receipt'],
];

// Sealed and encrypted as it should be, but it says something else.
const CONTENT = [
	['RXP-PNG-001', 'an unknown element in the content', 'body', swap('></Ping>', '><Zebra>stripes</Zebra></Ping>'), 'schema'],
	['RXP-PNG-001', 'an unknown attribute in the content', 'body', attribute('zebra="stripes"'), 'schema'],
	['RXP-PNG-001', 'text in the content', 'body', swap('></Ping>', '>stripes</Ping>'), 'schema'],
	['RXP-XML-005', '32 elements deep', 'body', swap('></Ping>', `>${'<A>'.repeat(29)}${'</A>'.repeat(29)}</Ping>`), 'schema'],
	['RXP-XML-005', '33 elements deep', 'body', swap('></Ping>', `>${'<A>'.repeat(30)}${'</A>'.repeat(30)}</Ping>`), 'unopenable'],
	['RXP-XML-005', '16 attributes and declarations', 'body', attribute(...Array.from({ length: 15 }, (_, i) => `a${i + 10}=""`)), 'schema'],
	['RXP-XML-005', '17 attributes and declarations', 'body', attribute(...Array.from({ length: 16 }, (_, i) => `a${i + 10}=""`)), 'unopenable'],
	['RXP-DOC-005', 'an unknown type', 'fields', set({ Type: 'Pong' }), 'unsupported'],
	['RXP-DOC-011', 'content of another name', 'body', (text) => text.replaceAll('Ping', 'Pong'), 'schema'],
	['RXP-DOC-004', 'content of another namespace', 'body', swap('urn:rxp:1:body', 'urn:rxp:2:body'), 'unopenable'],
	['RXP-DOC-004', 'two contents', 'body', (text) => text + content('Ping'), 'unopenable'],
	['RXP-DOC-003', 'no Salt', 'body', sub(SALT, ''), 'unopenable'],
	['RXP-DOC-003', 'a Salt of 15 octets', 'body', sub(SALT, `<Salt>${base64(randomBytes(15))}</Salt>`), 'unopenable'],
	['RXP-DOC-003', 'the Salt last', 'body', sub(/(<Salt>.*<\/Salt>)(<Ping.*)/, '$2$1'), 'unopenable'],
	['RXP-DOC-009', 'a manifest of attachments in a Ping', 'body', (text) => `${text}<Attachments>${ATTACHMENT}</Attachments>`, 'schema'],
	['RXP-DOC-002', 'an unknown element in the Header', 'header', (text) => `${text}<Zebra>stripes</Zebra>`, 'unopenable'],
	['RXP-DOC-002', 'the Header in another order', 'header', sub(/(<From>.*<\/From>)(<To>.*<\/To>)/, '$2$1'), 'unopenable'],
	['RXP-DOC-002', 'a Ping that belongs to a case', 'header', (text) => `${text}<CaseId>${randomUUID()}</CaseId><Position>1</Position><Profile id="model" version="1"></Profile>`, 'unopenable'],
	['RXP-DOC-011', 'an office of another name', 'fields', set({ FromOffice: 'ZEBRA' }), 'schema'],
	['RXP-ENV-004', 'another Suite in the Document', 'header', swap('RXP-1-P256', 'RXP-1-P384'), 'unopenable'],
	['RXP-MSG-001', 'a MessageId of version 4', 'fields', (fields) => set({ MessageId: randomUUID() })(fields), 422],
	['RXP-DOC-011', 'white space around an office', 'fields', set({ ToOffice: ' NODE' }), 'schema'],
	['RXP-DOC-005', 'white space around the type', 'header', swap('<Type>Ping<', '<Type> Ping<'), 'unsupported'],
	['RXP-XML-004', 'an attribute Id below Body', 'body', attribute('Id="body"'), 'unopenable'],
	['RXP-XML-004', 'an attribute in a namespace', 'body', attribute('xml:lang="en"'), 'unopenable'],
	['RXP-XML-004', 'xsi:type', 'body', attribute('xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', 'xsi:type="Ping"'), 'unopenable'],
	['RXP-SEA-011', 'sealed 301 seconds after Created', 'time', (ms) => ms + 301_000, 'unopenable'],
];

// Times and names; the rest is right.
const FIELDS = [
	['RXP-TIM-003', 'Created 301 seconds ahead', 'fields', later(301), 'future'],
	['RXP-TIM-004', 'expired', 'fields', later(-86_400, 1), 'expired'],
	['RXP-TIM-002', 'Expires before Created', 'fields', later(0, -1), 422],
	['RXP-TIM-002', 'Expires more than 90 days after Created', 'fields', later(0, 91), 422],
	['RXP-TIM-001', 'a second 60', 'fields', (fields) => set({ Created: fields.Created.replace(/\d\d\.\d+Z/, '60.000Z') })(fields), 422],
	['RXP-ENV-012', 'From is another party', 'fields', set({ From: 'QRY' }), 'sender'],
	['RXP-ENV-012', 'To is another party', 'fields', set({ To: 'QRY' }), 'recipient'],
	['RXP-ENV-013', 'another MessageId outside than inside', 'outer', (fields) => set({ MessageId: messageId() })(fields), 'unopenable'],
	['RXP-ENV-013', 'another Created outside than inside', 'outer', (fields) => set({ Created: timeText(Date.parse(fields.Created) - 1) })(fields), 'unopenable'],
	['RXP-ENV-013', 'another Expires outside than inside', 'outer', (fields) => set({ Expires: timeText(Date.parse(fields.Expires) + 1) })(fields), 'unopenable'],
	['RXP-ENV-013', 'From inside is another party', 'header', swap('<From>QRZ<', '<From>QRY<'), 'unopenable'],
	['RXP-ENV-013', 'To inside is another party', 'header', sub(/<To>\w+</, '<To>QRY<'), 'unopenable'],
];

// A valid signature, made of other parts than the specification's.
const SIGNED = [
	['RXP-SEA-008', 'digests by SHA-1', 'seal', set({ digest: 'sha1', digestUri: SHA1 }), 'unopenable'],
	['RXP-SEA-008', 'a signature by ecdsa-sha1', 'seal', set({ hash: 'sha1', method: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1' }), 'unopenable'],
	['RXP-SEA-008', 'a signature by ecdsa-sha512', 'seal', set({ hash: 'sha512', method: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512' }), 'unopenable'],
	['RXP-SEA-007', 'inclusive canonicalization of SignedInfo', 'seal', set({ c14n: C14N, toSign: swap('<ds:SignedInfo xmlns:ds', '<ds:SignedInfo xmlns="urn:rxp:1:document" xmlns:ds') }), 'unopenable'],
	['RXP-SEA-007', 'inclusive canonicalization of a part', 'signedInfo', swapAt(0, TRANSFORM, TRANSFORM.replace(/Algorithm="[^"]*"/, `Algorithm="${C14N}"`)), 'unopenable'],
	['RXP-SEA-007', 'canonicalization with comments', 'seal', set({ c14n: `${SEAL.c14n}WithComments` }), 'unopenable'],
	['RXP-SEA-007', 'a prefix list', 'signedInfo', swapAt(0, TRANSFORM, TRANSFORM.replace('></ds:', `><ec:InclusiveNamespaces xmlns:ec="${SEAL.c14n}" PrefixList="ds"></ec:InclusiveNamespaces></ds:`)), 'unopenable'],
	['RXP-SEA-007', 'the enveloped-signature transform too', 'signedInfo', swapAt(1, TRANSFORM, `<ds:Transform Algorithm="${NS.ds}enveloped-signature"></ds:Transform>${TRANSFORM}`), 'unopenable'],
	['RXP-SEA-007', 'an XPath transform', 'signedInfo', swapAt(1, TRANSFORM, '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>true()</ds:XPath></ds:Transform>'), 'unopenable'],
	['RXP-SEA-007', 'an XSLT transform', 'signedInfo', swapAt(1, TRANSFORM, '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"></ds:Transform>'), 'unopenable'],
	['RXP-SEA-003', 'an XPointer in a Reference', 'signedInfo', swap('URI="#body"', 'URI="#xpointer(id(\'body\'))"'), 'unopenable'],
	['RXP-SEA-003', 'a Reference to the whole object', 'signedInfo', swap('URI="#body"', 'URI=""'), 'unopenable'],
	['RXP-SEA-003', 'a Reference to a file', 'signedInfo', swap('URI="#body"', 'URI="file:///etc/hostname"'), 'unopenable'],
	['RXP-SEA-003', 'a Reference without URI', 'signedInfo', swap(' URI="#body"', ''), 'unopenable'],
	['RXP-SEA-003', 'a Reference percent-encoded', 'signedInfo', swap('URI="#body"', 'URI="#%62ody"'), 'unopenable'],
	['RXP-SEA-003', 'two References exchanged', 'signedInfo', (text) => swap('\0', REFERENCE(text, '#body'))(swap(REFERENCE(text, '#body'), REFERENCE(text, '#header'))(swap(REFERENCE(text, '#header'), '\0')(text))), 'unopenable'],
	['RXP-SEA-003', 'no Reference to Body', 'signedInfo', (text) => swap(REFERENCE(text, '#body'), '')(text), 'unopenable'],
	['RXP-SEA-003', 'a fourth Reference', 'signedInfo', (text) => swap('</ds:SignedInfo>', `${REFERENCE(text, '#body').replace(' Id="ref-body"', '')}</ds:SignedInfo>`)(text), 'unopenable'],
	['RXP-SEA-003', 'the digest of another Body', 'signedInfo', (text) => text.replaceAll(/(#body".*?<ds:DigestValue>)[^<]*/g, `$1${base64(sha256('other'))}`), 'unopenable'],
	['RXP-SEA-010', 'the certificate digest of another certificate', 'properties', sub(/(<ds:DigestValue[^>]*>)[^<]*/, `$1${base64(sha256('other'))}`), 'unopenable'],
	['RXP-SEA-001', 'an unknown signed property', 'properties', swap('</xades:SignedSignatureProperties>', '<xades:SignerRoleV2></xades:SignerRoleV2></xades:SignedSignatureProperties>'), 'unopenable'],
	['RXP-SEA-011', 'a SigningTime without milliseconds', 'properties', sub(/\.\d{3}Z/, 'Z'), 'unopenable'],
	['RXP-SEA-009', 'the signature in DER', 'seal', set({ encoding: 'der' }), 'unopenable'],
	['RXP-SEA-010', 'sealed under a certificate that is not registered', 'signer', (_, { state }) => state.stray, 'unopenable'],
	['RXP-SEA-010', 'sealed with another key under the right certificate', 'signer', (signer, { state }) => ({ ...signer, key: state.stray.key }), 'unopenable'],
	['RXP-SEA-010', 'sealed with the TLS key of the party', 'signer', (_, { state }) => state.tls, 'unopenable'],
	['RXP-SEA-010', 'sealed by another State that is a peer too', 'signer', (_, { second }) => second.seal, 'unopenable'],
];

// The Document is changed after it was sealed.
const SEALED = [
	['RXP-SEA-001', 'no seal', 'document', (text) => swap(between(text, 'ds:Signature'), '')(text), 'unopenable'],
	['RXP-SEA-009', 'an empty signature value', 'document', sub(/(<ds:SignatureValue>)[^<]*/, '$1'), 'unopenable'],
	['RXP-SEA-009', 'another signature value', 'document', sub(/(<ds:SignatureValue>)[^<]*/, () => `<ds:SignatureValue>${base64(randomBytes(64))}`), 'unopenable'],
	['RXP-SEA-009', 'a signature value of zeros', 'document', sub(/(<ds:SignatureValue>)[^<]*/, `$1${base64(Buffer.alloc(64))}`), 'unopenable'],
	['RXP-SEA-005', 'another Salt', 'document', sub(SALT, () => `<Salt>${base64(randomBytes(16))}</Salt>`), 'unopenable'],
	['RXP-SEA-005', 'another office', 'document', swap('<ToOffice>NODE<', '<ToOffice>HEALTH<'), 'unopenable'],
	['RXP-SEA-005', 'another SigningTime', 'document', sub(/(<xades:SigningTime>[^<]*)\dZ/, (all, start) => `${start}${(Number(all.at(-2)) + 1) % 10}Z`), 'unopenable'],
	['RXP-SEA-001', 'wrapped in another root', 'document', (text) => `<Wrap>${text}</Wrap>`, 'unopenable'],
	['RXP-SEA-001', 'the sealed Body moved into the seal, another in its place', 'document', (text) => {
		const body = between(text, 'Body'), other = body.replace(SALT, `<Salt>${base64(randomBytes(16))}</Salt>`);
		return swap('</ds:Signature>', `<ds:Object>${body}</ds:Object></ds:Signature>`)(swap(body, other)(text));
	}, 'unopenable'],
	['RXP-SEA-001', 'a second Body before the sealed one', 'document', (text) => swap('<Body', `${between(text, 'Body').replace(SALT, `<Salt>${base64(randomBytes(16))}</Salt>`)}<Body`)(text), 'unopenable'],
	['RXP-SEA-001', 'a second Body after the sealed one', 'document', (text) => swap('</Body>', `</Body>${between(text, 'Body').replace(SALT, `<Salt>${base64(randomBytes(16))}</Salt>`)}`)(text), 'unopenable'],
	['RXP-SEA-001', 'the Header twice', 'document', (text) => swap('<Body', `${between(text, 'Header')}<Body`)(text), 'unopenable'],
	['RXP-SEA-001', 'Header and Body exchanged', 'document', (text) => sub(/(<Header.*<\/Header>)(<Body.*<\/Body>)/, '$2$1')(text), 'unopenable'],
	['RXP-SEA-001', 'the seal before the Body', 'document', (text) => sub(/(<Body.*<\/Body>)(<ds:Signature .*<\/ds:Signature>)/, '$2$1')(text), 'unopenable'],
	['RXP-SEA-001', 'two seals', 'document', (text) => swap('</Document>', `${between(text, 'ds:Signature')}</Document>`)(text), 'unopenable'],
	['RXP-SEA-001', 'SignedProperties twice', 'document', (text) => swap('</xades:QualifyingProperties>', `${between(text, 'xades:SignedProperties')}</xades:QualifyingProperties>`)(text), 'unopenable'],
	['RXP-SEA-001', 'unsigned properties', 'document', swap('</xades:QualifyingProperties>', '<xades:UnsignedProperties/></xades:QualifyingProperties>'), 'unopenable'],
	['RXP-SEA-001', 'another Target', 'document', swap('Target="#sig"', 'Target="#seal"'), 'unopenable'],
	['RXP-SEA-001', "an attacker's KeyValue beside the certificate", 'document', swap('<ds:KeyInfo>', `<ds:KeyInfo>${KEY_VALUE()}`), 'unopenable'],
	['RXP-SEA-001', "an attacker's KeyValue alone", 'document', sub(/<ds:X509Data>.*<\/ds:X509Data>/, KEY_VALUE()), 'unopenable'],
	['RXP-SEA-001', 'a RetrievalMethod', 'document', swap('<ds:KeyInfo>', '<ds:KeyInfo><ds:RetrievalMethod URI="file:///etc/hostname"/>'), 'unopenable'],
	['RXP-SEA-001', 'a second certificate', 'document', (text) => swap('</ds:X509Data>', `${between(text, 'ds:X509Certificate')}</ds:X509Data>`)(text), 'unopenable'],
	['RXP-SEA-010', 'the certificate of another key', 'document', (text, { state }) => sub(/(<ds:X509Certificate>)[^<]*/, `$1${base64(state.stray.certificate)}`)(text), 'unopenable'],
	['RXP-SEA-004', 'another Id for the seal', 'document', swap('Id="sig"', 'Id="SIG"'), 'unopenable'],
	['RXP-SEA-004', 'an Id on the root', 'document', swap('<Document ', '<Document Id="root" '), 'unopenable'],
	['RXP-SEA-001', 'an unused namespace on the root', 'document', swap('<Document ', '<Document xmlns:evil="urn:evil" '), 'unopenable'],
	['RXP-SEA-001', 'an unused namespace in the seal', 'document', swap('<ds:KeyInfo>', '<ds:KeyInfo xmlns:evil="urn:evil">'), 'unopenable'],
	['RXP-SEA-002', 'another namespace for root, Header and Body', 'document', (text) => text.replaceAll('urn:rxp:1:document', 'urn:rxp:2:document'), 'unopenable'],
	['RXP-SEA-002', 'a Receipt in the place of a Document', 'plaintext', (_, { state, peer }) => Buffer.from(seal('Receipt',
		write([['MessageId', messageId()], ['From', 'QRZ'], ['To', peer.party], ['Created', timeText(Date.now())]]), bodyText(content('Ping')), state.seal, timeText(Date.now())).text), 'unopenable'],
	['RXP-DOC-001', 'text between elements', 'document', swap('</Header>', '</Header>\n'), 'unopenable'],
	['RXP-SEA-001', 'text in the seal', 'document', swap('<ds:KeyInfo>', ' <ds:KeyInfo>'), 'unopenable'],
	['RXP-XML-003', 'a comment in the content', 'document', swap('></Ping>', '><!-- --></Ping>'), 'unopenable'],
	['RXP-XML-003', 'a comment within a value', 'document', swap('<From>QRZ', '<From>Q<!-- -->RZ'), 'unopenable'],
	['RXP-XML-003', 'a comment before the root', 'document', (text) => `<!-- -->${text}`, 'unopenable'],
	['RXP-XML-003', 'a processing instruction', 'document', swap('<Body', '<?evil?><Body'), 'unopenable'],
	['RXP-XML-003', 'a CDATA section', 'document', swap('<From>QRZ', '<From><![CDATA[QRZ]]>'), 'unopenable'],
	['RXP-XML-003', 'DOCTYPE', 'document', (text) => `<!DOCTYPE Document>${text}`, 'unopenable'],
	['RXP-XML-003', 'DOCTYPE with an entity', 'document', (text) => `<!DOCTYPE Document [<!ENTITY from "QRZ">]>${text.replace('<From>QRZ', '<From>&from;')}`, 'unopenable'],
	['RXP-XML-003', 'DOCTYPE with an external entity', 'document', (text) => `<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/hostname">]>${text}`, 'unopenable'],
	['RXP-XML-002', 'an XML declaration on the Document', 'document', (text) => `<?xml version="1.0" encoding="UTF-8"?>${text}`, 'unopenable'],
	['RXP-XML-001', 'ISO-8859-1 declared', 'document', (text) => `<?xml version="1.0" encoding="ISO-8859-1"?>${text}`, 'unopenable'],
	['RXP-XML-001', 'UTF-16', 'plaintext', (octets) => Buffer.from(`\ufeff${octets}`, 'utf16le'), 'unopenable'],
	['RXP-XML-001', 'a byte order mark', 'plaintext', (octets) => Buffer.concat([Buffer.from('\ufeff'), octets]), 'unopenable'],
	['RXP-XML-001', 'an octet that is not UTF-8', 'plaintext', (octets) => Buffer.concat([octets.subarray(0, -13), Buffer.from([0xff]), octets.subarray(-13)]), 'unopenable'],
	['RXP-XML-001', 'a NUL after the root', 'plaintext', (octets) => Buffer.concat([octets, Buffer.alloc(1)]), 'unopenable'],
	['RXP-XML-002', 'a line feed after the root', 'plaintext', (octets) => Buffer.concat([octets, Buffer.from('\n')]), 'unopenable'],
	['RXP-XML-002', 'a second root', 'plaintext', (octets) => Buffer.concat([octets, octets]), 'unopenable'],
	['RXP-XML-001', 'not well-formed', 'plaintext', cutEnd(1), 'unopenable'],
	['RXP-ENV-003', 'a Document of 188,417 octets', 'plaintext', pad('<Ping', 188_417), 422],
	['RXP-ENV-005', 'no octets at all', 'plaintext', () => Buffer.alloc(0), 422],
];

// The encryption. What an attacker without a seal could make gives one and the same answer.
const cipher = (uri, name, keyLength, ivLength) => set({ content: uri, cipher: name, keyLength, ivLength });
const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const ENCRYPTION = [
	['RXP-ENV-010', 'aes128-gcm', 'encryption', cipher('http://www.w3.org/2009/xmlenc11#aes128-gcm', 'aes-128-gcm', 16, 12), 422],
	['RXP-ENV-010', 'aes256-cbc', 'encryption', cipher(`${XENC}aes256-cbc`, 'aes-256-cbc', 32, 16), 422],
	['RXP-ENV-005', 'aes-256-cbc under the name of gcm', 'encryption', set({ cipher: 'aes-256-cbc', ivLength: 16 }), 'unopenable'],
	['RXP-ENV-005', 'a content key of 16 octets', 'encryption', set({ cipher: 'aes-128-gcm', keyLength: 16 }), 422],
	['RXP-ENV-005', 'a bit of the tag', 'encryption', set({ ciphertext: flip(-1) }), 'unopenable'],
	['RXP-ENV-005', 'a bit of the IV', 'encryption', set({ ciphertext: flip(0) }), 'unopenable'],
	['RXP-ENV-005', 'a bit of the ciphertext', 'encryption', set({ ciphertext: flip(500) }), 'unopenable'],
	['RXP-ENV-005', 'a tag of 15 octets', 'encryption', set({ ciphertext: cutEnd(1) }), 'unopenable'],
	['RXP-ENV-005', 'no tag', 'encryption', set({ ciphertext: cutEnd(16) }), 'unopenable'],
	['RXP-ENV-006', 'a bit of the wrapped key', 'encryption', set({ wrapped: flip(20) }), 'unopenable'],
	['RXP-ENV-008', 'a point that is not on the curve', 'encryption', set({ ephemeral: flip(-1) }), 'unopenable'],
	['RXP-ENV-008', 'another point', 'encryption', set({ ephemeral: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }).subarray(-65) }), 'unopenable'],
	['RXP-ENV-008', 'a compressed point', 'encryption', set({ ephemeral: (point) => Buffer.concat([Buffer.from([2 + (point[64] & 1)]), point.subarray(1, 33)]) }), 422],
	['RXP-ENV-008', 'the point at infinity', 'encryption', set({ ephemeral: () => Buffer.alloc(1) }), 422],
	['RXP-ENV-007', 'another party in the derivation', 'encryption', set({ info: ([suite, , to, id]) => [suite, Buffer.from('QRY'), to, id] }), 422],
	['RXP-ENV-007', 'another suite in the derivation', 'encryption', set({ info: ([, ...rest]) => [Buffer.from('RXP-1-P384'), ...rest] }), 422],
	['RXP-ENV-004', 'another Suite', 'encryption', set({ suite: 'RXP-1-P384' }), 422],
	['RXP-ENV-009', 'an agreement key that the receiver does not hold', 'recipient', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey, 'rekey'],
	['RXP-ENV-009', "the name of a key in upper case", 'envelope', sub(/(<ds:KeyName>)([^<]*)/, (_, tag, name) => tag + name.toUpperCase()), 422],
	['RXP-ENV-010', 'rsa-1_5 named for the key', 'envelope', swap(CLOSE.wrap, `${XENC}rsa-1_5`), 422],
	['RXP-ENV-010', 'rsa-oaep named for the key', 'envelope', swap(CLOSE.wrap, `${XENC}rsa-oaep-mgf1p`), 422],
	['RXP-ENV-010', 'kw-aes128', 'envelope', swap(CLOSE.wrap, `${XENC}kw-aes128`), 422],
	['RXP-ENV-010', 'RSA key transport', 'envelope', sub(/<xenc:EncryptedKey>.*<\/xenc:EncryptedKey>/, () => {
		const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
		const octets = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, randomBytes(32));
		return `<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${XENC}rsa-1_5"/><xenc:CipherData><xenc:CipherValue>${base64(octets)}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`;
	}), 422],
	['RXP-ENV-010', 'SHA-1 in the derivation', 'encryption', set({ digest: SHA1 }), 422],
	['RXP-ENV-010', 'another agreement method', 'encryption', set({ agreement: `${XENC}dh` }), 422],
	['RXP-ENV-010', 'another derivation', 'encryption', set({ derivation: 'http://www.w3.org/2009/xmlenc11#pbkdf2' }), 422],
	['RXP-ENV-010', 'another curve', 'encryption', set({ curve: 'urn:oid:1.3.132.0.34' }), 422],
	['RXP-ENV-010', 'two EncryptedKeys', 'envelope', (text) => swap('</xenc:EncryptedKey>', `</xenc:EncryptedKey>${between(text, 'xenc:EncryptedKey')}`)(text), 422],
	['RXP-ENV-010', 'a CipherReference', 'envelope', sub(/(.*)<xenc:CipherValue>.*<\/xenc:CipherValue>/s, '$1<xenc:CipherReference URI="file:///etc/hostname"/>'), 422],
];

// The Envelope as XML.
const ENVELOPE = [
	['RXP-ENV-001', 'an unknown element in the Header', 'envelope', swap('</Header>', '<Zebra>stripes</Zebra></Header>'), 422],
	['RXP-ENV-001', 'an unknown attribute', 'envelope', swap('<Header>', '<Header zebra="stripes">'), 422],
	['RXP-ENV-001', 'text between elements', 'envelope', swap('</Header>', '</Header>\n'), 422],
	['RXP-ENV-001', 'EncryptedData of the type Content', 'envelope', swap('#Element"', '#Content"'), 422],
	['RXP-ENV-001', 'a Header twice', 'envelope', (text) => swap('<xenc:EncryptedData', `${between(text, 'Header')}<xenc:EncryptedData`)(text), 422],
	['RXP-ENV-001', 'an Envelope in an Envelope', 'envelope', (text) => `<Envelope xmlns="urn:rxp:1:envelope">${text}</Envelope>`, 422],
	['RXP-ENV-001', 'another namespace', 'envelope', swap('urn:rxp:1:envelope', 'urn:rxp:2:envelope'), 422],
	['RXP-XML-006', 'base64 with a line feed', 'envelope', (text) => text.replace(/<\/xenc:CipherValue><\/xenc:CipherData><\/xenc:EncryptedData>/, '\n$&'), 422],
	['RXP-XML-006', 'base64 with unused bits', 'envelope', sub(/(<dsig11:PublicKey>[^<]*)(.)=</, (_, start, last) => {
		const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
		return `${start}${alphabet[alphabet.indexOf(last) ^ 1]}=<`;
	}), 422],
	['RXP-XML-006', 'a MessageId in upper case', 'envelope', sub(/<MessageId>[^<]*/, (text) => text.replace(/>.*/, (id) => id.toUpperCase())), 422],
	['RXP-XML-003', 'a comment', 'envelope', swap('<Header>', '<Header><!-- -->'), 422],
	['RXP-XML-003', 'DOCTYPE', 'envelope', (text) => `<!DOCTYPE Envelope>${text}`, 422],
	['RXP-XML-003', 'entities of entities', 'envelope', (text) => `<!DOCTYPE Envelope [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>${text.replace('<From>', '<From>&c;')}`, 422],
	['RXP-XML-001', 'ISO-8859-1 declared', 'envelope', (text) => `<?xml version="1.0" encoding="ISO-8859-1"?>${text}`, 422],
	['RXP-XML-001', 'XML 1.1', 'envelope', (text) => `<?xml version="1.1"?>${text}`, 422],
	['RXP-XML-001', 'UTF-16', 'octets', (octets) => Buffer.from(`\ufeff${octets}`, 'utf16le'), 422],
	['RXP-XML-001', 'a byte order mark', 'octets', (octets) => Buffer.concat([Buffer.from('\ufeff'), octets]), 422],
	['RXP-XML-001', 'a NUL after the root', 'octets', (octets) => Buffer.concat([octets, Buffer.alloc(1)]), 422],
	['RXP-XML-001', 'no octets', 'octets', () => Buffer.alloc(0), 422],
	['RXP-XML-001', 'no XML', 'octets', () => randomBytes(1000), 422],
];

// The request.
const REQUEST = [
	['RXP-HTTP-006', 'a body of 262,145 octets', 'octets', pad('<xenc:EncryptedData', 262_145), 413],
	['RXP-HTTP-007', 'another content type', 'request', header({ 'content-type': 'application/xml' }), 415],
	['RXP-HTTP-007', 'no content type', 'request', set({ headers: {} }), 415],
	['RXP-HTTP-001', 'a content encoding', 'request', header({ 'content-encoding': 'gzip' }), 415],
	['RXP-HTTP-001', 'trailers', 'request', set({ trailers: { 'x-late': '1' } }), 400],
	['RXP-HTTP-007', 'an unknown path', 'request', set({ path: '/rxp/1/message' }), 404],
	['RXP-HTTP-007', 'a path with a query', 'request', set({ path: '/rxp/1/messages?x=1' }), 404],
	['RXP-HTTP-007', 'the method PUT', 'request', set({ method: 'PUT' }), 405],
	['RXP-HTTP-003', 'GET of the descriptor', 'request', () => ({ method: 'GET', path: '/rxp/1/descriptor', headers: {} }), 'descriptor'],
	['RXP-HTTP-007', 'PUT of the descriptor', 'request', set({ method: 'PUT', path: '/rxp/1/descriptor' }), 405],
	['RXP-HTTP-007', 'GET of an answer', 'request', (request) => ({ ...request, method: 'GET', path: '/rxp/1/answers', body: undefined }), 405],
	['RXP-PUL-002', 'an unknown query', 'request', () => ({ method: 'GET', path: '/rxp/1/messages?x=1', headers: {} }), 400],
	['RXP-PUL-006', 'an Envelope in the place of an answer', 'request', (request) => ({ ...request, path: '/rxp/1/answers', body: request.body.subarray(0, 4096) }), 422],
];

// A second message about the control's.
const resealed = (fields, { state, peer }, typed = content('Ping')) => {
	const { text, fingerprint } = seal('Document', write(Object.entries(fields)), bodyText(typed), state.seal, fields.Created);
	return { fingerprint, octets: Buffer.from(close(Buffer.from(text), fields, peer.agreement)) };
};
const again = (plaintext, { fields }, { peer }) => ({ octets: Buffer.from(close(plaintext, fields, peer.agreement)) });
const AGAIN = [
	['RXP-ANS-005', 'the same octets again', 'again', ({ octets }) => ({ octets }), 'same'],
	['RXP-ANS-005', 'the same Document encrypted again', 'again', (sent, world) => again(sent.plaintext, sent, world), 'same'],
	['RXP-MSG-004', 'the same Document with the signature (r, n-s)', 'again', (sent, world) => again(Buffer.from(MIRRORED(sent.plaintext.toString())), sent, world), 'same'],
	['RXP-ANS-010', 'the same MessageId with another Salt', 'again', ({ fields }, world) => resealed(fields, world), 'conflict'],
	['RXP-ANS-011', 'the same MessageId with another type', 'again', ({ fields }, world) => resealed({ ...fields, Type: 'Pong' }, world, content('Pong')), 'conflict'],
	['RXP-ANS-011', 'the same MessageId, expired', 'again', ({ fields }, world) => resealed({ ...fields, Created: timeText(Date.now() - 9e7), Expires: timeText(Date.now() - 1e6) }, world), 'conflict'],
	['RXP-OPN-001', 'the same MessageId, not openable', 'again', ({ octets }) => ({
		octets: Buffer.from(sub(/^(.*CipherValue>.{99})(.)/s, (_, start, c) => start + (c === 'A' ? 'B' : 'A'))(octets.toString())) }), 'unopenable'],
];

// The connection.
const CONNECTION = [
	['RXP-TLS-003', 'no client certificate', 'connection', set({ key: undefined, cert: undefined }), 'refused'],
	['RXP-TLS-003', 'an unknown client certificate', 'connection', (options, { state }) => ({ ...options, ...state.stray.pem }), 'refused'],
	['RXP-TLS-002', "the party's seal certificate in TLS", 'connection', (options, { state }) => ({ ...options, ...state.seal.pem }), 'refused'],
	['RXP-TLS-001', 'TLS 1.2 only', 'connection', set({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }), 'refused'],
	['RXP-TLS-001', 'ALPN http/1.1 only', 'connection', set({ ALPNProtocols: ['http/1.1'] }), 'refused'],
	['RXP-TLS-001', 'no ALPN', 'connection', set({ ALPNProtocols: undefined }), 'refused'],
];

export const ATTACKS = [...ALLOWED, ...CONTENT, ...FIELDS, ...SIGNED, ...SEALED, ...ENCRYPTION, ...ENVELOPE, ...REQUEST, ...AGAIN, ...CONNECTION, ...CASE_ATTACKS, ...ATTACHMENT_ATTACKS];
