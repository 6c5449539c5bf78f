// lawful-frames - kinds of lawful.mjs whose HTTP/2 is cut, marked and timed otherwise: other octets between HTTP/2 and TLS.
import { Duplex } from 'node:stream';
import { ASKS } from './link.mjs';

const DATA = 0, HEADERS = 1, PRIORITY = 2, SETTINGS = 4, PING = 6, WINDOW_UPDATE = 8, CONTINUATION = 9;
const END_STREAM = 0x1, ACK = 0x1, END_HEADERS = 0x4, HEAD = 9, PREFACE = 24;
const number = (n, octets) => {
	const made = Buffer.alloc(octets);
	made.writeUIntBE(n, 0, octets);
	return made;
};
const frame = (type, flags, stream, payload = Buffer.alloc(0), reserved = 0) =>
	Buffer.concat([number(payload.length, 3), Buffer.from([type, flags]), number((stream | reserved) >>> 0, 4), payload]);
// Cuts what comes into frames {type, flags, stream, payload, octets}; `skip` octets before the first of them come as one of no type.
function cutter(skip) {
	let rest = Buffer.alloc(0);
	return (octets) => {
		const all = [];
		rest = Buffer.concat([rest, octets]);
		for (;;) {
			const length = skip || (rest.length < HEAD ? Infinity : HEAD + rest.readUIntBE(0, 3)), one = rest.subarray(0, length);
			if (rest.length < length) return all;
			all.push(skip ? { octets: one } : { type: one[3], flags: one[4], stream: one.readUInt32BE(5) & 0x7fffffff, payload: one.subarray(HEAD), octets: one });
			skip = 0, rest = rest.subarray(length);
		}
	};
}

// What is said on a TLS socket, made otherwise: `say(frame)` gives the octets in the place of each frame, in parts that are written one by one;
// `hear(frame, write)` is told of each that comes.
export function over(socket, isClient, { say = ({ octets }) => [octets], hear = () => {} }) {
	const going = cutter(isClient ? PREFACE : 0), coming = cutter(isClient ? 0 : PREFACE);
	const write = (part) => socket.destroyed || socket.writableEnded || socket.write(part);
	const duplex = new Duplex({
		read() {},
		write(octets, _, done) {
			const parts = going(octets).flatMap((one) => (one.type === undefined ? [one.octets] : say(one)));
			// Each behind the one before has gone: otherwise TLS puts them into one record.
			const next = () => (parts.length && !socket.destroyed ? socket.write(parts.shift(), next) : done());
			next();
		},
		final: (done) => socket.end(done),
		destroy: (error, done) => (socket.destroy(), done(error)),
	});
	socket.on('data', (octets) => {
		for (const one of coming(octets)) hear(one, write);
		duplex.push(octets);
	});
	socket.on('end', () => duplex.push(null)).on('error', () => duplex.destroy()).on('close', () => duplex.destroy());
	return Object.assign(duplex, { alpnProtocol: socket.alpnProtocol, encrypted: true, setTimeout: () => duplex, setNoDelay: () => duplex });
}
const serving = (how) => ({ over: (socket) => over(socket, false, how()) });
const asking = (how) => ({ begin: () => (ASKS.over = (socket) => over(socket, true, how())) });
const chained = (...says) => (one) => says.reduce((parts, say) => parts.flatMap((part) => (cutter(0)(part).flatMap(say))), [one.octets]);

// A field section of which each frame has few octets.
const continued = ({ type, flags, stream, payload, octets }) => (type !== HEADERS || !(flags & END_HEADERS) || payload.length < 3 ? [octets] : [
	frame(HEADERS, flags & ~END_HEADERS, stream, payload.subarray(0, 1)), frame(CONTINUATION, 0, stream, payload.subarray(1, 2)),
	frame(CONTINUATION, 0, stream), frame(CONTINUATION, END_HEADERS, stream, payload.subarray(2))]);
// The table of HPACK keeps its size, and each field section says so.
const SIZE = Buffer.from('3fe11f', 'hex');
const sizing = ({ type, flags, stream, payload, octets }) => (type === HEADERS ? [frame(type, flags, stream, Buffer.concat([SIZE, payload]))] : [octets]);
// Frames, flags, settings, a bit and a weight that mean nothing.
const UNUSED = { [DATA]: 0xf6, [HEADERS]: 0xd2, [SETTINGS]: 0xfe, [PING]: 0xfe, [WINDOW_UPDATE]: 0xff };
const GREASE = Buffer.from('0a0affffffff1a1a00000000fafa12345678', 'hex');
const greased = ({ type, flags, stream, payload, octets }) => {
	if (type === CONTINUATION || (type === HEADERS && !(flags & END_HEADERS))) return [octets];
	const body = type === SETTINGS && !(flags & ACK) ? Buffer.concat([GREASE, payload, GREASE]) : payload;
	const own = frame(type, flags | (UNUSED[type] ?? 0), stream, body, 0x80000000);
	return [...(type === SETTINGS ? [] : [frame(0x0b, 0xff, 0, Buffer.from('grease'))]), own, frame(0xfa, 0x05, stream),
		...(type === HEADERS ? [frame(PRIORITY, 0, stream, Buffer.from('0000000010', 'hex'))] : [])];
};
// An empty frame before each of a body, and another one that ends it.
const emptied = ({ type, flags, stream, payload, octets }) => (type !== DATA || !payload.length ? [octets] : [
	frame(DATA, 0, stream), frame(DATA, 0, stream, payload), ...(flags & END_STREAM ? [frame(DATA, END_STREAM, stream)] : [])]);
const records = (most) => ({ octets }) => Array.from({ length: Math.ceil(octets.length / most) }, (_, i) => octets.subarray(i * most, (i + 1) * most));

const WINDOW = 65_535, INITIAL_WINDOW = 4;
// Each stream begins without a window, and is given one when its fields are there.
const opening = () => ({
	say: ({ type, flags, stream, payload, octets }) => {
		if (type !== SETTINGS || flags & ACK) return [octets];
		const others = Array.from({ length: payload.length / 6 }, (_, i) => payload.subarray(i * 6, i * 6 + 6)).filter((one) => one.readUInt16BE(0) !== INITIAL_WINDOW);
		return [frame(type, flags, stream, Buffer.concat([...others, Buffer.from('000400000000', 'hex')]))];
	},
	hear: ({ type, flags, stream }, write) => type === HEADERS && !(flags & END_STREAM) && setTimeout(() => write(frame(WINDOW_UPDATE, 0, stream, number(WINDOW, 4))), 30),
});
// What acknowledges something goes a while later, behind what was said meanwhile.
const tardy = () => {
	let write;
	return {
		say: ({ type, flags, octets }) => {
			if ((type !== SETTINGS && type !== PING) || !(flags & ACK)) return [octets];
			setTimeout(() => write?.(Buffer.from(octets)), 800);
			return [];
		},
		hear: (_, way) => (write = way),
	};
};

const BELOW = 'wire [HT][TL][TS]*-0*.W.[np]1; respond [AT][NI][SM]-00*.R.[np]1 ATT-01[12].R.p1';
const doing = (say) => () => ({ say });
export const FRAMING = {
	continued: ['HTTP-015', 'each field section is cut into four frames, one of them empty', { cases: BELOW, ...serving(doing(continued)) }],
	sizing: ['HTTP-015', 'each field section begins with the size of its table', { cases: BELOW, ...serving(doing(sizing)) }],
	greased: ['HTTP-015', 'frames, flags and settings that nobody knows, and priorities', { cases: BELOW, ...serving(doing(greased)) }],
	emptied: ['HTTP-015', 'empty frames before each of a body, and one that ends it', { cases: BELOW, ...serving(doing(emptied)) }],
	recorded: ['TLS-006', 'its records of TLS have eleven octets', { cases: BELOW, ...serving(doing(records(11))) }],
	opening: ['HTTP-015', 'each stream begins with a window of 0 octets, and has one when its fields are there', { cases: BELOW, ...serving(opening) }],
	tardy: ['HTTP-015', 'it acknowledges SETTINGS and PING after eight tenths of a second', { cases: BELOW, ...serving(tardy) }],
	fractured: ['HTTP-015', 'what it asks comes in empty frames, in ones that nobody knows, and in small ones, in records of 23 octets', { cases: 'initiate ANS-0*.S.[np]1 HTTP-0*.S.[np]1 ENV-0*.S.p1 ATT-0[1-3]*.S.[np]1', // no large file in so many records
		...asking(() => ({ say: chained(emptied, sizing, continued, greased, records(23)) })) }],
};
