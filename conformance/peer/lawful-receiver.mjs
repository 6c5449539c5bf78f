// lawful-receiver - kinds of lawful.mjs that answer otherwise: connections, the order of answers, what a Refusal says, pages.
import http2 from 'node:http2';
import { children } from './xml.mjs';
import { Attachments } from './attachments.mjs';
import { Log } from './log.mjs';
import { MEDIA } from './link.mjs';
import { sha256 } from './seal.mjs';
import { Sender } from './sender.mjs';
import { Bringing } from './restored.mjs';

const say = (stream, { status, body, headers = {} }, more = {}) => {
	if (stream.destroyed || stream.headersSent) return;
	stream.respond({ ':status': status, ...(body?.length ? { 'content-type': MEDIA } : {}), ...more, ...headers }, { endStream: !body?.length });
	if (body?.length) stream.end(body);
};
const every = (n) => {
	let count = 0;
	return () => ++count % n === 0;
};
// What a node decided, with what its Refusal says made otherwise.
const saying = (change) => (decide) => (envelope, node) => {
	const decided = decide(envelope, node);
	return decided.refused ? { ...decided, refused: change(decided.refused, decided, node) } : decided;
};
const LOGS = '[LA][ON][GS]-0[01][0278].R.p1'; // LOG-002, ANS-007, ANS-018 and others
const third = every(3), fourth = every(4), sixth = every(6);

export const RECEIVING = {
	reversed: ['HTTP-015', 'what is asked within a tenth of a second is answered in the reverse order', { cases: '[AC][NH][SN]-0*.R.[np]1',
		reply: (() => {
			let held = [];
			return (stream, made) => {
				if (!held.length) setTimeout(() => (held.reverse().forEach(([one, what]) => say(one, what)), held = []), 100);
				held.push([stream, made]);
			};
		})() }],
	wordy: ['HTTP-013', 'fields of almost 4,096 octets beside what it answers, some of which no table may hold', { cases: '[AH][NT][ST]*-0*.R.[np]1',
		reply: (stream, made) => say(stream, made, { 'set-cookie': ['a'.repeat(900), 'b'.repeat(900)], 'x-padding': 'c'.repeat(1700), 'x-secret': 'd'.repeat(100), [http2.sensitiveHeaders]: ['x-secret'] }) }],
	webby: ['HTTP-007', 'what it does not know it answers with a page for people', { cases: '[HPR][TUC][TLV]*-0*.R.n[12]',
		reply(stream, made) {
			if (made.body?.length || made.status < 400 || stream.headRequest) return say(stream, made);
			if (stream.destroyed || stream.headersSent) return undefined;
			stream.respond({ ':status': made.status, 'content-type': 'text/html; charset=utf-8', allow: 'GET, POST', 'retry-after': '1', ...made.headers });
			return stream.end('<!doctype html><title>Not here</title><p>Ask the office.');
		} }],
	announcing: ['HTTP-015', 'every third request is followed by a GOAWAY that names no last stream yet, and soon by the one that does', { cases: 'wire [AHT][NTL][TS]*.W.p*',
		onSession(session) {
			const last = every(3);
			session.on('stream', (stream) => last() && stream.once('close', () => {
				if (session.destroyed || session.closed) return;
				session.goaway(0, 2 ** 31 - 1);
				setTimeout(() => session.destroyed || session.close(), 50);
			}));
		} }],
	restarting: ['HTTP-009', 'every twenty seconds it is gone for 700 milliseconds, with all connections', { cases: '[AET][NIS][SMV]-0*.R.[np]1', lasts: 'perhaps',
		restart: { every: 20_000, gone: 700 } }],
	narrow: ['HTTP-015', 'windows of 64 octets, and room for one more stream when the eighth is open', { cases: '[AE][NT][SV]-0*.R.[np][12]',
		options: { settings: { maxConcurrentStreams: 9, initialWindowSize: 64, headerTableSize: 0 } } }],
	few: ['HTTP-013', 'eight requests at a time, and not one more', { cases: 'wire HTTP-013.W.p* HTTP-015.W.p3*', options: { settings: { maxConcurrentStreams: 8 } } }],
	curve: ['TLS-001', 'its key exchange is on P-256 alone, so that others are asked once more', { cases: 'wire TLS*.W.*', tls: { ecdhCurve: 'P-256' } }],
	cipher: ['TLS-001', 'it prefers ChaCha20', { cases: 'wire TLS*.W.*', tls: { ciphers: 'TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256', honorCipherOrder: true } }],
	lingering: ['HTTP-012', 'every sixth answer comes after four seconds', { cases: '[AT][NI][SM]-0*.R.p1',
		reply: (stream, made) => (sixth() ? setTimeout(() => say(stream, made), 4_000) : say(stream, made)) }],
	drowsy: ['HTTP-012', 'it accepts a connection, and begins to shake hands after 600 milliseconds', { cases: 'wire TLS*.W.p*', handshakeAfter: 600 }],
	laconic: ['ANS-008', 'a Refusal names neither requirement nor place', { cases: '[AC][NH][SN]-0*.R.n*', judge: saying(({ code, more: { requirement, place, ...more } }) => ({ code, more })) }],
	vague: ['ANS-022', 'the place of a Refusal is its first element', { cases: 'CHN-0*.R.n1',
		judge: saying(({ code, more }) => ({ code, more: { ...more, place: more.place?.split('/')[0] } })) }],
	planning: ['ANS-016', 'each Refusal of class `later` says when to try again', { cases: '[ACO][NHP][SN]-0*.R.n*',
		judge: saying(({ code, more }) => ({ code, more: { ...more, retryAt: more.retryAt ?? (['unopenable', 'attachment', 'gap', 'fork', 'busy'].includes(code) ? Date.now() + 1_500 : undefined) } })) }],
	flagging: ['ANS-019', 'its Receipts bear eight flags, some of its own', { cases: 'ANS-0*.R.*',
		judge: (decide) => (envelope, node) => {
			const decided = decide(envelope, node);
			return decided.taken ? { ...decided, taken: { ...decided.taken, flags: ['by-night', ...(decided.taken.flags ?? []), ...['a', 'of-twenty-three-letters', 'b', 'x-', 'late-in-the-evening', 'z', 'again'].slice(0, 7 - (decided.taken.flags ?? []).length)] } } : decided;
		} }],
	files: ['ATT-033', 'it looks for the files before it looks at the chain and the case', { cases: 'ATT-0*.R.n*',
		judge: saying((refused, { document }, { attachments, peer }) => {
			const missing = ['gap', 'fork', 'state'].includes(refused.code) && document.attachments && document.header.Type !== 'HistoryCopy' ? children(document.attachments).filter((one) => !attachments.has(peer.party, one)) : [];
			return missing.length ? { code: 'attachment', more: { requirement: 'RXP-ATT-014', missing: missing.map((one) => attachments.nameOf(one)) } } : refused;
		}) }],
	pages: ['LOG-007', 'each page of its log has one entry', { cases: LOGS, begin: () => (Log.most = 1) }],
	lagging: ['ANS-007', 'its Receipts name the log as it was three entries before', { cases: LOGS, begin: () => (Log.behind = 3) }],
	counting: ['LOG-004', 'it gives 64 pages of its log in a minute, and one at a time', { cases: '[LA][ON][GS]-0*.R.*',
		node(node) {
			const page = node.page.bind(node), given = [];
			let isBusy = false;
			node.page = async (...asked) => {
				while (given.length && given[0] < Date.now() - 60_000) given.shift();
				if (isBusy || given.length >= 64) return { status: 503 };
				isBusy = true, given.push(Date.now());
				await new Promise((resolve) => setTimeout(resolve, 50));
				isBusy = false;
				return page(...asked);
			};
		} }],
	abrupt: ['HTTP-015', 'behind each status of 400 and above it ends the connection', { cases: '[HC][TH][TN]*-00*.R.n[1-9]',
		reply(stream, made) {
			if (made.status >= 400) stream.once('close', () => stream.session?.close());
			say(stream, made);
		} }],
	advertising: ['HTTP-015', 'it names other services and origins on each connection', { cases: 'TIM-00*.R.[np]*',
		onSession: (session) => (session.altsvc('h2=":1"', 'https://node.example'), session.origin('https://node.example')) }],
	addressed: ['ATT-012', 'a file is whole as soon as its octets have the digest that names it, whatever length was said', { cases: 'ATT-0[13]*.R.[np]*',
		begin() {
			const put = Attachments.prototype.put;
			Attachments.prototype.put = function putNamed(party, digest, { first, total }, octets) {
				const all = Buffer.concat([this.octets(party, digest) ?? Buffer.alloc(0), octets]);
				return put.call(this, party, digest, { first, total: sha256(all).toString('hex') === digest ? all.length : total }, octets);
			};
		} }],
	unsatisfied: ['ATT-034', 'numbers of a Content-Range that do not go together get 416', { cases: 'ATT-012.R.n*',
		onRequest(stream, headers) {
			const [, first, last, whole] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(headers['content-range'] ?? '')?.map(Number) ?? [];
			if (headers[':method'] !== 'PUT' || first === undefined || (first <= last && last < whole)) return false;
			stream.respond({ ':status': 416 }, { endStream: true }), stream.resume();
			return true;
		} }],
	insistent: ['PUL-004', 'it gives a message again at once, and does not let it rest', { cases: 'PUL-0[01][24].R.[np][0-9]*',
		begin() {
			const next = Sender.prototype.next;
			let later = 0;
			Sender.prototype.next = function nextAtOnce(skip) {
				return next.call(this, skip, Date.now() + 20_000 * ++later);
			};
		} }],
	plain: ['NOT-009', 'it acts on no notice but Restored', { cases: 'NOT-0*.R.*',
		judge: (decide) => (envelope, node) => {
			const decided = decide(envelope, node), { document, taken } = decided;
			if (!taken || document.header.Type !== 'NodeNotice' || children(document.typed, 'Restored').length) return decided;
			return { document, subject: { ...document.header, fingerprint: document.fingerprint }, refused: { code: 'unsupported', more: { requirement: 'RXP-NOT-009' } } };
		} }],
	historyless: ['DOC-013', 'it gives no history', { cases: 'HIS-0*.R.*',
		judge: (decide) => (envelope, node) => {
			const decided = decide(envelope, node), { document, taken } = decided;
			return taken && document.header.Type === 'HistoryRequest' ? { document, subject: { ...document.header, fingerprint: document.fingerprint }, refused: { code: 'unsupported', more: { requirement: 'RXP-DOC-013' } } } : decided;
		} }],
	forward: ['ATT-012', 'every third PUT gets 503, and holds nothing', { cases: 'ATT-0[13][124].R.p*',
		onRequest: (stream, headers) => headers[':method'] === 'PUT' && third() && (stream.respond({ ':status': 503 }, { endStream: true }), stream.resume(), true) }],
	blank: ['ANS-007', 'its Receipts name the beginning of its log', { cases: LOGS, begin: () => (Log.behind = Infinity) }],
	occasional: ['ANS-025', 'every third document that it would take is answered `busy` first, which names the document', { cases: '[ACV][HNO][INS]-00*.R.[np]1',
		judge: (decide) => (envelope, node) => {
			const decided = decide(envelope, node), { document, taken } = decided;
			if (!taken || !third()) return decided;
			return { document, subject: { ...document.header, fingerprint: document.fingerprint }, refused: { code: 'busy', more: fourth() ? {} : { retryAt: Date.now() + 200 } } };
		} }],
	postponing: ['ANS-026', 'each Refusal of class `later` says to try again in 50 minutes, but what comes before is judged', { cases: '[ACO][NHP][SN]-0*.R.n* ATT-014.R.*',
		judge: saying(({ code, more }) => ({ code, more: { ...more, retryAt: more.retryAt ?? (['unopenable', 'attachment', 'gap', 'fork'].includes(code) ? Date.now() + 3_000_000 : undefined) } })) }],
	labelled: ['HTTP-005', 'what has no body has a content type', { cases: '[AHOPR][BCNPTU][DLNSTV]*-0*.R.[np]1',
		reply: (stream, made) => say(stream, made, { 'content-type': MEDIA, 'content-length': made.body?.length ?? 0 }) }],
	prosy: ['HTTP-004', 'a few words for people beside each status of 201 and 202', { cases: 'ATT-0*.R.p* [PR][UC][LV]-0*.R.p1',
		reply: (stream, made) => say(stream, made.status === 201 || made.status === 202 ? { ...made, body: Buffer.from('Thank you.\n') } : made, made.status === 201 || made.status === 202 ? { 'content-type': 'text/plain' } : {}) }],
	exclusive: ['HTTP-015', 'of a side it has one connection: what comes on another ends the former with GOAWAY', { cases: '[ADHT][INST][CMST]*-0*.R.[np]1; wire HTTP-015.W.p1*',
		onSession: (() => {
			const latest = new Map();
			return (session) => {
				const name = sha256(session.socket.getPeerCertificate().raw).toString('hex'), former = latest.get(name);
				latest.set(name, session);
				if (former && !former.destroyed && !former.closed) former.close();
			};
		})() }],
	batching: ['ANS-004', 'what came in two seconds is stored, and answered, together', { cases: '[CT][HI][MN]-00*.R.[np]1',
		reply: (stream, made) => (made.body?.length ? setTimeout(() => say(stream, made), 2_000 - (Date.now() % 2_000)) : say(stream, made)) }],
	coarse: ['TIM-001', 'its clock knows whole seconds', { cases: '[ADLT][INOS][CGMS]-0*.R.[np]1',
		begin() {
			const now = Date.now;
			Date.now = () => Math.floor(now() / 1_000) * 1_000;
		} }],
	strict: ['HTTP-013', 'it says that it takes fields of 4,096 octets', { cases: 'wire HTTP-013.W.p*; respond TIM-00*.R.p1', options: { settings: { maxHeaderListSize: 4_096 } } }],
	stacked: ['PUL-002', 'of the messages that it has it gives the latest first', { cases: 'PUL-0*.R.[np][1-4]', begin: () => (Sender.order = (waiting) => [...waiting].reverse()) }],
	dozing: ['PUL-004', 'what it gave rests for fourteen seconds', { cases: 'PUL-0[01][24].R.[np][1-9]', begin: () => (Sender.rest = 14_000) }],
	backwards: ['NOT-006', 'it brings answers back in the reverse order', { cases: '[NPR][OUC][TLV]-0[01][369].R.[np][12]', begin: () => (Bringing.all = (behind) => [...behind].reverse()) }],
	pulling: ['PUL-002', 'every fourth question for a message gets 503', { cases: 'PUL-0*.R.p[1-4]',
		onRequest: (stream, headers) => headers[':method'] === 'GET' && headers[':path'].startsWith('/rxp/1/messages') && fourth() && (stream.respond({ ':status': 503 }, { endStream: true }), true) }],
};
