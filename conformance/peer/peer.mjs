#!/usr/bin/env node
// peer - a second implementation of RXP/1, written from the specification alone, for tests.
//
//   node peer.mjs init DIR --party QRZ [--endpoint https://127.0.0.1:PORT] keys and DIR/descriptor.xml; without one it fetches
//   node peer.mjs fingerprint DIR                                          of its root key
//   node peer.mjs ping DIR DESCRIPTOR FINGERPRINT [--keep OUT]             exit 0: receipted
//   node peer.mjs serve DIR (DESCRIPTOR FINGERPRINT)… [--keep OUT]         until it is told to end; a line for each request
//   node peer.mjs attack DIR DESCRIPTOR FINGERPRINT SECOND                 the table of attacks.mjs; SECOND is the
//                                                                          directory of a State that is a peer too
// DESCRIPTOR and FINGERPRINT are the other State's, the latter compared by people. OUT is a directory for
// what was exchanged last.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readDescriptor } from './descriptor.mjs';
import { decideCarelessly } from './careless.mjs';
import { Node, ping } from './node.mjs';
import { fingerprint, load, make } from './state.mjs';
import { MESSAGES } from './link.mjs';
import { fetchFrom } from './fetch.mjs';
import { serve } from './server.mjs';
import { listen } from './control.mjs';
import { attack } from './hostile/attack.mjs';

const { positionals: [verb, directory, ...rest], values } = parseArgs({
	allowPositionals: true, options: { party: { type: 'string' }, endpoint: { type: 'string' }, keep: { type: 'string' }, careless: { type: 'boolean' } } });
const others = () => rest.flatMap((file, i) => (i % 2 ? [] : [readDescriptor(readFileSync(file), rest[i + 1])])), other = () => others()[0];

function keep(name, octets) {
	if (values.keep === undefined) return;
	mkdirSync(values.keep, { recursive: true });
	writeFileSync(join(values.keep, name), octets);
}

const VERBS = {
	init: () => make(directory, values.party, values.endpoint),
	fingerprint: () => console.log(fingerprint(load(directory))),
	async ping() {
		const { sent, response, answer } = await ping(load(directory), other());
		keep('document.xml', sent.document), keep('envelope.xml', sent.octets), keep('answer.xml', response.body);
		keep('certificate.der', answer.certificate);
		console.log(answer.kind, answer.Code ?? answer.ReceivedAt);
		process.exitCode = answer.kind === 'Receipt' ? 0 : 1;
	},
	async serve() {
		const node = new Node(load(directory), others(), { judge: values.careless ? decideCarelessly : undefined, tell: console.log });
		// RXP-PUL-001
		if (!node.state.endpoint) for (const peer of node.peers) fetchFrom(node, peer, console.log);
		else await serve(node, ({ event = '', method, path, status, body, answer }) => {
			console.log(event || 'done', method, path, status);
			if (path === MESSAGES && method === 'POST') keep('envelope.xml', body), keep('answer.xml', answer ?? '');
		});
		console.log('ready');
		listen(join(directory, 'control'), ({ party, wanted, text, caseId, pictures }) => node.order(party, wanted, text, caseId, pictures.map((one) => readFileSync(one))));
		process.once('SIGTERM', () => process.exit(0));
	},
	async attack() {
		const second = load(rest.pop());
		process.exitCode = await attack(load(directory), other(), second) ? 0 : 1;
	},
};
if (!Object.hasOwn(VERBS, verb ?? '')) {
	console.error(`peer.mjs ${Object.keys(VERBS).join('|')} DIR …`);
	process.exit(2);
}
await VERBS[verb]();
