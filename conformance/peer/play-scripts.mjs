// play-scripts - the HTTP/2 scripts of the vectors package, played at a node: play-scripts.mjs DIR STATE DESCRIPTOR FINGERPRINT. STATE
// is a folder of this second implementation whose descriptor the node has taken. Each script goes over a connection of its own, with
// a Ping of now in the place of the package's; what comes is held against the index. It leaves out, and counts, what needs something that
// it cannot do: certificates of other kinds, octets below TLS, floods, minutes. Ends with 1 if a script comes to anything else.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import net from 'node:net';
import tls from 'node:tls';
import { content } from './message.mjs';
import { readDescriptor } from './descriptor.mjs';
import { makeMessage } from './sender.mjs';
import { load } from './state.mjs';

const [dir, folder, descriptor, fingerprint] = process.argv.slice(2);
const read = (name) => readFileSync(join(dir, name)), index = JSON.parse(read('index.json'));
const state = load(folder), peer = readDescriptor(readFileSync(descriptor), fingerprint), { hostname, port } = new URL(peer.endpoints[0]);
const PATIENCE = 10_000, QUIET = 400, MOST = 65_535;
const DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, GOAWAY = 7, ACK = 1, END_STREAM = 1, PADDED = 8;

function frame(type, flags, stream, payload) {
	const head = Buffer.alloc(9);
	head.writeUIntBE(payload.length, 0, 3);
	head.writeUInt8(type, 3);
	head.writeUInt8(flags, 4);
	head.writeUInt32BE(stream, 5);
	return Buffer.concat([head, payload]);
}
// RFC 7541: a string as it is, a literal field with a new name.
const length = (n) => (n < 127 ? [n] : [127, ...varint(n - 127)]);
const varint = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >> 7)]);
const literal = ([name, value]) => Buffer.concat([Buffer.from([0, ...length(name.length)]), name, Buffer.from(length(value.length)), value]);
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
		Object.assign(this, { socket, rest: Buffer.alloc(0), streams: new Map(), seen: { settings: 0, 'settings-ack': 0, pong: 0 }, goaway: null, isOver: false, frames: 0 });
		socket.on('data', (octets) => this.take(octets));
		for (const event of ['end', 'close', 'error']) socket.on(event, () => (this.isOver = true));
	}
	stream(id) {
		if (!this.streams.has(id)) this.streams.set(id, { body: [], isOver: false });
		return this.streams.get(id);
	}
	take(octets) {
		this.rest = Buffer.concat([this.rest, octets]);
		while (this.rest.length >= 9 && this.rest.length >= 9 + this.rest.readUIntBE(0, 3)) {
			const end = 9 + this.rest.readUIntBE(0, 3), type = this.rest[3], flags = this.rest[4], id = this.rest.readUInt32BE(5), payload = this.rest.subarray(9, end);
			this.rest = this.rest.subarray(end);
			this.frames++;
			if (type === SETTINGS) this.seen[flags & ACK ? 'settings-ack' : 'settings']++;
			if (type === SETTINGS && !(flags & ACK)) this.send(frame(SETTINGS, ACK, 0, Buffer.alloc(0)));
			if (type === PING && flags & ACK) this.seen.pong++;
			if (type === PING && !(flags & ACK)) this.send(frame(PING, ACK, 0, payload));
			if (type === GOAWAY) this.goaway = payload.readUInt32BE(4);
			if (type === RST_STREAM) Object.assign(this.stream(id), { reset: payload.readUInt32BE(0), isOver: true });
			if (type === HEADERS && this.stream(id).status === undefined) this.stream(id).status = statusOf(payload);
			if (type === DATA) this.stream(id).body.push(payload);
			if ((type === HEADERS || type === DATA) && flags & END_STREAM) this.stream(id).isOver = true;
		}
	}
	send(octets) {
		if (!this.socket.destroyed) this.socket.write(octets);
	}
	async until(holds, patience = PATIENCE) {
		for (const end = Date.now() + patience; !holds() && !this.isOver && Date.now() < end;) await new Promise((resolve) => setTimeout(resolve, 5));
		return holds();
	}
}
// A connection as the script has it; one that does not come to be is over.
const connect = ({ manner, version, alpn, certificate }) => new Promise((resolve) => {
	const own = certificate === 'no certificate' ? {} : state.tls.pem, v = `TLSv${version}`.replace('v1.0', 'v1');
	const socket = manner === 'plain' ? net.connect({ host: hostname, port }) : tls.connect({
		host: hostname, port, key: own.key, cert: own.cert, ALPNProtocols: alpn.split(' '), minVersion: v, maxVersion: v, ciphers: 'DEFAULT@SECLEVEL=0', rejectUnauthorized: false });
	const line = new Line(socket);
	for (const event of ['connect', 'secureConnect', 'close']) socket.on(event, () => (event === 'connect' && manner !== 'plain') || resolve(line));
});

const hex = (text) => Buffer.from(text, 'hex');
// A header section with the length of the Ping of now, if it says one; other octets are those of the package.
function headers(step, envelope, given) {
	const fields = step.fields.map(([name, value]) => [hex(name), hex(value)]), octets = hex(step.octets);
	const field = fields.find(([name, value]) => name.toString() === 'content-length' && Math.abs(Number(value) - given) <= 1);
	if (!field) return octets;
	field[1] = Buffer.from(String(Number(field[1]) - given + envelope.length));
	return frame(HEADERS, octets[4], step.stream, Buffer.concat(fields.map(literal)));
}
const moved = (octets, by) => {
	if (by) octets.writeUInt32BE(octets.readUInt32BE(5) + by, 5);
	return octets;
};
async function perform(line, steps, envelope, given, by = 0) {
	for (const step of steps) {
		const { do: what, stream, count } = step, at = stream && stream + by;
		const data = (octets, piece) => {
			const flags = step.flags & ~PADDED & ~END_STREAM;
			for (let i = 0; i < octets.length; i += piece) {
				const isLast = i + piece >= octets.length, part = octets.subarray(i, i + piece);
				const padded = step.flags & PADDED ? Buffer.concat([Buffer.from([7]), part, Buffer.alloc(7)]) : part;
				line.send(frame(DATA, flags | (step.flags & PADDED) | (isLast ? step.flags & END_STREAM : 0), at, padded));
			}
		};
		if (what === 'octets') line.send(hex(step.octets));
		if (what === 'frame') line.send(stream ? moved(hex(step.octets), by) : hex(step.octets));
		if (what === 'headers') line.send(moved(headers(step, envelope, given), by));
		if (what === 'body') data(envelope, count);
		if (what === 'body-start') data(envelope.subarray(0, -1), 16_384);
		if (what === 'body-rest') data(envelope.subarray(-1), 16_384);
		if (what === 'fill') data(Buffer.alloc(count, ' '), 16_384);
		if (what === 'repeat') for (let i = 0; i < count; i++) await perform(line, step.steps, envelope, given, i * stream);
		if (what === 'end-writing') line.socket.end();
		if (what === 'cut' || what === 'abort') line.socket.destroy();
		const came = { head: () => line.stream(at).status, data: () => line.stream(at).body.length, answer: () => line.stream(at).isOver };
		if (what === 'await' && !(await line.until(() => (came[step.what] ? came[step.what]() : line.seen[step.what] >= count)))) return;
	}
}

const isEnd = (line, one) => one.reset !== undefined || line.goaway !== null || line.isOver;
const isReceipt = (one) => one.isOver && one.status === 200 && Buffer.concat(one.body).includes('<Receipt');
const isLeft = (one) => one.status >= 400 && one.status < 500;
const JUDGES = {
	'a-receipt': (line, one) => isReceipt(one), status: (line, one, { status }) => one.status === status,
	'stream-ends': (line, one) => isLeft(one) || isEnd(line, one), 'connection-ends': (line) => line.goaway !== null || line.isOver,
	'no-http': (line) => line.isOver && line.frames === 0,
	'no-answer': (line, one) => one.status === undefined, 'receipt-or-end': (line, one) => isReceipt(one) || isEnd(line, one),
	'left-out': (line, one) => isReceipt(one) || isLeft(one) || isEnd(line, one), anything: () => true,
};
const CAN = new Set(['version', 'alpn', 'half-close', 'reset']);
const can = (need, { manner, certificate }) => CAN.has(need) || (need === 'manner' && manner === 'plain') || (need === 'certificate' && certificate === 'no certificate');
const isPlayed = ({ tls: how, steps }, { given, expected }) => given.needs.every((need) => can(need, how)) && JUDGES[expected.result]
	&& (expected.stream !== 0 || ['no-http', 'connection-ends', 'anything'].includes(expected.result))
	&& steps.every((step) => step.do !== 'send' && step.what !== 'no-ticket' && !(step.do === 'fill' && step.count > MOST));

let played = 0, left = 0, wrong = 0;
for (const one of index.vectors.filter(({ kind }) => kind === 'http2')) {
	const script = JSON.parse(read(one.files.script)), { result, stream } = one.expected;
	if (!isPlayed(script, one)) {
		left++;
		continue;
	}
	const line = await connect(script.tls);
	await perform(line, script.steps, makeMessage(state, peer, 'Ping', content('Ping')).octets, read(one.files.envelope).length);
	const judged = () => JUDGES[result](line, line.stream(stream), one.expected);
	if (result === 'no-answer') await line.until(() => false, QUIET);
	else await line.until(judged);
	played++;
	if (!judged()) {
		wrong++;
		const { status, reset } = line.stream(stream);
		console.log(`${one.id}  ${one.words}: ${JSON.stringify(one.expected)}, and ${JSON.stringify({ status, reset, goaway: line.goaway, isOver: line.isOver })}`);
	}
	line.socket.destroy();
}
console.log(`${played} scripts played, ${left} left, ${wrong} otherwise`);
process.exitCode = wrong === 0 && played > 0 ? 0 : 1;
