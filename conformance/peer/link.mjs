// link - a connection to a peer: HTTP/2 over mutual TLS 1.3, both sides known by their pins (section 2).
import { constants } from 'node:crypto';
import http2 from 'node:http2';
import tls from 'node:tls';
import { pinOf } from './descriptor.mjs';

const PATIENCE = 10_000, LIMIT = 262_144;
export const MEDIA = 'application/rxp+xml';
// RXP-HTTP-016
export const isMedia = (type) => type?.toLowerCase() === MEDIA;
export const MESSAGES = '/rxp/1/messages', ANSWERS = '/rxp/1/answers';
export const DESCRIPTOR = { method: 'GET', path: '/rxp/1/descriptor', headers: {} };
export const TLS = { minVersion: 'TLSv1.3', ALPNProtocols: ['h2'], rejectUnauthorized: false, secureOptions: constants.SSL_OP_NO_TICKET };

// How this implementation asks, where the specification leaves it open: options of its HTTP/2, fields beside those that are named, how
// a body is written, and what stands between HTTP/2 and TLS. Others do it otherwise (lawful.mjs).
export const ASKS = { options: {}, fields: () => ({}), write: (stream, body) => stream.end(body), over: (socket) => socket };

// What came for a promise within the time, else an error that names it.
const within = (what, start) => new Promise((resolve, reject) => {
	const timer = setTimeout(() => reject(new Error(`no ${what} within ${PATIENCE} ms`)), PATIENCE);
	start((v) => (clearTimeout(timer), resolve(v)), (error) => (clearTimeout(timer), reject(error)));
});

// Connect to https://host:port whose certificate has one of the pins: {request, tickets, close, destroy, isOpen}.
async function connectAt(endpoint, pins, { key, cert }, options = {}) {
	const url = new URL(endpoint);
	const socket = tls.connect({ host: url.hostname, port: Number(url.port), ...TLS, key, cert, ...options });
	let tickets = 0;
	socket.on('session', () => tickets++);
	await within('handshake', (resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
	// Of a server with another pin nothing is asked but its descriptor, which proves itself (RXP-DSC-032).
	const isKnown = pins.includes(pinOf(socket.getPeerCertificate().raw));
	if (socket.alpnProtocol !== 'h2' || (!isKnown && !options.onStranger)) {
		socket.destroy();
		throw new Error('not the peer of this pin');
	}
	const session = http2.connect(url.origin, { createConnection: () => ASKS.over(socket), ...ASKS.options });
	session.on('error', () => {});
	if (!isKnown) {
		await exchange(session, DESCRIPTOR).then(options.onStranger, () => {}).finally(() => session.destroy());
		throw new Error('a server of another pin');
	}
	return {
		request: (request) => exchange(session, request), tickets: () => tickets,
		close: () => new Promise((resolve) => session.close(resolve)), destroy: () => session.destroy(), isOpen: () => !session.closed && !session.destroyed,
	};
}

// The same by the first of these endpoints by which a connection comes about (RXP-DSC-048).
export async function connect(endpoints, pins, key, options) {
	for (const [i, endpoint] of endpoints.entries()) {
		try {
			return await connectAt(endpoint, pins, key, options);
		} catch (error) {
			if (i === endpoints.length - 1) throw error;
		}
	}
	throw new Error('no endpoint');
}

// One request: {status, type, offset, body}. A response that came stands, even if the stream is reset after it.
function exchange(session, { method = 'POST', path = MESSAGES, headers = { 'content-type': MEDIA }, body, trailers }) {
	return within('response', (resolve, reject) => {
		const stream = session.request({ ':method': method, ':path': path, ...ASKS.fields(body), ...headers }, { endStream: body === undefined, waitForTrailers: trailers !== undefined });
		let head;
		const chunks = [];
		stream.on('response', (got) => (head = got));
		let size = 0;
		stream.on('data', (chunk) => ((size += chunk.length) > LIMIT ? stream.destroy(new Error('a response too long')) : chunks.push(chunk)));
		stream.on('error', () => {});
		stream.on('wantTrailers', () => stream.sendTrailers(trailers));
		stream.on('close', () => head && size <= LIMIT
			? resolve({ status: head[':status'], type: head['content-type'], offset: head['rxp-offset'], body: Buffer.concat(chunks) })
			: reject(new Error(`stream reset, code ${stream.rstCode}`)));
		if (body !== undefined) ASKS.write(stream, body);
	});
}

// What a TLS connection with these options gives: 'refused', or 'http' if one octet of HTTP came.
export function probe(endpoint, options) {
	const url = new URL(endpoint);
	return within('end of the connection', (resolve) => {
		const socket = tls.connect({ host: url.hostname, port: Number(url.port), ...TLS, ...options });
		socket.once('secureConnect', () => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'));
		socket.once('data', () => (resolve('http'), socket.destroy()));
		socket.once('error', () => resolve('refused')).once('close', () => resolve('refused'));
	});
}
