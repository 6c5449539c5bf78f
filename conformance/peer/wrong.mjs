#!/usr/bin/env node
// wrong - copies of this implementation, each wrong in one way, that the conformance suite must find.
//
//   node wrong.mjs list [all]           a line for each: its name, the cases to try, the case that fails, what is wrong
//   node wrong.mjs check                does each text stand once in its file?
//   node wrong.mjs make NAME DIR        the copy, as DIR/conformance/peer
//
// A row is {name, is, select, fails, edits: [file, text, text in its place, …]}. Each text stands exactly once in its file.
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const REPLY = '\t\t\tmanner.reply(stream, made);';
const UNOPENABLE = 'if (/^unopenable/.test(made.event ?? \'\'))';
const REFUSE = '\t\tconst made = refusal(how, code, { ...more, fingerprint });';
const code = (from, to) => ['node.mjs', REFUSE, `\t\tif (code === '${from}') code = '${to}';\n${REFUSE}`];
const RECEIPT = '\t\tconst made = receipt(how, { fingerprint: document.fingerprint, receivedAt: at, log, flags: taken.flags });';
const receipt = (text) => ['node.mjs', RECEIPT, text];

export const WRONG = [
	// What hid behind another way to refuse.
	{ name: 'destroys', is: 'it ends the connection of what does not open', select: 'SEA-009*', fails: 'SEA-009.R.n1',
		edits: ['server.mjs', REPLY, `\t\t\t${UNOPENABLE} return stream.session.destroy();\n${REPLY}`] },
	{ name: 'hangs', is: 'it says nothing to what does not open', select: 'SEA-011*', fails: 'SEA-011.R.n1',
		edits: ['server.mjs', REPLY, `\t\t\t${UNOPENABLE} return;\n${REPLY}`] },
	{ name: 'status-500', is: 'it says 500 to what does not open', select: 'SEA-009*', fails: 'SEA-009.R.n1',
		edits: ['server.mjs', REPLY, `\t\t\t${UNOPENABLE} made.status = 500, made.body = undefined;\n${REPLY}`] },
	{ name: 'busy', is: 'it says 503 to what does not open, for ever', select: 'SEA-011*', fails: 'SEA-011.R.n1',
		edits: ['server.mjs', REPLY, `\t\t\t${UNOPENABLE} made.status = 503, made.body = undefined;\n${REPLY}`] },
	{ name: 'no-answer', is: 'it says 422 without an answer to what does not open', select: 'SEA-009*', fails: 'SEA-009.R.n1',
		edits: ['server.mjs', REPLY, `\t\t\t${UNOPENABLE} made.body = undefined;\n${REPLY}`] },
	{ name: 'signs-noise', is: 'it signs an answer to what is no Envelope', select: 'ENV-00[14]*', fails: 'ENV-001.R.n1',
		edits: ['node.mjs', "return { status: 422, event: `no answer: ${error.message}` };",
			"const id = /<MessageId>([-0-9a-f]{36})</.exec(octets)?.[1];\n\t\t\tif (id) return this.#refuse(relation, { state: this.state, to: peer.party, about: { MessageId: id, digest: sha256(octets) }, at }, { code: 'unopenable', more: {} });\n\t\t\treturn { status: 422 };",
			"import { unseal } from './seal.mjs';", "import { sha256, unseal } from './seal.mjs';"] },
	{ name: 'gap-busy', is: 'it says `busy` of a gap', select: 'CHN-007*', fails: 'CHN-007.R.n1', edits: code('gap', 'busy') },
	{ name: 'fork-gap', is: 'it says `state` of a fork', select: 'CHN-008*', fails: 'CHN-008.R.n1', edits: code('fork', 'state') },
	{ name: 'conflict-state', is: 'it says `state` of a conflict', select: 'ANS-01[01]*', fails: 'ANS-010.R.n1', edits: code('conflict', 'state') },
	{ name: 'voided-expired', is: 'it says `expired` of what is void', select: 'VOI-002*', fails: 'VOI-002.R.n1', edits: code('voided', 'expired') },
	{ name: 'rekey-unopenable', is: 'it says `unopenable` of a key that it does not hold', select: 'ENV-009*', fails: 'ENV-009.R.n1',
		edits: ['judge.mjs', "refuse('rekey', { working: state.working() })", "refuse('unopenable')"] },
	{ name: 'schema-tells', is: 'it says `schema`, and where, of what a safeguard forbids', select: 'SAF-00[5-9]*', fails: 'SAF-005.R.n1',
		edits: ['judge.mjs', "refuse('not-acceptable');", "refuse('schema', { place: 'Person' });"] },
	// What an answer says.
	{ name: 'fingerprint', is: 'each Receipt names one and the same Fingerprint', select: 'ANS-005*', fails: 'ANS-005.R.p1',
		edits: receipt(RECEIPT.replace('fingerprint: document.fingerprint', 'fingerprint: Buffer.alloc(32, 7)')) },
	{ name: 'reason', is: '`unopenable` names a Requirement', select: 'SEA-009*', fails: 'SEA-009.R.n1',
		edits: ['node.mjs', REFUSE, `\t\tif (code === 'unopenable') more = { requirement: 'RXP-SEA-009' };\n${REFUSE}`] },
	{ name: 'place', is: '`unopenable` names a Place', select: 'SEA-009*', fails: 'SEA-009.R.n1',
		edits: ['node.mjs', REFUSE, `\t\tif (code === 'unopenable') more = { place: 'Header' };\n${REFUSE}`] },
	{ name: 'oracle', is: 'it tells what does not decrypt from what is sealed wrongly', select: 'OPN-001*', fails: 'OPN-001.R.n1',
		edits: ['judge.mjs', "return refuse('unopenable', { reason: error.message });",
			"return refuse('unopenable', /auth|decrypt|bad|data/i.test(error.message) ? { requirement: 'RXP-ENV-005' } : {});"] },
	{ name: 'unplanned', is: 'each Receipt of a case has the flag `unplanned`', select: 'TRF-001.R.p-ready-*', fails: 'TRF-001.R.p-ready-requesting-notify',
		edits: receipt(RECEIPT.replace('flags: taken.flags', "flags: taken.case ? ['unplanned'] : []")) },
	{ name: 'late', is: 'each Receipt has the flag `late`', select: 'ANS-005*', fails: 'ANS-005.R.p1',
		edits: receipt(RECEIPT.replace('flags: taken.flags', "flags: ['late']")) },
	{ name: 'received-at', is: 'ReceivedAt is when the first message came', select: 'ANS-006*', fails: 'ANS-006.R.p1',
		edits: receipt(RECEIPT.replace('receivedAt: at', 'receivedAt: globalThis.first ??= at')) },
	{ name: 'no-fingerprint', is: 'a final Refusal names no Fingerprint', select: 'ANS-025*', fails: 'ANS-025.R.n1',
		edits: ['node.mjs', REFUSE, REFUSE.replace('fingerprint }', "fingerprint: code === 'state' ? undefined : fingerprint }")] },
	{ name: 'view', is: 'View names the other State first', select: 'CHN-01[12]*', fails: 'CHN-011.R.n1',
		edits: ['case.mjs', 'view = [this.last(this.own), this.last(this.peer)]', 'view = [this.last(this.peer), this.last(this.own)]'] },
	// The log, and what stands.
	{ name: 'log-head', is: 'each Receipt names a LogHead of its own', select: '[AL][NO]*-00[27]*', fails: 'ANS-007.R.p1',
		edits: ['answer.mjs', "['LogHead', base64(log.head)]", "['LogHead', base64(sha256(about.MessageId))]",
			'const body = write([\n\t\t[\'EnvelopeDigest\', base64(how.about.digest)], [\'Fingerprint\', base64(fingerprint)], [\'ReceivedAt\'',
			'const { about } = how, body = write([\n\t\t[\'EnvelopeDigest\', base64(how.about.digest)], [\'Fingerprint\', base64(fingerprint)], [\'ReceivedAt\''] },
	{ name: 'log-refusals', is: 'its log has no Refusals', select: '[AL][NO]*-0[01][278]*', fails: 'LOG-002.R.p1',
		edits: ['node.mjs', '\t\tthis.log.add({ MessageId, fingerprint, at, outcome });', '\t\tif (outcome === RECEIPT) this.log.add({ MessageId, fingerprint, at, outcome });'] },
	{ name: 'log-outcome', is: 'its log calls Refusals receipts', select: 'LOG-002*', fails: 'LOG-002.R.p1',
		edits: ['node.mjs', '\t\tthis.log.add({ MessageId, fingerprint, at, outcome });', '\t\tthis.log.add({ MessageId, fingerprint, at, outcome: RECEIPT });'] },
	{ name: 'log-time', is: 'its log has other times than its answers', select: 'ANS-018*', fails: 'ANS-018.R.p1',
		edits: ['node.mjs', '\t\tthis.log.add({ MessageId, fingerprint, at, outcome });', '\t\tthis.log.add({ MessageId, fingerprint, at: at + (outcome === REFUSAL), outcome });'] },
	{ name: 'log-again', is: 'its log has an entry for each time that a message comes', select: 'LOG-002*', fails: 'LOG-002.R.p1',
		edits: ['node.mjs', "\t\tif (known) return { ...known, event: 'again' };",
			"\t\tif (known) return log.add({ MessageId: document.header.MessageId, fingerprint: document.fingerprint, at, outcome: RECEIPT }), { ...known, event: 'again' };"] },
	{ name: 'log-begins', is: 'each page of its log begins with the first entry', select: 'L*', fails: 'LOG-007.R.p1',
		edits: ['log.mjs', 'const after = Math.min(n, this.count);', 'const after = 0;'] },
	{ name: 'forgets', is: 'it knows the last five answers alone', select: 'ANS-005*', fails: 'ANS-005.R.p6',
		edits: ['node.mjs', '\t\tthis.log.add({ MessageId, fingerprint, at, outcome });',
			'\t\tthis.log.add({ MessageId, fingerprint, at, outcome });\n\t\tif (this.answers.size > 5) this.answers.delete(this.answers.keys().next().value);'] },
	{ name: 'races', is: 'between looking for an answer and keeping one something else can happen', select: 'ANS-005*', fails: 'ANS-005.R.p7',
		edits: ['node.mjs', '\treceive(party, octets, at = Date.now()) {', '\tasync receive(party, octets, at = Date.now()) {',
			'\t\tconst { document, known, refused, taken } = decided;',
			'\t\tconst { document, known, refused, taken } = decided;\n\t\tawait new Promise((resolve) => setTimeout(resolve, 20));'] },
	{ name: 'answers-by-id', is: 'it finds an answer by the MessageId alone', select: 'ANS-01*', fails: 'ANS-010.R.n1',
		edits: ['node.mjs', 'answer: answers.find((one) => one.fingerprint.equals(fingerprint))', 'answer: answers[0]'] },
	{ name: 'conflict-anew', is: 'it makes each `conflict` anew', select: 'ANS-023*', fails: 'ANS-023.R.n1',
		edits: ['node.mjs', 'if (fingerprint && made.isNever)', "if (fingerprint && made.isNever && code !== 'conflict')"] },
	// Between two States.
	{ name: 'one-answers', is: 'all States share one table of answers', select: 'MSG-004*', fails: 'MSG-004.R.p1',
		edits: ['node.mjs', 'answers: new Map(), cases', 'answers: (globalThis.answers ??= new Map()), cases'] },
	{ name: 'one-cases', is: 'all States share one table of cases', select: 'CHN-015*', fails: 'CHN-015.R.p1',
		edits: ['node.mjs', 'cases: new Map(), log', 'cases: (globalThis.cases ??= new Map()), log'] },
	{ name: 'one-log', is: 'all States share one log', select: 'LOG-004*', fails: 'LOG-004.R.p1',
		edits: ['node.mjs', 'log: new Log(state.party, peer.party)', 'log: (globalThis.log ??= new Log(state.party, peer.party))'] },
	{ name: 'shows-files', is: 'it shows each State the attachments of all', select: 'ATT-013*', fails: 'ATT-013.R.n3',
		edits: ['attachments.mjs', '\t\treturn this.#held.get(`${party} ${digest}`)?.octets.length;',
			'\t\treturn [...this.#held].find(([key]) => key.endsWith(digest))?.[1].octets.length;'] },
	{ name: 'counts-files', is: 'it counts an attachment that another State uploaded', select: 'ATT-013*', fails: 'ATT-013.R.n3',
		edits: ['attachments.mjs', 'return this.#held.get(this.#key(party, node))?.isWhole ?? false;',
			'return [...this.#held].some(([key, { isWhole }]) => isWhole && key.endsWith(this.#key(party, node).split(\' \')[1]));'] },
	{ name: 'any-sender', is: 'it takes what any State sent on the connection of any', select: 'ENV-012*', fails: 'ENV-012.R.n1',
		edits: ['judge.mjs', "if (header.From !== peer.party) refuse('sender', { requirement: 'RXP-ENV-012' });", ''] },
	{ name: 'any-seal', is: 'it takes the seal of any State that it knows', select: 'SEA-010*', fails: 'SEA-010.R.n4',
		edits: ['descriptor.mjs', 'maySeal: seals(chain, 31 * DAY)', 'maySeal: ((one) => ((globalThis.seals ??= []).push(one), (...given) => globalThis.seals.some((seal) => seal(...given))))(seals(chain, 31 * DAY))'] },
];

// What nobody thought of: more of the same, which take their time (make conformance-wrong).
export const MORE = [
	{ name: 'descriptor-type', is: 'its descriptor is text/xml', select: 'HTTP-003*', fails: 'HTTP-003.R.p1',
		edits: ['server.mjs', "GET: [/^$/, 0, ({ node }) => ({ status: 200, body: node.state.descriptor() })]",
			"GET: [/^$/, 0, ({ node }) => ({ status: 200, body: node.state.descriptor(), headers: { 'content-type': 'text/xml' } })]"] },
	{ name: 'log-type', is: 'its log is text/xml', select: 'HTTP-008*', fails: 'HTTP-008.R.p1',
		edits: ['node.mjs', 'body: log.page(Number(after), this.state.seal) }', "body: log.page(Number(after), this.state.seal), headers: { 'content-type': 'text/xml' } }"] },
	{ name: 'answer-type', is: 'its Refusals are text/xml', select: 'SEA-009*', fails: 'SEA-009.R.n1',
		edits: ['node.mjs', "\t\treturn { ...made, event: `${code} ${more.reason ?? more.place ?? ''}` };",
			"\t\treturn { ...made, headers: { 'content-type': 'text/xml' }, event: `${code} ${more.reason ?? more.place ?? ''}` };"] },
	{ name: 'two-principals', is: 'it takes an application with two principals', select: 'APP-003*', fails: 'APP-003.R.n1',
		edits: ['rules.mjs', "roles.filter((role) => role === 'principal').length !== 1", "!roles.includes('principal')"] },
	{ name: 'key-not-certificate', is: 'it takes another certificate of a registered key', select: 'SEA-010*', fails: 'SEA-010.R.n5',
		edits: ['descriptor.mjs', "if (listed(latest, 'SealCertificate').includes(certificate)) return true;",
			"if (listed(latest, 'SealCertificate').some((one) => pinOf(Buffer.from(one, 'base64')) === pinOf(der))) return true;"] },
	{ name: 'cert-digest', is: 'it does not compare CertDigest', select: 'SEA-010*', fails: 'SEA-010.R.n6',
		edits: ['seal.mjs', "if (base64(certificate) !== read.certificate || base64(sha256(certificate)) !== read.certificateDigest) throw new Error('certificate digest');", ''] },
	{ name: 'seal-time', is: 'it takes a seal of any time', select: 'SEA-011*', fails: 'SEA-011.R.n1',
		edits: ['message.mjs', "if (Math.abs(Date.parse(time) - Date.parse(fields.Created)) > LATE_SEAL) throw new Error('SigningTime');", ''] },
	{ name: 'p-384', is: 'it takes no seal on P-384', select: 'SEA-008*', fails: 'SEA-008.R.p1',
		edits: ['seal.mjs', ", secp384r1: ['ecdsa-sha384', 'sha384', 96] };", ' };'] },
	{ name: 'rsa', is: 'it takes no seal by RSA', select: 'SEA-008*', fails: 'SEA-008.R.p2',
		edits: ['seal.mjs', "if (asymmetricKeyType === 'rsa' && modulusLength >= 3072 && modulusLength <= 4096) return", "if (asymmetricKeyType === 'rsa' && modulusLength < 0) return"] },
	{ name: 'salt', is: 'it takes a Salt of any length', select: 'DOC-003*', fails: 'DOC-003.R.n2',
		edits: ['message.mjs', 'saltOctets?.length !== SALT', '!saltOctets'] },
	{ name: 'id-version', is: 'it takes a MessageId of any version', select: 'MSG-001*', fails: 'MSG-001.R.n1',
		edits: ['message.mjs', '-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-', '-[0-9a-f]{4}-[0-9a-f]{4}-'] },
	{ name: 'trims', is: 'it takes white space around a value', select: 'DOC-011*', fails: 'DOC-011.R.n3',
		edits: ['xml.mjs', "\treturn node.children.join('');", "\treturn node.children.join('').trim();"] },
	{ name: 'future', is: 'it takes what is ten minutes ahead', select: 'TIM-003*', fails: 'TIM-003.R.n1',
		edits: ['judge.mjs', 'AHEAD = 300_000', 'AHEAD = 600_000'] },
	{ name: 'strict-clock', is: 'it takes nothing that is ahead of its clock', select: 'TIM-003*', fails: 'TIM-003.R.p1',
		edits: ['judge.mjs', 'AHEAD = 300_000', 'AHEAD = 0'] },
	{ name: 'positions-as-text', is: 'it compares Positions as text', select: 'CHN-013*', fails: 'CHN-013.R.n1',
		edits: ['case.mjs', "if (Number(Position) <= before.length) return fork('RXP-CHN-008');", "if (Position <= String(before.length)) return fork('RXP-CHN-008');"] },
	{ name: 'small', is: 'it takes no Document of more than 100,000 octets', select: 'ENV-003*', fails: 'ENV-003.R.p1',
		edits: ['message.mjs', 'LIMIT = 188_416', 'LIMIT = 100_000'] },
	{ name: 'offset', is: 'it takes octets of an attachment at any offset', select: 'ATT-012*', fails: 'ATT-012.R.n1',
		edits: ['attachments.mjs', 'if (first !== before.octets.length || before.isWhole)', 'if (before.isWhole)'] },
	{ name: 'void-trace', is: 'a Void has a Receipt of its own', select: 'VOI-002*', fails: 'VOI-002.R.p1',
		edits: ['node.mjs', "\t\tif (taken && document.header.Type === 'Void') return this.#void(relation, envelope, document, at);\n", ''] },
	{ name: 'void-forgets', is: 'what is void can come later all the same', select: 'VOI-002*', fails: 'VOI-002.R.n2',
		edits: ['node.mjs', 'if (fingerprint && made.isNever)', "if (fingerprint && made.isNever && code !== 'voided')"] },
	{ name: 'as-adult', is: 'who is found to be a child stays in the same state', select: 'CAS-012*', fails: 'CAS-012.R.p1',
		edits: ['procedure.mjs', 'TURNS.get(state) ?? state : state', 'state : state'] },
	{ name: 'no-previous', is: 'it does not compare Previous', select: 'CHN-00*', fails: 'CHN-009.R.n1',
		edits: ['case.mjs', "\t\tif (Previous !== before.at(-1)?.fingerprint) return fork('RXP-CHN-003');\n", ''] },
	{ name: 'two-at-a-place', is: 'it takes two documents for one place', select: 'CHN-008*', fails: 'CHN-008.R.n1',
		edits: ['case.mjs', "\t\tif (Number(Position) <= before.length) return fork('RXP-CHN-008');\n", '', "\t\tif (Previous !== before.at(-1)?.fingerprint)", "\t\tif (Number(Position) > before.length && Previous !== before.at(-1)?.fingerprint)"] },
	{ name: 'any-profile', is: 'it takes a case under a Profile that it does not know', select: 'PRF-0*', fails: 'PRF-023.R.n1',
		edits: ['judge.mjs', "if (!held || held.starts > Created)", 'if (held?.starts > Created)'] },
	{ name: 'leap-day', is: 'it takes the 30th of February', select: 'APP-022*', fails: 'APP-022.R.n1',
		edits: ['values.mjs', "\tif (!given) return true;", "\tif (!given || given[0].endsWith('-02-30')) return true;"] },
	{ name: 'check-digits', is: 'it takes lines whose check digits are wrong', select: 'APP-014*', fails: 'APP-014.R.n-application-check-digit',
		edits: ['rules.mjs', 'if (!readLines(lines)) yield', 'if (lines.length === 0) yield'] },
	{ name: 'office-key', is: 'it takes a compartment for any key', select: 'CMP-00*', fails: 'CMP-007.R.n1',
		edits: ['compartment.mjs', 'return unknown < 0 ? null', 'return unknown < 99 ? null'] },
	{ name: 'later-is-final', is: 'what is refused for now is refused for ever', select: 'ATT-014*', fails: 'ATT-014.R.n1',
		edits: ['node.mjs', 'if (fingerprint && made.isNever)', 'if (fingerprint)'] },
	{ name: 'unplanned-never', is: 'it never sets the flag `unplanned`', select: 'CAS-011.R.p-received-requesting-*', fails: 'CAS-011.R.p-received-requesting-deliver',
		edits: receipt(RECEIPT.replace('flags: taken.flags', 'flags: []')) },
	{ name: 'any-pin', is: 'it speaks HTTP with whoever comes', select: 'TLS-00[23]*', fails: 'TLS-003.R.n2',
		edits: ['server.mjs', "socket.alpnProtocol !== 'h2' || !node.byPin(pin)) return socket.destroy();", "socket.alpnProtocol !== 'h2') return socket.destroy();",
			'\t\tif (!known) return session.destroy();', '\t\tif (!known) return stream.respond({ \':status\': 403 }, { endStream: true });'] },
	{ name: 'any-content', is: 'it does not look at the content type', select: 'HTTP-007*', fails: 'HTTP-007.R.n1',
		edits: ['server.mjs', " || (method === 'POST' && headers['content-type'] !== MEDIA)", ''] },
	{ name: 'long-lived', is: 'it takes what expires in a year', select: 'TIM-002*', fails: 'TIM-002.R.n2',
		edits: ['envelope.mjs', 'life > 90 * DAY', 'life > 365 * DAY'] },
	{ name: 'void-any', is: 'it takes a Void with another Fingerprint', select: 'VOI-003*', fails: 'VOI-003.R.n1',
		edits: ['node.mjs', "code: isTaken ? 'conflict' : 'voided'", "code: 'voided'"] },
	{ name: 'any-answer', is: 'it takes any answer that is posted', select: 'PUL-006*', fails: 'PUL-006.R.n1',
		edits: ['node.mjs', "if (read.From !== this.state.party || read.To !== party || !isFinal(read) || (isTaken && !answer)) return { status: 422 };",
			"if (!isFinal(read) || (isTaken && !answer)) return { status: 204 };", "\t\t\treturn { status: 422, event: error.message };\n\t\t}\n\t}\n\t// An attachment for", "\t\t\treturn { status: 204, event: error.message };\n\t\t}\n\t}\n\t// An attachment for"] },
	{ name: 'strange-person', is: 'it takes a document of the whole case that names a stranger', select: 'CAS-013*', fails: 'CAS-013.R.n1',
		edits: ['case.mjs', 'if (isStrange || !judged.some', 'if (!judged.some'] },
	{ name: 'concerns', is: 'it does not look which document one concerns', select: 'CAS-010*', fails: 'CAS-010.R.n1',
		edits: ['case.mjs', '\t\tif (concern) return state(concern);\n', ''] },
	{ name: 'too-long', is: 'it takes a case of any length', select: 'CHN-013*', fails: 'CHN-013.R.n1',
		edits: ['case.mjs', "\t\tif (this.#all().length >= LIMIT) return state('RXP-CHN-013');\n", ''] },
	{ name: 'apart', is: 'it takes a family that is to travel apart', select: 'SAF-016*', fails: 'SAF-016.R.n1',
		edits: ['safeguard.mjs', "if (['ReadmissionApplication', 'AdvanceNotice'].includes(type) && (isApart || (persons.length > 1 && !family))) yield [typed];", ''] },
	{ name: 'refuses-empty-tags', is: 'it takes no empty-element tag', select: '[SX][EM]*-00*.R.p*', fails: 'SEA-007.R.p1',
		edits: ['message.mjs', "\tif (octets.length > LIMIT) throw new Error('a Document too long');", "\tif (octets.length > LIMIT || octets.includes('/>')) throw new Error('a Document too long');"] },
	{ name: 'transfer-rules', is: 'it does not compare the times of a transfer', select: 'TRF-017*', fails: 'TRF-017.R.n-transfer-notification-times',
		edits: ['rules.mjs', "['RXP-TRF-017', ({ typed }) => inOrder(typed, 'Departure', 'Arrival', (a, b) => b > a, 'Departure')],", ''] },
	{ name: 'transit-rules', is: 'it does not compare the times of a transit', select: 'TRN-008*', fails: 'TRN-008.R.n-transit-application-exit',
		edits: ['rules.mjs', "['RXP-TRN-008', ({ typed }) => inOrder(typed, 'Entry', 'Exit', (a, b) => b >= a, 'Exit')],", ''] },
	{ name: 'crossing-codes', is: 'it does not look at the form of the code of a crossing point', select: 'TRF-007*', fails: 'TRF-007.R.n-transfer-notification-point',
		edits: ['rules.mjs', "if (!CODE_FORMS[attributes.get('scheme')].test(attributes.get('code'))) yield path;", ''] },
	// What an integrator does wrong who reads quickly.
	{ name: 'refuses-by-tls', is: 'its Refusals are sealed with the key of the connection', select: 'SEA-009*', fails: 'SEA-009.R.n1',
		edits: ['answer.mjs', 'return Buffer.from(seal(kind, header, body, state.seal, timeText(Date.now())).text);', "return Buffer.from(seal(kind, header, body, kind === 'Refusal' ? state.tls : state.seal, timeText(Date.now())).text);"] },
	{ name: 'local-time', is: 'RetryAt has an offset', select: 'TIM-003*', fails: 'TIM-003.R.n1',
		edits: ['answer.mjs', 'retryAt && timeText(retryAt)', "retryAt && timeText(retryAt).replace('Z', '+00:00')"] },
	{ name: 'capital-ids', is: 'ids may have capitals', select: 'PUL-002*', fails: 'PUL-002.R.n10',
		edits: ['server.mjs', "const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'", "const ID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'"] },
	{ name: 'receipts-anew', is: 'what comes again gets a Receipt of its own', select: 'ANS-005*', fails: 'ANS-005.R.p1',
		edits: ['node.mjs', "\t\tif (known) return { ...known, event: 'again' };", "\t\tif (known?.kind === 'Receipt') return receipt({ state: this.state, to: peer.party, about: { MessageId: envelope.header.MessageId, digest: envelope.digest }, at }, { fingerprint: document.fingerprint, receivedAt: at, log });\n\t\tif (known) return { ...known, event: 'again' };"] },
	{ name: 'head-stays', is: 'the head of its log does not move', select: 'ANS-007*', fails: 'ANS-007.R.p1',
		edits: ['log.mjs', '\t\treturn this.heads.at(-1);', '\t\treturn this.heads[0];'] },
	{ name: 'no-expires', is: 'it does not look at Expires', select: 'TIM-004*', fails: 'TIM-004.R.n1',
		edits: ['judge.mjs', "if (Date.parse(Expires) <= at) refuse('expired', { requirement: 'RXP-TIM-004' });", 'void Expires;'] },
	{ name: 'ten-minutes', is: 'Created may be ten minutes ahead', select: 'TIM-003*', fails: 'TIM-003.R.n1', edits: ['judge.mjs', 'const AHEAD = 300_000;', 'const AHEAD = 600_000;'] },
	{ name: 'five-minutes', is: 'Created may be less than 300 seconds ahead', select: 'TIM-003*', fails: 'TIM-003.R.p1', edits: ['judge.mjs', 'const AHEAD = 300_000;', 'const AHEAD = 290_000;'] },
	{ name: 'any-office-key', is: 'a compartment may be for any key', select: 'CMP-007*', fails: 'CMP-007.R.n1',
		edits: ['compartment.mjs', 'return unknown < 0 ? null :', 'return unknown < 1000 ? null :'] },
	{ name: 'voids-receipted', is: 'a Void takes back what was receipted', select: 'VOI-002*', fails: 'VOI-002.R.p1',
		edits: ['node.mjs', "\t\tif (answer) return { ...answer, event: 'not voided' };", "\t\tif (answer?.kind === 'Refusal') return { ...answer, event: 'not voided' };"] },
	{ name: 'voids-by-id', is: 'a Void counts by the MessageId alone', select: 'VOI-003*', fails: 'VOI-003.R.n1',
		edits: ['node.mjs', "code: isTaken ? 'conflict' : 'voided'", "code: 'voided'"] },
	{ name: 'no-digest', is: 'it does not compute the digest of an attachment', select: 'ATT-012*', fails: 'ATT-012.R.n5',
		edits: ['attachments.mjs', "if (now.length > total || sha256(now).toString('hex') !== digest) {", 'if (now.length > total) {', "import { sha256 } from './seal.mjs';\n", ''] },
	{ name: 'small-files', is: 'it takes no attachment of more than a megabyte', select: 'ATT-012*', fails: 'ATT-012.R.p5',
		edits: ['attachments.mjs', 'const BOUND = 67_108_864;', 'const BOUND = 1_048_576;', 'if (total > BOUND) return { status: 503 };', 'if (total > BOUND) return { status: 422 };'] },
	{ name: 'one-file', is: 'a document may have one attachment', select: 'ATT-002*', fails: 'ATT-002.R.p1',
		edits: ['judge.mjs', "if (!content.manifest.every(", "if (content.manifest.length > 1) refuse('schema', { place: 'Attachments' });\n\t\tif (!content.manifest.every("] },
	{ name: 'text-positions', is: 'Positions are compared as text', select: 'CHN-007*', fails: 'CHN-007.R.p2',
		edits: ['case.mjs', 'if (Number(Position) <= before.length) return', 'if (Position <= String(before.length)) return'] },
	{ name: 'ascii', is: 'it takes no letters but those of ASCII', select: 'XML-001.R.p*', fails: 'XML-001.R.p1',
		edits: ['message.mjs', "\tif (octets.length > LIMIT) throw new Error('a Document too long');", "\tif (octets.length > LIMIT || octets.some((octet) => octet > 127)) throw new Error('a Document too long');"] },
	{ name: 'no-leap-days', is: 'February has 28 days', select: 'APP-007.R.p*', fails: 'APP-007.R.p3',
		edits: ['values.mjs', '\tif (!given) return true;', "\tif (!given) return true;\n\tif (given[0].endsWith('-02-29')) return false;"] },
	{ name: 'other-keys', is: 'a descriptor may name a key of another State', select: 'DSC-037*', fails: 'DSC-037.R.n73',
		edits: ['node.mjs', 'return [own, ...this.peers].some(', 'return [own].some('] },
	{ name: 'file-of-two', is: 'two documents may name one file', select: 'ATT-035*', fails: 'ATT-035.R.n1',
		edits: ['attachments.mjs', 'new Set(keys).size < keys.length || keys.some((key) => this.#named.has(key))', 'new Set(keys).size < keys.length'] },
	{ name: 'file-twice', is: 'a document may name one file twice', select: 'ATT-035*', fails: 'ATT-035.R.n2',
		edits: ['attachments.mjs', 'new Set(keys).size < keys.length || keys.some((key) => this.#named.has(key))', 'keys.some((key) => this.#named.has(key))'] },
	{ name: 'upload-stays', is: 'an upload on a line that was cut stays open', select: 'ATT-032*', fails: 'ATT-032.R.p1',
		edits: ['server.mjs', '\t\tuploads.get(key)?.();\n', ''] },
	{ name: 'upload-lost', is: 'what came of an upload that ends early is lost', select: 'ATT-032*', fails: 'ATT-032.R.p1',
		edits: ['server.mjs', '\t\tuploads.get(key)?.();\n', '\t\tuploads.get(key)?.(202);\n'] },
	{ name: 'uploads-of-all', is: 'an upload ends one of the same file of another State', select: 'ATT-032*', fails: 'ATT-032.R.n1',
		edits: ['server.mjs', 'const digest = pattern.exec(path)[1], key = `${peer.party} ${digest}`,', 'const digest = pattern.exec(path)[1], key = digest,'] },
	{ name: 'one-upload', is: 'an upload ends any other of its State', select: 'ATT-036*', fails: 'ATT-036.R.p1',
		edits: ['server.mjs', 'const digest = pattern.exec(path)[1], key = `${peer.party} ${digest}`,', 'const digest = pattern.exec(path)[1], key = peer.party,'] },
	{ name: 'file-first', is: 'it looks for the file before it reads the content', select: 'ATT-033*', fails: 'ATT-033.R.n1',
		edits: ['judge.mjs', "\t\tconst content = judgeContent(document, node);", "\t\tif (document.attachments && !children(document.attachments).every((one) => node.attachments.has(node.peer.party, one))) refuse('attachment', {});\n\t\tconst content = judgeContent(document, node);", "import { textOf } from './xml.mjs';", "import { children, textOf } from './xml.mjs';"] },
];

// What becomes of each file: {file: text}.
function changed({ name, edits }) {
	const texts = {};
	let file;
	for (const part = [...edits]; part.length;) {
		if (/^[a-z]+\.mjs$/.test(part[0])) file = part.shift();
		const [find, put] = part.splice(0, 2), text = (texts[file] ??= readFileSync(join(HERE, file), 'utf8'));
		if (text.split(find).length !== 2) throw new Error(`${name}: its text does not stand once in ${file}: ${find}`);
		texts[file] = text.replace(find, () => put);
	}
	return texts;
}
function make(name, directory) {
	const to = join(directory, 'conformance', 'peer'), texts = changed(ALL.find((one) => one.name === name));
	cpSync(HERE, to, { recursive: true });
	symlinkSync(resolve(HERE, '..', '..', 'spec'), join(directory, 'spec'));
	for (const [file, text] of Object.entries(texts)) writeFileSync(join(to, file), text);
}
const ALL = [...WRONG, ...MORE], [verb, name, directory] = process.argv.slice(2);
if (verb === 'list') for (const { name: one, select, fails, is } of name === 'all' ? ALL : WRONG) console.log([one, select, fails, is].join('\t'));
else if (verb === 'make') make(name, directory);
else if (verb === 'check') ALL.forEach(changed);
else if (verb) process.exitCode = 2;
