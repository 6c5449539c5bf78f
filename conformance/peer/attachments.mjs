// attachments - files beside a Document, as ciphertext (section 14). Kept in memory, by the party that sent them.
import { createCipheriv, randomBytes } from 'node:crypto';
import { textOf } from './xml.mjs';
import { sha256 } from './seal.mjs';
import { base64 } from './values.mjs';

const BOUND = 67_108_864;
const SEGMENT = 1_048_576;
const hexOf = (digest) => Buffer.from(digest, 'base64').toString('hex');

// RXP-ATT-004 to 007: a file of this State's desk under a key of its own: {type, media, checkedBy, length, fileDigest, digest, ciphertext, key}.
export function enclose(file, type, media, checkedBy) {
	const key = randomBytes(32), parts = [];
	for (let at = 0, counter = 0; at === 0 || at < file.length; counter++) {
		const segment = file.subarray(at, at + SEGMENT), nonce = Buffer.alloc(12);
		at += SEGMENT;
		nonce.writeUInt32BE(counter, 7);
		nonce[11] = at >= file.length ? 1 : 0;
		const cipher = createCipheriv('aes-256-gcm', key, nonce);
		parts.push(cipher.update(segment), cipher.final(), cipher.getAuthTag());
	}
	const ciphertext = Buffer.concat(parts);
	return { type, media, checkedBy, length: file.length, fileDigest: sha256(file), digest: sha256(ciphertext).toString('hex'), ciphertext, key };
}
// The Attachments of a Document; none of no files.
export function manifest(files) {
	const row = ({ type, media, checkedBy, length, fileDigest, digest, key }, i) => `<Attachment number="${i + 1}"><Type>${type}</Type><MediaType>${media}</MediaType><Length>${length}</Length>`
		+ `<FileDigest>${base64(fileDigest)}</FileDigest><CiphertextDigest>${base64(Buffer.from(digest, 'hex'))}</CiphertextDigest><Key>${base64(key)}</Key><CheckedBy>${checkedBy}</CheckedBy></Attachment>`;
	return files.length ? `<Attachments>${files.map(row).join('')}</Attachments>` : '';
}

export class Attachments {
	#held = new Map();
	#named = new Set();

	// How many octets are held, or undefined.
	held(party, digest) {
		return this.#held.get(`${party} ${digest}`)?.octets.length;
	}
	octets(party, digest) {
		return this.#held.get(`${party} ${digest}`)?.octets;
	}
	// Adds octets at an offset, of a whole of so many: {status, offset} (RXP-ATT-012).
	put(party, digest, { first, total }, octets) {
		const key = `${party} ${digest}`, before = this.#held.get(key) ?? { octets: Buffer.alloc(0), isWhole: false };
		if (first !== before.octets.length || before.isWhole) return { status: 409, offset: before.octets.length };
		if (total > BOUND) return { status: 503 };
		const now = Buffer.concat([before.octets, octets]);
		if (now.length < total) {
			this.#held.set(key, { octets: now, isWhole: false });
			return { status: 202, offset: now.length };
		}
		if (now.length > total || sha256(now).toString('hex') !== digest) {
			this.#held.delete(key);
			return { status: 422 };
		}
		this.#held.set(key, { octets: now, isWhole: true });
		return { status: 201, offset: now.length };
	}

	// RXP-ATT-035: does the manifest name one twice, or one that another Document has?
	#key(party, node) {
		return `${party} ${hexOf(textOf(node, 'CiphertextDigest'))}`;
	}
	isOthers(party, manifest) {
		const keys = manifest.map((one) => this.#key(party, one));
		return new Set(keys).size < keys.length || keys.some((key) => this.#named.has(key));
	}
	name(party, manifest) {
		for (const one of manifest) this.#named.add(this.#key(party, one));
	}
	// The digest of its ciphertext, as paths name it (RXP-ATT-013).
	nameOf(node) {
		return hexOf(textOf(node, 'CiphertextDigest'));
	}
	// Is all of the file here that an element of a manifest names? An office opens it, not this node (RXP-ATT-008).
	has(party, node) {
		return this.#held.get(this.#key(party, node))?.isWhole ?? false;
	}
}
