// commands - what officers and operators do beside sending and reading, in words and as readmitctl has it.

const keysOf = (text) => text.trim().split(/\s+/).filter((key) => key !== '');
const personsOf = (text) => keysOf(text).flatMap((key) => ['--person', key]);

// What stands in a command for something of the scenario.
export const CASE = Symbol('the case'), STOP = Symbol('the emergency stop');
const ownOf = (type) => ({ direction: 'out', type });
const receivedOf = (type) => ({ direction: 'in', type });

const COMMANDS = [
	[/^holds((?: P\d+)*) because ([a-z]+)(, taking back the transfer)?$/, ([, keys, code, back]) =>
		['case', 'hold', CASE, ...personsOf(keys), '--because', code, ...(back === undefined ? [] : ['--take-back'])]],
	[/^lifts((?: P\d+)*)$/, ([, keys]) => ['case', 'lift', CASE, ...personsOf(keys)]],
	[/^stops (peer|crossing|category) (\S+) because ([a-z]+)$/, ([, kind, what, code]) =>
		['stop', 'set', kind, what, '--because', code]],
	[/^confirms the stop$/, () => ['stop', 'confirm', STOP]],
	[/^lifts the stop$/, () => ['stop', 'lift', STOP]],
	[/^begins an outage$/, () => ['outage', 'begin']],
	[/^ends the outage$/, () => ['outage', 'end']],
	[/^voids its (\w+)$/, ([, type]) => ['message', 'void', ownOf(type), '--yes']],
	[/^erases the (\w+)$/, ([, type]) => ['message', 'erase', receivedOf(type), '--yes']],
	[/^carries out the (\w+)$/, ([, type]) => ['message', 'carry-out', receivedOf(type), '--yes']],
	[/^blocks the (\w+)$/, ([, type]) => ['message', 'block', receivedOf(type)]],
];

// The words of readmitctl for what is said so; undefined if nothing is.
export function commandOf(text) {
	for (const [shape, make] of COMMANDS) {
		const found = shape.exec(text);
		if (found)
			return make(found);
	}
	return undefined;
}
