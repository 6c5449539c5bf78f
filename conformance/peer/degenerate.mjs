#!/usr/bin/env node
// degenerate - products that are none, each in one gross way, to see what the conformance suite says of them.
//
//   node degenerate.mjs KIND DIR DESCRIPTOR FINGERPRINT [--good N]
//
// DIR is a State of peer.mjs; DESCRIPTOR and FINGERPRINT are those of the State that the suite plays. The first N messages are
// treated as they should be, so that the suite takes the thing for a product.
import { fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import http2 from 'node:http2';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { receipt, refusal } from './answer.mjs';
import { readDescriptor } from './descriptor.mjs';
import { MEDIA } from './link.mjs';
import { messageId } from './message.mjs';
import { Node } from './node.mjs';
import { sha256 } from './seal.mjs';
import { load } from './state.mjs';

const SLOW = 3000; // milliseconds
const CRASH = 41; // every so many messages

const { positionals: [kind, directory, descriptor, fingerprint], values } = parseArgs({
	allowPositionals: true, options: { good: { type: 'string', default: '0' }, child: { type: 'boolean', default: false } } });
const state = load(directory), peer = readDescriptor(readFileSync(descriptor), fingerprint);
const node = new Node(state, [peer]);

// What an Envelope says of itself, or might have said.
const idOf = (octets) => /<MessageId>([-0-9a-f]{36})</.exec(octets.toString('latin1'))?.[1] ?? messageId();

const about = (octets) => ({ state, to: peer.party, about: { MessageId: idOf(octets), digest: sha256(octets) } });
const acceptAll = (octets) => receipt(about(octets), {
	fingerprint: randomBytes(32), receivedAt: Date.now(), log: { named: { id: randomUUID(), count: 0, head: randomBytes(32) } } }).body;
const rejectAll = (octets) => refusal(about(octets), 'unopenable').body;

const right = (octets, reply) => {
	const { status, body } = node.receive(peer.party, octets);
	reply(status, MEDIA, body);
};
let messages = 0;
const KINDS = {
	'accept-all': (octets, reply) => reply(200, MEDIA, acceptAll(octets)),
	'reject-all': (octets, reply) => reply(422, MEDIA, rejectAll(octets)),
	silent: () => {},
	echo: (octets, reply) => reply(200, MEDIA, octets),
	slow: (octets, reply) => setTimeout(() => right(octets, reply), SLOW),
	crash: (octets, reply) => messages % CRASH === 0 ? process.exit(1) : right(octets, reply),
	html: (octets, reply) => reply(200, 'text/html', '<!DOCTYPE html><title>Welcome</title><p>It works.'),
};
if (!Object.hasOwn(KINDS, kind ?? '')) {
	console.error(`degenerate.mjs ${Object.keys(KINDS).join('|')} DIR DESCRIPTOR FINGERPRINT`);
	process.exit(2);
}

function serve() {
	const url = new URL(state.endpoint);
	const server = http2.createSecureServer({
		...state.tls.pem, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3', ALPNProtocols: ['h2'] });
	server.on('stream', (stream, headers) => {
		const chunks = [];
		const reply = (status, type, body) => {
			if (stream.destroyed) return;
			stream.respond({ ':status': status, ...(body === undefined ? {} : { 'content-type': type }) });
			stream.end(body);
		};
		stream.on('error', () => {});
		stream.on('data', (chunk) => chunks.push(chunk));
		stream.on('end', () => {
			const octets = Buffer.concat(chunks);
			if (headers[':method'] === 'GET') reply(200, MEDIA, state.descriptor());
			else if (++messages <= Number(values.good)) right(octets, reply);
			else KINDS[kind](octets, reply);
		});
	});
	server.on('sessionError', () => {});
	server.on('tlsClientError', () => {});
	server.listen(Number(url.port), url.hostname, () => console.log('ready'));
	process.once('SIGTERM', () => process.exit(0));
}

// What crashes is begun again, as any product would be.
function keepAlive() {
	let child;
	const begin = () => {
		child = fork(process.argv[1], [...process.argv.slice(2), '--child']);
		child.once('exit', begin);
	};
	begin();
	process.once('SIGTERM', () => {
		child.removeListener('exit', begin);
		child.kill('SIGTERM');
		process.exit(0);
	});
}
if (values.child) process.once('disconnect', () => process.exit(0));
if (kind === 'crash' && !values.child) keepAlive();
else serve();
