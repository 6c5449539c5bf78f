// lawful-sender - kinds of lawful.mjs that send otherwise: pauses, connections, how a request is written, files, what they do unasked.
import { ASKS, connect, DESCRIPTOR, TLS } from './link.mjs';
import { fetchFrom } from './fetch.mjs';
import { content, messageId } from './message.mjs';
import { makeMessage, Sender } from './sender.mjs';
import { DAY, timeText } from './values.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// Messages whose fields are otherwise.
const making = (other) => () => (Sender.prototype.make = function make(type, typed, more = {}, files = []) {
	return makeMessage(this.state, this.peer(), type, typed, { ...other(Date.now()), ...more }, files);
});
// One connection for all that is sent, as long as it works; or for each message one that stays open for a while.
const keeping = (ms) => () => {
	const usual = Sender.prototype.connect, open = new Map();
	Sender.prototype.connect = async function connectOnce() {
		const kept = await open.get(this.peer().party)?.catch(() => undefined);
		if (ms === undefined && kept?.isOpen()) return kept;
		const made = usual.call(this).then((link) => ({ ...link, close: () => undefined, destroy: () => ms !== undefined && setTimeout(link.destroy, ms),
			request: (what) => link.request(what).catch((error) => (link.destroy(), Promise.reject(error))) }));
		open.set(this.peer().party, made);
		return made;
	};
};
const uploading = (how) => () => (Sender.prototype.upload = async function upload(link, files) {
	for (const { digest, ciphertext } of files) if (!(await how(link, `/rxp/1/attachments/${digest}`, ciphertext))) return false;
	return true;
});
const put = (link, path, ciphertext, from, to = ciphertext.length) =>
	link.request({ method: 'PUT', path, headers: { 'content-range': `bytes ${from}-${to - 1}/${ciphertext.length}` }, body: ciphertext.subarray(from, to) });

export const SENDING = {
	patient: ['HTTP-009', 'between two tries of a message it pauses three seconds, then six', { cases: 'initiate ANS-0[12][256].S.[np]1', begin: () => (Sender.pace = { first: 3_000, next: () => 6_000, tries: 12 }) }],
	eager: ['HTTP-009', 'between two tries of a message it pauses a tenth of a second, and each time a hundredth longer', { cases: 'initiate [AM][NS][SG]-0*.S.n*', begin: () => (Sender.pace = { first: 100, next: (ms) => ms + 10, tries: 60 }) }],
	resigned: ['HTTP-005', 'it parks a message after three answers that are none', { cases: 'initiate ENV-0*.S.p1', begin: () => (Sender.pace = { first: 300, next: (ms) => ms * 2, tries: 3 }) }],
	keeping: ['HTTP-015', 'it sends all on one connection, until that ends', { cases: 'initiate [HAT][TNL][TS]*-0*.S.[np]1', begin: keeping() }],
	crowded: ['HTTP-015', 'it has a connection for each try, and leaves it open for five seconds', { cases: 'initiate [HAT][TNL][TS]*-0*.S.[np]1', begin: keeping(5_000) }],
	rotating: ['DSC-048', 'each time that it connects it tries the next endpoint', { cases: 'initiate [AD][NS][SC]-0[14]*.S.[np][12]',
		begin: () => {
			let n = 0;
			Sender.prototype.connect = function connectNext() {
				const { endpoints, pins } = this.peer();
				return connect([endpoints[n++ % endpoints.length]], pins, this.state.tls.pem, { onStranger: (response) => this.renew(response) });
			};
		} }],
	chopping: ['ATT-012', 'it sends a file in pieces of 4,999 octets', { cases: 'initiate ATT-0*.S.p1',
		begin: uploading(async (link, path, ciphertext) => {
			let { offset } = await link.request({ method: 'HEAD', path, headers: {} }), status = 202;
			for (offset = Number(offset ?? 0); offset < ciphertext.length && status === 202; offset += 4_999) ({ status } = await put(link, path, ciphertext, offset, Math.min(offset + 4_999, ciphertext.length)));
			return status === 202 || status === 201;
		}) }],
	blind: ['ATT-012', 'it does not ask how much of a file is there, but goes on where it is told', { cases: 'initiate ATT-0*.S.p1',
		begin: uploading(async (link, path, ciphertext) => {
			let from = 0;
			for (let n = 0; n < 4; n++) {
				const { status, offset } = await put(link, path, ciphertext, from);
				if (status === 201 || (status === 409 && Number(offset) >= ciphertext.length)) return true;
				if (status !== 409) return false;
				from = Number(offset);
			}
			return false;
		}) }],
	brief: ['TIM-002', 'what it sends lasts ten minutes', { cases: 'initiate T[IL][MS]-00[1-3].S.[np]1', begin: making((now) => ({ Expires: timeText(now + 600_000) })) }],
	lasting: ['TIM-002', 'what it sends lasts 90 days', { cases: 'initiate TIM-00[12].S.[np]1', begin: making((now) => ({ Created: timeText(now), Expires: timeText(now + 90 * DAY) })) }],
	backdated: ['TIM-002', 'what it sends was made four minutes ago', { cases: 'initiate ENV-0*.S.p1', begin: making((now) => ({ Created: timeText(now - 240_000), Expires: timeText(now + 10 * DAY) })) }],
	dribbling: ['HTTP-015', 'its requests come in frames of some octets, and end with an empty one', { cases: 'initiate HTTP-002.S.p*',
		begin: () => (ASKS.write = async (stream, body) => {
			for (let at = 0; at < body.length; at += 977) stream.write(body.subarray(at, at + 977));
			await pause(30);
			stream.end();
		}) }],
	cramped: ['HTTP-015', 'windows of 100 octets and no table for HPACK, where it asks', { cases: 'initiate HTTP-00*.S.[np]1', begin: () => (ASKS.options = { settings: { initialWindowSize: 100, headerTableSize: 0, enablePush: false } }) }],
	chatty: ['HTTP-015', 'fields that RXP/1 does not name, where it asks', { cases: 'initiate HTTP-00*.S.p1',
		begin: () => (ASKS.fields = () => ({ 'user-agent': 'other/2', accept: '*/*', 'accept-language': 'fr', cookie: 'a=b', priority: 'u=1', te: 'trailers', 'x-request-id': '4711', 'accept-encoding': 'gzip' })) }],
	busybody: ['PNG-001', 'every four seconds it sends a Ping of its own, asks for the descriptor, and for a page of the log', { cases: 'initiate [EM][NS][VG]-0*.S.[np]1',
		node(node) {
			setInterval(async () => {
				for (const { party } of node.peers) {
					node.order(party, 'ping').catch(() => {});
					const link = await node.linkTo(party).catch(() => undefined);
					for (const path of [DESCRIPTOR.path, '/rxp/1/log?after=0']) await link?.request({ method: 'GET', path, headers: {} }).catch(() => {});
					link?.destroy();
				}
			}, 4_000).unref();
		} }],
	offering: ['TLS-006', 'it offers HTTP/1.1 behind h2', { cases: 'initiate TLS-00*.S.*', begin: () => (TLS.ALPNProtocols = ['h2', 'http/1.1']) }],
	chatting: ['HIS-008', 'before each copy of a history it sends a Ping', { cases: 'initiate HIS-0*.S.p[12]',
		begin() {
			const usual = Sender.prototype.send;
			Sender.prototype.send = async function sendBehindPing(type, typed) {
				if (type === 'HistoryCopy') await usual.call(this, 'Ping', content('Ping'));
				return usual.call(this, type, typed);
			};
		} }],
	curious: ['DSC-020', 'it asks for the descriptor before each try of a message', { cases: 'initiate [DEA][SN][CVS]-0*.S.[np]1',
		begin() {
			const usual = Sender.prototype.connect;
			Sender.prototype.connect = async function connectAndAsk() {
				const link = await usual.call(this);
				try {
					this.renew(await link.request(DESCRIPTOR));
				} catch {
					// None was given: what is known of the peer will do.
				}
				return link;
			};
		} }],
	separate: ['ATT-014', 'it sends files on connections of their own', { cases: 'initiate ATT-0*.S.p1',
		begin() {
			const usual = Sender.prototype.upload;
			Sender.prototype.upload = async function uploadApart(link, files) {
				const own = files.length ? await this.connect() : link, isDone = await usual.call(this, own, files);
				if (own !== link) own.destroy();
				return isDone;
			};
		} }],
	returning: ['RCV-004', 'it brings each Receipt back at once, whether it was lost or not', { cases: 'initiate [CER][HNC][NV]-0*.S.[np]1', lasts: 'perhaps',
		begin() {
			const usual = Sender.prototype.deliver;
			Sender.prototype.deliver = async function deliverAndBring(sent, how) {
				const read = await usual.call(this, sent, how);
				if (read?.kind === 'Receipt' && this.peer().endpoints.length) await this.post(read.octets ?? sent.receipt);
				return read;
			};
		} }],
	sleepy: ['HTTP-012', 'on each connection it says nothing for two seconds', { cases: 'initiate [HTE][TLN][TSV]*-0*.S.[np]1',
		begin() {
			const usual = Sender.prototype.connect;
			Sender.prototype.connect = async function connectAndPause() {
				const link = await usual.call(this);
				await pause(2_000);
				return link;
			};
		} }],
	measured: ['HTTP-010', 'it says how many octets its requests have', { cases: 'initiate [AH][NT][ST]*-0*.S.[np]1 ATT-0*.S.p1', begin: () => (ASKS.fields = (body) => (body ? { 'content-length': body.length } : {})) }],
	expecting: ['HTTP-015', 'it asks whether to go on, and sends a body after half a second at the latest', { cases: 'initiate HTTP-00*.S.[np]1 ENV-0*.S.p1 ATT-0*.S.p1',
		begin() {
			ASKS.fields = (body) => (body ? { expect: '100-continue' } : {});
			ASKS.write = async (stream, body) => {
				await Promise.race([new Promise((resolve) => stream.once('continue', resolve)), pause(500)]);
				stream.end(body);
			};
		} }],
	parallel: ['ATT-036', 'it sends all files of a document at once', { cases: 'initiate ATT-0*.S.[np]*',
		begin() {
			const usual = Sender.prototype.upload;
			Sender.prototype.upload = async function uploadAtOnce(link, files) {
				return (await Promise.all(files.map((file) => usual.call(this, link, [file])))).every(Boolean);
			};
		} }],
	naming: ['TLS-002', 'it names a server of another name where it connects', { cases: 'initiate TLS-00*.S.* ENV-0*.S.p1', begin: () => (TLS.servername = 'node.example') }],
	drafted: ['MSG-001', 'its MessageIds were made three hours before, and the later ones are the lower ones', { cases: 'initiate [MT][SI][GM]-0*.S.[np]1 ANS-0*.S.p1',
		begin: (() => {
			let count = 0;
			return making((now) => ({ MessageId: messageId(now - 10_800_000 - 1_000 * ++count) }));
		})() }],
	fetching: ['PUL-009', 'it fetches too, although it can be reached', { cases: 'initiate ANS-0*.S.p1', node: (node) => node.peers.forEach((peer) => fetchFrom(node, peer, () => {})) }],
};
