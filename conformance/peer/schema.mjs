// schema - validates elements by the schemas of the specification (spec/xsd), which it reads: a new type is no code.
//
// It knows the part of XML Schema 1.0 that those schemas use, and throws for any other. Content models there are
// deterministic, so one element decides which particle takes it, and nothing is ever tried twice.
import { readdirSync, readFileSync } from 'node:fs';
import { children, parse, value as contentOf } from './xml.mjs';
import { SPECIFICATION } from './tables.mjs';

const FOLDER = new URL('xsd/', SPECIFICATION);
const read = (file) => parse(readFileSync(new URL(file, FOLDER), 'utf8').replace(/<!--.*?-->/gs, '').trimEnd(), { declaration: true });
const child = (node, name) => children(node, name)[0];
const attribute = (node, name) => node.attributes.get(name);

// --- reading a schema ---

const KINDS = ['element', 'complexType', 'simpleType', 'group', 'attributeGroup'];
// What a file and all that it includes declare, by kind and name. None of the included ones has a namespace of its own.
function declared(file, into = new Map(), seen = new Set()) {
	if (seen.has(file)) return into;
	seen.add(file);
	const schema = read(file);
	for (const one of children(schema)) {
		if (one.local === 'include') declared(attribute(one, 'schemaLocation'), into, seen);
		else if (KINDS.includes(one.local)) into.set(`${one.local} ${attribute(one, 'name')}`, one);
		else throw new Error(`${file}: ${one.local}`);
	}
	return into.set('namespace', into.get('namespace') ?? attribute(schema, 'targetNamespace'));
}

// The name of every element that some schema declares (RXP-ANS-017).
export const ELEMENTS = new Set(readdirSync(FOLDER).flatMap((file) => {
	const names = (node) => children(node).flatMap((one) => [one.local === 'element' ? attribute(one, 'name') : undefined, ...names(one)]);
	return names(read(file)).filter((name) => name !== undefined);
}));

const BUILT_IN = { 'xs:string': () => true, 'xs:int': (v) => isWhole(v, 2n ** 31n), 'xs:long': (v) => isWhole(v, 2n ** 63n) };
const isWhole = (v, bound) => /^[+-]?\d{1,30}$/.test(v) && BigInt(v) >= -bound && BigInt(v) < bound;
const characters = (v) => [...v].length;
// `\S` and `\s` of XML Schema are about four characters.
const expression = (pattern) => new RegExp(`^(?:${pattern.replaceAll('\\S', '[^ \\t\\n\\r]')})$`, 'u');
const FACETS = {
	pattern: (given) => ((patterns) => (v) => patterns.some((one) => one.test(v)))(given.map(expression)),
	enumeration: (given) => ((all) => (v) => all.has(v))(new Set(given)),
	length: ([n]) => (v) => characters(v) === Number(n),
	minLength: ([n]) => (v) => characters(v) >= Number(n),
	maxLength: ([n]) => (v) => characters(v) <= Number(n),
	minInclusive: ([n]) => (v) => BigInt(v) >= BigInt(n),
	maxInclusive: ([n]) => (v) => BigInt(v) <= BigInt(n),
};

export class Schema {
	#declared;
	#simple = new Map();
	#complex = new Map();

	constructor(file) {
		this.#declared = declared(file);
		this.namespace = this.#declared.get('namespace');
	}
	has(name) {
		return this.#declared.has(`element ${name}`);
	}
	#get(kind, name) {
		return this.#declared.get(`${kind} ${name}`);
	}

	// Of a simple type, by name or in place: {names: its own and those that it is derived from, tests: what a value must pass}.
	#value(type) {
		if (Object.hasOwn(BUILT_IN, type)) return { names: [type], tests: [BUILT_IN[type]] };
		const definition = typeof type === 'string' ? this.#get('simpleType', type) : type;
		if (!this.#simple.has(definition)) {
			const restriction = child(definition, 'restriction'), base = this.#value(attribute(restriction, 'base')), given = new Map();
			for (const facet of children(restriction)) given.set(facet.local, [...(given.get(facet.local) ?? []), attribute(facet, 'value')]);
			const own = [...given].map(([name, values]) => FACETS[name](values)), name = attribute(definition, 'name');
			this.#simple.set(definition, { names: name ? [name, ...base.names] : base.names, tests: [...base.tests, ...own] });
		}
		return this.#simple.get(definition);
	}

	// {value?, particle?, attributes: Map name → {value, required}} of a type, by name or in place.
	#content(type) {
		if (typeof type === 'string') {
			const complex = this.#get('complexType', type);
			return complex ? this.#content(complex) : { value: this.#value(type), attributes: new Map() };
		}
		if (type.local === 'simpleType') return { value: this.#value(type), attributes: new Map() };
		if (!this.#complex.has(type)) this.#complex.set(type, this.#made(type));
		return this.#complex.get(type);
	}
	#made(type) {
		const [derived] = children(type, 'simpleContent', 'complexContent');
		const extension = derived && child(derived, 'extension');
		const base = extension && this.#content(attribute(extension, 'base'));
		const own = extension ?? type;
		const particles = children(own, 'sequence', 'choice', 'group').map((one) => this.#particle(one));
		const all = [base?.particle, ...particles].filter((one) => one !== undefined);
		return {
			value: base?.value, attributes: new Map([...(base?.attributes ?? []), ...this.#attributes(own)]),
			particle: all.length > 1 ? { kind: 'sequence', min: 1, max: 1, parts: all } : all[0],
		};
	}
	#attributes(node) {
		return children(node, 'attribute', 'attributeGroup').flatMap((one) => one.local === 'attributeGroup'
			? this.#attributes(this.#get('attributeGroup', attribute(one, 'ref')))
			: [[attribute(one, 'name'), { required: attribute(one, 'use') === 'required', value: this.#value(attribute(one, 'type') ?? child(one, 'simpleType')) }]]);
	}

	// {kind, min, max, parts | name, element | namespace}
	#particle(node) {
		const bound = (name) => ((given) => given === 'unbounded' ? Infinity : Number(given ?? 1))(attribute(node, name));
		const one = { kind: node.local, min: bound('minOccurs'), max: bound('maxOccurs') };
		const ref = attribute(node, 'ref');
		switch (node.local) {
		case 'element': return { ...one, name: ref ?? attribute(node, 'name'), element: ref ? this.#get('element', ref) : node };
		case 'any': return { ...one, namespace: attribute(node, 'namespace') };
		case 'group': return { ...one, kind: 'sequence', parts: children(this.#get('group', ref)).map((part) => this.#particle(part)) };
		case 'sequence': case 'choice': return { ...one, parts: children(node, 'element', 'any', 'group', 'sequence', 'choice').map((part) => this.#particle(part)) };
		default: throw new Error(`xs:${node.local}`);
		}
	}

	// --- validating ---

	// The path of the first fault of an element (RXP-ANS-022), or null if it has none. `type`: of this named type, whatever its own
	// declaration. `unjudged`: names of elements whose values are judged elsewhere. `visit(path, text, names of the type)`
	// is called for each value that is right.
	fault(node, { type, unjudged = new Set(), visit = () => {} } = {}) {
		try {
			if (node.ns !== this.namespace || !(type || this.has(node.local))) fail([node]);
			this.#element(node, type ?? this.#get('element', node.local), [node], { unjudged, visit });
			return null;
		} catch (error) {
			if (error instanceof Fault) return error.path;
			throw error;
		}
	}

	#element(node, declaration, path, how) {
		const type = typeof declaration === 'string' ? declaration : attribute(declaration, 'type') ?? children(declaration, 'complexType', 'simpleType')[0];
		const { value, particle, attributes } = this.#content(type);
		for (const [name, text] of node.attributes)
			if (!attributes.get(name)?.value.tests.every((test) => test(text))) fail(path);
		for (const [name, { required }] of attributes) if (required && !node.attributes.has(name)) fail(path);
		if (value) {
			const inside = node.children.find((one) => typeof one !== 'string'), text = node.children.join('');
			if (inside) fail([...path, inside]);
			if (!how.unjudged.has(node.local) && !value.tests.every((test) => test(text))) fail(path);
			how.visit(path, text, value.names);
		} else this.#elements(node, particle, path, how);
		for (const one of typeof declaration === 'string' ? [] : children(declaration, 'unique', 'key', 'keyref')) this.#identity(node, declaration, one, path);
	}

	#elements(node, particle, path, how) {
		const inside = node.children.filter((one) => typeof one !== 'string');
		if (node.children.some((one) => typeof one === 'string' && (!particle || /[^ \t\n\r]/.test(one)))) fail(path);
		const list = { nodes: inside, at: 0, path, how };
		if (particle) this.#take(particle, list);
		if (list.at < inside.length) fail([...path, inside[list.at]]);
	}
	// Take from the list what the particle takes; what is missing is the fault of the element in its place, or else of the parent.
	#take(particle, list) {
		const { kind, min, max, parts } = particle;
		let taken = 0;
		for (; taken < max && this.#begins(particle, list.nodes[list.at]); taken++) {
			if (kind === 'element') this.#element(list.nodes[list.at], particle.element, [...list.path, list.nodes[list.at]], list.how);
			if (kind === 'element' || kind === 'any') list.at++;
			else if (kind === 'choice') this.#take(parts.find((part) => this.#begins(part, list.nodes[list.at])), list);
			else for (const part of parts) this.#take(part, list);
		}
		if (taken < min && !this.#isOptional(particle)) {
			const next = list.nodes[list.at];
			fail(next ? [...list.path, next] : list.path);
		}
	}
	#begins({ kind, name, namespace, parts }, node) {
		if (!node) return false;
		if (kind === 'element') return node.ns === this.namespace && node.local === name;
		if (kind === 'any') return node.ns === namespace;
		if (kind === 'choice') return parts.some((part) => this.#begins(part, node));
		for (const part of parts) {
			if (this.#begins(part, node)) return true;
			if (!this.#isOptional(part)) return false;
		}
		return false;
	}
	#isOptional({ kind, min, parts }) {
		if (min === 0) return true;
		return kind === 'sequence' ? parts.every((part) => this.#isOptional(part)) : kind === 'choice' && parts.some((part) => this.#isOptional(part));
	}

	// unique, key and keyref with one field.
	#identity(node, declaration, rule, path) {
		const xpath = (name) => attribute(child(rule, name), 'xpath');
		const steps = (text) => text.split('/').map((step) => step.replace(/^\w+:/, ''));
		const select = (from, names) => names.reduce((nodes, name) => nodes.flatMap((one) => children(one).filter((inner) => inner.local === name)), [from]);
		const field = xpath('field'), of = (one) => field.startsWith('@') ? attribute(one, field.slice(1))
			: contentOf(field === '.' ? one : select(one, steps(field))[0]);
		const selected = select(node, steps(xpath('selector')));
		const values = new Set();
		if (rule.local === 'keyref') {
			const key = children(declaration, 'key').find((one) => attribute(one, 'name') === attribute(rule, 'refer'));
			for (const one of select(node, steps(attribute(child(key, 'selector'), 'xpath')))) values.add(contentOf(one));
		}
		for (const one of selected) {
			if (values.has(of(one)) !== (rule.local === 'keyref')) fail([...path, one]);
			values.add(of(one));
		}
	}
}

class Fault extends Error {
	constructor(path) {
		super('schema');
		this.path = path;
	}
}
const fail = (path) => {
	throw new Fault(path);
};
// A path as Place has it: names from the outside in; whatever a sender invents is `*` (RXP-ANS-017).
export const placeOf = (path) => path.map(({ local }) => (ELEMENTS.has(local) ? local : '*')).join('/');

export const BODY = new Schema('body.xsd'), DOCUMENT = new Schema('document.xsd');
