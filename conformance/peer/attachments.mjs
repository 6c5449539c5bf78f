// attachments - files beside a Document, as ciphertext (section 14). Kept in memory, by the party that sent them.
import { textOf } from './xml.mjs';
import { sha256 } from './seal.mjs';

const BOUND = 67_108_864;
const hexOf = (digest) => Buffer.from(digest, 'base64').toString('hex');

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
	// Is all of the file here that an element of a manifest names? An office opens it, not this node (RXP-ATT-008).
	has(party, node) {
		return this.#held.get(this.#key(party, node))?.isWhole ?? false;
	}
}
