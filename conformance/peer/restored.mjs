// restored - a peer that lost answers of its own gets back those that this State holds, and then the messages that they answer
// (sections 32 and 44).
import { firstHead } from './log.mjs';
import { sha256 } from './seal.mjs';
import { children, textOf } from './xml.mjs';
import { base64 } from './values.mjs';

const AGAIN = ['NodeNotice', 'AttachmentsReceived', 'StatisticsReport'];
const PAUSE = 200;

export const isRestored = ({ header, typed }) => header.Type === 'NodeNotice' && children(typed, 'Restored').length > 0;
// What a notice says: where the log of the peer ends.
const endOf = (typed) => ({ id: textOf(typed, 'Restored', 'LogId'), count: Number(textOf(typed, 'Restored', 'LogCount')), head: textOf(typed, 'Restored', 'LogHead') });

// RXP-RCV-006: what the Refusal of a Restored says, undefined if it may be so.
export function restoredFault({ sender, bringing, peer, party }, { typed, header }) {
	const { id, count, head } = endOf(typed), receipts = sender.ended.map(({ read }) => read).filter(({ kind }) => kind === 'Receipt');
	if (bringing) return 'busy';
	if (count === 0) return head === base64(firstHead(peer.party, party, id)) ? undefined : 'state';
	const isBefore = receipts.every(({ ReceivedAt }) => header.Created < ReceivedAt), ofLog = receipts.filter(({ LogId }) => LogId === id);
	if (!isBefore && (!ofLog.length || count > sender.ended.length)) return 'state';
	return ofLog.some(({ LogCount, LogHead }) => Number(LogCount) === count && LogHead !== head) ? 'state' : undefined;
}

// What is brought, in its order, one at a time.
export class Bringing {
	#queue; #left = []; #isAgain = false; #ended;
	lost = [];
	// Those behind that entry, and none that are before it; once more what was not taken. Others do it otherwise (lawful.mjs).
	static all = (behind) => behind;
	static isAgain = true;

	// RXP-NOT-006: the answers behind that entry of the log, of which a Receipt says how many are before it.
	constructor({ sender }, { typed }) {
		const { id, count } = endOf(typed), { ended } = sender, at = ended.findIndex(({ read }) => read.LogId === id && Number(read.LogCount) >= count);
		const before = count === 0 || at < 0 ? 0 : at, behind = count === 0 ? 0 : at < 0 ? ended.length : at;
		this.#ended = ended;
		this.#queue = Bringing.all(ended.slice(behind), ended.slice(0, before));
	}
	// The answer that is due: {sent, read, octets}; undefined: all were brought.
	get due() {
		return this.#queue[0];
	}
	isDue(octets) {
		return Boolean(this.due?.octets.equals(octets));
	}
	isLeft(digest) {
		return this.due !== undefined && digest === sha256(this.due.octets).toString('hex');
	}
	// The peer had lost it, or has it, or does not take it: then it comes once more behind the last, if another was lost (RXP-RCV-019).
	settle(outcome) {
		const one = this.#queue.shift();
		if (outcome === 'left' && Bringing.isAgain) this.#left.push(one);
		if (outcome === 'lost') this.lost.push(one);
		if (this.#queue.length || this.#isAgain || !this.lost.length) return;
		[this.#queue, this.#left, this.#isAgain] = [this.#left, [], true];
	}
	// RXP-RCV-010: what of it is sent again, in its order.
	get again() {
		return this.#ended.filter((one) => this.lost.includes(one)).filter(({ sent, read }) => read.kind === 'Receipt' && (sent.fields.CaseId || AGAIN.includes(sent.fields.Type)));
	}
}

// Bring all of it to a peer to which one can connect, then send again; one that fetches does its part (RXP-PUL-013).
export async function bring(relation) {
	const { sender, bringing } = relation;
	while (bringing.due) {
		const status = relation.peer.endpoints.length ? await sender.post(bringing.due.octets) : 0;
		if (status === 0 || status >= 500) await new Promise((resolve) => setTimeout(resolve, PAUSE));
		else bringing.settle(status === 201 ? 'lost' : status === 204 ? 'had' : 'left');
	}
	relation.bringing = null;
	for (const one of bringing.again) await sender.again(one);
}
