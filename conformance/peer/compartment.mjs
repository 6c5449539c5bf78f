// compartment - what only one office of the other State can read (section 35): closing it, and what a node sees of one.
import { children } from './xml.mjs';
import { closeContent, encryptContent, openData, readData } from './encrypted.mjs';
import { named } from './rules.mjs';
import { table } from './tables.mjs';

// By element: {office, holds}.
export const COMPARTMENTS = new Map(table('compartment').map((row) => [row.Element, { office: row.Office, holds: row.Holds }]));
const BLOCK = 1024, LIMIT = 16_384;
// RXP-CMP-002
const infoOf = ({ From, To }, office, salt) => ['RXP-1-P256-OFFICE', From, `${To}${office}`].map((text) => Buffer.from(text)).concat([salt]);

// The first compartment of a content that its receiver refuses: {code, path}, or null. `keys` are names of the receiver's
// office keys, by office. No key is needed (RXP-CMP-006).
export function compartmentFault(typed, header, salt, keys) {
	const found = [...named(typed, ...COMPARTMENTS.keys())].map((path) => ({ path, office: COMPARTMENTS.get(path.at(-1).local).office }));
	const read = found.map(({ path, office }) => {
		try {
			const data = readData(children(path.at(-1))[0], infoOf(header, office, salt));
			const isAlone = path.at(-1).children.length === 1;
			return isAlone && data.octets % BLOCK === 0 && data.octets <= LIMIT ? data : null;
		} catch {
			return null;
		}
	});
	const wrong = read.indexOf(null);
	if (wrong >= 0) return { code: 'schema', requirement: 'RXP-CMP-006', path: found[wrong].path };
	const unknown = read.findIndex(({ name }, i) => !keys.some((key) => key.office === found[i].office && key.name === name));
	return unknown < 0 ? null : { code: 'office-key', requirement: 'RXP-CMP-007', path: found[unknown].path };
}

// What a compartment holds, for the office whose private key it is. It throws if nothing of it may be used.
export function openCompartment(element, header, salt, key) {
	const info = infoOf(header, COMPARTMENTS.get(element.local).office, salt);
	return openData(readData(children(element)[0], info), info, key);
}

// An element of the table as it travels: its content (the one element that it holds, as text) closed for an office's key.
export function closeCompartment(name, inside, header, salt, key) {
	const end = inside.lastIndexOf('</'), octets = Buffer.byteLength(inside), fill = (BLOCK - octets % BLOCK) % BLOCK;
	const plaintext = Buffer.from(`${inside.slice(0, end)}${' '.repeat(fill)}${inside.slice(end)}`);
	return `<${name}>${closeContent(encryptContent(plaintext), infoOf(header, COMPARTMENTS.get(name).office, salt), key)}</${name}>`;
}
