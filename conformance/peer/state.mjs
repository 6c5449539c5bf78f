// state - the keys of a State in a directory, and its own descriptor.
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64, DAY, timeText } from './values.mjs';
import { pinOf, spkiDigest } from './descriptor.mjs';
import { keyName } from './encrypted.mjs';
import { write } from './message.mjs';
import { seal } from './seal.mjs';
import { table } from './tables.mjs';

// root, seal and tls make the State; stray is a key that no descriptor names.
const SIGNERS = ['root', 'seal', 'tls', 'stray'], LEVELS = ['Core', 'Deemed', 'Take-back', 'Transit', 'Reintegration'];
const OFFICES = ['NODE', 'RETURNS', 'READMISSION', 'CONSULAR', 'BORDER', 'CHILD-PROTECTION', 'HEALTH', 'SOCIAL', 'DATA-PROTECTION'];
const CLOSED = table('compartment').map(({ Office }) => Office);
const spkiOf = (key) => createPublicKey(key).export({ type: 'spki', format: 'der' });

export function make(directory, party, endpoint, now = Date.now()) {
	mkdirSync(directory, { recursive: true, mode: 0o700 });
	const put = (name, text) => writeFileSync(join(directory, name), text, { mode: 0o600 });
	for (const name of SIGNERS)
		execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '400', '-sha256',
			'-subj', `/CN=${party} ${name}`, '-keyout', join(directory, `${name}.key`), '-out', join(directory, `${name}.crt`)], { stdio: 'ignore' });
	for (const name of ['agreement', ...CLOSED])
		put(`${name}.key`, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
	put('party', party);
	put('endpoint', endpoint ?? '');
	const { identity, working } = describe(load(directory), now);
	put('working.xml', working.text);
	const parts = [['Identity', identity], ['Working', working]].map(([name, { text }]) => [name, base64(Buffer.from(text))]);
	put('descriptor.xml', `<Descriptor xmlns="urn:rxp:1:descriptor">${write(parts)}</Descriptor>`);
}

// The two parts of its descriptor, sealed.
function describe(state, now) {
	const time = timeText(now), keys = CLOSED.map((office) => `<OfficeKey office="${office}">${base64(spkiOf(state.officeKeys[office]))}</OfficeKey>`).join('');
	const identity = seal('Identity', write([['Party', state.party], ['Serial', 1], ['Created', time], ['Test', true]]),
		write([['SealCertificate', base64(state.seal.certificate)], ['TlsPin', pinOf(state.tls.certificate)], state.endpoint ? ['Endpoint', state.endpoint] : ['Pulls', ''],
			...OFFICES.map((office) => ['Office', office])]) + keys + write(LEVELS.map((level) => ['Level', level])), state.root, time);
	const working = seal('Working', write([['Party', state.party], ['IdentitySerial', 1], ['IdentityDigest', base64(identity.fingerprint)], ['Created', time]]),
		`<AgreementKey from="${timeText(now - DAY)}" until="${timeText(now + 30 * DAY)}">${base64(spkiOf(state.agreement))}</AgreementKey>`, state.seal, time);
	return { identity, working };
}

// {directory, party, endpoint, levels, agreement, agreementName, officeKeys, officeKeyNames, root, seal, tls, stray: {key, certificate (DER), pem}, descriptor(), working()}
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
		agreement, agreementName: keyName(createPublicKey(agreement)), officeKeys,
		officeKeyNames: CLOSED.map((office) => ({ office, name: keyName(createPublicKey(officeKeys[office])) })),
		descriptor: () => file('descriptor.xml'), working: () => file('working.xml'), ...Object.fromEntries(SIGNERS.map((name) => [name, signer(name)])),
	};
}
export const fingerprint = (state) => spkiDigest(state.root.certificate).toString('hex');
