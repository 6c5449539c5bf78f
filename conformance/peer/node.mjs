// node - what a State does with messages: it answers what it gets, and sends what is its own. All is kept in memory: a
// counterpart for tests, which forgets everything with its end.
import { CODES, isFinal, readAnswer, receipt, refusal } from './answer.mjs';
import { read } from './envelope.mjs';
import { content } from './message.mjs';
import { submit, takeOver } from './desk.mjs';
import { Bringing, bring, isRestored, restoredFault } from './restored.mjs';
import { giveHistory } from './history.mjs';
import { answerIn, makeMessage, Sender } from './sender.mjs';
import { Attachments, enclose } from './attachments.mjs';
import { Log, RECEIPT, REFUSAL } from './log.mjs';
import { connect } from './link.mjs';
import { decide } from './judge.mjs';
import { isNewer, pinOf, readDescriptor } from './descriptor.mjs';
import { unseal } from './seal.mjs';
import { textOf } from './xml.mjs';

// RXP-PRF-021
const CUSTOMARY = { id: 'customary', version: '1', starts: '2026-01-01T00:00:00.000Z' };

export const connectTo = (peer, state, options) => connect(peer.endpoints, peer.pins, state.tls.pem, options);

// One Ping, tried once: {sent, response, answer}.
export async function ping(state, peer) {
	const sent = makeMessage(state, peer, 'Ping', content('Ping')), link = await connectTo(peer, state);
	try {
		const response = await link.request({ body: sent.octets });
		return { sent, response, answer: answerIn(response, peer, state, sent) };
	} finally {
		await link.close();
	}
}

// What a State holds of one peer: its keys, the final answers to it by MessageId and fingerprint (RXP-MSG-004), cases, log.
class Relation {
	// `isOthers`: does a descriptor name a key of another State, or of this one (RXP-DSC-037)?
	constructor(state, peer, tell, isOthers) {
		Object.assign(this, { peer, answers: new Map(), cases: new Map(), log: new Log(state.party, peer.party), asked: null, bringing: null, party: state.party, pending: new Map(), lines: new Map(), isOthers, fetching: null });
		this.sender = new Sender(state, () => this.peer, ({ body }) => body && this.renew(body), tell);
	}
	// The answer to a document, if it has one; whether another document took its MessageId.
	known(id, fingerprint) {
		const answers = this.answers.get(id) ?? [];
		return { answer: answers.find((one) => one.fingerprint.equals(fingerprint)), isTaken: answers.length > 0 };
	}
	// A descriptor that the peer gave or posted: is it in force now (RXP-DSC-021, RXP-PUL-008)? It throws for what may not be taken.
	renew(octets) {
		const read = readDescriptor(octets, this.peer.compared, { trusted: this.peer });
		if (this.isOthers(read)) return false;
		if (isNewer(this.peer, read)) return true; // it was before, and changes nothing
		const isSame = read.serial === this.peer.serial && read.workingCreated === this.peer.workingCreated;
		if (!isSame && isNewer(read, this.peer)) {
			this.peer = read;
			this.sender.askAgain();
		}
		return isSame || this.peer === read;
	}
	// A case; of it also the document that Seen names and whose Receipt is still under way (RXP-CHN-006).
	caseOf(id, seen) {
		if (seen !== undefined && this.pending.get(id)?.fingerprint === seen) this.pending.get(id).take();
		return this.cases.get(id);
	}
	// An answer of the peer's own, in the place of a message (RXP-PUL-013); again after a while.
	given(skip, now = Date.now()) {
		const { due } = this.bringing, isResting = due === this.lastGiven?.due && now - this.lastGiven.at < 10_000;
		if (!due || isResting || skip.includes(due.sent.id)) return undefined;
		this.lastGiven = { due, at: now };
		return due.octets;
	}
	// Store a final answer and its entry in the log, together (RXP-LOG-003).
	keep(made, { MessageId, fingerprint, at, outcome }) {
		this.answers.set(MessageId, [...(this.answers.get(MessageId) ?? []), { ...made, fingerprint }]);
		this.log.add({ MessageId, fingerprint, at, outcome });
	}
}

export class Node {
	#relations = new Map();

	// `judge` decides on each Envelope. `tell` gets a line for each try to send.
	constructor(state, peers, { judge = decide, tell = () => {} } = {}) {
		Object.assign(this, { state, attachments: new Attachments(), judge });
		for (const peer of peers) this.#relations.set(peer.party, new Relation(state, peer, tell, (read) => this.#isOthers(read)));
	}
	#isOthers({ party, pins, certificates }) {
		const own = { party: this.state.party, pins: [pinOf(this.state.tls.certificate)], certificates: [this.state.seal.certificate.toString('base64')] };
		return [own, ...this.peers].some((one) => one.party !== party && (one.pins.some((pin) => pins.includes(pin)) || one.certificates.some((der) => certificates.includes(der))));
	}
	get peers() {
		return [...this.#relations.values()].map(({ peer }) => peer);
	}
	// {peer, isFormer}: who has a pin, or had it (RXP-DSC-031).
	byPin(pin) {
		const peer = this.peers.find(({ pins }) => pins.includes(pin)) ?? this.peers.find(({ formerPins }) => formerPins.includes(pin));
		return peer && { peer, isFormer: !peer.pins.includes(pin) };
	}

	// Answer the octets of an Envelope that came from a peer: {status, body, event}.
	receive(party, octets, at = Date.now()) {
		const relation = this.#relations.get(party), { peer, cases, log } = relation;
		let envelope;
		try {
			envelope = read(octets);
		} catch (error) {
			return { status: 422, event: `no answer: ${error.message}` };
		}
		const decided = this.judge(envelope, {
			state: this.state, peer, at, attachments: this.attachments, profiles: [CUSTOMARY],
			known: (id, fingerprint) => relation.known(id, fingerprint), caseOf: (id, seen) => relation.caseOf(id, seen), isAsked: relation.asked !== null, restoredFault: (notice) => restoredFault(relation, notice),
		});
		const { document, subject, known, refused, taken } = decided;
		if (known) return { ...known, event: 'again' };
		const how = { state: this.state, to: peer.party, about: { MessageId: subject?.MessageId ?? envelope.header.MessageId, digest: envelope.digest }, at };
		if (refused) return this.#refuse(relation, how, refused, subject?.fingerprint);
		taken.case?.add({ ...taken.record, octets: document.octets, messageId: document.header.MessageId, envelope: envelope.digest }, document.header);
		if (taken.case) cases.set(document.header.CaseId, taken.case);
		this.attachments.name(peer.party, taken.content.manifest);
		const made = receipt(how, { fingerprint: document.fingerprint, receivedAt: at, log, flags: taken.flags });
		relation.keep(made, { MessageId: document.header.MessageId, fingerprint: document.fingerprint, at, outcome: RECEIPT });
		if (document.header.Type === 'HistoryRequest') giveHistory(relation, document);
		if (isRestored(document)) {
			relation.bringing = new Bringing(relation, document);
			bring(relation);
		}
		return { ...made, event: 'receipted' };
	}

	#refuse(relation, how, { code, more }, fingerprint) {
		const made = refusal(how, code, { ...more, fingerprint });
		// RXP-ANS-009, RXP-ANS-023
		if (fingerprint && made.isNever) relation.keep(made, { MessageId: how.about.MessageId, fingerprint, at: how.at, outcome: REFUSAL });
		return { ...made, missing: more.missing, event: `${code} ${more.reason ?? more.place ?? ''}` };
	}
	// A descriptor that the peer itself posted (RXP-PUL-008).
	takeDescriptor(party, octets) {
		try {
			return { status: this.#relations.get(party).renew(octets) ? 204 : 422 };
		} catch (error) {
			return { status: 422, event: error.message };
		}
	}
	// The page of the log behind an entry (RXP-HTTP-008).
	page(party, after) {
		const { log } = this.#relations.get(party);
		return after < 2n ** 63n ? { status: 200, body: log.page(Number(after), this.state.seal) } : { status: 404 };
	}
	// A page of the peer's own log. This node compares none: it wants no other (RXP-PUL-010).
	takePage(party, octets) {
		try {
			const { header } = unseal('LogPage', octets, this.#relations.get(party).peer.mayAnswer);
			if (textOf(header, 'Owner') !== party || textOf(header, 'Peer') !== this.state.party) return { status: 422 };
			return { status: 204 };
		} catch (error) {
			return { status: 422, event: error.message };
		}
	}

	// --- what this State sends ---

	// What a desk has sent to a party, in words (conformance/trigger.sh has them): it resolves when it is on its way.
	async order(party, wanted, text, caseId, pictures = []) {
		const relation = this.#relations.get(party);
		if (wanted === 'document') return submit(relation, this.state, text, caseId);
		if (wanted === 'two') return submit(relation, this.state, text[1], await submit(relation, this.state, text[0]));
		if (wanted === 'attached') return submit(relation, this.state, text, caseId, pictures.map((one, i) => enclose(one, ['photograph', 'document-scan'][i], 'image/jpeg', 'return-officer')));
		if (wanted === 'handed-over') return takeOver(relation, this.state, caseId);
		if (wanted === 'void') return relation.sender.takeBack(({ fields }) => fields.CaseId === caseId);
		if (wanted !== 'ping') throw new Error(`what is ${wanted}?`);
		relation.sender.send('Ping', content('Ping'));
		return undefined;
	}
	linkTo(party) {
		return this.#relations.get(party).sender.connect();
	}
	// The next message for a party that fetches, within so many seconds (RXP-PUL-002), or until it asks again (RXP-PUL-003).
	async next(party, { wait, skip, left }) {
		const relation = this.#relations.get(party), { bringing } = relation, until = Date.now() + wait * 1000, request = (relation.fetching = {});
		if (bringing?.isLeft(left)) bringing.settle('left');
		for (;;) {
			const body = relation.fetching === request && (relation.bringing ? relation.given(skip) : relation.sender.next(skip));
			if (body) return { status: 200, body };
			if (relation.fetching !== request || Date.now() >= until) return { status: 204 };
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}
	// An answer to a message that was given to the party, or one of this State that it lost (RXP-PUL-006, RXP-RCV-004).
	takeAnswer(party, octets) {
		const relation = this.#relations.get(party), own = [this.state.seal.certificate], isOwn = (certificate) => own.some((one) => one.equals(certificate));
		if (relation.bringing?.isDue(octets)) {
			relation.bringing.settle('lost');
			return { status: 204 };
		}
		try {
			if (relation.sender.take(octets)) return { status: 204 };
		} catch {
			// It is no answer of the party: perhaps one of this State.
		}
		try {
			const read = readAnswer(octets, isOwn), fingerprint = Buffer.from(read.Fingerprint ?? '', 'base64');
			const { answer, isTaken } = relation.known(read.MessageId, fingerprint);
			if (read.From !== this.state.party || read.To !== party || !isFinal(read) || (isTaken && !answer)) return { status: 422 };
			if (answer) return { status: answer.body.equals(octets) ? 204 : 422 };
			const at = Date.parse(read.ReceivedAt ?? read.Created), made = { status: 200, ...CODES.get(read.Code), body: octets };
			relation.keep(made, { MessageId: read.MessageId, fingerprint, at, outcome: read.kind === 'Receipt' ? RECEIPT : REFUSAL });
			return { status: 201 };
		} catch (error) {
			return { status: 422, event: error.message };
		}
	}
	// An attachment for the party that fetched its document (RXP-ATT-013, RXP-ATT-030).
	give(party, digest, range) {
		const [, first] = /^bytes=(0|[1-9]\d{0,14})-$/.exec(range ?? 'bytes=0-') ?? [];
		if (first === undefined) return { status: 400 };
		const octets = this.#relations.get(party).sender.attachment(digest), from = Number(first);
		if (!octets) return { status: 404 };
		if (range === undefined) return { status: 200, body: octets };
		if (from >= octets.length) return { status: 416 };
		return { status: 206, body: octets.subarray(from), headers: { 'content-range': `bytes ${from}-${octets.length - 1}/${octets.length}` } };
	}
}
