// fetch - a State that opens no port fetches what its peers have for it, and posts its answers (section 42).
import { ANSWERS, connect, DESCRIPTOR, MESSAGES } from './link.mjs';
import { sha256 } from './seal.mjs';

const WAIT = 5, PAUSE = 500;
const FILES = '/rxp/1/attachments/';

// RXP-PUL-007: what is missing of a document is fetched before it is refused for that.
async function answerTo(node, party, octets, link) {
	const made = node.receive(party, octets);
	if (!made.missing) return made;
	for (const digest of made.missing) {
		const { status, body } = await link.request({ method: 'GET', path: FILES + digest, headers: {} });
		if (status === 200) node.attachments.put(party, digest, { first: 0, total: body.length }, body);
	}
	return node.receive(party, octets);
}
// What was given in answer to a question: the digest of what is left, if it is an answer of this State that it cannot take (RXP-PUL-013).
async function take(node, party, octets, link) {
	const isOwn = /^<(Receipt|Refusal)\b/.test(octets.toString('latin1')), made = isOwn ? node.takeAnswer(party, octets) : await answerTo(node, party, octets, link);
	if (isOwn && made.status === 422) return sha256(octets).toString('hex');
	const body = isOwn ? octets : made.body;
	if (body) await link.request({ path: ANSWERS, body });
	return undefined;
}
async function fetchOn(node, party, link) {
	await link.request({ path: DESCRIPTOR.path, body: node.state.descriptor() });
	for (let left; ;) {
		const { status, body } = await link.request({ method: 'GET', path: `${MESSAGES}?wait=${WAIT}${left ? `&left=${left}` : ''}`, headers: {} });
		if (status !== 200 && status !== 204) throw new Error(`status ${status}`);
		left = status === 200 ? await take(node, party, body, link) : undefined;
	}
}

// From one peer, until the process ends. `tell` gets a line for each connection that ended.
export async function fetchFrom(node, { party, endpoints, pins }, tell) {
	for (;;) {
		const link = await connect(endpoints[0], pins, node.state.tls.pem).catch((error) => tell(`not connected: ${error.message}`));
		if (link) await fetchOn(node, party, link).catch((error) => tell(`not fetched: ${error.message}`));
		link?.destroy();
		await new Promise((resolve) => setTimeout(resolve, PAUSE));
	}
}
