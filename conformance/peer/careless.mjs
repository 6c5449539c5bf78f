// careless - a State that is wrong on purpose, so that tests see a product fail: it takes content that breaks its schema, says
// `recipient` where a message does not open and `state` of what expired, takes no document of a case, and gives nobody its history.
import { decide } from './judge.mjs';

const unsupported = { code: 'unsupported', more: {} };
export function decideCarelessly(envelope, node) {
	const decided = decide(envelope, node);
	const { CaseId, Type } = decided.document?.header ?? {};
	if (CaseId !== undefined) return { ...decided, refused: unsupported };
	if (Type === 'HistoryRequest') return { ...decided, refused: unsupported };
	if (decided.refused?.code === 'unopenable') return { refused: { code: 'recipient', more: {} } };
	if (decided.refused?.code === 'expired') return { ...decided, refused: { code: 'state', more: {} } };
	return decided.refused?.code === 'schema' ? { document: decided.document, taken: { flags: [] } } : decided;
}
