// vectors - the cases of documents, judged by this second implementation: vectors.mjs DIR, a folder that `readmit-conform vectors`
// made. An octet string is an Envelope, a Document, an answer, a descriptor or typed content; what else there is it has no reader
// for. Ends with 1 if it takes what is broken, or does not take what is sound.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { children, parse } from './xml.mjs';
import { CODES, readAnswer } from './answer.mjs';
import { compartmentFault } from './compartment.mjs';
import { readContent } from './content.mjs';
import { readDescriptor } from './descriptor.mjs';
import { readDocument } from './message.mjs';
import { read as readEnvelope } from './envelope.mjs';
import { brokenSafeguard } from './safeguard.mjs';
import { DAY } from './values.mjs';

const [dir] = process.argv.slice(2);
const index = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8'));
const octetsOf = (name) => readFileSync(join(dir, name));
const now = Date.parse(index.clock);
// What a sender owes and a receiver does not look for, and what needs a reader that is not here.
const UNJUDGED = new Set(['SAF-022', 'DOC-012', 'DOC-016', 'DSC-025', 'STA-002'].map((id) => `RXP-${id}`));

const OFFICES = ['NODE', 'RETURNS', 'READMISSION', 'CONSULAR', 'BORDER', 'CHILD-PROTECTION', 'HEALTH', 'SOCIAL', 'DATA-PROTECTION'];

const check = (holds, what) => {
	if (!holds) throw new Error(what);
};
const own = readDescriptor(octetsOf(index.descriptor), index.vectors[0].root, { now });
const maySeal = (certificate, created) => own.maySeal(certificate, created, now);

function judgeContent(type, typed, manifest, created, isTest) {
	const { content, fault } = readContent(type, typed, manifest);
	check(!fault, fault?.requirement ?? 'the schema');
	const broken = brokenSafeguard(content, created.slice(0, 10), isTest);
	check(!broken, broken);
}
const isLasting = ({ Created, Expires }) => Date.parse(Expires) > Date.parse(Created) && Date.parse(Expires) - Date.parse(Created) <= 90 * DAY;
function judgeAnswer(octets) {
	const answer = readAnswer(octets, maySeal);
	check(answer.From === own.party, 'From');
	check(answer.kind === 'Receipt' || CODES.has(answer.Code), 'Code');
	check(answer.kind === 'Receipt' || ['gap', 'fork'].includes(answer.Code) === Boolean(answer.View), 'View');
	check(!answer.View || new Set(children(answer.View).map((last) => last.attributes.get('party'))).size === 2, 'Last');
}
const READERS = new Map([
	['envelope', (octets) => readEnvelope(octets)],
	['document', (octets) => {
		const { header, salt, typed, attachments } = readDocument(octets, maySeal);
		check(isLasting(header), 'Expires');
		check(OFFICES.includes(header.FromOffice) && OFFICES.includes(header.ToOffice), 'an office');
		judgeContent(header.Type, typed, attachments, header.Created, true);
		// For which key it is closed, only the recipient can judge.
		check(compartmentFault(typed, header, salt, [])?.code !== 'schema', 'a compartment');
	}],
	['receipt', judgeAnswer],
	['refusal', judgeAnswer],
	['descriptor', (octets, { root }) => readDescriptor(octets, root, { now })],
	['body', (octets, { manifest, created }) => {
		const typed = parse(octets, { declaration: true });
		judgeContent(typed.local, typed, manifest && parse(octetsOf(manifest), { declaration: true }), created, true);
	}],
]);
const kindOf = (octets) => octets.includes('ustar') && octets.length % 512 === 0 ? 'bundle' : /urn:rxp:1:(\w+)/.exec(octets.toString('latin1'))?.[1];

let judged = 0, wrong = 0;
for (const one of index.vectors) {
	const octets = octetsOf(one.octets), reader = READERS.get(kindOf(octets));
	if (!reader || UNJUDGED.has(one.requirement)) continue;
	let why = null;
	try {
		reader(octets, one);
	} catch (error) {
		why = error.message;
	}
	judged++;
	if ((why === null) === (one.result === 'valid')) continue;
	wrong++;
	console.log(`${one.id}  ${one.name}: ${one.result}, and ${why === null ? 'taken' : `not taken: ${why}`}`);
}
console.log(`${judged} of ${index.vectors.length} judged, ${wrong} otherwise`);
process.exitCode = wrong === 0 && judged > 0 ? 0 : 1;
