// log - the log that a State keeps for a peer of what it answered finally (section 8).
import { createHash, randomUUID } from 'node:crypto';
import { idOctets, write } from './message.mjs';
import { seal } from './seal.mjs';
import { base64, timeText } from './values.mjs';

export const RECEIPT = 1, REFUSAL = 2;
const number = (n) => {
	const octets = Buffer.alloc(8);
	octets.writeBigUInt64BE(BigInt(n));
	return octets;
};
// RXP-LOG-001, RXP-LOG-002
export const firstHead = (owner, peer, id) => createHash('sha256').update(`RXP-1-LOG${owner}${peer}`).update(idOctets(id)).digest();
export const nextHead = (head, n, { MessageId, fingerprint, at, outcome }) => createHash('sha256').update(head).update(number(n))
	.update(idOctets(MessageId)).update(fingerprint).update(number(at)).update(Buffer.from([outcome])).digest();

export class Log {
	static most = 512; // entries in a page (RXP-LOG-006)
	static behind = 0; // how many committed entries a Receipt does not name (RXP-ANS-007)
	constructor(owner, peer, id = randomUUID()) {
		Object.assign(this, { owner, peer, id, entries: [], heads: [firstHead(owner, peer, id)] });
	}
	get count() {
		return this.entries.length;
	}
	get head() {
		return this.heads.at(-1);
	}
	// The log as a Receipt names it.
	get named() {
		const count = Math.max(0, this.count - Log.behind);
		return { id: this.id, count, head: this.heads[count] };
	}
	add(entry) {
		this.heads.push(nextHead(this.head, this.count + 1, entry));
		this.entries.push(entry);
	}
	// The page behind entry n, sealed (RXP-LOG-005 to RXP-LOG-007).
	page(n, signer, now = Date.now()) {
		const after = Math.min(n, this.count);
		const entries = this.entries.slice(after, after + Log.most).map(({ MessageId, fingerprint, at, outcome }) => ['Entry', write([
			['MessageId', MessageId], ['Fingerprint', base64(fingerprint)], ['ReceivedAt', timeText(at)], ['Outcome', outcome === RECEIPT ? 'receipt' : 'refusal'],
		])]);
		const header = write([['Owner', this.owner], ['Peer', this.peer], ['Created', timeText(now)]]);
		const body = write([['LogId', this.id], ['LogCount', this.count], ['LogHead', base64(this.head)], ['After', after], ['AfterHead', base64(this.heads[after])], ...entries]);
		return Buffer.from(seal('LogPage', header, body, signer, timeText(now)).text);
	}
}
