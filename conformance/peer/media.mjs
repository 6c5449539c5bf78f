// media - is a file of its MediaType, with nothing in it but what the list of that type names (section 14.1)? What the compressed data
// of a picture shows is not looked at.
import { table } from './tables.mjs';

const check = (holds, what) => {
	if (!holds) throw new Error(what);
};
const is = (octets, text) => octets.toString('latin1') === text;

// Octets one behind the other; it throws at their end.
class Reader {
	at = 0;
	constructor(octets) {
		this.octets = octets;
	}
	take(n) {
		check(Number.isInteger(n) && n >= 0 && this.at + n <= this.octets.length, 'it ends too early');
		return this.octets.subarray(this.at, (this.at += n));
	}
	number(n) {
		return this.take(n).readUIntBE(0, n);
	}
	get left() {
		return this.octets.length - this.at;
	}
}

// --- segments with markers: JPEG and WSQ ----------------------------------------------------------------
// A file of `kind`; what is behind it is not read. `segments` has of each code {fits, frame, scan}.
function readSegments(reader, { soi, eoi, restarts: [first, last], segments }) {
	let frames = 0, scans = 0, code;
	check(reader.number(2) === (0xff00 | soi), 'SOI');
	for (;;) {
		if (code === undefined) {
			check(reader.number(1) === 0xff, 'a marker');
			code = reader.number(1);
		}
		if (code === eoi) return check(scans > 0, 'a scan');
		const row = segments(code), body = (check(row, `marker ${code.toString(16)}`), reader.take(reader.number(2) - 2));
		check(row.fits(body), `segment ${code.toString(16)}`);
		if (row.frame) check(++frames === 1, 'one frame');
		code = undefined;
		if (!row.scan) continue;
		check(frames, 'a frame before the scan');
		scans++;
		// Coded data: ff is followed by 00 or by a restart marker, or begins the next segment.
		while (code === undefined) {
			if (reader.number(1) !== 0xff) continue;
			const next = reader.number(1);
			if (next !== 0 && (next < first || next > last)) code = next;
		}
	}
}

function isHuffman(body) {
	for (let at = 0; at < body.length;) {
		if (body.length - at < 17) return false;
		at += 17 + body.subarray(at + 1, at + 17).reduce((sum, n) => sum + n, 0);
		if (at > body.length) return false;
	}
	return body.length > 0;
}
function isQuantization(body) {
	let at = 0;
	while (at < body.length && body[at] >> 4 <= 1 && (body[at] & 15) < 4) at += 1 + 64 * (1 + (body[at] >> 4));
	return at === body.length && at > 0;
}

// RXP-ATT-022
const JPEG = { soi: 0xd8, eoi: 0xd9, restarts: [0xd0, 0xd7], segments: (code) => {
	if (code >= 0xc0 && code <= 0xc3) return { frame: true, fits: (body) => body.length >= 9 && body.length === 6 + 3 * body[5] && body[5] <= 4 };
	return {
		0xc4: { fits: isHuffman }, 0xdb: { fits: isQuantization }, 0xdd: { fits: (body) => body.length === 2 },
		0xda: { scan: true, fits: (body) => body.length >= 6 && body.length === 4 + 2 * body[0] && body[0] <= 4 },
		0xe0: { fits: (body) => body.length === 14 && is(body.subarray(0, 5), 'JFIF\0') && body[12] === 0 && body[13] === 0 },
		0xee: { fits: (body) => body.length === 12 && is(body.subarray(0, 5), 'Adobe') },
	}[code];
} };

// RXP-ATT-025
const NUMBER = /^-?\d*\.?\d*$/, KEYS = {
	NIST_COM: NUMBER, PIX_WIDTH: NUMBER, PIX_HEIGHT: NUMBER, PIX_DEPTH: NUMBER, PPI: NUMBER, LOSSY: NUMBER, WSQ_BITRATE: NUMBER,
	COLORSPACE: /^(?:GRAY|RGB|YCbCr)$/, COMPRESSION: /^(?:WSQ|NONE)$/,
};
function isNistComment(body) {
	const text = body.toString('latin1'), lines = text.split('\n');
	if (lines.pop() !== '') return false;
	const pairs = lines.map((line) => /^([A-Z_]+) (.+)$/.exec(line) ?? []);
	return pairs.every(([, key, value]) => Object.hasOwn(KEYS, key ?? '') && KEYS[key].test(value) && (KEYS[key] !== NUMBER || /\d/.test(value)))
		&& new Set(pairs.map(([, key]) => key)).size === pairs.length && pairs.some(([, key]) => key === 'NIST_COM');
}
const WSQ = { soi: 0xa0, eoi: 0xa1, restarts: [0xb0, 0xb7], segments: (code) => ({
	0xa2: { frame: true, fits: (body) => body.length === 15 }, 0xa3: { scan: true, fits: (body) => body.length === 1 },
	0xa4: { fits: (body) => body.length === 2 + 6 * (((body[0] + 1) >> 1) + ((body[1] + 1) >> 1)) }, 0xa5: { fits: (body) => body.length === 387 },
	0xa6: { fits: isHuffman }, 0xa7: { fits: (body) => body.length === 2 }, 0xa8: { fits: isNistComment },
}[code]) };

// --- PNG (RXP-ATT-023) ------------------------------------------------------------------------------------
function crc32(octets) {
	let crc = -1;
	for (const octet of octets) {
		crc ^= octet;
		for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
	}
	return ~crc >>> 0;
}
const BEFORE_DATA = ['PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT', 'bKGD', 'pHYs'];
function readPng(reader) {
	const seen = [];
	check(is(reader.take(8), '\x89PNG\r\n\x1a\n'), 'signature');
	do {
		const length = reader.number(4), named = reader.take(4 + length), type = named.toString('latin1', 0, 4);
		check(reader.number(4) === crc32(named), 'a check sum');
		check(type === 'IDAT' || !seen.includes(type), `${type} twice`);
		if (seen.length === 0) check(type === 'IHDR' && length === 13, 'IHDR');
		else if (BEFORE_DATA.includes(type)) check(!seen.includes('IDAT'), `${type} behind IDAT`);
		else check(type === 'IDAT' || (type === 'IEND' && length === 0 && seen.includes('IDAT')), type);
		seen.push(type);
	} while (seen.at(-1) !== 'IEND');
}

// --- JPEG 2000 (RXP-ATT-024) ------------------------------------------------------------------------------
// The boxes within: [type, body]. Of length 0 is one that goes to the end.
function boxesOf(octets) {
	const reader = new Reader(octets), found = [];
	while (reader.left) {
		const short = reader.number(4), type = reader.take(4).toString('latin1'), long = short === 1 ? Number(reader.take(8).readBigUInt64BE()) - 16 : short - 8;
		found.push([type, reader.take(short === 0 ? reader.left : long)]);
	}
	return found;
}
const HEADER = ['bpcc', 'colr', 'pclr', 'cmap', 'cdef', 'res '];
// Of a marker segment, where it may stand: in the main header, or that of a tile.
const MAIN = [0x51, 0x52, 0x53, 0x55, 0x57, 0x5c, 0x5d, 0x5e, 0x5f, 0x60, 0x63], TILE = [0x52, 0x53, 0x58, 0x5c, 0x5d, 0x5e, 0x5f, 0x61];
function readCodestream(octets) {
	const reader = new Reader(octets);
	let allowed = MAIN, tiles = 0, isFirst = true;
	check(reader.number(2) === 0xff4f, 'SOC');
	for (;;) {
		const from = reader.at, marker = reader.number(2) - 0xff00;
		if (marker === 0xd9) return check(tiles > 0 && reader.left === 0, 'EOC');
		const body = reader.take(reader.number(2) - 2);
		check(isFirst === (marker === 0x51), 'SIZ');
		isFirst = false;
		if (marker !== 0x90) {
			check(allowed.includes(marker), `marker ${marker.toString(16)}`);
			continue;
		}
		// A part of a tile: its header up to SOD, and data up to its length.
		const part = new Reader(octets), length = body.readUInt32BE(2), end = length === 0 ? octets.length - 2 : from + length;
		part.at = reader.at;
		for (let inside = part.number(2) - 0xff00; inside !== 0x93; inside = part.number(2) - 0xff00) {
			check(TILE.includes(inside), `marker ${inside.toString(16)} in a tile`);
			part.take(part.number(2) - 2);
		}
		part.take(end - part.at);
		reader.at = end;
		allowed = [], tiles++;
	}
}
function readJp2(reader) {
	const [signature, type, header, stream, ...more] = boxesOf(reader.take(reader.left)), named = (box, name) => check(box?.[0] === name, name);
	['jP  ', 'ftyp', 'jp2h', 'jp2c'].forEach((name, i) => named([signature, type, header, stream][i], name));
	check(is(signature[1], '\r\n\x87\n') && is(type[1].subarray(0, 8), 'jp2 \0\0\0\0'), 'the brand');
	check(/^(?:jp2 |J2P0|J2P1)+$/.test(type[1].toString('latin1', 8)), 'the brands');
	const [first, ...rest] = boxesOf(header[1]);
	named(first, 'ihdr');
	for (const [name, body] of rest) {
		check(HEADER.includes(name), name);
		if (name === 'colr') check(body.length === 7 && body[0] === 1, 'a colour that is not enumerated');
	}
	check(rest.some(([name]) => name === 'colr'), 'colr');
	readCodestream(stream[1]);
	check(more.length === 0, 'it goes on behind its end');
}

// --- ANSI/NIST-ITL (RXP-ATT-026) --------------------------------------------------------------------------
const FS = 0x1c, GS = '\x1d', RS = '\x1e', US = '\x1f';
const PICTURES = { NONE: null, WSQ20: 'image/x-wsq', JPEGB: 'image/jpeg', JPEGL: 'image/jpeg', JP2: 'image/jp2', JP2L: 'image/jp2', PNG: 'image/png' };
const within = (n, ...ranges) => ranges.some(([from, to]) => n >= from && n <= to);
const mayHave = (type, n) => type === 1 ? within(n, [1, 9], [11, 12]) : within(n, [1, 18], [999, 999]) || (type === 10 ? n === 20 : within(n, [21, 26], [30, 30]));
const BLANK = (type, n) => (type === 1 ? [4, 7, 8, 9] : [4]).includes(n);
function checkPicture(octets, media, width, height) {
	if (media) return checkFile(octets, media);
	const pixels = width * height;
	return check(pixels > 0 && octets.length > 0 && octets.length % pixels === 0 && octets.length / pixels <= 3, 'the size of a picture');
}
// A record of fields: {number: text}; its picture is judged.
function readRecord(reader, type) {
	const from = reader.at, head = new RegExp(`^${type}\\.001:(\\d{1,9})[\\x1c\\x1d]`).exec(reader.octets.toString('latin1', from, from + 32));
	check(head, `a record of type ${type}`);
	const octets = reader.take(Number(head[1])), text = octets.toString('latin1'), mark = `${GS}${type}.999:`, at = text.indexOf(mark);
	check(octets.at(-1) === FS, 'the end of a record');
	const fields = {};
	let before = 0;
	for (const one of text.slice(0, at < 0 ? -1 : at).split(GS)) {
		const [, tag, value] = /^(\d+\.\d+):([^]*)$/.exec(one) ?? [], number = Number(tag?.split('.')[1]);
		check(tag?.split('.')[0] === String(type) && number > before && mayHave(type, number), `the field ${tag}`);
		check(!BLANK(type, number) || /^X+$/.test(value), `a name in ${tag}`);
		check(BLANK(type, number) || value.split(/[\x1e\x1f]/).every((item) => /^[0-9A-Z.-]{0,10}$/.test(item)), `the value of ${tag}`);
		fields[(before = number)] = value;
	}
	check((at < 0) === (type === 1), 'a picture');
	if (at >= 0) {
		check(Object.hasOwn(PICTURES, fields[11] ?? ''), 'the compression');
		checkPicture(octets.subarray(at + mark.length, -1), PICTURES[fields[11]], Number(fields[6]), Number(fields[7]));
	}
	return fields;
}
function readBinary(reader) {
	const octets = reader.take(reader.octets.readUInt32BE(reader.at));
	check(octets.length > 18 && octets[17] <= 1, 'a record of type 4');
	checkPicture(octets.subarray(18), octets[17] ? 'image/x-wsq' : null, octets.readUInt16BE(13), octets.readUInt16BE(15));
}
function readItl(reader) {
	const { 3: contents = '' } = readRecord(reader, 1), [count, ...entries] = contents.split(RS).map((one) => one.split(US));
	check(count[0] === '1' && Number(count[1]) === entries.length && entries.length > 0, 'the contents');
	for (const [type] of entries.map(([first]) => [Number(first)])) {
		check([4, 10, 13, 14, 15].includes(type), `a record of type ${type}`);
		if (type === 4) check(reader.left >= 18, 'a record of type 4'), readBinary(reader);
		else readRecord(reader, type);
	}
}

// --- PDF (RXP-ATT-027) ------------------------------------------------------------------------------------
// `names` of the table of the specification.
function readPdf(reader, names) {
	const text = reader.octets.toString('latin1'), token = /\s+|[[\]]|<<|>>|<([0-9A-Fa-f]*)>|\/([^\s()<>[\]{}/%]*)|%([^\r\n]*)|([^\s()<>[\]{}/%]+)/y;
	let isId = false, isPicture = false, starts = 0, comments = 0;
	check(/^%PDF-\d\.\d[\r\n]/.test(text), 'the header');
	token.lastIndex = 8;
	for (;;) {
		const found = token.exec(text);
		check(found, 'a text, or what no token has, or no end');
		const [, hex, name, comment, word] = found;
		if (hex !== undefined) check(isId && hex.length <= 64, 'a text');
		if (name !== undefined) {
			check(!name.includes('#') && !names.has(name), `the name ${name}`);
			isId = name === 'ID';
			isPicture ||= name === 'DCTDecode' || name === 'DCT';
		}
		if (comment !== undefined && comment === '%EOF' && starts === 1) break;
		if (comment !== undefined) check(/^[\x80-\xff]{4,}$/.test(comment) && ++comments === 1, 'a comment');
		if (word === undefined) continue;
		check(/^[+\-.\d]+$/.test(word) || ['obj', 'endobj', 'stream', 'xref', 'trailer', 'startxref', 'true', 'false', 'null', 'R', 'n', 'f'].includes(word), word);
		if (word === 'obj') isPicture = false;
		if (word === 'startxref') check(++starts === 1, 'startxref twice');
		if (word !== 'stream') continue;
		const begins = /\r?\n/y, from = (begins.lastIndex = token.lastIndex, begins.test(text) ? begins.lastIndex : -1);
		check(from > 0, 'the line of a stream');
		let end = text.indexOf('endstream', from);
		if (isPicture) {
			const inside = new Reader(reader.octets);
			inside.at = from;
			readSegments(inside, JPEG);
			end = inside.at + /^[\r\n]*/.exec(text.slice(inside.at, inside.at + 4))[0].length;
		}
		check(end >= 0 && text.startsWith('endstream', end), 'the end of a stream');
		token.lastIndex = end + 9;
		isPicture = false;
	}
	reader.at = token.lastIndex;
	reader.take(/^(?:\r\n|\r|\n)?/.exec(text.slice(reader.at))[0].length);
}

// --- all ----------------------------------------------------------------------------------------------------
const NAMES = new Set(table('media-pdf').map((row) => row.Name));
const KINDS = {
	'image/jpeg': (reader) => readSegments(reader, JPEG), 'image/x-wsq': (reader) => readSegments(reader, WSQ), 'image/png': readPng, 'image/jp2': readJp2,
	'application/x-nist-itl': readItl, 'application/pdf': (reader) => readPdf(reader, NAMES),
};
// It throws for a file that a sender must not send under that MediaType (RXP-ATT-020).
export function checkFile(octets, media) {
	const reader = new Reader(octets);
	check(Object.hasOwn(KINDS, media), media);
	KINDS[media](reader);
	// RXP-ATT-021
	check(reader.left === 0, 'it goes on behind its end');
}
