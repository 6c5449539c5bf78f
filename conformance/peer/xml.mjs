// xml - the little XML that RXP/1 needs: a strict reader of the subset of section 1.1, exclusive
// canonical form, and a comparison of structure that knows no prefixes.
const NAME = '[A-Za-z_][A-Za-z0-9_.-]*';
const QNAME = `(?:${NAME}:)?${NAME}`;
const S = '[ \\t\\r\\n]';
const attribute = (name, text) => `${S}+${name}${S}*=${S}*${text}`;
const ATTRIBUTE = new RegExp(attribute(`(${QNAME})`, `("[^"<]*"|'[^'<]*')`), 'g');
const TOKEN = new RegExp(`<(/)?(${QNAME})((?:${attribute(QNAME, `(?:"[^"<]*"|'[^'<]*')`)})*)${S}*(/)?>|([^<]+)`, 'y');
const DECLARATION = /^<\?xml version=["']1\.0["'](?: encoding=["'][Uu][Tt][Ff]-8["'])?(?: standalone=["'](?:yes|no)["'])?\s*\?>\s*/;
const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decode = (text) => text.replace(/\r\n?/g, '\n').replace(/&([^;]*);?/g, (whole, name) => {
	if (!whole.endsWith(';')) throw new Error('a lone ampersand');
	const number = /^#(?:(\d{1,7})|x([0-9A-Fa-f]{1,6}))$/.exec(name);
	if (number) return String.fromCodePoint(number[1] ? Number(number[1]) : parseInt(number[2], 16));
	if (!Object.hasOwn(NAMED, name)) throw new Error(`entity ${name}`);
	return NAMED[name];
});
const split = (name) => name.includes(':') ? name.split(':') : ['', name];

// Octets (or text) to a tree of {prefix, local, ns, declares, attributes, children}; a child is a node
// or a string. Throws for whatever section 1.1 does not allow. `declaration`: RXP-XML-002.
export function parse(input, { declaration = false } = {}) {
	let text = typeof input === 'string' ? input : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input);
	if (declaration) text = text.replace(DECLARATION, '');
	const stack = [];
	let root = null, count = 0;
	for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
		const at = TOKEN.lastIndex;
		const token = TOKEN.exec(text);
		if (!token) throw new Error(`not allowed at ${at}`);
		const [, close, name, attributes, empty, characters] = token;
		const parent = stack.at(-1);
		if (characters !== undefined) {
			if (!parent) throw new Error('text outside the root');
			parent.children.push(decode(characters));
		} else if (close) {
			if (!parent || attributes || empty || parent.name !== name) throw new Error(`end tag at ${at}`);
			stack.pop();
		} else {
			if (root && !parent) throw new Error('a second root');
			const node = open(name, attributes, parent);
			if (parent) parent.children.push(node);
			root ??= node;
			if (++count > 20000 || stack.length >= 32) throw new Error('a bound of RXP-XML-005');
			if (!empty) stack.push(node);
		}
	}
	if (!root || stack.length) throw new Error('not complete');
	return root;
}

function open(name, text, parent) {
	const [prefix, local] = split(name);
	const node = { name, prefix, local, declares: new Map(), attributes: new Map(), children: [] };
	for (const [, key, quoted] of text.matchAll(ATTRIBUTE)) {
		const value = decode(quoted.slice(1, -1).replace(/[\t\n\r]/g, ' '));
		const into = key === 'xmlns' || key.startsWith('xmlns:') ? node.declares : node.attributes;
		const as = into === node.declares ? key.slice(6) : key;
		if (into.has(as) || as.includes(':')) throw new Error(`attribute ${key}`);
		into.set(as, value);
	}
	if (node.declares.size + node.attributes.size > 16) throw new Error('a bound of RXP-XML-005');
	node.scope = new Map([...(parent?.scope ?? []), ...node.declares]);
	if (prefix && !node.scope.has(prefix)) throw new Error(`prefix ${prefix}`);
	node.ns = node.scope.get(prefix) ?? '';
	return node;
}

const escape = (text, signs) => text.replace(signs, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ??
	`&#x${c.codePointAt(0).toString(16).toUpperCase()};`);
export const escapeText = (text) => escape(text, /[&<>\r]/g);

// Exclusive canonical XML without comments. RXP-XML-004: no attribute has a prefix.
export function canonical(node, rendered = new Map()) {
	if (typeof node === 'string') return escapeText(node);
	let out = `<${node.name}`;
	const inside = new Map(rendered);
	if ((rendered.get(node.prefix) ?? '') !== node.ns) {
		out += ` xmlns${node.prefix && ':'}${node.prefix}="${escape(node.ns, /[&<"\t\n\r]/g)}"`;
		inside.set(node.prefix, node.ns);
	}
	for (const key of [...node.attributes.keys()].sort()) out += ` ${key}="${escape(node.attributes.get(key), /[&<"\t\n\r]/g)}"`;
	return `${out}>${node.children.map((child) => canonical(child, inside)).join('')}</${node.name}>`;
}

// The structure with namespaces in the place of prefixes: equal for objects that differ in nothing else.
export function structure(node) {
	if (typeof node === 'string') return JSON.stringify(node);
	const attributes = [...node.attributes].sort().map((pair) => JSON.stringify(pair)).join('');
	return `{${node.ns}}${node.local}[${attributes}](${node.children.map(structure).join(' ')})`;
}

// Element children; a text between elements is an error.
export function elements(node) {
	if (node.children.some((child) => typeof child === 'string')) throw new Error(`text in ${node.local}`);
	return node.children;
}
export function value(node) {
	if (node.children.some((child) => typeof child !== 'string')) throw new Error(`elements in ${node.local}`);
	return node.children.join('');
}
// The children of a flat element as [name, value] after a check of their order; `order` is an expression
// over the names joined by blanks.
export function fields(node, order, nested = []) {
	const children = elements(node);
	if (!order.test(children.map((child) => child.local).join(' '))) throw new Error(`content of ${node.local}`);
	if (children.some((child) => child.ns !== node.ns)) throw new Error(`a namespace in ${node.local}`);
	return children.map((child) => [child.local, nested.includes(child.local) ? child : value(child)]);
}
