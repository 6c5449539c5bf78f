#!/usr/bin/env node
// lenient - a product that must fail: it receipts Pings like peer.mjs, and looks neither at the handshake nor at HTTP/2.
//
//   node lenient.mjs DIR DESCRIPTOR FINGERPRINT     DIR of peer.mjs init; until it is told to end
//
// Any certificate, any version of TLS or none; any field section is a message; a frame is what its head says; a body is whole
// when the stream or the connection is over, however that came.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { readDescriptor } from './descriptor.mjs';
import { Node } from './node.mjs';
import { load } from './state.mjs';

const [directory, descriptor, fingerprint] = process.argv.slice(2);
const state = load(directory), peer = readDescriptor(readFileSync(descriptor), fingerprint), node = new Node(state, [peer]);
const DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, ACK = 1, END_STREAM = 1, END_HEADERS = 4, PADDED = 8;
const HEAD = 9, PIECE = 16_384, HELLO_OF_TLS = 0x16, PREFACE_OCTETS = 24;

function frame(type, flags, stream, payload = Buffer.alloc(0)) {
	const head = Buffer.alloc(HEAD);
	head.writeUIntBE(payload.length, 0, 3), head.writeUInt8(type, 3), head.writeUInt8(flags, 4), head.writeUInt32BE(stream, 5);
	return Buffer.concat([head, payload]);
}
// Without an index of its own: ":status" and "content-type" are names of HPACK's table.
const literal = (index, value) => Buffer.concat([Buffer.from([...index, value.length]), Buffer.from(value)]);
function response({ status, body = Buffer.alloc(0) }, stream) {
	const fields = Buffer.concat([literal([0x08], String(status)), literal([0x0f, 0x10], 'application/rxp+xml')]);
	const frames = [frame(HEADERS, END_HEADERS | (body.length ? 0 : END_STREAM), stream, fields)];
	for (let at = 0; at < body.length; at += PIECE)
		frames.push(frame(DATA, at + PIECE < body.length ? 0 : END_STREAM, stream, body.subarray(at, at + PIECE)));
	return Buffer.concat(frames);
}

function speak(socket) {
	const bodies = new Map();
	let rest = Buffer.alloc(0), begun = false;
	const say = (octets) => socket.writable && socket.write(octets);
	const answer = (stream) => {
		const body = Buffer.concat(bodies.get(stream) ?? []);
		bodies.delete(stream);
		say(response(node.receive(peer.party, body), stream));
	};
	const take = (type, flags, stream, payload) => {
		if (type === SETTINGS && !(flags & ACK)) say(frame(SETTINGS, ACK, 0));
		if (type === PING && !(flags & ACK)) say(frame(PING, ACK, 0, payload));
		if (type === HEADERS && !bodies.has(stream)) bodies.set(stream, []);
		if (type === DATA) bodies.set(stream, [...(bodies.get(stream) ?? []), flags & PADDED ? payload.subarray(1, payload.length - payload[0]) : payload]);
		if (type === RST_STREAM || ((type === DATA || type === HEADERS) && flags & END_STREAM)) answer(stream);
	};
	const over = () => [...bodies.keys()].forEach(answer);
	say(frame(SETTINGS, 0, 0));
	socket.on('error', () => {}).on('end', over).on('close', over).on('data', (octets) => {
		rest = Buffer.concat([rest, octets]);
		if (!begun && rest[0] === 'P'.charCodeAt()) {
			if (rest.length < PREFACE_OCTETS) return;
			rest = rest.subarray(PREFACE_OCTETS);
		}
		begun = true;
		while (rest.length >= HEAD && rest.length >= HEAD + rest.readUIntBE(0, 3)) {
			const length = rest.readUIntBE(0, 3), whole = rest.subarray(0, HEAD + length);
			rest = rest.subarray(HEAD + length);
			take(whole[3], whole[4], whole.readUInt32BE(5) & 0x7fffffff, whole.subarray(HEAD));
		}
	});
}

const { key, cert } = state.tls.pem, url = new URL(state.endpoint);
const secure = tls.createServer({ key, cert, minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0', requestCert: true, rejectUnauthorized: false,
	ALPNProtocols: ['h2', 'h2c', 'H2', 'http/1.1'] }, speak).on('tlsClientError', () => {});
net.createServer((socket) => socket.on('error', () => {}).once('data', (first) => {
	socket.pause(), socket.unshift(first);
	if (first[0] === HELLO_OF_TLS) secure.emit('connection', socket);
	else speak(socket), socket.resume();
})).listen(Number(url.port), url.hostname, () => console.log('ready'));
