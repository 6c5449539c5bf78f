// tables - what the library's tables say of the document types.
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(path.dirname(new URL(import.meta.url).pathname), '../../../..');

const rows = (file, shape) => [...readFileSync(path.join(root, 'protocol', file), 'utf8').matchAll(shape)].map((row) => row.slice(1));
const types = new Map(rows('message/message.def', /^MESSAGE\((\w+), "(\w+)"/gm));

// Those of no case.
export const caseless = rows('message/message.def', /^MESSAGE\(\w+, "(\w+)", NODE,/gm).flat();

// Those that open a case.
export const openers = rows('case/case.def', /^CASE_DOCUMENT\((\w+), .*, 1\)/gm).map(([type]) => types.get(type));

// Which document one of the type concerns, and in which element it names it; `of` is undefined for any type.
export const concerns = rows('case/case.def', /^CASE_ANSWERS\((\w+), "(\w+)", (\w+), (\w+),/gm)
	.map(([type, element, of, whose]) => ({ type: types.get(type), element, of: types.get(of), whose }));
