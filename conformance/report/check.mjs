// check - does a report satisfy its schema? For the words of JSON Schema that report.schema.json uses.
// node check.mjs REPORT; exit status 1 and a line for each thing that does not.
import { readFileSync } from 'node:fs';

const TYPES = {
	object: (v) => typeof v === 'object' && v !== null && !Array.isArray(v),
	array: Array.isArray,
	string: (v) => typeof v === 'string',
	number: (v) => typeof v === 'number',
	integer: Number.isInteger,
};
const KNOWN = new Set(['$schema', '$id', 'title', 'description', 'type', 'enum', 'additionalProperties', 'required', 'properties', 'items']);

function* faults(value, schema, at) {
	for (const word of Object.keys(schema)) if (!KNOWN.has(word)) throw new Error(`the schema has a word that is not read here: ${word}`);
	if (schema.enum && !schema.enum.includes(value)) yield `${at} is ${JSON.stringify(value)}`;
	if (schema.type && !TYPES[schema.type](value)) return yield `${at} is no ${schema.type}`;
	for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) yield `${at} has no ${name}`;
	for (const [name, inner] of Object.entries(schema.properties ? value : {})) {
		if (schema.properties[name]) yield* faults(inner, schema.properties[name], `${at}.${name}`);
		else if (schema.additionalProperties === false) yield `${at} has ${name}`;
	}
	if (schema.items) for (const [i, inner] of value.entries()) yield* faults(inner, schema.items, `${at}[${i}]`);
}

const schema = JSON.parse(readFileSync(new URL('report.schema.json', import.meta.url), 'utf8'));
const found = [...faults(JSON.parse(readFileSync(process.argv[2], 'utf8')), schema, 'report')];
for (const line of found) console.log(line);
process.exit(found.length ? 1 : 0);
