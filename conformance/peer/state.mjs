// state - the keys of a State in a directory, and its own descriptor.
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64, DAY, timeText } from './values.mjs';
import { pinOf, spkiDigest } from './descriptor.mjs';
import { keyName } from './encrypted.mjs';
import { write } from './message.mjs';
import { textOf } from './xml.mjs';
import { seal, unseal } from './seal.mjs';
import { table } from './tables.mjs';

// root, seal and tls make the State; stray is a key that no descriptor names.
const SIGNERS = ['root', 'seal', 'tls', 'stray'], LEVELS = ['Core', 'Deemed', 'Take-back', 'Transit', 'Reintegration'];
const OFFICES = ['NODE', 'RETURNS', 'READMISSION', 'CONSULAR', 'BORDER', 'CHILD-PROTECTION', 'HEALTH', 'SOCIAL', 'DATA-PROTECTION'];
const CLOSED = table('compartment').map(({ Office }) => Office);
const spkiOf = (key) => createPublicKey(key).export({ type: 'spki', format: 'der' });

// What a State is made of: `keys`, what openssl req makes of the kind of each signer's key; what its descriptor lists besides its own
// seal certificate, pin and endpoint, and in which order; how long its agreement key lasts, and how old its identity part is. Others have it otherwise (lawful.mjs).
const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const USUAL = { keys: {}, certificates: [], pins: [], endpoints: [], levels: LEVELS, offices: OFFICES, closed: CLOSED, agreementKeys: [], lasts: 30 * DAY, age: 0, listed: (all) => all };

export function make(directory, party, endpoint, other = {}) {
	const usual = { ...USUAL, ...other }, now = Date.now();
	mkdirSync(directory, { recursive: true, mode: 0o700 });
	const put = (name, text) => writeFileSync(join(directory, name), text, { mode: 0o600 });
	for (const name of SIGNERS)
		execFileSync('openssl', ['req', '-x509', ...(usual.keys[name] ?? P256), '-nodes', '-days', '400', '-sha256',
			'-subj', `/CN=${party} ${name}`, '-keyout', join(directory, `${name}.key`), '-out', join(directory, `${name}.crt`)], { stdio: 'ignore' });
	for (const name of ['agreement', ...CLOSED])
		put(`${name}.key`, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
	put('party', party);
	put('endpoint', endpoint ?? '');
	other.prepare?.(directory);
	const state = load(directory), identity = identityOf(state, now - usual.age, usual);
	put('former.xml', '');
	put('identity.xml', identity.text);
	other.behind?.(directory);
	renew(load(directory), [...usual.agreementKeys.map((given) => given(now)), [now - DAY, now + usual.lasts, state.agreement]], now);
}

function identityOf(state, now, { certificates, pins, endpoints, levels, offices, closed, listed }) {
	const time = timeText(now), keys = closed.map((office) => `<OfficeKey office="${office}">${base64(spkiOf(state.officeKeys[office]))}</OfficeKey>`).join('');
	return seal('Identity', write([['Party', state.party], ['Serial', 1], ['Created', time], ['Test', true]]),
		write([...listed([state.seal.certificate, ...certificates]).map((der) => ['SealCertificate', base64(der)]), ...listed([pinOf(state.tls.certificate), ...pins]).map((pin) => ['TlsPin', pin]),
			...(state.endpoint ? listed([state.endpoint, ...endpoints]).map((url) => ['Endpoint', url]) : [['Pulls', '']]),
			...offices.map((office) => ['Office', office])]) + keys + write(levels.map((level) => ['Level', level])), state.root, time);
}
// A working part with agreement keys, each [from, until, key], and the descriptor with it.
export function renew({ directory, ...state }, agreementKeys, now = Date.now()) {
	const time = timeText(now), text = readFileSync(join(directory, 'identity.xml')), { header, fingerprint } = unseal('Identity', text, () => true);
	const keys = agreementKeys.map(([from, until, key]) => `<AgreementKey from="${timeText(from)}" until="${timeText(until)}">${base64(spkiOf(key))}</AgreementKey>`).join('');
	const working = seal('Working', write([['Party', state.party], ['IdentitySerial', textOf(header, 'Serial')], ['IdentityDigest', base64(fingerprint)], ['Created', time]]), keys, state.seal, time);
	const parts = readFileSync(join(directory, 'former.xml')) + write([['Identity', base64(text)], ['Working', base64(Buffer.from(working.text))]]);
	writeFileSync(join(directory, 'working.xml'), working.text);
	writeFileSync(join(directory, 'descriptor.xml'), `<Descriptor xmlns="urn:rxp:1:descriptor">${parts}</Descriptor>`);
}

// {directory, party, endpoint, levels, agreement, agreementKeys (by name), officeKeys, officeKeyNames, root, seal, tls, stray: {key, certificate (DER), pem}, descriptor(), working()}
export function load(directory) {
	const file = (name) => readFileSync(join(directory, name));
	const signer = (name) => ({
		key: createPrivateKey(file(`${name}.key`)), certificate: new X509Certificate(file(`${name}.crt`)).raw,
		pem: { key: file(`${name}.key`), cert: file(`${name}.crt`) },
	});
	const agreement = createPrivateKey(file('agreement.key'));
	const officeKeys = Object.fromEntries(CLOSED.map((office) => [office, createPrivateKey(file(`${office}.key`))]));
	return {
		directory, party: file('party').toString(), endpoint: file('endpoint').toString(), isTest: true, levels: LEVELS,
		agreement, agreementKeys: new Map([[keyName(createPublicKey(agreement)), agreement]]), officeKeys,
		officeKeyNames: CLOSED.map((office) => ({ office, name: keyName(createPublicKey(officeKeys[office])) })),
		descriptor: () => file('descriptor.xml'), working: () => file('working.xml'), ...Object.fromEntries(SIGNERS.map((name) => [name, signer(name)])),
	};
}
export const fingerprint = (state) => spkiDigest(state.root.certificate).toString('hex');
