// content - what a Document says: its typed content and the manifest of its attachments, judged by their schemas, by the
// rules between fields (RXP-DOC-008) and as to its compartments.
import { children } from './xml.mjs';
import { BODY, DOCUMENT } from './schema.mjs';
import { firstFault, personsOf } from './rules.mjs';
import { TYPES } from './tables.mjs';

// The forms of values are judged here and not in opening (RXP-DOC-018).
// {content, fault}: fault is {requirement?, path} of the first thing that breaks the schema or a rule, or null.
export function readContent(type, typed, attachments) {
	const content = { type, typed, attachments, manifest: attachments ? children(attachments) : [], persons: [], values: [] };
	const visit = (...found) => content.values.push(found);
	if (typed.local !== type) return { content, fault: { requirement: 'RXP-DOC-004', path: [typed] } };
	const path = BODY.fault(typed, { visit }) ?? (attachments && DOCUMENT.fault(attachments, { visit }));
	if (path) return { content, fault: { path } };
	// RXP-DOC-009, RXP-DOC-017
	if (attachments && !TYPES.get(type).inCase) return { content, fault: { requirement: 'RXP-DOC-009', path: [{ local: 'Body' }, attachments] } };
	content.persons = personsOf(typed);
	return { content, fault: firstFault(content) };
}
