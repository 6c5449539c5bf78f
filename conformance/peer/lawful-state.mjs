// lawful-state - kinds of lawful.mjs whose keys, certificates, descriptors and octets are otherwise.
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateOf } from './certificates.mjs';
import { keyName, RIGHT as CLOSING } from './encrypted.mjs';
import { GIVES } from './history.mjs';
import { pinOf } from './descriptor.mjs';
import { write } from './message.mjs';
import { RIGHT as SEALING, seal, unseal } from './seal.mjs';
import { load, renew } from './state.mjs';
import { base64, DAY, timeText } from './values.mjs';

const openssl = (...words) => execFileSync('openssl', words, { stdio: ['ignore', 'pipe', 'ignore'] });
const ec = (curve) => ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`], rsa = (bits) => ['-newkey', `rsa:${bits}`];
const all = (kind) => ({ root: kind, seal: kind });
const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

// The TLS certificate by an intermediate authority of its own, below a root; all of them ended, and sent together.
function chain(directory) {
	const at = (name) => join(directory, name);
	writeFileSync(at('ca.ext'), 'basicConstraints=critical,CA:true\nkeyUsage=keyCertSign\n');
	writeFileSync(at('leaf.ext'), 'basicConstraints=critical,CA:false\nextendedKeyUsage=emailProtection\nsubjectAltName=DNS:elsewhere.example\n');
	const sign = (name, by, ext) => {
		openssl('req', '-new', '-key', at(`${name}.key`), '-subj', `/C=XX/O=An office/CN=${name}`, '-out', at(`${name}.csr`));
		openssl('x509', '-req', '-in', at(`${name}.csr`), '-CA', at(`${by}.crt`), '-CAkey', at(`${by}.key`), '-set_serial', String(randomBytes(4).readUInt32BE(0) + 1), '-days', '1', '-extfile', at(ext), '-out', at(`${name}.crt`));
	};
	openssl('req', '-x509', ...rsa(2048), '-nodes', '-subj', '/CN=an authority', '-days', '2', '-keyout', at('authority.key'), '-out', at('authority.crt'));
	openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', at('intermediate.key'));
	sign('intermediate', 'authority', 'ca.ext');
	sign('tls', 'intermediate', 'leaf.ext');
	appendFileSync(at('tls.crt'), openssl('x509', '-in', at('intermediate.crt')));
}
// The identity part behind another one.
function partBehind(before, serial, body, party, by) {
	const time = timeText(Date.now()), { fingerprint } = unseal('Identity', before, () => true);
	const header = write([['Party', party], ['Serial', serial], ['Created', time], ['Previous', base64(fingerprint)], ['Test', true]]);
	return Buffer.from(seal('Identity', header, body, by, time).text);
}
// Of a chain of 19 parts the last sixteen (RXP-DSC-026).
function ancient(directory) {
	const at = (name) => join(directory, name), { party, root } = load(directory), parts = [readFileSync(at('identity.xml'))];
	const [, body] = /<Body [^>]*>(.*)<\/Body>/s.exec(parts[0]);
	while (parts.length < 19) parts.push(partBehind(parts.at(-1), parts.length + 1, body, party, root));
	writeFileSync(at('identity.xml'), parts.pop());
	writeFileSync(at('former.xml'), write(parts.slice(-15).map((part) => ['Identity', base64(part)])));
}
// Certificates of its keys whose dates are over, or have not begun (RXP-DSC-041).
function undated(directory) {
	const state = load(directory), words = { root: 'a certificate that has expired, of the pinned key', seal: 'a certificate that is not valid yet, of the pinned key', tls: 'a certificate that has expired, of the pinned key' };
	for (const [name, way] of Object.entries(words)) writeFileSync(join(directory, `${name}.crt`), certificateOf(way, { tls: state[name], party: state.party }).cert);
}
// A certificate of the seal that has as many octets as RXP-SEA-014 allows.
function bulky(directory) {
	const at = (name) => join(directory, name);
	const make = (letters) => {
		writeFileSync(at('bulky.cnf'), `[req]\ndistinguished_name=name\nx509_extensions=more\n[name]\n[more]\n1.3.6.1.4.1.55555.2=ASN1:UTF8String:${'x'.repeat(letters)}\n`);
		openssl('req', '-x509', '-key', at('seal.key'), '-config', at('bulky.cnf'), '-subj', '/CN=bulky', '-set_serial', '7', '-days', '90', '-out', at('seal.crt'));
		return new X509Certificate(readFileSync(at('seal.crt'))).raw.length;
	};
	make(1_000 + 4_096 - make(1_000));
}
// The second part of its chain announces another root, which seals the third.
function inherit(directory) {
	const at = (name) => join(directory, name), state = load(directory);
	openssl('req', '-x509', ...ec('P-384'), '-nodes', '-subj', '/CN=an heir', '-keyout', at('heir.key'), '-out', at('heir.crt'));
	const heir = { key: createPrivateKey(readFileSync(at('heir.key'))), certificate: new X509Certificate(readFileSync(at('heir.crt'))).raw };
	const first = readFileSync(at('identity.xml')), [, body] = /<Body [^>]*>(.*)<\/Body>/s.exec(first);
	const second = partBehind(first, 2, body + write([['NextRoot', pinOf(heir.certificate)]]), state.party, state.root), third = partBehind(second, 3, body, state.party, heir);
	writeFileSync(at('former.xml'), write([first, second].map((part) => ['Identity', base64(part)])));
	writeFileSync(at('identity.xml'), third);
	for (const end of ['key', 'crt']) renameSync(at(`heir.${end}`), at(`root.${end}`));
}
// The seal's certificate by an authority, for servers alone, with a critical extension that nobody knows (RXP-SEA-014).
function issued(directory) {
	const at = (name) => join(directory, name);
	writeFileSync(at('seal.ext'), 'basicConstraints=critical,CA:true\nextendedKeyUsage=critical,serverAuth\n1.3.6.1.4.1.55555.1=critical,ASN1:UTF8String:x\n');
	openssl('req', '-x509', ...rsa(2048), '-nodes', '-subj', '/CN=an authority', '-days', '2', '-keyout', at('authority.key'), '-out', at('authority.crt'));
	openssl('req', '-new', '-key', at('seal.key'), '-subj', '/C=XX/O=An office', '-out', at('seal.csr'));
	openssl('x509', '-req', '-in', at('seal.csr'), '-CA', at('authority.crt'), '-CAkey', at('authority.key'), '-set_serial', '7', '-days', '1', '-extfile', at('seal.ext'), '-out', at('seal.crt'));
}
const anotherCertificate = () => {
	const pem = openssl('req', '-x509', ...ec('P-256'), '-nodes', '-subj', '/CN=another', '-keyout', '/dev/null', '-out', '-');
	return new X509Certificate(pem);
};
const spare = () => [anotherCertificate().raw];
const pin = () => randomBytes(32).toString('base64');

// Every so often a new agreement key; the former ones stay.
const renewing = (ms) => (node) => {
	let keys = [node.state.agreement];
	setInterval(() => {
		const key = newKey(), now = Date.now();
		node.state.agreementKeys.set(keyName(createPublicKey(key)), key);
		keys = [key, ...keys].slice(0, 8);
		renew(node.state, keys.map((one, i) => [now - (i + 1) * 1000, now + (30 - i) * DAY, one]), now);
	}, ms).unref();
};

// Other octets of the same canonical form: white space in tags, quotes, the order of attributes, characters as references.
const tags = (text) => text.replace(/<(\/?[\w:]+)((?: [\w:]+="[^"<]*")*)(\/?)>/g, (whole, name, attributes, end) => {
	if (name.startsWith('/') || !attributes || text.startsWith(whole)) return whole;
	const given = [...attributes.matchAll(/ ([\w:]+)="([^"]*)"/g)].reverse();
	return `<${name}\n ${given.map(([, key, value]) => `${key} = '${value}'`).join('\t ')} ${end}>`;
});
const spelled = (text) => text.replace(/<(From|To|Party|Owner|Peer)>([A-Z])/g, (_, name, letter) => `<${name}>&#${letter.charCodeAt(0)};`).replace(/=<\/(ds:DigestValue|EnvelopeDigest|LogHead)>/g, '&#x3D;</$1>');
const dressed = () => (SEALING.written = (text) => spelled(tags(text)));
// Characters of values as references, in decimal and in hexadecimal, with zeros in front; and no end tag of what is empty.
const reference = (letter, i) => (i % 2 ? `&#x0${letter.charCodeAt(0).toString(16)};` : `&#00${letter.charCodeAt(0)};`);
const referring = (text) => text.replace(/ (Algorithm|AlgorithmID|PartyUInfo|PartyVInfo|SuppPubInfo|office|from|id|version)="([^"&<]+)"/g, (_, name, value) => ` ${name}="${[...value].map((letter, i) => (i % 5 ? letter : reference(letter, i))).join('')}"`)
	.replace(/>([A-Za-z0-9+/=:.-]{1,400})(?=<\/)/g, (_, value) => `>${reference(value[0], value.length)}${value.slice(1)}`);
const collapsed = (text) => text.replace(/<([\w:]+)((?: [\w:]+="[^"<]*")*)><\/\1>/g, '<$1$2/>');
const cryptic = () => (SEALING.written = CLOSING.written = (text) => collapsed(referring(text)));
const prefixed = () => {
	Object.assign(SEALING, { ds: 'n1', xades: 'n2' });
	CLOSING.data = (text) => text.replace(/\bxenc11\b(?=[:=])/g, 'y').replace(/\bxenc\b(?=[:=])/g, 'x');
	CLOSING.written = (text) => `<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n${text
		.replace(/ xmlns(:\w+)?="[^"]*"/g, '').replace(/<(\/?)(Envelope|Header|MessageId|From|To|Created|Expires)\b/g, '<$1rxp:$2')
		.replace('<rxp:Envelope', '<rxp:Envelope xmlns:rxp="urn:rxp:1:envelope" xmlns:x="http://www.w3.org/2001/04/xmlenc#" xmlns:y="http://www.w3.org/2009/xmlenc11#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:dsig11="http://www.w3.org/2009/xmldsig11#"')}`;
};
// Each element declares its own namespace, and no other.
const declared = (text) => {
	const scopes = [new Map()];
	return text.replace(/<(\/?)([\w:]+)((?: [\w:]+="[^"<]*")*)(\/?)>/g, (whole, close, name, attributes, empty) => {
		if (close) return scopes.pop(), whole;
		const scope = new Map(scopes.at(-1)), prefix = name.split(':').at(-2) ?? '';
		for (const [, of = '', uri] of attributes.matchAll(/ xmlns(?::(\w+))?="([^"]*)"/g)) scope.set(of, uri);
		if (!empty) scopes.push(scope);
		return `<${name}${scope.has(prefix) ? ` xmlns${prefix && `:${prefix}`}="${scope.get(prefix)}"` : ''}${attributes.replace(/ xmlns(:\w+)?="[^"]*"/g, '')}${empty}>`;
	});
};
const declaring = () => (SEALING.written = CLOSING.written = declared);
const signing = (ms) => () => (SEALING.signedAt = (kind, time) => (['Document', 'Receipt', 'Refusal', 'LogPage'].includes(kind) ? timeText(Date.parse(time) + ms) : time));

// Of a seal on P-256 the other signature that is as good (RXP-SEA-009).
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const mirrored = () => (SEALING.signature = (octets) => Buffer.concat([octets.subarray(0, 32), Buffer.from((ORDER - BigInt(`0x${octets.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0'), 'hex')]));
// What it says and no Document is was sealed long before, or long after, the time that it bears.
const DAYS = { Receipt: 1, Refusal: -1, LogPage: 400, Identity: 30, Working: -30 };
const anytime = () => (SEALING.signedAt = (kind, time) => timeText(Date.parse(time) + (DAYS[kind] ?? 0) * DAY));
const dead = 'https://127.0.0.1:1';

export const STATES = {
	modular: ['SEA-008', 'all its keys are of RSA', { cases: 'initiate [EA][NM][SV]-0*.S.p1', made: { keys: { root: rsa(3072), seal: rsa(3072), tls: rsa(2048) } } }],
	larger: ['SEA-008', 'its keys are on P-384', { cases: '[AP][NU][SL]-0*.R.p1', made: { keys: { ...all(ec('P-384')), tls: ec('P-384') } } }],
	edwards: ['TLS-002', 'its TLS key is of Ed25519', { cases: 'wire TLS*.W.p*', made: { keys: { tls: ['-newkey', 'ed25519'] } } }],
	chained: ['TLS-002', 'its TLS certificate is of an authority, for mail, by another name, and comes with its chain', { cases: 'wire TLS*.W.p*', made: { keys: { tls: rsa(3072) }, prepare: chain }, tls: {} }],
	issued: ['SEA-014', 'the certificate of its seal is of an authority, for servers alone, with a critical extension that nobody knows', { cases: '[AD][NS][SC]-0*.R.p1', made: { prepare: issued } }],
	listing: ['DSC-010', 'it lists a second seal certificate, pin and endpoint, and agreement keys that ended and that begin later', { cases: '[AT][NI][SM]-0*.R.n*',
		get made() {
			return { certificates: spare(), pins: [pin()], endpoints: ['https://node.example:8443'],
				agreementKeys: [(now) => [now - 90 * DAY, now - 31 * DAY, newKey()], (now) => [now + 2 * DAY, now + 40 * DAY, newKey()]] };
		} }],
	modest: ['DSC-010', 'it claims the level Core, the office NODE, and has no keys of offices', { cases: '[AD][NO][SC]-0*.R.[np]1', made: { levels: ['Core'], offices: ['NODE'], closed: [] }, node: (node) => Object.assign(node.state, { levels: ['Core'], officeKeyNames: [] }) }],
	keyless: ['DSC-012', 'no office of it has a key', { cases: '[CE][MN][PV]-0*.R.[np]*', made: { closed: [] }, node: (node) => (node.state.officeKeyNames = []) }],
	guarded: ['DSC-012', 'one office of it alone has a key', { cases: '[CE][MN][PV]-0*.R.[np]*', made: { closed: ['HEALTH'] },
		node: (node) => (node.state.officeKeyNames = node.state.officeKeyNames.filter(({ office }) => office === 'HEALTH')) }],
	renewing: ['DSC-009', 'every five seconds it has a new agreement key', { cases: '[AE][NV][SV]-0*.R.[np]*', node: renewing(5_000) }],
	dressed: ['SEA-007', 'what it seals has blanks in its tags, other quotes, another order of attributes, and references to characters', { cases: 'initiate [ESX][NEM][VAL]-0*.S.p1', begin: dressed }],
	prefixed: ['ENV-001', 'other prefixes in its seals, compartments and Envelopes, these with an XML declaration and all namespaces declared at the root', { cases: 'initiate [CDESX][MNEO][PCVAL]-0*.S.p[12]', begin: prefixed }],
	declaring: ['XML-005', 'each element of what it seals, and of its Envelopes, declares its own namespace', { cases: 'initiate CMP-00[34].S.* ENV-001.S.* SEA-00*.S.p1 XML-00*.S.p1 DOC-0*.S.p1', begin: declaring }],
	sealing: ['SEA-011', 'what it says is signed 250 seconds behind the time that it bears', { cases: 'initiate SEA-0*.S.p1', begin: signing(250_000) }],
	earlier: ['SEA-011', 'what it says is signed 250 seconds before the time that it bears', { cases: 'initiate SEA-0*.S.p1', begin: signing(-250_000) }],
	inherited: ['DSC-025', 'its chain has three parts, of two roots', { cases: '[AED][NNS][SVC]-0*.R.[np]1', made: { behind: inherit } }],
	robed: ['SEA-007', 'its descriptor, and what it answers, has blanks in its tags, other quotes, another order of attributes, and references to characters', { cases: '[ALV][NOI][SGD]-0*.R.[np]1', made: { prepare: dressed }, begin: dressed }],
	cryptic: ['XML-003', 'references to characters in values of all that it seals and encrypts, and no end tags of what is empty', { cases: '[ALV][NOI][SGD]-0*.R.[np]1; initiate [CDESX][MNEO][PCVAL]-0*.S.p1', made: { prepare: cryptic }, begin: cryptic }],
	mirrored: ['SEA-009', 'its signatures are the others that are as good', { cases: '[AD][NS][SC]-0*.R.p1; initiate [EASX][NME][MSVAL]-0*.S.p1', made: { prepare: mirrored }, begin: mirrored }],
	anytime: ['SEA-011', 'its answers, pages, and parts of its descriptor are signed days before, or behind, the time that they bear', { cases: '[ADL][NSO][CGS]-0*.R.[np]1', made: { prepare: anytime }, begin: anytime }],
	bulky: ['SEA-014', 'the certificate of its seal has 4,096 octets, of a key of 4,096 bits', { cases: '[AD][NS][SC]-0*.R.p1; initiate [EA][NM][SV]-0*.S.p1', made: { keys: { seal: rsa(4096) }, prepare: bulky } }],
	undated: ['DSC-041', 'its certificates have expired, or are not valid yet, and its identity part is two years old', { cases: '[AD][NS][SC]-0*.R.[np]1; wire TLS*.W.p*', made: { prepare: undated, age: 730 * DAY } }],
	ancient: ['DSC-026', 'its chain has sixteen parts, and the first three are left out', { cases: '[AED][NNS][SVC]-0*.R.[np]1', made: { behind: ancient } }],
	fleeting: ['DSC-008', 'its agreement key ends in 50 minutes', { cases: '[AE][NV][SV]-0*.R.[np]1', made: { lasts: 3_000_000 } }],
	behindhand: ['DSC-010', 'its own certificate and pin stand behind others', { cases: '[AT][NI][SM]-0*.R.[np]1; wire TLS*.W.p*; initiate EN[A-Z]-0*.S.p1',
		get made() {
			return { certificates: [...spare(), ...spare()], pins: [pin(), pin()], listed: (all) => [...all].reverse() };
		} }],
	removed: ['DSC-010', 'of its two endpoints the first is out of order', { cases: '[AT][NI][SM]-0*.R.[np]1; wire TLS*.W.p*', made: { endpoints: [dead], listed: (all) => [...all].reverse() } }],
	six: ['DSC-010', 'its endpoint is one of IPv6', { cases: '[AT][NI][SM]-0*.R.[np]1; wire TLS*.W.p*', at: (endpoint) => endpoint.replace('127.0.0.1', '[::1]'), made: {} }],
	named: ['DSC-010', 'its endpoint has a name', { cases: '[AT][NI][SM]-0*.R.[np]1; wire TLS*.W.p*', at: (endpoint) => endpoint.replace('127.0.0.1', 'localhost'), made: {} }],
	uneven: ['HIS-005', 'the first piece of a document that comes back has one octet', { cases: 'initiate HIS-0*.S.[np]*', begin: () => Object.assign(GIVES, { isInTwo: () => true, first: (octets) => Math.max(1, octets.length - 98_304) }) }],
	halving: ['HIS-005', 'each document comes back in two pieces', { cases: 'initiate HIS-0*.S.[np]*', begin: () => (GIVES.isInTwo = () => true) }],
};
