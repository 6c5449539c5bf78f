// attack - runs the table of attacks.mjs against a node and prints one line for each row.
//
// A row goes control - mutant - control on one connection of its own. Both controls must be receipted,
// and their Receipts must follow in the receiver's log, whose chain is computed here: so a mutant left a
// trace there if and only if its answer was final.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { ATTACKS } from './attacks.mjs';
import { canonical, elements, parse, value } from '../xml.mjs';
import { ask, attachment, put, withAttachment } from './attachment-attacks.mjs';
import { application, caseMessage, withdrawal } from './case-attacks.mjs';
import { RIGHT as SEAL, seal } from '../seal.mjs';
import { close, RIGHT as CLOSE } from '../envelope.mjs';
import { bodyText, content, idOctets, pingFields, write } from '../message.mjs';
import { base64, timeText } from '../values.mjs';
import { readWorking } from '../descriptor.mjs';
import { connectTo } from '../node.mjs';
import { answerIn } from '../sender.mjs';
import { firstHead, nextHead, RECEIPT, REFUSAL } from '../log.mjs';
import { MEDIA, probe } from '../link.mjs';

// Section 6.1: class and HTTP status of the codes that occur here.
const CODES = {
	unopenable: ['later', 422], rekey: ['later', 409], sender: ['after-fix', 422], recipient: ['after-fix', 422], conflict: ['never', 409],
	expired: ['never', 422], future: ['later', 422], unsupported: ['after-fix', 422], schema: ['after-fix', 422], 'not-acceptable': ['after-fix', 422],
	gap: ['later', 409], fork: ['later', 409], state: ['never', 409], attachment: ['later', 409], busy: ['later', 503],
};
const LATER = 6_000, MOST_BUSY = 5; // for which a node may rest after a question in vain (RXP-DSC-036), and a little; and how often
const assert = (condition, text) => {
	if (!condition) throw new Error(text);
};
const same = (a, b) => a === b || (Buffer.isBuffer(a) && Buffer.isBuffer(b) && a.equals(b));

// What the other side's log must be, from its answers alone. A Refusal does not say to the octet when its message was received:
// `within` is how many milliseconds before `at` that may have been, and the next head that is known decides.
class WatchedLog {
	constructor(owner, peer, id) {
		Object.assign(this, { id, count: 0, heads: [firstHead(owner, peer, id)], entries: [] });
	}
	add({ MessageId, fingerprint, at, outcome, within = 0 }) {
		this.count++;
		this.entries.push(`${idOctets(MessageId).toString('hex')} ${fingerprint.toString('hex')} ${outcome}`);
		this.heads = this.heads.flatMap((head) => Array.from({ length: within + 1 }, (_, ms) =>
			nextHead(head, this.count, { MessageId, fingerprint, at: at - ms, outcome })));
	}
	mayBe(head) {
		return this.heads.some((one) => one.equals(head));
	}
	take(count, head) {
		Object.assign(this, { count: Number(count), heads: [Buffer.from(head, 'base64')] });
	}
}

// What is digested must be canonical, or the digest would be wrong beside the change. What the reader
// does not read is not judged here.
function isCanonical(text) {
	try {
		return canonical(parse(text)) === text;
	} catch {
		return true;
	}
}

// One message, made in stages; `change` is applied to what the stage `at` made.
function build(world, at, change) {
	const { state, peer } = world;
	const step = (stage, made) => {
		if (stage !== at) return made;
		const changed = change(made, world);
		assert(!same(made, changed), 'the row changes nothing');
		return changed;
	};
	const now = Date.now();
	const fields = step('fields', pingFields(state.party, peer.party, now));
	const header = step('header', write(Object.entries(fields)));
	const body = step('body', bodyText(content(fields.Type)));
	const time = timeText(step('time', Math.min(Date.parse(fields.Created) || now, 253402300799999)));
	const how = { ...step('seal', SEAL) };
	Object.assign(how, { signedInfo: (text) => step('signedInfo', text), properties: (text) => step('properties', text) });
	for (const part of [header, body]) assert(isCanonical(`<A xmlns="urn:rxp:1:document">${part}</A>`), 'the row is not in canonical form');
	const sealed = seal('Document', header, body, step('signer', state.seal), time, how);
	const plaintext = step('plaintext', Buffer.from(step('document', sealed.text)));
	const outer = step('outer', fields);
	const envelope = step('envelope', close(plaintext, outer, step('recipient', peer.agreement), step('encryption', CLOSE)));
	const octets = step('octets', Buffer.from(envelope));
	return { id: outer.MessageId, fields, fingerprint: sealed.fingerprint, plaintext, octets, request: step('request', { body: octets }) };
}

// A valid message; its Receipt must be the next in the log.
async function control(world, link) {
	const sent = build(world), response = await link.request(sent.request);
	const answer = answerIn(response, world.peer, world.state, sent);
	assert(answer.kind === 'Receipt' && response.status === 200, `the control is answered ${answer.Code ?? response.status}`);
	world.log ??= answer.LogCount === '0' ? new WatchedLog(world.peer.party, world.state.party, answer.LogId) : undefined;
	assert(world.log?.id === answer.LogId, 'another log, or one that does not begin with this run');
	inLog(world, sent, answer);
	return { sent, answer, response };
}
function inLog({ log }, sent, answer) {
	const right = log.count === Number(answer.LogCount) && log.mayBe(Buffer.from(answer.LogHead, 'base64'));
	const expected = log.count;
	log.take(answer.LogCount, answer.LogHead); // so that one fault is reported once
	log.add({ MessageId: sent.id, fingerprint: sent.fingerprint, at: Date.parse(answer.ReceivedAt), outcome: RECEIPT });
	assert(expected === Number(answer.LogCount), `LogCount is ${answer.LogCount}, not ${expected}`);
	assert(right, 'LogHead is not the head of what was answered');
}

// A signed Refusal of the code, with all that belongs to it and nothing else.
function refusal(world, code, response, sent) {
	const { peer } = world, answer = answerIn(response, peer, world.state, sent);
	assert(answer.kind === 'Refusal' && answer.Code === code, `answered ${answer.Code ?? answer.kind} ${answer.Requirement ?? ''} ${answer.Place ?? ''} ${answer.Fingerprint ?? ''}`);
	const [kind, status] = CODES[code];
	assert(answer.Class === kind && response.status === status, `class ${answer.Class}, status ${response.status}`);
	assert((code === 'rekey') === (answer.Working !== undefined), 'Working');
	assert(code !== 'fork' || /^RXP-CHN-00[348]$/.test(answer.Requirement), `requirement ${answer.Requirement}`);
	assert(code !== 'future' || answer.RetryAt, 'no RetryAt');
	if (code === 'gap' || code === 'fork') view(peer, answer, sent);
	else assert(answer.View === undefined, 'a View');
	assert(!/zebra|stripes/i.test(response.body.toString()), 'what the sender invented is repeated');
	if (code === 'rekey') readWorking(Buffer.from(answer.Working, 'base64'), peer, Date.now());
	if (answer.Fingerprint !== undefined && kind !== 'later')
		world.log.add({ MessageId: sent.id, fingerprint: sent.fingerprint, at: Date.parse(answer.Created), outcome: REFUSAL, within: 1000 });
	if (code === 'not-acceptable') assert(answer.Requirement === undefined && answer.Place === undefined, 'it says which safeguard it was');
	if (code === 'unopenable' || code === 'not-acceptable') sameForAll(world, code, response, answer);
}
// RXP-CHN-012: of these cases the node holds the sender's application, or nothing.
function view(peer, answer, { held }) {
	assert(answer.View, 'no View');
	const last = elements(answer.View).map((node) => [node.attributes.get('party'), node.attributes.get('position'), value(node)].join(' '));
	const expected = [`${peer.party} 0 `, held ? `${answer.To} 1 ${base64(held)}` : `${answer.To} 0 `];
	assert(last.join() === expected.join(), `View ${last}`);
}
// RXP-OPN-001, RXP-SAF-002: all refusals of the code look the same but for message, octets, time and signature.
function sameForAll(world, code, response, answer) {
	const text = response.body.toString().replaceAll(answer.MessageId, '').replaceAll(answer.EnvelopeDigest, '').replaceAll(answer.Created, '')
		.replaceAll(answer.Fingerprint ?? '-', '')
		.replace(/SigningTime>[^<]*/, '').replaceAll(/DigestValue>[^<]*/g, '').replace(/SignatureValue>[^<]*/, '');
	world.alike ??= new Map();
	if (!world.alike.has(code)) world.alike.set(code, text);
	assert(world.alike.get(code) === text, `a ${code} unlike the others`);
}

const EXPECT = {
	receipt(world, response, sent) {
		const answer = answerIn(response, world.peer, world.state, sent);
		assert(answer.kind === 'Receipt', `answered ${answer.Code}`);
		inLog(world, sent, answer);
	},
	descriptor({ peer }, response) {
		assert(response.status === 200 && response.type === MEDIA, `status ${response.status}, type ${response.type}`);
		assert(response.body.equals(peer.octets), 'another descriptor');
	},
	same: (world, response, sent, before) => assert(response.body.equals(before.response.body), 'not the stored answer'),
};
const isFinal = (expected, response) => expected === 'receipt' || (CODES[expected]?.[0] ?? 'later') !== 'later' && response.body.includes('<Fingerprint');
function compare(world, expected, response, sent, before) {
	if (typeof expected === 'number') {
		assert(response.status === expected, `status ${response.status}`);
		assert(response.body.length === 0, 'a body');
	} else (EXPECT[expected] ?? ((...rest) => refusal(world, expected, ...rest.slice(1))))(world, response, sent, before);
}

// RXP-DSC-046: what is under a seal that is not known may be told to come a moment later, since another one was. It does, but not for
// ever: of a node that said so too often once no row waits any more.
async function judged(world, link, request, expected, sent) {
	for (let n = 0; ; n++) {
		const response = await link.request(request);
		if (expected !== 'unopenable' || response.status !== CODES.busy[1]) return response;
		refusal(world, 'busy', response, sent);
		world.isBusyForEver ||= n >= MOST_BUSY;
		assert(!world.isBusyForEver, 'busy for ever');
		const { RetryAt, Fingerprint } = answerIn(response, world.peer, world.state, sent), left = Date.parse(RetryAt) - Date.now();
		assert(Fingerprint === undefined && left < LATER, `busy until ${RetryAt}, with ${Fingerprint}`);
		await rest(Math.max(left, 0));
	}
}
// Send the mutant; what is final stays so, and the first document with it (RXP-ANS-005, RXP-ANS-010).
async function mutant(world, link, sent, expected, before) {
	const response = await judged(world, link, sent.request ?? { body: sent.octets }, expected, sent);
	compare(world, expected, response, sent, before);
	if (isFinal(expected, response)) compare(world, 'same', await link.request({ body: sent.octets }), sent, { response });
}
// How a row is run between the two controls.
const STAGES = {
	async connection(world, link, change, expected) {
		const got = await probe(world.peer.endpoints[0], change({ ...world.state.tls.pem }, world));
		assert(got === expected, got);
	},
	async again(world, link, change, expected, before) {
		await mutant(world, link, { ...before.sent, ...change(before.sent, world), request: undefined }, expected, before);
		compare(world, 'same', await link.request(before.sent.request), before.sent, before);
	},
	async case(world, link, change, expected) {
		const { state, peer } = world, first = application(), opened = caseMessage(state, peer, first);
		compare(world, 'receipt', await link.request({ body: opened.octets }), opened);
		const valid = withdrawal(first, opened), changed = change(valid, world);
		const held = changed.caseId === first.caseId ? opened.fingerprint : undefined;
		await mutant(world, link, { ...caseMessage(state, peer, changed), held }, expected);
		const closing = caseMessage(state, peer, valid);
		compare(world, 'receipt', await link.request({ body: closing.octets }), closing);
	},
	// Nothing but the octets that were taken is left of the steps: from there the upload goes on.
	async attachment(world, link, change, expected) {
		const file = attachment(), sent = caseMessage(world.state, world.peer, withAttachment(file));
		for (const { what, request, status, offset } of change(file)) {
			const got = await link.request(request);
			assert(got.status === status && (offset === undefined || got.offset === offset) && got.body.length === 0, `${what}: ${got.status}, rxp-offset ${got.offset}`);
		}
		compare(world, expected, await link.request({ body: sent.octets }), sent);
		const { offset = '0' } = await link.request(ask(file)), done = await link.request(put(file, Number(offset)));
		assert(done.status === 201, `the upload is answered ${done.status}`);
		const response = await link.request({ body: sent.octets });
		compare(world, 'receipt', response, sent);
		compare(world, 'same', await link.request({ body: sent.octets }), sent, { response });
	},
	// The second State, on a connection of its own, sends the next document of a case of the first.
	async stranger(world, link, change, expected) {
		const { state, peer, second } = world, first = application(), opened = caseMessage(state, peer, first);
		compare(world, 'receipt', await link.request({ body: opened.octets }), opened);
		const other = await connectTo(peer, second);
		try {
			const sent = caseMessage(second, peer, change(withdrawal(first, opened))), response = await other.request({ body: sent.octets });
			const log = new WatchedLog(peer.party, second.party, randomUUID());
			refusal({ ...world, state: second, log }, expected, response, sent);
		} finally {
			await other.close();
		}
	},
};

async function run(world, [, , at, change, expected]) {
	const link = await connectTo(world.peer, world.state);
	try {
		const before = await control(world, link);
		if (Object.hasOwn(STAGES, at)) await STAGES[at](world, link, change, expected, before);
		else await mutant(world, link, build(world, at, change), expected, before);
		await control(world, link);
		assert(link.tickets() === 0, 'a session ticket (RXP-TLS-004)');
	} finally {
		await link.close();
	}
}

// Run all rows: true if every one was as expected. `second` is another State that the node trusts too.
// What must be in the node's log, in its order, is left in the file `ledger` of the State's directory.
export async function attack(state, peer, second) {
	const world = { state, peer, second };
	let failed = 0;
	for (const row of ATTACKS) {
		const text = `${row[1]}, ${row[0]}, in the ${row[2]}: ${row[4]}`;
		try {
			await run(world, row);
			console.log(`ok - ${text}`);
		} catch (error) {
			failed++;
			console.log(`not ok - ${text}: ${error.message}`);
		}
	}
	writeFileSync(join(state.directory, 'ledger'), world.log?.entries.map((entry) => `${entry}\n`).join('') ?? '');
	console.log(`${ATTACKS.length} rows, ${failed} failed`);
	return failed === 0;
}
