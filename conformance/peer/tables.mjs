// tables - the tables of the specification. Whatever the specification says as a table is read from it and
// is nowhere written again: a new row there is a new row here.
import { readFileSync } from 'node:fs';

export const SPECIFICATION = new URL('../../spec/', import.meta.url);
const text = readFileSync(new URL('rxp-1.md', SPECIFICATION), 'utf8');

const cells = (line) => line.slice(1, -1).split('|').map((cell) => cell.trim());

// The rows between the marks of a table, each as an object by the words of the heading.
export function table(name) {
	const found = new RegExp(`<!-- table ${name} begin -->\n(.*?)<!-- table ${name} end -->`, 's').exec(text);
	if (!found) throw new Error(`the specification has no table ${name}`);
	const [heading, , ...rows] = found[1].trimEnd().split('\n').map(cells);
	return rows.map((row) => Object.fromEntries(heading.map((word, i) => [word, row[i]])));
}
// A cell that lists words; none is no word.
export const words = (cell) => cell.split(', ').filter((word) => word !== '');

// The number of the section that a requirement stands in.
export function sectionOf(requirement) {
	const heading = text.lastIndexOf('\n## ', text.indexOf(`**${requirement}**`));
	return Number(/^\n## (\d+)\./.exec(text.slice(heading, heading + 9))?.[1]);
}
// What section 9 says of each type of document.
export const TYPES = new Map(table('message').map((row) => [row.Type, { ...row, inCase: row.Scope === 'case', section: sectionOf(row.Requirement) }]));
const OPENING = new Set(table('case-document').filter((row) => row['Opens a case'] === 'yes').map((row) => row.Document));
export const opens = (type) => OPENING.has(type);
