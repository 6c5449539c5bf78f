// case - one history that two States hold and only add to: its chain (section 10), and its state (section 11).
import { concernsOf, lacksDuty, moveOf, readSaid, staying, turnOf, unmetCondition } from './procedure.mjs';

const LIMIT = 512;
// RXP-SAF-017: in which of these a person of a family is left behind who is not named.
const LEFT_BEHIND = ['received', 'incomplete', 'examination', 'extended', 'accepted', 'refused', 'deemed', 'contested', 'ready'];

// A document of a case: {fingerprint (base64), from, position, seen (how many documents of the other side), said}; a node keeps
// more with it.
export class Case {
	constructor(own, peer) {
		Object.assign(this, { own, peer, requesting: null, profile: null, documents: { [own]: [], [peer]: [] } });
	}
	other(party) {
		return party === this.own ? this.peer : this.own;
	}
	// The last of a party that counts: [party, position, fingerprint] (RXP-CHN-012).
	last(party) {
		const documents = this.documents[party];
		return documents.length ? [party, documents.length, documents.at(-1).fingerprint] : [party, 0];
	}

	// Why a document of the peer is not the next of this case (RXP-CHN-007 to 009): {code, requirement, view}, or null.
	chainFault({ Position, Previous, Seen }) {
		const before = this.documents[this.peer], own = this.documents[this.own], view = [this.last(this.own), this.last(this.peer)];
		const fork = (requirement) => ({ code: 'fork', requirement, view });
		if (Number(Position) > before.length + 1) return { code: 'gap', requirement: 'RXP-CHN-007', view };
		if (Number(Position) <= before.length) return fork('RXP-CHN-008');
		if (Previous !== before.at(-1)?.fingerprint) return fork('RXP-CHN-003');
		const seen = Seen === undefined ? 0 : own.findIndex(({ fingerprint }) => fingerprint === Seen) + 1;
		if ((Seen !== undefined && seen === 0) || seen < (before.at(-1)?.seen ?? 0)) return fork('RXP-CHN-004');
		return null;
	}

	// Judge the next document of a party, whose place in the chain is right, by section 11: {fault: {code, requirement} or null,
	// isUnplanned, isSealed: may its sender seal it (RXP-CAS-011, RXP-CAS-014)?, record}. The record is what add() takes.
	judge(from, header, typed, fingerprint) {
		const said = readSaid(header.Type, typed), seen = header.Seen === undefined ? 0
			: this.documents[this.other(from)].findIndex((one) => one.fingerprint === header.Seen) + 1;
		const record = { fingerprint, from, position: Number(header.Position), seen, said };
		return { record, ...this.#judged(record, header) };
	}
	#judged(record, { Position, Seen, Profile }) {
		const { from, said } = record, state = (requirement) => ({ fault: { code: 'state', requirement } });
		if (this.#all().length >= LIMIT) return state('RXP-CHN-013');
		if (said.opens && (Position !== '1' || Seen !== undefined)) return state('RXP-CAS-003');
		if (this.profile && (Profile.id !== this.profile.id || Profile.version !== this.profile.version)) return state('RXP-PRF-024');
		const past = this.#past(record), persons = this.#fold(past), requesting = this.requesting ?? from;
		const concern = this.#concernFault(record, past);
		if (concern) return state(concern);
		if (said.isWhole) return this.#judgedWhole(record, persons, requesting);
		const left = isFamilyLeft(said, persons);
		const judged = said.persons.map(({ key, ...one }) => step(persons.get(key), one, { from, requesting, left }));
		const wrong = judged.find(({ code }) => code);
		return wrong ? { fault: { code: wrong.code, requirement: wrong.requirement } } : { fault: null, isUnplanned: judged.some((one) => one.isUnplanned), isSealed: judged.every((one) => one.isSealed) };
	}
	// RXP-CAS-009, RXP-CAS-013
	#judgedWhole({ from, said }, persons, requesting) {
		const known = [...persons.values()].filter(({ state }) => state !== 'unknown');
		const judged = known.map((person) => step(person, said, { from, requesting }));
		const isStrange = [...said.given.keys()].some((key) => !persons.has(key));
		if (isStrange || !judged.some(({ code }) => !code)) return { fault: { code: 'state', requirement: isStrange ? 'RXP-CAS-013' : 'RXP-CAS-009' } };
		return { fault: null, isUnplanned: false, isSealed: true };
	}

	// The requirement that breaks what a document says that it concerns (RXP-CAS-010), or undefined.
	#concernFault({ from, said }, past) {
		const rows = concernsOf(said.type);
		if (!rows.length) return undefined;
		const isMeant = (one) => rows.some((row) => (row.Concerns === 'any' || row.Concerns === one.said.type)
			&& (row['Sealed by'] === 'either State' || (row['Sealed by'] === 'its own State') === (one.from === from)));
		const meant = past.filter(isMeant), named = meant.find(({ fingerprint }) => fingerprint === said.concerned);
		const names = (one, key) => one.said.isWhole || one.said.persons.some((person) => person.key === key);
		const isLast = ({ key }) => meant.filter((one) => names(one, key)).at(-1) === named;
		return named && said.persons.every(isLast) ? undefined : rows[0].Requirement;
	}

	#all() {
		return [...this.documents[this.own], ...this.documents[this.peer]];
	}
	// RXP-CAS-002: its sender's before it, the other side's up to Seen, and the pasts of all these.
	#past({ from, position, seen }) {
		const count = { [from]: position - 1, [this.other(from)]: seen }, taken = () => this.#all().filter((one) => one.position <= count[one.from]);
		for (let grows = true; grows;) {
			grows = false;
			for (const one of taken()) if (one.seen > count[this.other(one.from)]) [count[this.other(one.from)], grows] = [one.seen, true];
		}
		return taken();
	}
	// RXP-CAS-005, RXP-CAS-006: the persons, key → {state, traits}, after some documents.
	#fold(documents) {
		const persons = new Map(), taken = { [this.own]: 0, [this.peer]: 0 };
		for (let left = [...documents]; left.length;) {
			const ready = left.filter((one) => one.position === taken[one.from] + 1 && one.seen <= taken[this.other(one.from)]);
			ready.sort((a, b) => b.said.rank - a.said.rank || (a.from === this.requesting ? -1 : 1));
			take(persons, ready[0], this.requesting);
			taken[ready[0].from]++;
			left = left.filter((one) => one !== ready[0]);
		}
		return persons;
	}

	// The persons as they are now.
	persons() {
		return this.#fold(this.#all());
	}
	add(record, { Profile }) {
		this.requesting ??= record.from;
		this.profile ??= Profile;
		this.documents[record.from].push(record);
	}
}

// RXP-SAF-017: who of a family that is to travel together is named, when somebody else of it is left behind?
function isFamilyLeft(said, persons) {
	const named = new Set(said.persons.map(({ key }) => key));
	return [...persons].some(([key, { state, traits }]) => !named.has(key) && traits.has('together') && LEFT_BEHIND.includes(state));
}

// What follows for a person if that is said: {code, requirement} if it may not be, else {next, isUnplanned} (RXP-CAS-004).
function step({ state, traits } = { state: 'unknown', traits: new Set() }, { says, sender, traits: given }, { from, requesting, left }) {
	const role = from === requesting ? 'requesting' : 'requested', move = moveOf(state, says);
	if ((sender !== 'either' && sender !== role) || !move) return { code: 'state', requirement: 'RXP-CAS-004' };
	const all = new Set([...traits, ...given, ...(left && traits.has('together') ? ['family-left'] : [])]);
	const unmet = unmetCondition(says, all);
	if (unmet) return { code: unmet.Code, requirement: unmet.Requirement };
	const isLacking = lacksDuty(says, traits, given);
	return { next: move.next, isUnplanned: !move.isForeseen || isLacking, isSealed: move.isSealed && !isLacking };
}

// RXP-CAS-005, RXP-CAS-007: for whom it may not be said, the document is overtaken.
function take(persons, { from, said }, requesting) {
	const left = isFamilyLeft(said, persons);
	const of = said.isWhole
		? [...persons].filter(([, { state }]) => state !== 'unknown').map(([key]) => ({ key, ...said, traits: new Set([...said.traits, ...(said.given.get(key) ?? [])]) }))
		: said.persons;
	const changed = of.map((one) => {
		const before = persons.get(one.key), { next } = step(before, one, { from, requesting, left });
		if (!next) return undefined;
		const had = before?.traits ?? new Set(), gained = new Set(staying([...one.traits, one.gives].filter(Boolean)));
		return [one.key, { state: next === before?.state ? turnOf(next, had, gained) : next, traits: new Set([...had, ...gained]) }];
	});
	for (const one of changed.filter(Boolean)) persons.set(...one);
}
