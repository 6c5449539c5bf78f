// desk - what a desk has its State send: typed content, to which the node adds the place in the case, the Profile and the seal.
import { randomUUID } from 'node:crypto';
import { manifest } from './attachments.mjs';
import { Case } from './case.mjs';
import { closeCompartment, COMPARTMENTS } from './compartment.mjs';
import { readContent } from './content.mjs';
import { canonical, children, parse } from './xml.mjs';
import { brokenSafeguard } from './safeguard.mjs';
import { dayOf } from './values.mjs';
import { content } from './message.mjs';
import { DOCUMENT } from './schema.mjs';
import { table, TYPES } from './tables.mjs';

const CUSTOMARY = { id: 'customary', version: '1' };
const OPENING = new Map(table('case-document').map((row) => [row.Document, row['Opens a case'] === 'yes']));

// RXP-DOC-016: between elements a line feed and two spaces for each level, and nothing else.
function tidied(node, level = 0) {
	const inside = children(node), gap = (n) => `\n${'  '.repeat(n)}`;
	if (inside.length) node.children = [...inside.flatMap((one) => [gap(level + 1), tidied(one, level + 1)]), gap(level)];
	return node;
}
// RXP-CMP-005: the text of typed content with its compartments closed for the peer's offices.
function closed(node, header, salt, officeKeys) {
	for (const one of children(node)) {
		if (!COMPARTMENTS.has(one.local)) closed(one, header, salt, officeKeys);
		else {
			const key = officeKeys.find(({ office }) => office === COMPARTMENTS.get(one.local).office)?.key;
			if (!key) throw new Error('the peer has no key for this office');
			one.children = [parse(closeCompartment(one.local, canonical(children(one)[0]), header, salt, key)).children[0]];
		}
	}
	return node;
}

// The offices of section 9: [from, to], for a document of a side of the case.
function officesOf(type, one, isRequesting) {
	const opening = [...one.documents[one.own], ...one.documents[one.peer]].find(({ said }) => said.opens)?.said.type;
	const row = TYPES.get(TYPES.get(type)['At the requesting'] === 'as the opening' ? opening : type);
	const both = [row['At the requesting'], row['At the requested']];
	return isRequesting ? both : both.reverse();
}

// Send typed content (text) in a case, or in a new one. It resolves when the message is on its way, and throws for what a sender
// must not seal. What was sent to the case before must have its final answer (RXP-CHN-005), and keeps back no other case
// (RXP-ANS-024): `relation.lines` has the line of each.
export function submit(relation, state, text, caseId, files = []) {
	const id = caseId || randomUUID(), sending = (relation.lines.get(id) ?? Promise.resolve()).then(() => prepare(relation, state, text, id, files));
	relation.lines.set(id, sending.then(({ answer }) => answer, () => {}));
	return sending.then((made) => made.id);
}
function prepare(relation, state, text, id, files) {
	const { peer, cases, sender } = relation, typed = parse(text.trim(), { declaration: true }), type = typed.local;
	const one = cases.get(id) ?? new Case(state.party, peer.party), [, position, previous] = one.last(state.party);
	if (!TYPES.get(type)?.inCase || OPENING.get(type) !== !cases.has(id)) throw new Error(`${type} has no place there`);
	const attachments = files.length ? parse(`<Body xmlns="${DOCUMENT.namespace}">${manifest(files)}</Body>`).children[0] : undefined;
	const { content: said, fault } = readContent(type, typed, attachments);
	if (fault) throw new Error(`the content breaks ${fault.requirement ?? 'its schema'}`);
	const safeguard = brokenSafeguard(said, dayOf(Date.now()), state.isTest);
	if (safeguard) throw new Error(`the content breaks ${safeguard}`);
	const [, , seen] = one.last(peer.party), place = { Type: type, Position: String(position + 1), Previous: previous, Seen: seen, Profile: one.profile ?? CUSTOMARY };
	const judged = one.judge(state.party, place, typed, '');
	if (judged.fault) throw new Error(`the case does not allow it: ${judged.fault.requirement}`);
	if (!judged.isSealed) throw new Error('the case does not foresee it, or it lacks what it must say');
	const [FromOffice, ToOffice] = officesOf(type, one, (one.requesting ?? state.party) === state.party);
	const made = sender.make(type, (header, salt) => canonical(closed(tidied(typed), header, salt, peer.officeKeys)),
		{ FromOffice, ToOffice, CaseId: id, Position: place.Position, Previous: previous, Seen: seen, Profile: place.Profile }, files);
	const record = { ...judged.record, fingerprint: made.fingerprint.toString('base64'), octets: made.document, messageId: made.id, sent: made };
	const pending = { fingerprint: record.fingerprint, take: () => (cases.set(id, one), one.add(record, place), relation.pending.delete(id)) };
	relation.pending.set(id, pending);
	// RXP-CHN-014
	made.onGap = async ({ View }) => {
		const held = Number(children(View, 'Last').find(({ attributes }) => attributes.get('party') === state.party).attributes.get('position'));
		for (const before of one.documents[state.party].slice(held)) await sender.repeat(before);
	};
	const answer = sender.deliver(made).then((read) => {
		if (relation.pending.get(id) === pending && read?.kind === 'Receipt') pending.take();
		if (relation.pending.get(id) === pending) relation.pending.delete(id);
	});
	return { id, answer };
}

// The desk takes over what it has of a case: HandedOver names the last document of the other State (RXP-HND-004).
export function takeOver(relation, state, caseId) {
	const one = relation.cases.get(caseId), last = one?.documents[one.peer].at(-1);
	if (!last) throw new Error('there is nothing to take over');
	const side = one.requesting === state.party ? 'AtRequestingDesk' : 'AtRequestedDesk';
	return submit(relation, state, content('HandedOver', `<Document>${last.fingerprint}</Document><${side}></${side}>`), caseId);
}
