#!/usr/bin/env node
// lawful - products that are right and do it otherwise than peer.mjs, each in one way that the specification leaves open: of none
// of them may a case of the conformance suite fail.
//
//   node lawful.mjs KIND DIR (DESCRIPTOR FINGERPRINT)…     DIR of peer.mjs init; until it is told to end
//   node lawful.mjs KIND-broken DIR …                      its broken twin, which must not pass, of a kind that has one
//   node lawful.mjs                                        the kinds, a line each: name, the requirement that allows it, words and, of
//                                                          one that shows in few cases, which those are, and whether they may be incomplete,
//                                                          `fetches` of one that opens no port, `long` of one for make conformance-lawful
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import { join } from 'node:path';
import { refusal } from './answer.mjs';
import { listen } from './control.mjs';
import { readDescriptor } from './descriptor.mjs';
import { read } from './envelope.mjs';
import { decide } from './judge.mjs';
import { MEDIA } from './link.mjs';
import { Node } from './node.mjs';
import { serve } from './server.mjs';
import { RECEIVING } from './lawful-receiver.mjs';
import { SENDING } from './lawful-sender.mjs';
import { STATES } from './lawful-state.mjs';
import { FRAMING } from './lawful-frames.mjs';
import { FETCHING } from './lawful-fetcher.mjs';
import { fetchFrom } from './fetch.mjs';
import { load, make } from './state.mjs';
import { sha256 } from './seal.mjs';
import { Bringing } from './restored.mjs';

const { NGHTTP2_REFUSED_STREAM, PADDING_STRATEGY_MAX } = http2.constants;
const SKEW = 50_000; // less than preflight bears
const idOf = (octets) => /<MessageId>([-0-9a-f]{36})</.exec(octets.toString('latin1'))?.[1];
const realNow = Date.now;
const every = (n) => {
	let count = 0;
	return () => ++count % n === 0;
};
// After what preflight sends.
const after = (n) => {
	let count = 0;
	return () => ++count > n;
};
const isSkewed = (ms) => () => (Date.now = () => realNow() + ms);

// Of each: the requirement, words, and what is otherwise: a manner of serve(), `begin`, or `receive(node, party, octets)` or `next(right, party,
// query)` in the place of the node's; `fetches`: it opens no port. `cases`: where it shows, behind the role in which it does if that is not
// `respond`, and of several roles with `;` between them; `lasts`: they may end incomplete, or 'perhaps'.
const ninth = every(9), other = every(2), fifth = every(5), seventh = every(7);
const isPut = (headers) => headers[':method'] === 'PUT', isFile = (headers) => headers[':path'].startsWith('/rxp/1/attachments/');
const unavailable = (stream) => {
	stream.respond({ ':status': 503 }, { endStream: true });
	stream.resume();
	return true;
};
// What gets a signed answer at all (RXP-OPN-004).
const isRead = (octets) => {
	try {
		return Boolean(read(octets));
	} catch {
		return false;
	}
};
const refused = (stream) => (stream.close(NGHTTP2_REFUSED_STREAM), true);
const LOST = '[NPR][OUC][TLV]-0[01][369].R.[np][12]'; // NOT-006, PUL-013, RCV-009
let puts = 0, givenAt = 0;
const KINDS = {
	busy: ['ANS-021', 'every ninth message is answered `busy` first', {
		receive(state, right, party, octets) {
			if (!isRead(octets) || !ninth()) return right(party, octets);
			return refusal({ state, to: party, about: { MessageId: idOf(octets), digest: sha256(octets) } }, 'busy', other() ? { retryAt: Date.now() + 300 } : {});
		} }],
	unavailable: ['ANS-021', 'every ninth request gets 503 without a body', {
		onRequest(stream) {
			return ninth() && unavailable(stream);
		} }],
	parting: ['HTTP-015', 'each connection ends with GOAWAY after its first request', {
		onSession: (session) => session.once('stream', (stream) => stream.once('close', () => setTimeout(() => session.close(), 20))) }],
	leaving: ['HTTP-015', 'a connection on which nothing is under way ends after 20 milliseconds, without a word', {
		onSession(session, raw) {
			let open = 0, timer;
			session.on('stream', (stream) => (open++, clearTimeout(timer), stream.once('close', () => --open === 0 && (timer = setTimeout(() => raw.destroy(), 20)))));
		} }],
	refusing: ['HTTP-009', 'every ninth stream is refused with REFUSED_STREAM', {
		onRequest(stream) {
			return ninth() && refused(stream);
		} }],
	reluctant: ['HTTP-009', 'every second message is refused with REFUSED_STREAM', { cases: 'TIM-005.R.p1',
		onRequest: (stream, headers) => headers[':method'] === 'POST' && other() && refused(stream) }],
	deferring: ['ATT-036', 'of three PUTs of files one gets 503 before its octets are there, and one is refused', { cases: 'ATT-03[26].R.*',
		onRequest: (stream, headers) => isPut(headers) && [() => false, unavailable, refused][++puts % 3](stream) }],
	single: ['ATT-036', 'while a file comes another one gets 503', { cases: 'ATT-036.R.*', lasts: true,
		onRequest(stream, headers) {
			if (!isPut(headers)) return false;
			if (puts > 0) return unavailable(stream);
			puts++;
			stream.once('close', () => puts--);
			return false;
		} }],
	withholding: ['ATT-030', 'it has no room for files: whoever asks for one, or brings one, gets 503', { cases: 'ATT-0[0-3][0-9].R.p[1-5]', lasts: true,
		onRequest: (stream, headers) => isFile(headers) && unavailable(stream) }],
	occupied: ['PUL-002', 'whoever asks for messages gets 503', { cases: 'PUL-0[01][2346].R.p[17]', lasts: true,
		onRequest: (stream, headers) => headers[':method'] === 'GET' && headers[':path'].startsWith('/rxp/1/messages') && unavailable(stream) }],
	resting: ['PUL-004', 'behind each answer that it brought to one that fetches it gives nothing for eleven seconds', { cases: LOST,
		async next(right, party, query) {
			if (Date.now() - givenAt < 11_000) return { status: 204 };
			const made = await right(party, query);
			if (/^<(Receipt|Refusal) /.test(made.body?.subarray(0, 9).toString('latin1'))) givenAt = Date.now();
			return made;
		} }],
	thorough: ['RCV-004', 'it brings each answer that it has, and those that were lost first', { cases: LOST, begin: () => (Bringing.all = (behind, before) => [...behind, ...before]) }],
	ahead: ['TIM-003', 'its clock is 50 seconds ahead', { begin: isSkewed(SKEW) }],
	behind: ['TIM-003', 'its clock is 50 seconds behind', { begin: isSkewed(-SKEW) }],
	padded: ['HTTP-015', 'all its frames are padded', { options: { paddingStrategy: PADDING_STRATEGY_MAX } }],
	stingy: ['HTTP-015', 'windows of 64 octets, and each is given again after a moment', { cases: 'wire HTTP-006.W.*', options: { settings: { initialWindowSize: 64 } } }],
	frugal: ['HTTP-013', 'eight requests at a time, small windows, no table for HPACK', {
		options: { settings: { maxConcurrentStreams: 8, initialWindowSize: 1024, headerTableSize: 0, maxHeaderListSize: 8192 } } }],
	generous: ['HTTP-015', 'frames of 64 kilobytes, windows of 16 megabytes, a large table', {
		options: { settings: { maxFrameSize: 65_536, initialWindowSize: 16_777_216, headerTableSize: 65_536 } } }],
	trickling: ['HTTP-015', 'its answers come in pieces of some octets', {
		reply(stream, { status, body, headers = {} }) {
			if (stream.destroyed || stream.headersSent) return;
			stream.respond({ ':status': status, ...(body?.length ? { 'content-type': MEDIA } : {}), ...headers }, { endStream: !body?.length });
			for (let at = 0; at < (body?.length ?? 0); at += 61) stream.write(body.subarray(at, at + 61));
			if (body?.length) stream.end();
		} }],
	talkative: ['HTTP-015', 'fields of HTTP that RXP/1 does not name, and an informational response before', {
		reply(stream, { status, body, headers = {} }) {
			if (stream.destroyed || stream.headersSent) return;
			stream.additionalHeaders({ ':status': 103, link: '</>; rel=preconnect' });
			stream.respond({ ':status': status, server: 'other/2 (test)', date: new Date().toUTCString(), 'cache-control': 'no-store', vary: '*',
				'x-request-id': '4711', ...(body?.length ? { 'content-type': MEDIA } : { 'content-length': 0 }), ...headers }, { endStream: !body?.length });
			if (body?.length) stream.end(body);
		} }],
	restless: ['HTTP-015', 'it sends PING and SETTINGS whenever something comes', {
		onSession: (session) => session.on('stream', () => {
			if (session.destroyed || session.closed) return;
			session.ping(() => {});
			session.settings({ initialWindowSize: 65_535 + (seventh() ? 1 : 0) });
		}) }],
	hinting: ['HTTP-004', 'what is signed comes under other statuses: they are only hints', {
		reply(stream, { status, body, headers = {} }) {
			if (stream.destroyed || stream.headersSent) return;
			const isSigned = body?.length && /^<(Receipt|Refusal) /.test(body.subarray(0, 9).toString('latin1'));
			stream.respond({ ':status': isSigned ? (status === 200 ? 202 : 400) : status, ...(body?.length ? { 'content-type': MEDIA } : {}), ...headers },
				{ endStream: !body?.length });
			if (body?.length) stream.end(body);
		} }],
	slow: ['HTTP-012', 'every fifth answer comes after half a second', {
		reply(stream, made) {
			const { status, body, headers = {} } = made;
			const say = () => {
				if (stream.destroyed || stream.headersSent) return;
				stream.respond({ ':status': status, ...(body?.length ? { 'content-type': MEDIA } : {}), ...headers }, { endStream: !body?.length });
				if (body?.length) stream.end(body);
			};
			if (fifth()) setTimeout(say, 500);
			else say();
		} }],
};

// What they are to be told from: the same for ever, or where it may not be.
const late = after(3);
const BROKEN = {
	// To one message in nine it never has an answer but this.
	busy: { receive(state, right, party, octets) {
		if (!idOf(octets) || sha256(octets)[0] % 9 !== 0) return right(party, octets);
		return refusal({ state, to: party, about: { MessageId: idOf(octets), digest: sha256(octets) } }, 'busy', {});
	} },
	unavailable: { onRequest: (stream) => late() && unavailable(stream) },
	// Before the answer is out.
	leaving: { onSession: (session, raw) => session.on('stream', () => late() && setTimeout(() => raw.destroy(), 1)) },
	refusing: { onRequest: (stream) => late() && refused(stream) },
	// It judges by a clock that is three seconds behind the one of its Receipts.
	ahead: { begin: isSkewed(SKEW), judge: (envelope, node) => decide(envelope, { ...node, at: node.at - 3000 }) },
};

// What is wrong by a requirement that other cases try: these must not say that theirs is broken.
const ELSEWHERE = {
	leaving_out: ['RCV-019', 'what was not taken it does not bring once more', { cases: 'PUL-013.R.p2', begin: () => (Bringing.isAgain = false) }],
	ungiving: ['ATT-013', 'it gives no file as a whole', { cases: 'ATT-030.R.[np][1-5]', lasts: true,
		onRequest: (stream, headers) => isFile(headers) && headers[':method'] === 'GET' && headers.range === undefined && (stream.respond({ ':status': 404 }, { endStream: true }), true) }],
};
Object.assign(KINDS, ELSEWHERE, RECEIVING, SENDING, STATES, FRAMING, FETCHING);

// Some at once: what each does otherwise, together.
function together(names) {
	const parts = names.map((name) => KINDS[name][2]), each = (name) => parts.filter((part) => name in part).map((part) => part[name]);
	const merged = (name) => Object.assign({}, ...each(name)), call = (name) => (...given) => each(name).forEach((one) => one(...given));
	return { ...Object.assign({}, ...parts), lasts: undefined, made: merged('made'), tls: merged('tls'), options: { ...merged('options'), settings: Object.assign({}, ...each('options').map(({ settings }) => settings)) },
		begin: call('begin'), node: call('node'), onSession: call('onSession'), onRequest: (...given) => each('onRequest').some((one) => one(...given)),
		judge: (usual) => each('judge').reduce((before, one) => one(before), usual) };
}
const MOTLEY = {
	motley: ['HTTP-015', 'initiate [AEHM]*-0*.S.[np]1', ['ahead', 'padded', 'wordy', 'curve', 'chained', 'laconic', 'flagging', 'eager', 'keeping', 'chopping', 'pages', 'halving']],
	medley: ['HTTP-015', '[AT][NI][SM]-0*.R.[np][0-9]*', ['behind', 'reversed', 'cipher', 'modular', 'planning', 'prefixed', 'crowded', 'dribbling', 'brief', 'files', 'listing']],
	// Of one that ends each connection so soon no two PUTs stay open on one (ATT-036.R.p1).
	jumble: ['HTTP-015', 'respond [AHP][NTU][STL]*-0[0-24-9]*.R.[np][1-3] ATT-03[0-57-9].R.[np][1-3]', ['webby', 'announcing', 'larger', 'renewing', 'dressed', 'patient', 'blind', 'cramped', 'refusing', 'vague']],
};
for (const [name, [requirement, cases, names]] of Object.entries(MOTLEY)) KINDS[name] = [requirement, `at once: ${names.join(', ')}`, { cases, names }];

// More of the same, or what takes longer: for `make conformance-lawful` alone.
const LONG = new Set(['sizing', 'emptied', 'recorded', 'opening', 'tardy', 'fractured', 'polling', 'waiting', 'hoarding', 'reconnecting', 'blank', 'occasional',
	'postponing', 'labelled', 'prosy', 'exclusive', 'batching', 'coarse', 'strict', 'stacked', 'dozing', 'backwards', 'measured', 'expecting', 'parallel', 'naming', 'drafted',
	'robed', 'mirrored', 'anytime', 'bulky', 'undated', 'fleeting', 'behindhand', 'six', 'named', 'uneven']);

const [given, directory, ...rest] = process.argv.slice(2), [kind, isBroken] = given?.split('-') ?? [];
if (given === 'broken') {
	Object.keys(BROKEN).forEach((name) => console.log(name));
	process.exit(0);
}
if (given === undefined) {
	for (const [name, [requirement, words, { cases = '', lasts, fetches }]] of Object.entries(KINDS))
		console.log(`${name}\tRXP-${requirement}\t${words}\t${cases}\t${lasts === true ? 'incomplete' : lasts ?? ''}\t${fetches ? 'fetches' : ''}\t${LONG.has(name) ? 'long' : ''}`);
	process.exit(0);
}
if (!Object.hasOwn(isBroken ? BROKEN : KINDS, kind)) {
	console.error(`lawful.mjs ${Object.keys(KINDS).join('|')} DIR (DESCRIPTOR FINGERPRINT)…`);
	process.exit(2);
}
const { names, ...one } = isBroken ? BROKEN[kind] : KINDS[kind][2], manner = names ? together(names) : one;
if (manner.made || manner.fetches) {
	const { party, endpoint } = load(directory);
	make(directory, party, manner.fetches || !endpoint ? undefined : manner.at?.(endpoint) ?? endpoint, manner.made);
}
manner.begin?.();
const peers = rest.flatMap((file, i) => (i % 2 ? [] : [readDescriptor(readFileSync(file), rest[i + 1])]));
const judge = isBroken ? manner.judge : manner.judge?.(decide);
const node = new Node(load(directory), peers, { judge, tell: console.log });
if (manner.receive) {
	const right = node.receive.bind(node);
	node.receive = (party, octets) => manner.receive(node.state, right, party, octets);
}
if (manner.next) {
	const right = node.next.bind(node);
	node.next = (party, query) => manner.next(right, party, query);
}
manner.node?.(node);
const raws = new Set();
const open = () => serve(node, ({ event = '', method, path, status }) => console.log(event || 'done', method, path, status), { ...manner,
	onSession(session, raw) {
		raws.add(raw);
		raw.once('close', () => raws.delete(raw));
		manner.onSession?.(session, raw);
	} });
let server;
if (manner.fetches) for (const peer of node.peers.filter(({ endpoints }) => endpoints.length)) fetchFrom(node, peer, console.log);
else server = await open();
if (manner.restart) setInterval(async () => {
	server.close();
	raws.forEach((raw) => raw.destroy());
	await new Promise((resolve) => setTimeout(resolve, manner.restart.gone));
	server = await open();
}, manner.restart.every);
console.log('ready');
listen(join(directory, 'control'), ({ party, wanted, text, caseId, pictures }) => node.order(party, wanted, text, caseId, pictures.map((one) => readFileSync(one))));
process.once('SIGTERM', () => process.exit(0));
