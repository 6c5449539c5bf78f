// play-scripts - the HTTP/2 scripts of the vectors package, played at a node: play-scripts.mjs DIR STATE DESCRIPTOR FINGERPRINT. STATE
// is a folder of this second implementation whose descriptor the node has taken. Each script goes over a connection of its own, some at
// a time, with a Ping of now in the place of the package's; what comes is held against the index (not what is true afterwards). It leaves out, and counts, what Node's TLS
// cannot do (early data, another key than that of the certificate, an update of keys), floods, and what takes minutes. Ends with 1 if a script
// comes to anything else.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { content } from './message.mjs';
import { readDescriptor } from './descriptor.mjs';
import { canConnect, connect, DATA, frame } from './script-line.mjs';
import { makeMessage } from './sender.mjs';
import { load } from './state.mjs';

const [dir, folder, descriptor, fingerprint] = process.argv.slice(2);
const read = (name) => readFileSync(join(dir, name)), index = JSON.parse(read('index.json'));
const state = load(folder), peer = readDescriptor(readFileSync(descriptor), fingerprint), { hostname: host, port } = new URL(peer.endpoints[0]);
const QUIET = 400, MOST = 65_535, PIECE = 16_384, AT_A_TIME = 6, HEADERS = 1, END_STREAM = 1, PADDED = 8;

// RFC 7541: a string as it is, a literal field with a new name.
const length = (n) => (n < 127 ? [n] : [127, ...varint(n - 127)]);
const varint = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >> 7)]);
const literal = ([name, value]) => Buffer.concat([Buffer.from([0, ...length(name.length)]), name, Buffer.from(length(value.length)), value]);
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
		const times = { repeat: () => count, 'repeat-beyond': () => count + line.maxStreams };
		if (what === 'octets') line.send(hex(step.octets));
		if (what === 'frame') line.send(stream ? moved(hex(step.octets), by) : hex(step.octets));
		if (what === 'long-frame') line.send(frame(step.type, step.flags, at, Buffer.alloc(line.maxFrame + 1)));
		if (what === 'headers') line.send(moved(headers(step, envelope, given), by));
		if (what === 'body') data(envelope, count);
		if (what === 'body-start') data(envelope.subarray(0, -1), PIECE);
		if (what === 'body-rest') data(envelope.subarray(-1), PIECE);
		if (what === 'fill') data(Buffer.alloc(count, ' '), PIECE);
		if (what === 'drip') line.isDrip = true;
		if (what === 'send') await line.sent;
		if (times[what]) for (let i = 0; i < times[what](); i++) await perform(line, step.steps, envelope, given, i * stream);
		if (what === 'end-writing') line.socket.end();
		if (what === 'cut' || what === 'abort') line.socket.destroy();
		const came = { head: () => line.stream(at).status, data: () => line.stream(at).body.length, answer: () => line.stream(at).isOver, 'no-ticket': () => line.seen.ticket === 0 };
		if (what === 'await' && !(await line.until(() => (came[step.what] ? came[step.what]() : line.seen[step.what] >= count)))) return;
	}
}

// With one of these codes, if there are any; or TCP ends without one.
const isEnd = (line, one, { codes }) => [one.reset ?? line.goaway ?? (line.isOver ? 'none' : null)].some((code) => code !== null && (code === 'none' || codes.length === 0 || codes.includes(code)));
const isReceipt = (one) => one.isOver && one.status === 200 && Buffer.concat(one.body).includes('<Receipt');
const isLeft = (one) => one.status >= 400 && one.status < 500;
const JUDGES = {
	'a-receipt': (line, one) => isReceipt(one), status: (line, one, { status }) => one.status === status,
	'stream-ends': (line, one, expected) => isLeft(one) || isEnd(line, one, expected), 'connection-ends': (line) => line.goaway !== null || line.isOver,
	'no-http': (line) => line.isOver && line.frames === 0,
	'no-answer': (line, one) => one.status === undefined, 'receipt-or-end': (line, one, expected) => isReceipt(one) || isEnd(line, one, expected),
	'left-out': (line, one, expected) => isReceipt(one) || isLeft(one) || isEnd(line, one, expected), anything: () => true,
};
// On any stream.
const somewhere = (line, judge) => [...line.streams.values(), line.stream(0)].some((one) => judge(one));
const CAN = new Set(['version', 'alpn', 'half-close', 'reset', 'certificate', 'manner', 'records', 'settings']);
const isPlayed = ({ tls, steps }, { given, expected }) => given.needs.every((need) => CAN.has(need)) && canConnect(tls) && JUDGES[expected.result]
	&& steps.every((step) => !(step.do === 'fill' && step.count > MOST));

let played = 0, left = 0, wrong = 0;
async function play(one) {
	const script = JSON.parse(read(one.files.script)), { result, stream } = one.expected;
	if (!isPlayed(script, one)) {
		left++;
		return;
	}
	const line = await connect(script.tls, state, { host, port });
	const judge = (at) => JUDGES[result](line, at, one.expected), judged = () => (stream === 0 ? somewhere(line, judge) : judge(line.stream(stream)));
	await perform(line, script.steps, makeMessage(state, peer, 'Ping', content('Ping')).octets, read(one.files.envelope).length);
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

const waiting = index.vectors.filter(({ kind }) => kind === 'http2');
await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
	while (waiting.length > 0) await play(waiting.shift());
}));
console.log(`${played} scripts played, ${left} left, ${wrong} otherwise`);
process.exitCode = wrong === 0 && played > 0 ? 0 : 1;
