// descriptor - what two States exchange to become peers (section 7): the chain of identity parts, and the working part.
import { createPublicKey, X509Certificate } from 'node:crypto';
import { children, elements, textOf, value } from './xml.mjs';
import { base64, DAY, isDay, octetsOf } from './values.mjs';
import { parse } from './xml.mjs';
import { sealKeyOf, sha256, unseal } from './seal.mjs';
import { Schema } from './schema.mjs';
import { keyName } from './encrypted.mjs';

const LIMIT = 262_144, PART_LIMIT = 65_536;
const DESCRIPTOR = new Schema('descriptor.xsd'), PARTS = { Identity: new Schema('identity.xsd'), Working: new Schema('working.xsd') };

export const spkiDigest = (certificate) => sha256(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }));
export const pinOf = (certificate) => base64(spkiDigest(certificate));
const check = (condition, words) => {
	if (!condition) throw new Error(words);
};

// One part: {…the Header's fields, body, certificate, fingerprint (base64)}. `accept` as unseal() has it.
function readPart(kind, octets, accept) {
	check(octets && octets.length <= PART_LIMIT, `the length of ${kind}`);
	const { root, header, body, certificate, fingerprint } = unseal(kind, octets, accept);
	check(!PARTS[kind].fault(root), `the schema of ${kind}`);
	const fields = Object.fromEntries(elements(header).map((node) => [node.local, value(node)]));
	check(isDay(fields.Created), 'Created');
	return { ...fields, body, certificate, fingerprint: base64(fingerprint) };
}

// RXP-DSC-003, RXP-DSC-004, RXP-DSC-024: `before` is the part before, if there is one.
function readIdentity(octets, before) {
	const part = readPart('Identity', octets, (certificate) => !before || [before.key, before.next].includes(pinOf(certificate)));
	const { Serial, Previous, Party, Created, Test, body } = part, revoked = textOf(body, 'RevokedSince');
	check(before ? Number(Serial) === Number(before.Serial) + 1 && Previous === before.fingerprint && Party === before.Party && Test === before.Test && Created >= before.Created
		: (Serial === '1') === (Previous === undefined), 'the chain of identity parts');
	check(revoked === undefined || (isDay(revoked) && revoked <= Created), 'RevokedSince');
	for (const certificate of children(body, 'SealCertificate')) sealKeyOf(value(certificate));
	return { ...part, key: pinOf(part.certificate), next: textOf(body, 'NextRoot') };
}
const listed = (part, name) => children(part.body, name).map(value);

// RXP-DSC-027, RXP-DSC-028: since when a certificate that the latest part does not list is retired, and revoked.
function ended(chain, certificate) {
	let retired, revoked;
	for (const [i, part] of chain.entries()) {
		if (i === 0 || !listed(chain[i - 1], 'SealCertificate').includes(certificate) || listed(part, 'SealCertificate').includes(certificate)) continue;
		retired = part.Created;
		const since = textOf(part.body, 'RevokedSince');
		if (since !== undefined && (revoked === undefined || since < revoked)) revoked = since;
	}
	return { retired, revoked };
}
// May a certificate seal an object of this Created that came at `now`? A Document has 31 days, an answer any time.
const seals = (chain, limit) => (der, created, now = Date.now()) => {
	const certificate = base64(der), latest = chain.at(-1);
	const { retired, revoked } = ended(chain, certificate);
	if (revoked !== undefined) return false;
	if (listed(latest, 'SealCertificate').includes(certificate)) return true;
	return retired !== undefined && created < retired && now <= Date.parse(retired) + limit;
};

// What a descriptor says of another State under the root fingerprint that people compared (hex), or as a newer one of a
// peer that is trusted (RXP-DSC-021). It throws if it may not be taken.
export function readDescriptor(octets, compared, { now = Date.now(), trusted } = {}) {
	check(octets.length <= LIMIT, 'a descriptor too long');
	const root = parse(octets, { declaration: true });
	check(!DESCRIPTOR.fault(root), 'the schema of Descriptor');
	const parts = elements(root), working = parts.at(-1).local === 'Working' && parts.pop(), chain = [];
	for (const part of parts) chain.push(readIdentity(octetsOf(value(part)), chain.at(-1)));
	const latest = chain.at(-1), wanted = Buffer.from(compared.replace(/[^0-9a-fA-F]/g, ''), 'hex').toString('base64');
	// RXP-PUL-008: one that is older cannot hold what came later.
	const holds = () => Number(latest.Serial) < Number(trusted.serial) || chain.some(({ Serial, fingerprint }) => Serial === trusted.serial && fingerprint === trusted.identity);
	check(trusted ? holds() : latest.key === wanted, 'another root than was compared, or a chain without what is known');
	check(!trusted || latest.Party === trusted.party, 'another party');
	const peer = {
		octets, compared, party: latest.Party, isTest: latest.Test === 'true', serial: latest.Serial, identity: latest.fingerprint,
		maySeal: seals(chain, 31 * DAY), mayAnswer: seals(chain, Infinity), didSeal: (der) => chain.some((part) => listed(part, 'SealCertificate').includes(base64(der))),
		pins: listed(latest, 'TlsPin'), endpoints: listed(latest, 'Endpoint'),
		formerPins: chain.flatMap((part) => listed(part, 'TlsPin')).filter((pin) => !listed(latest, 'TlsPin').includes(pin)),
		certificates: listed(latest, 'SealCertificate'), levels: listed(latest, 'Level'), officeKeys: officeKeysOf(latest),
	};
	// RXP-DSC-038
	check(Date.parse(latest.Created) <= now + DAY, 'Created of the identity part');
	return { ...peer, ...readWorking(octetsOf(value(working)), peer, now) };
}
const officeKeysOf = ({ body }) => children(body, 'OfficeKey').map((node) => {
	const key = createPublicKey({ key: Buffer.from(value(node), 'base64'), format: 'der', type: 'spki' });
	return { office: node.attributes.get('office'), name: keyName(key), key };
});
// RXP-DSC-007: the order of working parts.
export const isNewer = (one, other) => Number(one.serial) > Number(other.serial) || (one.serial === other.serial && one.workingCreated > other.workingCreated);

// The agreement key that may be used now (RXP-ENV-014); undefined: none.
export const keyInForce = ({ keys }, now = Date.now()) => keys.find(({ from, until }) => from <= now && now < until)?.key;

// {keys, agreement, workingCreated} of a working part (RXP-DSC-006): all its agreement keys, and the one that may be used now.
export function readWorking(octets, { party, serial, identity, maySeal }, now) {
	const { body, ...header } = readPart('Working', octets, maySeal);
	check(header.Party === party && header.IdentitySerial === String(serial) && header.IdentityDigest === identity, 'the working part');
	check(Date.parse(header.Created) <= now + DAY, 'Created of the working part');
	const keys = elements(body).map((node) => ({
		from: Date.parse(node.attributes.get('from')), until: Date.parse(node.attributes.get('until')),
		key: createPublicKey({ key: Buffer.from(value(node), 'base64'), format: 'der', type: 'spki' }),
	}));
	check(keys.every(({ from, until }) => from < until), 'an agreement key that ends before it begins');
	return { keys, agreement: keyInForce({ keys }, now), workingCreated: header.Created };
}
