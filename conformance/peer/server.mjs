// server - the resources of a node (sections 2, 8, 14 and 42) for sides that a pin makes known.
import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import { pinOf } from './descriptor.mjs';
import { isMedia, MEDIA, TLS } from './link.mjs';

// RXP-HTTP-006, RXP-ANS-002, RXP-DSC-002, RXP-LOG-006
const ENVELOPE = 262_144, ANSWER = 32_768, DESCRIPTOR = 262_144, PAGE = 131_072;
const DIGEST = '[0-9a-f]{64}', NUMBER = '0|[1-9][0-9]{0,18}';
const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}', SKIP = `skip=${ID}(?:,${ID}){0,31}`, WAIT = 'wait=(?:[0-9]|[12][0-9]|30)', LEFT = `left=${DIGEST}`;

// What each path does: [path, {method: [query, limit of the body, handler]}]. A handler gets {node, peer, body, query, isQuery,
// digest, headers, range} and gives {status, body, headers}; a query that does not match is that of an unknown path, but of RXP-PUL-002.
const ROUTES = [
	[/^\/rxp\/1\/messages$/, {
		POST: [/^$/, ENVELOPE, ({ node, peer, body }) => node.receive(peer.party, body)],
		GET: [/^/, 0, ({ node, peer, query, isQuery }) => {
			if (isQuery && (!/[^&]$/.test(query) || !new RegExp(`^(?:${WAIT}(?:&|$))?(?:${SKIP}(?:&|$))?(?:${LEFT})?$`).test(query))) return { status: 400 };
			const given = new URLSearchParams(query);
			return node.next(peer.party, { wait: Number(given.get('wait') ?? 0), skip: given.get('skip')?.split(',') ?? [], left: given.get('left') });
		}],
	}],
	[/^\/rxp\/1\/descriptor$/, {
		GET: [/^$/, 0, ({ node }) => ({ status: 200, body: node.state.descriptor() })],
		POST: [/^$/, DESCRIPTOR, ({ node, peer, body }) => node.takeDescriptor(peer.party, body)],
	}],
	[/^\/rxp\/1\/answers$/, { POST: [/^$/, ANSWER, ({ node, peer, body }) => node.takeAnswer(peer.party, body)] }],
	[/^\/rxp\/1\/log$/, {
		GET: [new RegExp(`^after=(?:${NUMBER})$`), 0, ({ node, peer, query }) => node.page(peer.party, BigInt(query.slice(6)))],
		POST: [/^$/, PAGE, ({ node, peer, body }) => node.takePage(peer.party, body)],
	}],
	[new RegExp(`^/rxp/1/attachments/(${DIGEST})$`), {
		HEAD: [/^$/, 0, ({ node, peer, digest }) => {
			const offset = node.attachments.held(peer.party, digest);
			return offset === undefined ? { status: 404 } : { status: 200, headers: { 'rxp-offset': offset } };
		}],
		GET: [/^$/, 0, ({ node, peer, digest, headers }) => node.give(peer.party, digest, headers.range)],
		PUT: [/^$/, Infinity, ({ node, peer, digest, body, range }) => {
			const { status, offset } = node.attachments.put(peer.party, digest, range, body);
			return { status, headers: offset === undefined ? {} : { 'rxp-offset': offset } };
		}],
	}],
];

// RXP-ATT-012, RXP-ATT-034: {first, count, total} of a Content-Range.
function rangeOf(text) {
	const [, first, last, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(text ?? '') ?? [];
	return first !== undefined && Number(first) <= Number(last) && Number(last) < Number(total) ? { first: Number(first), count: Number(last) - Number(first) + 1, total: Number(total) } : null;
}

function reply(stream, { status, body, headers = {} }) {
	if (stream.destroyed || stream.headersSent) return;
	const type = body?.length ? { 'content-type': MEDIA, 'content-length': body.length } : {};
	stream.respond({ ':status': status, ...type, ...headers }, { endStream: !body?.length });
	if (body?.length) stream.end(body);
}
// How this implementation does what the specification leaves open; others do it otherwise (lawful.mjs).
const USUAL = { options: {}, tls: {}, handshakeAfter: 0, reply, onSession() {}, onRequest: () => false, over: (socket) => socket };
// An answer before all of the request was read, which is then read no more (RXP-HTTP-006).
function cut(stream, status) {
	reply(stream, { status });
	stream.close(http2.constants.NGHTTP2_NO_ERROR);
}

// Answer one request. `uploads` are the bodies of PUT that are still open, by party and digest (RXP-ATT-032).
function serveStream(stream, headers, { node, peer, isFormer, uploads, tell, allow, manner }) {
	const [path, query = ''] = headers[':path'].split(/\?(.*)/s), method = headers[':method'], isQuery = headers[':path'].includes('?');
	const [pattern, methods] = ROUTES.find(([one]) => one.test(path)) ?? [];
	if (!methods) return cut(stream, 404);
	if (!Object.hasOwn(methods, method)) return cut(stream, 405);
	const [allowed, limit, handler] = methods[method];
	if (!allowed.test(isQuery && query === '' ? '?' : query)) return cut(stream, 404);
	// RXP-DSC-031
	if (isFormer && !(method === 'GET' && path === '/rxp/1/descriptor')) return cut(stream, 403);
	if (headers['content-encoding'] || (method === 'POST' && !isMedia(headers['content-type']))) return cut(stream, 415);
	const range = method === 'PUT' ? rangeOf(headers['content-range']) : undefined;
	if (range === null) return cut(stream, 400);
	const most = range ? range.count : limit;

	const digest = pattern.exec(path)[1], key = `${peer.party} ${digest}`, chunks = [];
	let size = 0, hasTrailers = false, isDone = false;
	const finish = async (status) => {
		if (isDone) return;
		isDone = true;
		if (uploads.get(key) === finish) uploads.delete(key);
		try {
			const made = status ? { status } : await handler({ node, peer, body: Buffer.concat(chunks), query, isQuery, digest, headers, range });
			tell({ method, path, body: Buffer.concat(chunks), status: made.status, event: made.event, answer: made.body });
			manner.reply(stream, made);
		} catch (error) {
			tell({ method, path, event: error.stack, status: 503 });
			reply(stream, { status: 503 });
		}
	};
	if (method === 'PUT') {
		uploads.get(key)?.();
		uploads.set(key, finish);
	}
	stream.on('trailers', () => (hasTrailers = true));
	stream.on('data', (chunk) => {
		size += chunk.length;
		allow(chunk.length);
		if (size <= most) chunks.push(chunk);
		else if (!isDone) (isDone = true, cut(stream, range ? 400 : 413));
	});
	// A request that ends without END_STREAM is not whole (RXP-HTTP-010); of an upload what arrived is held.
	stream.on('aborted', () => method === 'PUT' && finish());
	stream.on('end', () => (stream.aborted || stream.closed || stream.destroyed) ? undefined : finish(hasTrailers ? 400 : undefined));
}

// RXP-HTTP-011 to 014. Node shows no frames: a connection may bring so many octets beside the bodies of its requests, and
// so many streams that end by an error.
const FIELDS = 65_536, FIELD = 32, PATIENCE = 60_000, BESIDE = 131_072, BESIDE_REQUEST = 8_192, ERRORS = 500;

// One connection of a side that is known; `raw` is its socket below TLS.
function serveSession(session, raw, { node, uploads, tell, pin, manner }) {
	let allowed = BESIDE, errors = 0;
	const end = () => raw.destroy();
	// RXP-DSC-030: what began under a pin that is listed ends with it.
	const { isFormer } = node.byPin(pin), isGone = () => !isFormer && node.byPin(pin)?.isFormer !== false;
	const timer = setInterval(() => (raw.bytesRead > allowed * 1.1 || isGone()) && end(), 100).unref();
	session.setTimeout(PATIENCE, end);
	session.on('error', () => {});
	manner.onSession(session, raw);
	// What it had to say with GOAWAY is said by then; the connection does not wait for the other side.
	session.on('close', () => (clearInterval(timer), setTimeout(end, 200)));
	session.on('stream', (stream, headers, flags, fields) => {
		const known = node.byPin(pin);
		if (!known) return session.destroy();
		allowed += BESIDE_REQUEST;
		stream.on('error', () => {});
		stream.on('close', () => stream.rstCode !== http2.constants.NGHTTP2_NO_ERROR && ++errors > ERRORS && end());
		if (fields.reduce((sum, text, i) => sum + Buffer.byteLength(text) + (i % 2 ? 0 : FIELD), 0) > FIELDS) return cut(stream, 431);
		stream.setTimeout(PATIENCE, () => stream.close(http2.constants.NGHTTP2_CANCEL));
		if (manner.onRequest(stream, headers)) return;
		serveStream(stream, headers, { node, ...known, uploads, tell, manner, allow: (octets) => (allowed += octets) });
	});
}

const addressOf = ({ remoteAddress, remotePort }) => `${remoteAddress} ${remotePort}`;

// Serve a node at its endpoint until the server that comes is closed. `tell` gets {method, path, body, status, event, answer} of each request; `other` is
// of USUAL what is done otherwise.
export function serve(node, tell = () => {}, other = {}) {
	const manner = { ...USUAL, ...other };
	const { key, cert } = node.state.tls.pem, url = new URL(node.state.endpoint), uploads = new Map(), raws = new Map();
	const server = http2.createSecureServer({ ...TLS, ...manner.tls, key, cert, requestCert: true, allowHTTP1: false, ...manner.options });
	server.on('sessionError', () => {});
	// The pin is checked before the first octet of HTTP: Node has no check within the handshake (RXP-TLS-003).
	const gate = tls.createServer({ ...TLS, ...manner.tls, key, cert, requestCert: true, handshakeTimeout: PATIENCE }, (socket) => {
		const { raw: certificate } = socket.getPeerCertificate(), pin = certificate && pinOf(certificate), raw = raws.get(addressOf(socket));
		if (!raw || !pin || socket.alpnProtocol !== 'h2' || !node.byPin(pin)) return socket.destroy();
		server.once('session', (session) => serveSession(session, raw, { node, uploads, tell, pin, manner }));
		server.emit('secureConnection', manner.over(socket));
	});
	gate.on('connection', (raw) => {
		const address = addressOf(raw);
		raws.set(address, raw);
		raw.on('close', () => raws.get(address) === raw && raws.delete(address));
	});
	gate.on('tlsClientError', () => {});
	const door = manner.handshakeAfter ? net.createServer((raw) => setTimeout(() => gate.emit('connection', raw), manner.handshakeAfter)) : gate;
	return new Promise((resolve, reject) => door.once('error', reject).listen(Number(url.port), url.hostname.replace(/[[\]]/g, ''), () => resolve(door)));
}
