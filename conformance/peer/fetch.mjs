// fetch - a State that opens no port fetches what its peers have for it, and posts its answers (section 42).
import { ANSWERS, connect, DESCRIPTOR, MESSAGES } from './link.mjs';
import { sha256 } from './seal.mjs';

const PAUSE = 500;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// How this implementation fetches, where the specification leaves it open: how many seconds its questions wait, and it behind each of
// them; how often it posts an answer; whether it has several messages in work; whether it has a connection for each thing. Others do it
// otherwise (lawful.mjs).
export const FETCHES = { wait: 5, pause: 0, times: 1, isHoarding: false, isApart: false };
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
const post = async (link, body) => {
	for (let n = 0; n < FETCHES.times; n++) await link.request({ path: ANSWERS, body });
};
// What was given in answer to a question: the digest of what is left, if it is an answer of this State that it cannot take (RXP-PUL-013).
async function take(node, party, octets, link) {
	const isOwn = /^<(Receipt|Refusal)\b/.test(octets.toString('latin1')), made = isOwn ? node.takeAnswer(party, octets) : await answerTo(node, party, octets, link);
	if (isOwn && made.status === 422) return sha256(octets).toString('hex');
	const body = isOwn ? octets : made.body;
	if (body) await post(link, body);
	return undefined;
}
const idOf = (octets) => /<(?:\w+:)?MessageId>([-0-9a-f]{36})</.exec(octets.toString('latin1'))?.[1];
// `fresh()` gives a connection of its own.
async function fetchOn(node, party, link, fresh) {
	await link.request({ path: DESCRIPTOR.path, body: node.state.descriptor() });
	for (let left, held = []; ;) {
		const query = [FETCHES.wait !== undefined && `wait=${FETCHES.wait}`, held.length && `skip=${held.map(idOf).join(',')}`, left && `left=${left}`].filter(Boolean).join('&');
		const { status, body } = await link.request({ method: 'GET', path: MESSAGES + (query && `?${query}`), headers: {} });
		if (status !== 200 && status !== 204) throw new Error(`status ${status}`);
		left = undefined;
		if (status === 200 && FETCHES.isHoarding && held.length < 32 && idOf(body) && /<(?:\w+:)?Envelope\b/.test(body.toString('latin1'))) held.push(body);
		else {
			const own = FETCHES.isApart ? await fresh() : link;
			if (status === 200) left = await take(node, party, body, own);
			for (const one of held.reverse()) await take(node, party, one, own);
			held = [];
			if (own !== link) own.destroy();
			if (FETCHES.isApart && !left) return;
		}
		await pause(FETCHES.pause);
	}
}

// From one peer, until the process ends. `tell` gets a line for each connection that ended.
export async function fetchFrom(node, { party, endpoints, pins }, tell) {
	for (;;) {
		const fresh = () => connect(endpoints, pins, node.state.tls.pem), link = await fresh().catch((error) => tell(`not connected: ${error.message}`));
		if (link) await fetchOn(node, party, link, fresh).catch((error) => tell(`not fetched: ${error.message}`));
		link?.destroy();
		await pause(FETCHES.isApart ? 0 : PAUSE);
	}
}
