// sender - what a State sends to a peer: each message in the same octets until its final answer, by push, or when it is fetched.
import { randomBytes } from 'node:crypto';
import { isFinal, judge, readAnswer } from './answer.mjs';
import { manifest } from './attachments.mjs';
import { closeFor } from './envelope.mjs';
import { encryptContent } from './encrypted.mjs';
import { bodyText, content, pingFields, write } from './message.mjs';
import { keyInForce, readWorking } from './descriptor.mjs';
import { seal } from './seal.mjs';
import { base64 } from './values.mjs';
import { canonical, parse } from './xml.mjs';
import { ANSWERS, connect, DESCRIPTOR, isMedia } from './link.mjs';

// RXP-HTTP-009: pauses between tries, each longer than the one before up to a bound. How many answers that are none park a message.
// RXP-ANS-026: until when a peer can have a message wait.
const HOUR = 3_600_000;
// RXP-OPN-003: so many answers that it does not open park a message, however many others it may have.
const UNOPENED = 3;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A sealed and encrypted message of a type: {id, fingerprint, document, octets, former, fields, encrypted, files}. `typed` is its
// content as text, or makes it of the Header and the Salt; `more` has the offices and, of a case, {CaseId, Position, Previous, Seen, Profile}.
// It has no octets as long as no key of the peer is in force (RXP-DSC-022), and no receipt before that came.
export function makeMessage(state, peer, type, typed, more = {}, files = [], now = Date.now()) {
	const { Profile, ...fields } = { ...pingFields(state.party, peer.party, now), Type: type, ...more }, salt = randomBytes(16);
	const inside = canonical(parse(typeof typed === 'string' ? typed : typed(fields, salt)));
	const profile = Profile ? `<Profile id="${Profile.id}" version="${Profile.version}"></Profile>` : '';
	const { text, fingerprint } = seal('Document', write(Object.entries(fields)) + profile, bodyText(inside, salt) + manifest(files), state.seal, fields.Created);
	const document = Buffer.from(text), encrypted = encryptContent(document);
	return withOctets(peer, { id: fields.MessageId, fingerprint, document, fields, encrypted, octets: undefined, former: [], receipt: undefined, files });
}
function withOctets(peer, sent) {
	const key = keyInForce(peer);
	if (!sent.octets && key) sent.octets = Buffer.from(closeFor(sent.encrypted, sent.fields, key));
	return sent;
}

// The answer in a response to what was sent. It throws if there is none that is valid (RXP-HTTP-005).
export function answerIn(response, peer, state, sent) {
	if (!isMedia(response.type)) throw new Error(`status ${response.status} without an answer`);
	return { ...judge(readAnswer(response.body, peer.mayAnswer), { peer, state, sent }), octets: response.body };
}

function isRight(...given) {
	try {
		return Boolean(answerIn(...given));
	} catch {
		return false;
	}
}

// Sends to one peer, whose descriptor `peer()` gives and `renew(response)` makes newer. `tell` gets a line for each try.
export class Sender {
	static pace = { first: 100, next: (ms) => Math.min(ms * 2, 2_000), tries: 12 };
	static rest = 10_000; // how long one that was given is not given again (RXP-PUL-004)
	static order = (waiting) => waiting; // in which they are given
	ended = []; // what has its final answer, in the order of those: {sent, read, octets of the answer}
	#waiting = []; // to be fetched: {sent, givenAt, answer, isAnswered: not finally, since it was given, isSent: ever, taker: the Void of it, isAgain, wake()}

	constructor(state, peer, renew, tell = () => {}) {
		Object.assign(this, { state, peer, renew, tell });
	}

	make(type, typed, more, files) {
		return makeMessage(this.state, this.peer(), type, typed, more, files);
	}
	send(type, typed) {
		return this.deliver(this.make(type, typed));
	}
	// The final answer to a message that was made; undefined if it was parked for a person.
	async deliver(sent, { isAgain = false } = {}) {
		const one = { sent, givenAt: 0, answer: undefined, isAnswered: false, isSent: false, taker: undefined, unopened: 0, isAgain };
		this.#waiting.push(one);
		try {
			// A Void goes on until it has the answer (RXP-VOI-004), also where the message would be parked.
			for (let n = 0, wait = Sender.pace.first; (one.taker || (n < Sender.pace.tries && one.unopened < UNOPENED)) && !one.answer; wait = Sender.pace.next(wait)) {
				const { isTried, notBefore = 0 } = await this.#try(one);
				n += isTried;
				if (!one.answer) await Promise.race([pause(Math.max(wait, Math.min(notBefore - Date.now(), HOUR))), new Promise((resolve) => (one.wake = resolve))]);
			}
		} finally {
			this.#waiting = this.#waiting.filter((other) => other !== one);
		}
		return one.answer;
	}

	// One try. A connection that could not be had counts as none: the other side said nothing.
	async #try(one) {
		const peer = this.peer(), { sent } = one;
		let link;
		try {
			link = await this.connect();
		} catch (error) {
			this.tell(`not connected: ${error.message}`);
			return { isTried: 0 };
		}
		try {
			if (!one.taker && !(await this.upload(link, sent.files))) return { isTried: 1 };
			const { taker } = one;
			if (!(await this.#hasKey(taker ?? sent, link))) return { isTried: 0 };
			one.isSent = true;
			const response = await link.request({ body: (taker ?? sent).octets });
			// RXP-VOI-006: about the Void itself, which then took nothing back.
			if (taker && isRight(response, peer, this.state, taker) && isFinal(answerIn(response, peer, this.state, taker))) {
				one.taker = undefined;
				return { isTried: 1 };
			}
			// RXP-DSC-036: a seal that is not known may be one of a newer descriptor.
			if (isMedia(response.type) && !isRight(response, peer, this.state, sent)) this.renew(await link.request(DESCRIPTOR).catch(() => ({})));
			const judged = this.#judged(one, answerIn(response, this.peer(), this.state, sent));
			if (judged.isGap) await sent.onGap?.(judged.answer);
			// RXP-CMP-012
			if (judged.answer.Code === 'office-key') this.renew(await link.request(DESCRIPTOR).catch(() => ({})));
			return judged;
		} catch (error) {
			this.tell(`no answer: ${error.message}`);
			return { isTried: 1 };
		} finally {
			link.destroy();
		}
	}
	// RXP-ATT-014: the attachments before the document, each from the octet on that is missing. Are all there?
	async upload(link, files) {
		for (const { digest, ciphertext } of files) {
			const path = `/rxp/1/attachments/${digest}`, { status, offset } = await link.request({ method: 'HEAD', path, headers: {} });
			const held = status === 200 ? Number(offset) : 0;
			if (held >= ciphertext.length) continue;
			const headers = { 'content-range': `bytes ${held}-${ciphertext.length - 1}/${ciphertext.length}` };
			const put = await link.request({ method: 'PUT', path, headers, body: ciphertext.subarray(held) });
			if (put.status !== 201) return false;
		}
		return true;
	}
	// Is it encrypted? Otherwise it waits until the peer gives a key that is in force (RXP-DSC-020, RXP-DSC-022).
	async #hasKey(sent, link) {
		try {
			if (!withOctets(this.peer(), sent).octets) this.renew(await link.request(DESCRIPTOR));
		} catch (error) {
			this.tell(`the descriptor is not taken: ${error.message}`);
		}
		return Boolean(withOctets(this.peer(), sent).octets);
	}
	// RXP-DSC-042: what was answered under a seal that is revoked meanwhile is sent again, and the answer that says the same is kept.
	async askAgain() {
		const says = ({ certificate, octets, View, ...read }) => JSON.stringify(read);
		for (const one of this.ended.filter(({ read }) => !this.peer().mayAnswer(read.certificate, read.Created))) {
			try {
				const link = await this.connect(), response = await link.request({ body: one.sent.octets }).finally(() => link.destroy());
				const answer = answerIn(response, this.peer(), this.state, one.sent);
				if (says(answer) === says(one.read)) Object.assign(one, { read: answer, octets: answer.octets }), this.#keepReceipt(one.sent, answer);
			} catch (error) {
				this.tell(`not answered again: ${error.message}`);
			}
		}
	}
	#keepReceipt(sent, answer) {
		if (answer.kind === 'Receipt') sent.receipt = answer.octets;
	}
	#judged(one, answer) {
		this.tell(`${answer.kind} ${answer.Code ?? ''}`);
		if (isFinal(answer)) {
			if (!one.answer && !one.isAgain) this.ended.push({ sent: one.sent, read: answer, octets: answer.octets });
			if (!one.isAgain) this.#keepReceipt(one.sent, answer);
			one.answer = answer;
			one.wake?.();
		}
		if (answer.Code === 'unopenable') one.unopened++;
		if (answer.Code === 'rekey') this.#rekey(one.sent, answer);
		const isGap = answer.Code === 'gap' && one.sent.onGap !== undefined;
		return { answer, isGap, isTried: isGap ? 0 : 1, notBefore: Date.parse(answer.RetryAt ?? '') || 0 };
	}
	// RXP-ENV-015, RXP-ENV-016
	#rekey(sent, answer) {
		const peer = this.peer(), working = readWorking(Buffer.from(answer.Working, 'base64'), peer, Date.now());
		if (working.workingCreated <= peer.workingCreated || !working.agreement) return;
		Object.assign(peer, working);
		sent.former.push(sent.octets);
		sent.octets = Buffer.from(closeFor(sent.encrypted, sent.fields, peer.agreement));
	}

	// Take back the last message of which that is so and which may be at the peer (RXP-VOI-001, RXP-VOI-006): from now on a Void is sent
	// in its place, until there is the answer to it (RXP-VOI-004).
	takeBack(isMeant) {
		const one = this.#waiting.findLast(({ sent, answer, isSent, taker }) => !answer && isSent && !taker && isMeant(sent));
		if (!one) throw new Error('there is nothing to take back');
		one.taker = this.make('Void', content('Void', `\n  <MessageId>${one.sent.id}</MessageId>\n  <Fingerprint>${base64(one.sent.fingerprint)}</Fingerprint>\n`));
		one.sent.former.push(one.taker.octets);
		one.wake?.();
	}

	connect() {
		const peer = this.peer();
		return connect(peer.endpoints, peer.pins, this.state.tls.pem, { onStranger: (response) => this.renew(response) });
	}
	// Bring the peer an answer of its own: the status, 0 if there is none.
	async post(octets) {
		const link = await this.connect().catch(() => undefined);
		try {
			return link ? (await link.request({ path: ANSWERS, body: octets })).status : 0;
		} catch {
			return 0;
		} finally {
			link?.destroy();
		}
	}
	// What the peer lost, once more; one that fetches gets it as it got the others. The first answer stands.
	again({ sent, octets }) {
		return this.peer().endpoints.length ? this.repeat({ sent, receipt: octets }) : this.deliver(sent, { isAgain: true });
	}
	// Send what was receipted again, its Receipt before it (RXP-RCV-008); what comes then changes nothing.
	async repeat({ sent, receipt = sent.receipt }) {
		const link = await this.connect();
		try {
			await link.request({ path: ANSWERS, body: receipt });
			await link.request({ body: sent.octets });
		} catch (error) {
			this.tell(`not sent again: ${error.message}`);
		} finally {
			link.destroy();
		}
	}

	// --- by fetching (RXP-PUL-002, RXP-PUL-004) ---

	next(skip, now = Date.now()) {
		const one = Sender.order(this.#waiting).find(({ sent, givenAt, answer, isAnswered, taker }) => !answer && withOctets(this.peer(), taker ?? sent).octets && (isAnswered || !skip.includes(sent.id)) && now - givenAt > Sender.rest);
		if (one) one.givenAt = now, one.isAnswered = false, one.isSent = true;
		return (one?.taker ?? one?.sent)?.octets;
	}
	// The ciphertext of an attachment of a message that was given and has no final answer (RXP-ATT-030).
	attachment(digest) {
		const given = this.#waiting.filter(({ isSent, answer }) => isSent && !answer).flatMap(({ sent }) => sent.files);
		return given.find((file) => file.digest === digest)?.ciphertext;
	}
	// Take an answer that the peer posted: is it one to a message that was given to it?
	take(octets) {
		const read = readAnswer(octets, this.peer().mayAnswer), isOf = ({ sent, taker }) => [sent.id, taker?.id].includes(read.MessageId);
		const one = this.#waiting.find(isOf), { sent } = one ?? this.ended.find(isOf) ?? {};
		if (!sent) return false;
		// RXP-VOI-006
		if (read.MessageId !== sent.id) {
			if (isFinal(judge(read, { peer: this.peer(), state: this.state, sent: one.taker }))) one.taker = undefined;
			return true;
		}
		const answer = judge(read, { peer: this.peer(), state: this.state, sent });
		if (!one) return true; // it has its final answer: this one changes nothing
		this.#judged(one, { ...answer, octets });
		// RXP-PUL-014
		one.isAnswered = true, one.givenAt = 0;
		return true;
	}
}
