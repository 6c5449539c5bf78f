#!/usr/bin/env node
// peer - a second implementation of RXP/1, written from the specification alone, for tests.
//
//   node peer.mjs init DIR --party QRZ --endpoint https://127.0.0.1:PORT   keys and DIR/descriptor.xml
//   node peer.mjs fingerprint DIR                                          of its root key
//   node peer.mjs ping DIR DESCRIPTOR FINGERPRINT [--keep OUT]             exit 0: receipted
//   node peer.mjs serve DIR DESCRIPTOR FINGERPRINT [--keep OUT]            until it is told to end
//   node peer.mjs attack DIR DESCRIPTOR FINGERPRINT SECOND                 the table of attacks.mjs; SECOND is the
//                                                                          directory of a State that is a peer too
// DESCRIPTOR and FINGERPRINT are the other State's, the latter compared by people. OUT is a directory for
// what was exchanged last.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fingerprint, load, make, readDescriptor } from './descriptor.mjs';
import { ping, Receiver } from './node.mjs';
import { serve } from './link.mjs';
import { attack } from './attack.mjs';

const { positionals: [verb, directory, ...rest], values } = parseArgs({
	allowPositionals: true, options: { party: { type: 'string' }, endpoint: { type: 'string' }, keep: { type: 'string' } } });
const other = () => readDescriptor(readFileSync(rest[0]), rest[1]);

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
		const state = load(directory), peer = other(), receiver = new Receiver(state, [peer]);
		await serve(state.endpoint, state.tls.pem, () => peer.pins, state.descriptor, (octets) => {
			const answer = receiver.receive(octets);
			keep('envelope.xml', octets), keep('answer.xml', answer.body ?? '');
			console.log(answer.event);
			return answer;
		});
		console.log('ready');
		process.once('SIGTERM', () => process.exit(0));
	},
	async attack() {
		process.exitCode = await attack(load(directory), other(), load(rest[2])) ? 0 : 1;
	},
};
if (!Object.hasOwn(VERBS, verb ?? '')) {
	console.error(`peer.mjs ${Object.keys(VERBS).join('|')} DIR …`);
	process.exit(2);
}
await VERBS[verb]();
