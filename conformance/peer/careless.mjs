// careless - a State that is wrong on purpose, so that tests see a product fail: it takes content that breaks its schema, says
// `busy` where a message does not open, and takes no document of a case.
import { decide } from './judge.mjs';

const busy = { code: 'busy', more: {} };
export function decideCarelessly(envelope, node) {
	const decided = decide(envelope, node);
	if (decided.document?.header.CaseId !== undefined) return { refused: busy };
	if (decided.refused?.code === 'unopenable') return { refused: busy };
	return decided.refused?.code === 'schema' ? { document: decided.document, taken: { flags: [] } } : decided;
}
