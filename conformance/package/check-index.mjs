// check-index - does the index of a vectors package satisfy its schema, and is each file there that it names, and named that is
// there? node check-index.mjs DIR; exit status 1 and a line for each thing that is not so. For the words of JSON Schema that
// index.schema.json uses.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [dir] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(join(dir, name), 'utf8'));
const index = read('index.json'), whole = read('index.schema.json');
const isObject = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);
const TYPES = { object: isObject, array: Array.isArray, string: (v) => typeof v === 'string', integer: Number.isInteger };
const KNOWN = new Set(['$schema', '$defs', '$ref', 'title', 'type', 'const', 'enum', 'pattern', 'required', 'properties', 'additionalProperties', 'items', 'allOf', 'if', 'then']);

function* faults(value, schema, at) {
	for (const word of Object.keys(schema)) if (!KNOWN.has(word)) throw new Error(`the schema has a word that is not read here: ${word}`);
	if (schema.$ref) yield* faults(value, schema.$ref.slice(2).split('/').reduce((one, name) => one[name], whole), at);
	if (schema.type && !TYPES[schema.type](value)) return yield `${at} is no ${schema.type}`;
	if ('const' in schema && value !== schema.const) yield `${at} is ${JSON.stringify(value)}`;
	if (schema.enum && !schema.enum.includes(value)) yield `${at} is ${JSON.stringify(value)}`;
	if (schema.pattern && !new RegExp(schema.pattern).test(value)) yield `${at} is ${JSON.stringify(value)}`;
	for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) yield `${at} has no ${name}`;
	for (const [name, inner] of Object.entries(isObject(value) ? value : {})) {
		if (schema.properties?.[name]) yield* faults(inner, schema.properties[name], `${at}.${name}`);
		else if (schema.additionalProperties === false) yield `${at} has ${name}`;
		else if (isObject(schema.additionalProperties)) yield* faults(inner, schema.additionalProperties, `${at}.${name}`);
	}
	if (schema.items) for (const [i, inner] of value.entries()) yield* faults(inner, schema.items, `${at}[${inner.id ?? i}]`);
	for (const one of schema.allOf ?? []) yield* faults(value, one, at);
	if (schema.if && [...faults(value, schema.if, at)].length === 0) yield* faults(value, schema.then, at);
}
function* filesBelow(folder) {
	for (const name of readdirSync(join(dir, folder))) {
		const path = folder ? `${folder}/${name}` : name;
		if (statSync(join(dir, path)).isDirectory()) yield* filesBelow(path);
		else yield path;
	}
}

const found = [...faults(index, whole, 'index')], ids = index.vectors.map(({ id }) => id);
const named = new Set(index.vectors.flatMap(({ files }) => Object.values(files))), there = new Set(filesBelow(''));
for (const name of named) if (!there.has(name)) found.push(`${name} is not there`);
for (const name of there) if (name.includes('/') && !name.startsWith('keys/') && !named.has(name)) found.push(`no vector names ${name}`);
for (const id of new Set(ids)) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`${id} stands twice`);
for (const kind of Object.keys(index.kinds)) if (!index.vectors.some((one) => one.kind === kind)) found.push(`no vector of the kind ${kind}`);
for (const line of found) console.log(line);
process.exitCode = found.length ? 1 : 0;
