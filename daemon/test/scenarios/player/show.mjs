// show - a scenario as it was played, to be read like a case file.
const STEP = 72, STATES = 34; // columns for who did what, and for what is so afterwards

const dayText = (ms) => `${new Date(ms).toUTCString().slice(0, 3)} ${new Date(ms).toISOString().slice(0, 10)}`;
const dateText = (ms) => `${dayText(ms)} ${new Date(ms).toISOString().slice(11, 16)}`;

// `P1 P3 accepted, P2 refused`
function sayStates(states) {
	const by = new Map();
	for (const [person, state] of states)
		by.set(state, [...(by.get(state) ?? []), `P${person}`]);
	return [...by].map(([state, keys]) => `${keys.join(' ')} ${state}`).join(', ');
}

function statesText(shown) {
	if (shown === undefined)
		return [''];
	const said = [...shown].map(([party, states]) => [party, sayStates(states)]);
	return new Set(said.map(([, text]) => text)).size === 1 ? [`both: ${said[0][1]}`] :
		said.map(([party, text]) => `${party}: ${text || 'no case'}`);
}

// What was done, in the words of the file and with the days of this run.
function whatText(step, begin) {
	const words = [step.text.replace(/ as in [a-z-]+/, '')];
	if (step.profile !== undefined)
		words.push(`under ${step.profile}`);
	if (step.arriving !== undefined)
		words.push(`for ${dayText(begin + step.arriving)}`);
	if (step.refused !== undefined)
		words.push(`refused, ${step.refused}`);
	return words.join(' -- ');
}

// What is to be seen of it beside the states: what is due first, what became of a document, what is left of one.
function asideText({ next, ends, contents }) {
	return [...ends.map(({ party, type, state, refusal }) => `${party}: ${type} ${state}${refusal ? `, ${refusal}` : ''}`),
		...contents.map(({ party, type, content }) => `${party}: ${type} ${content}`), next].filter(Boolean).join('; ');
}

export function print({ name, title, about, begin, steps, documents, fault }) {
	console.log(`\n${title} (${name})`);
	for (const line of about)
		console.log(`  ${line}`);
	for (const step of steps.filter((s) => s.done !== undefined)) {
		const what = whatText(step, begin);
		for (const [i, states] of statesText(step.shown).entries())
			console.log(`  ${(i === 0 ? dateText(step.done) : '').padEnd(20)}  ${(i === 0 ? what : '').padEnd(STEP)}  ${
				states.padEnd(STATES)}  ${i === 0 ? asideText(step) : ''}`.trimEnd());
	}
	console.log(fault === undefined ? `  ${documents} documents, the same at both States` : `  FAILED ${fault.message}`);
}
