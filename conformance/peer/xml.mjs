// xml - the little XML that RXP/1 needs: a strict reader of the subset of section 1.1, exclusive
// canonical form, and a comparison of structure that knows no prefixes.
// NCName of Namespaces in XML 1.0, and Char of XML 1.0.
const START = 'A-Za-z_\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}\\u{2070}-\\u{218F}' +
	'\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}';
const NAME = `[${START}][${START}0-9.\\-\\u{B7}\\u{300}-\\u{36F}\\u{203F}\\u{2040}]*`;
const NO_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const QNAME = `(?:${NAME}:)?${NAME}`;
const S = '[ \\t\\r\\n]';
const attribute = (name, text) => `${S}+${name}${S}*=${S}*${text}`;
const ATTRIBUTE = new RegExp(attribute(`(${QNAME})`, `("[^"<]*"|'[^'<]*')`), 'gu');
const TOKEN = new RegExp(`<(/)?(${QNAME})((?:${attribute(QNAME, `(?:"[^"<]*"|'[^'<]*')`)})*)${S}*(/)?>|([^<]+)`, 'uy');
const said = (name, value) => attribute(name, `(?:"${value}"|'${value}')`);
const DECLARATION = new RegExp(`^<\\?xml${said('version', '1\\.0')}(?:${said('encoding', '[Uu][Tt][Ff]-8')})?(?:${said('standalone', '(?:yes|no)')})?${S}*\\?>${S}*`);
const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function legal(text) {
	if (NO_CHARACTER.test(text)) throw new Error('a character that XML does not have');
	return text;
}
const decode = (text) => text.replace(/\r\n?/g, '\n').replace(/&([^;]*);?/g, (whole, name) => {
	if (!whole.endsWith(';')) throw new Error('a lone ampersand');
	const number = /^#(?:(\d{1,7})|x([0-9A-Fa-f]{1,6}))$/.exec(name);
	if (number) return legal(String.fromCodePoint(number[1] ? Number(number[1]) : parseInt(number[2], 16)));
	if (!Object.hasOwn(NAMED, name)) throw new Error(`entity ${name}`);
	return NAMED[name];
});
const split = (name) => name.includes(':') ? name.split(':') : ['', name];

// Octets (or text) to a tree of {prefix, local, ns, declares, attributes, children}; a child is a node
// or a string. Throws for whatever section 1.1 does not allow. `declaration`: RXP-XML-002.
export function parse(input, { declaration = false } = {}) {
	let text = typeof input === 'string' ? input : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input);
	if (declaration) text = text.replace(DECLARATION, '');
	legal(text);
	const stack = [];
	let root = null, count = 0;
	for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
		const at = TOKEN.lastIndex;
		const token = TOKEN.exec(text);
		if (!token) throw new Error(`not allowed at ${at}`);
		const [, close, name, attributes, empty, characters] = token;
		const parent = stack.at(-1);
		if (characters !== undefined) {
			if (!parent || characters.includes(']]>')) throw new Error(`text at ${at}`);
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
		if (into === node.declares && (as === 'xml' || as === 'xmlns' || (as && !value))) throw new Error(`declaration ${key}`);
		into.set(as, value);
	}
	if (node.declares.size + node.attributes.size > 16) throw new Error('a bound of RXP-XML-005');
	node.scope = parent && !node.declares.size ? parent.scope : new Map([...(parent?.scope ?? []), ...node.declares]);
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

// Element children, those of these names if any are given; text between them is passed over.
export const children = (node, ...names) => node.children.filter((one) => typeof one !== 'string' && (names.length === 0 || names.includes(one.local)));
// The path, from the node inwards, of it and of each element in it, in their order.
export function* walk(node, path = [node]) {
	yield path;
	for (const one of children(node)) yield* walk(one, [...path, one]);
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
// The text of the first child of a name, or of that one's first child of the next name, and so on; undefined if there is none.
export function textOf(node, ...names) {
	const found = names.reduce((one, name) => one && children(one, name)[0], node);
	return found && value(found);
}
// The children of a flat element as [name, value] after a check of their order; `order` is an expression
// over the names joined by blanks.
export function fields(node, order, nested = []) {
	const children = elements(node);
	if (!order.test(children.map((child) => child.local).join(' '))) throw new Error(`content of ${node.local}`);
	if (children.some((child) => child.ns !== node.ns)) throw new Error(`a namespace in ${node.local}`);
	return children.map((child) => [child.local, nested.includes(child.local) ? child : value(child)]);
}
