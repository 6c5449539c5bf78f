// history - gives a peer its own documents back that it asks for (section 33), each as one HistoryCopy or two.
import { children, value } from './xml.mjs';
import { base64 } from './values.mjs';
import { content } from './message.mjs';

const PIECE = 98_304;
// Which documents come in two pieces, and how many octets the first has; others may (lawful.mjs).
export const GIVES = { isInTwo: (octets) => octets.length > PIECE, first: (octets) => Math.ceil(octets.length / 2) };

// The markup of RXP-DOC-016: between elements a line feed and two spaces for each level.
const copyText = (request, number, copy) => content('HistoryCopy', `\n${[
	`<Request>${request}</Request>`, `<Number>${number}</Number>`, `<Last>${copy ? 'false' : 'true'}</Last>`, ...(copy ? [copy] : []),
].map((line) => `  ${line}\n`).join('')}`);

// The documents of the peer in the cases asked for, in the order of RXP-HIS-008.
function documentsOf({ cases, peer }, { typed }) {
	const asked = children(typed, 'CaseId').map(value), ids = asked.length ? asked : [...cases.keys()];
	return ids.sort().flatMap((id) => cases.get(id)?.documents[peer.party] ?? []);
}
// RXP-HIS-005
function copiesOf({ octets, messageId, envelope }) {
	const first = GIVES.first(octets), pieces = GIVES.isInTwo(octets) ? [octets.subarray(0, first), octets.subarray(first)] : [octets];
	return pieces.map((piece, i) =>
		`<Copy messageId="${messageId}" envelope="${base64(envelope)}" piece="${i + 1}" pieces="${pieces.length}">${base64(piece)}</Copy>`);
}

// Begin to answer a HistoryRequest. After a final Refusal of a copy no more is given.
export async function giveHistory(relation, document) {
	relation.asked = document.header.MessageId;
	const copies = [...documentsOf(relation, document).flatMap(copiesOf), undefined];
	for (const [i, copy] of copies.entries()) {
		const answer = await relation.sender.send('HistoryCopy', copyText(relation.asked, i + 1, copy));
		if (answer?.kind !== 'Receipt') break;
	}
	relation.asked = null;
}
