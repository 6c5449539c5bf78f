// node - what a State does with messages: sends a Ping and judges the answer, receives one and receipts it.
import { createHash, randomUUID } from 'node:crypto';
import { base64, seal, sha256 } from './seal.mjs';
import { close, open } from './envelope.mjs';
import { bodyText, content, idOctets, pingFields, readAnswer, readDocument, receiptText, timeText, write } from './message.mjs';
import { connect, MEDIA } from './link.mjs';

// A sealed and encrypted Ping to a peer: {id, fingerprint, document, octets}.
export function makePing(state, peer, now = Date.now()) {
	const fields = pingFields(state.party, peer.party, now);
	const { text, fingerprint } = seal('Document', write(Object.entries(fields)), bodyText(content('Ping')), state.seal, fields.Created);
	const document = Buffer.from(text);
	return { id: fields.MessageId, fingerprint, document, octets: Buffer.from(close(document, fields, peer.agreement)) };
}

// The answer in a response, if it is a valid one to what was sent (RXP-ANS-012); else an error.
export function judge(response, peer, state, sent) {
	if (response.type !== MEDIA) throw new Error(`status ${response.status} without an answer`);
	const answer = readAnswer(response.body, peer.maySeal);
	if (answer.From !== peer.party || answer.To !== state.party || answer.MessageId !== sent.id) throw new Error('an answer to something else');
	if (answer.EnvelopeDigest !== base64(sha256(sent.octets))) throw new Error('an answer to another Envelope');
	if (answer.Fingerprint !== undefined && answer.Fingerprint !== base64(sent.fingerprint)) throw new Error('an answer to another document');
	return answer;
}

export const connectTo = (peer, state, options) => connect(peer.endpoints[0], peer.pins, state.tls.pem, options);

export async function ping(state, peer) {
	const sent = makePing(state, peer), link = await connectTo(peer, state);
	try {
		const response = await link.request({ body: sent.octets });
		return { sent, response, answer: judge(response, peer, state, sent) };
	} finally {
		await link.close();
	}
}

// The log of section 8, on either side. A Refusal does not say when its message was received: `within` is
// how many milliseconds before `at` that may have been, and the next head that is known decides.
export class Log {
	constructor(owner, peer, id = randomUUID()) {
		const head = createHash('sha256').update(`RXP-1-LOG${owner}${peer}`).update(idOctets(id)).digest();
		Object.assign(this, { id, count: 0, heads: [head], entries: [] });
	}
	get head() {
		return this.heads[0];
	}
	add({ MessageId, fingerprint, at, outcome, within = 0 }) {
		const number = (n) => ((octets) => (octets.writeBigUInt64BE(BigInt(n)), octets))(Buffer.alloc(8));
		this.count++;
		this.entries.push(`${idOctets(MessageId).toString('hex')} ${fingerprint.toString('hex')} ${outcome}`);
		const next = (head, time) => createHash('sha256').update(head).update(number(this.count)).update(idOctets(MessageId))
			.update(fingerprint).update(number(time)).update(Buffer.from([outcome])).digest();
		this.heads = this.heads.flatMap((head) => Array.from({ length: within + 1 }, (_, ms) => next(head, at - ms)));
	}
	mayBe(head) {
		return this.heads.some((one) => one.equals(head));
	}
	take(count, head) {
		Object.assign(this, { count: Number(count), heads: [Buffer.from(head, 'base64')] });
	}
}

// Receives for a State, in memory: a counterpart for tests, which keeps nothing over its end.
export class Receiver {
	constructor(state, peers) {
		Object.assign(this, { state, peers, answers: new Map(), logs: new Map() });
	}
	// {status, body, event}. What does not open is answered 503 without a body: not final (RXP-HTTP-005).
	receive(octets) {
		const now = Date.now();
		let header, document, peer;
		try {
			const opened = open(octets, [this.state.agreement]);
			header = opened.header;
			peer = this.peers.find(({ party }) => party === header.From);
			if (!peer || header.To !== this.state.party) throw new Error('parties');
			document = readDocument(opened.document, peer.maySeal);
			for (const name of Object.keys(header)) if (header[name] !== document[name]) throw new Error(`${name} of Envelope and Document`);
			if (document.Type !== 'Ping' || document.typed.children.length) throw new Error('only a Ping is taken');
		} catch (error) {
			return { status: 503, event: `refused: ${error.message}` };
		}
		const key = `${header.From} ${header.MessageId}`, known = this.answers.get(key);
		if (known) return known.fingerprint.equals(document.fingerprint)
			? { status: 200, body: known.body, event: `again: ${key}` } : { status: 503, event: `conflict: ${key}` };
		if (Date.parse(header.Expires) <= now || Date.parse(header.Created) > now + 300_000) return { status: 503, event: `times: ${key}` };
		if (!this.logs.has(peer.party)) this.logs.set(peer.party, new Log(this.state.party, peer.party));
		const log = this.logs.get(peer.party);
		const body = Buffer.from(receiptText({
			to: peer.party, from: this.state.party, messageId: header.MessageId, now, signer: this.state.seal,
			body: {
				EnvelopeDigest: base64(sha256(octets)), Fingerprint: base64(document.fingerprint), ReceivedAt: timeText(now),
				LogId: log.id, LogCount: log.count, LogHead: base64(log.head),
			},
		}));
		log.add({ MessageId: header.MessageId, fingerprint: document.fingerprint, at: now, outcome: 1 });
		this.answers.set(key, { body, fingerprint: document.fingerprint });
		return { status: 200, body, event: `receipted: ${key}` };
	}
}
