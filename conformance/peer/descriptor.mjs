// descriptor - the keys of a State in a directory, and descriptors (section 7).
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { elements, fields, parse, value } from './xml.mjs';
import { base64, seal, sha256, unseal } from './seal.mjs';
import { timeText, write } from './message.mjs';

const DAY = 86_400_000;
const spkiDigest = (certificate) => sha256(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }));
export const pinOf = (certificate) => base64(spkiDigest(certificate));

// root, seal and tls make the State; stray is a key that no descriptor names.
const NAMES = ['root', 'seal', 'tls', 'stray'];

export function make(directory, party, endpoint, now = Date.now()) {
	mkdirSync(directory, { recursive: true, mode: 0o700 });
	for (const name of NAMES)
		execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '400', '-sha256',
			'-subj', `/CN=${party} ${name}`, '-keyout', join(directory, `${name}.key`), '-out', join(directory, `${name}.crt`)], { stdio: 'ignore' });
	const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	writeFileSync(join(directory, 'agreement.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
	writeFileSync(join(directory, 'party'), party);
	writeFileSync(join(directory, 'endpoint'), endpoint);
	const state = load(directory);
	const time = timeText(now), spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
	const identity = seal('Identity', write([['Party', party], ['Serial', 1], ['Created', time], ['Test', true]]),
		write([['SealCertificate', base64(state.seal.certificate)], ['TlsPin', pinOf(state.tls.certificate)], ['Endpoint', endpoint],
			['Office', 'NODE'], ['Office', 'READMISSION'], ['Level', 'Core']]), state.root, time);
	const working = seal('Working', write([['Party', party], ['IdentitySerial', 1], ['IdentityDigest', base64(identity.fingerprint)], ['Created', time]]),
		`<AgreementKey from="${timeText(now - DAY)}" until="${timeText(now + 30 * DAY)}">${base64(spki)}</AgreementKey>`, state.seal, time);
	const parts = [['Identity', identity], ['Working', working]].map(([name, { text }]) => [name, base64(Buffer.from(text))]);
	writeFileSync(join(directory, 'descriptor.xml'), `<Descriptor xmlns="urn:rxp:1:descriptor">${write(parts)}</Descriptor>`);
}

// {party, endpoint, root, seal, tls, stray: {key, certificate (DER), pem}, agreement}
export function load(directory) {
	const file = (name) => readFileSync(join(directory, name));
	const signer = (name) => ({
		key: createPrivateKey(file(`${name}.key`)), certificate: new X509Certificate(file(`${name}.crt`)).raw,
		pem: { key: file(`${name}.key`), cert: file(`${name}.crt`) },
	});
	return {
		directory, party: file('party').toString(), endpoint: file('endpoint').toString(), agreement: createPrivateKey(file('agreement.key')),
		descriptor: () => file('descriptor.xml'), ...Object.fromEntries(NAMES.map((name) => [name, signer(name)])),
	};
}
export const fingerprint = (state) => spkiDigest(state.root.certificate).toString('hex');

// What a descriptor says of another State, after RXP-DSC-001 to RXP-DSC-008 under the compared fingerprint (hex).
export function readDescriptor(octets, compared, now = Date.now()) {
	if (octets.length > 262_144) throw new Error('a descriptor too long');
	const root = parse(octets, { declaration: true });
	const parts = fields(root, /^Identity( Identity){0,15} Working$/).map(([, text]) => Buffer.from(text, 'base64'));
	const working = parts.pop();
	let before = null, key = compared.toLowerCase().replace(/[^0-9a-f]/g, ''), body, party;
	for (const part of parts) {
		const read = unseal('Identity', part, (certificate) => [key, before?.next].includes(spkiDigest(certificate).toString('hex')));
		const header = Object.fromEntries(fields(read.header, /^Party Serial Created( Previous)? Test$/));
		body = fields(read.body, /^SealCertificate( SealCertificate)*( TlsPin)+(( Endpoint)+| Pulls)( Office)+( Level)+( RevokedSince)?( NextRoot)?$/);
		const previous = before ? base64(before.fingerprint) : undefined;
		if (header.Serial !== String((before?.serial ?? 0) + 1) || header.Previous !== previous || header.Test !== 'true' || (party && party !== header.Party))
			throw new Error('the chain of identity parts');
		party = header.Party;
		key = spkiDigest(read.certificate).toString('hex');
		const next = body.find(([name]) => name === 'NextRoot')?.[1];
		before = { serial: Number(header.Serial), fingerprint: read.fingerprint, next: next && Buffer.from(next, 'base64').toString('hex') };
	}
	const all = (name) => body.filter(([one]) => one === name).map(([, text]) => text);
	const maySeal = (certificate) => all('SealCertificate').includes(base64(certificate));
	const peer = { octets, party, maySeal, serial: before.serial, identity: base64(before.fingerprint), pins: all('TlsPin'), endpoints: all('Endpoint') };
	return { ...peer, agreement: readWorking(working, peer, now) };
}

// The agreement key of a working part that may be used now.
export function readWorking(octets, { party, serial, identity, maySeal }, now) {
	const read = unseal('Working', octets, maySeal);
	const header = Object.fromEntries(fields(read.header, /^Party IdentitySerial IdentityDigest Created$/));
	if (header.Party !== party || header.IdentitySerial !== String(serial) || header.IdentityDigest !== identity)
		throw new Error('the working part');
	const usable = elements(read.body).find(({ attributes }) => Date.parse(attributes.get('from')) <= now && now < Date.parse(attributes.get('until')));
	if (!usable) throw new Error('no agreement key may be used now');
	return createPublicKey({ key: Buffer.from(value(usable), 'base64'), format: 'der', type: 'spki' });
}
