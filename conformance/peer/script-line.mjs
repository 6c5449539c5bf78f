// script-line - the connections on which HTTP/2 scripts of the vectors package are played: frames to and fro, without a library of
// HTTP/2, over the TLS that Node has.
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { certificateOf, isCertificate } from './certificates.mjs';

const PATIENCE = 10_000, HANDSHAKE = 22, MOST_FRAME = 16_384;
const HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, GOAWAY = 7, ACK = 1, END_STREAM = 1, MAX_CONCURRENT_STREAMS = 3, MAX_FRAME_SIZE = 5;
export const DATA = 0;

export function frame(type, flags, stream, payload) {
	const head = Buffer.alloc(9);
	head.writeUIntBE(payload.length, 0, 3);
	head.writeUInt8(type, 3);
	head.writeUInt8(flags, 4);
	head.writeUInt32BE(stream, 5);
	return Buffer.concat([head, payload]);
}
// The status is the first field of an answer: of the static table, or a literal of three digits, in Huffman's code or not.
const STATIC = [200, 204, 206, 304, 400, 404, 500];
function statusOf(block) {
	let at = 0;
	while ((block[at] & 0xe0) === 0x20) at++;
	if (block[at] >= 0x88 && block[at] <= 0x8e) return STATIC[block[at] - 0x88];
	if ((block[at] & 0x3f) !== 8) return NaN;
	const octets = block.subarray(at + 2, at + 2 + (block[at + 1] & 0x7f));
	if (!(block[at + 1] & 0x80)) return Number(octets.toString());
	let bits = [...octets].map((one) => one.toString(2).padStart(8, '0')).join(''), digits = '';
	while (digits.length < 3) {
		const five = parseInt(bits.slice(0, 5), 2), isShort = five < 3;
		digits += isShort ? five : parseInt(bits.slice(0, 6), 2) - 22;
		bits = bits.slice(isShort ? 5 : 6);
	}
	return Number(digits);
}

// One connection: what was seen on it.
class Line {
	constructor(socket) {
		const seen = { settings: 0, 'settings-ack': 0, pong: 0, ticket: 0 };
		Object.assign(this, { socket, seen, rest: Buffer.alloc(0), streams: new Map(), goaway: null, isOver: false, frames: 0, maxFrame: MOST_FRAME, maxStreams: Infinity, sent: Promise.resolve() });
		socket.on('data', (octets) => this.take(octets));
		socket.on('session', () => seen.ticket++);
		for (const event of ['end', 'close', 'error']) socket.on(event, () => (this.isOver = true));
	}
	stream(id) {
		if (!this.streams.has(id)) this.streams.set(id, { body: [], isOver: false });
		return this.streams.get(id);
	}
	take(octets) {
		this.rest = Buffer.concat([this.rest, octets]);
		while (this.rest.length >= 9 && this.rest.length >= 9 + this.rest.readUIntBE(0, 3)) {
			const end = 9 + this.rest.readUIntBE(0, 3), [type, flags] = this.rest.subarray(3), id = this.rest.readUInt32BE(5), payload = this.rest.subarray(9, end);
			this.rest = this.rest.subarray(end);
			this.frames++;
			if (type === SETTINGS) this.settings(flags & ACK, payload);
			if (type === PING && flags & ACK) this.seen.pong++;
			if (type === PING && !(flags & ACK)) this.send(frame(PING, ACK, 0, payload));
			if (type === GOAWAY) this.goaway = payload.readUInt32BE(4);
			if (type === RST_STREAM) Object.assign(this.stream(id), { reset: payload.readUInt32BE(0), isOver: true });
			if (type === HEADERS && this.stream(id).status === undefined) this.stream(id).status = statusOf(payload);
			if (type === DATA) this.stream(id).body.push(payload);
			if ((type === HEADERS || type === DATA) && flags & END_STREAM) this.stream(id).isOver = true;
		}
	}
	settings(isAck, payload) {
		this.seen[isAck ? 'settings-ack' : 'settings']++;
		if (isAck) return;
		for (let at = 0; at + 6 <= payload.length; at += 6) {
			if (payload.readUInt16BE(at) === MAX_FRAME_SIZE) this.maxFrame = payload.readUInt32BE(at + 2);
			if (payload.readUInt16BE(at) === MAX_CONCURRENT_STREAMS) this.maxStreams = payload.readUInt32BE(at + 2);
		}
		this.send(frame(SETTINGS, ACK, 0, Buffer.alloc(0)));
	}
	// One behind the other; as drips, each octet in a record of its own.
	send(octets) {
		const write = (piece) => new Promise((resolve) => (this.socket.destroyed ? resolve() : this.socket.write(piece, resolve)));
		for (const piece of this.isDrip ? [...octets].map((one) => Buffer.from([one])) : [octets]) this.sent = this.isDrip ? this.sent.then(() => write(piece)) : write(piece);
	}
	async until(holds, patience = PATIENCE) {
		for (const end = Date.now() + patience; !holds() && !this.isOver && Date.now() < end;) await new Promise((resolve) => setTimeout(resolve, 5));
		return holds();
	}
}

// A socket whose first record goes out in records of one octet each: TLS may be cut so.
function inSlivers(where) {
	const under = net.connect(where);
	let isFirst = true;
	const over = new Duplex({
		read: () => under.resume(),
		write(octets, _, done) {
			const cut = isFirst && octets[0] === HANDSHAKE ? Buffer.concat([...octets.subarray(5)].map((one) => Buffer.from([HANDSHAKE, 3, 1, 0, 1, one]))) : octets;
			isFirst = false;
			under.write(cut, done);
		},
		final: (done) => under.end(done), destroy: (error, done) => done(error, under.destroy()),
	});
	under.on('data', (octets) => over.push(octets) || under.pause());
	for (const event of ['end', 'error', 'close']) under.on(event, () => over.push(null));
	return over;
}
// The session of a server that is none of the product's.
const strangersSession = (own) => new Promise((resolve) => {
	const server = tls.createServer({ ...own, minVersion: 'TLSv1.3' }, (socket) => socket.resume()).listen(0, '127.0.0.1', () => {
		const client = tls.connect({ host: '127.0.0.1', port: server.address().port, rejectUnauthorized: false });
		client.on('session', (session) => client.end() && server.close() && resolve(session)).resume();
	});
});

const MANNERS = ['as-ever', 'plain', 'slivers', 'old-session'];
export const canConnect = ({ manner, certificate }) => MANNERS.includes(manner) && isCertificate(certificate);
// A connection as the script has it; one that does not come to be is over.
export async function connect({ manner, version, alpn, certificate }, state, where) {
	const own = certificateOf(certificate, state), v = `TLSv${version}`.replace('v1.0', 'v1');
	const session = manner === 'old-session' ? await strangersSession(state.tls.pem) : undefined;
	return new Promise((resolve) => {
		const socket = manner === 'plain' ? net.connect(where) : tls.connect({
			...(manner === 'slivers' ? { socket: inSlivers(where) } : where), ...own, session, ALPNProtocols: alpn.split(' '), minVersion: v, maxVersion: v,
			ciphers: 'DEFAULT@SECLEVEL=0', rejectUnauthorized: false });
		const line = new Line(socket);
		for (const event of ['connect', 'secureConnect', 'close']) socket.on(event, () => (event === 'connect' && manner !== 'plain') || resolve(line));
	});
}
