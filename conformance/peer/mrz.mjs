// mrz - machine-readable lines of documents (ICAO Doc 9303), as RXP-APP-014 wants them.
const WEIGHTS = [7, 3, 1];
const valueOf = (sign) => sign === '<' ? 0 : parseInt(sign, 36);
const digit = (text) => String([...text].reduce((sum, sign, i) => sum + valueOf(sign) * WEIGHTS[i % 3], 0) % 10);
// A check digit behind what is not used may be a filler.
const isChecked = (text, check) => check === digit(text) || (check === '<' && /^<*$/.test(text));

// Where things stand, [line, from, to]; `checks` are [what, where the digit is], each of them some runs joined.
const FORMS = [
	{ // TD3: passports
		lines: 2, length: 44, code: /^[^V]/, issuer: [0, 2, 5], nationality: [1, 10, 13], birth: [1, 13, 19], sex: [1, 20, 21], expiry: [1, 21, 27],
		number: [1, 0, 9], checks: [[[[1, 0, 9]], [1, 9]], [[[1, 13, 19]], [1, 19]], [[[1, 21, 27]], [1, 27]], [[[1, 28, 42]], [1, 42]],
			[[[1, 0, 10], [1, 13, 20], [1, 21, 43]], [1, 43]]],
	},
	{ // TD2
		lines: 2, length: 36, code: /^[^V]/, issuer: [0, 2, 5], nationality: [1, 10, 13], birth: [1, 13, 19], sex: [1, 20, 21], expiry: [1, 21, 27],
		number: [1, 0, 9], more: [1, 28, 35],
		checks: [[[[1, 0, 9]], [1, 9]], [[[1, 13, 19]], [1, 19]], [[[1, 21, 27]], [1, 27]], [[[1, 0, 10], [1, 13, 20], [1, 21, 35]], [1, 35]]],
	},
	...[44, 36].map((length) => ({ // MRV-A and MRV-B: visas
		lines: 2, length, code: /^V/, issuer: [0, 2, 5], nationality: [1, 10, 13], birth: [1, 13, 19], sex: [1, 20, 21], expiry: [1, 21, 27],
		number: [1, 0, 9], checks: [[[[1, 0, 9]], [1, 9]], [[[1, 13, 19]], [1, 19]], [[[1, 21, 27]], [1, 27]]],
	})),
	{ // TD1: cards
		lines: 3, length: 30, code: /^[^V]/, issuer: [0, 2, 5], nationality: [1, 15, 18], birth: [1, 0, 6], sex: [1, 7, 8], expiry: [1, 8, 14],
		number: [0, 5, 14], more: [0, 15, 30],
		checks: [[[[0, 5, 14]], [0, 14]], [[[1, 0, 6]], [1, 6]], [[[1, 8, 14]], [1, 14]], [[[0, 5, 30], [1, 0, 7], [1, 8, 15], [1, 18, 29]], [1, 29]]],
	},
];

// YYMMDD, of which parts may be unknown. 29 February is a day if it is one in some century.
function isDate(text) {
	if (!/^(\d\d|<<)(0[1-9]|1[0-2]|<<)(0[1-9]|[12]\d|3[01]|<<)$/.test(text)) return false;
	const [year, month, day] = text.match(/../g);
	if (month === '<<' || day === '<<') return true;
	return Number(day) <= new Date(Date.UTC(year === '<<' ? 2000 : 2000 + Number(year), Number(month), 0)).getUTCDate();
}
const country = (text) => text.replace(/<+$/, '');

// What lines say: {code, issuer, nationality, birth}, or null if they have not the form of any document.
export function readLines(lines) {
	const form = FORMS.find((one) => one.lines === lines.length && lines.every((line) => line.length === one.length) && one.code.test(lines[0]));
	if (!form || !/^[A-Z<0-9]+$/.test(lines.join(''))) return null;
	const at = ([line, from, to = from + 1]) => lines[line].slice(from, to);
	// A number of more than nine characters goes on, with its check digit, where optional data begin.
	const long = form.more && at(form.checks[0][1]) === '<' && /^([A-Z0-9]+)(\d)(<|$)/.exec(at(form.more));
	for (const [i, [parts, check]] of form.checks.entries()) {
		const text = parts.map(at).join('');
		if (i === 0 && long ? digit(`${text}<${long[1]}`) !== long[2] && digit(text + long[1]) !== long[2] : !isChecked(text, at(check))) return null;
	}
	const [birth, expiry, sex] = [at(form.birth), at(form.expiry), at(form.sex)];
	if (!isDate(birth) || !isDate(expiry) || !/^[MFX<]$/.test(sex) || !/^[A-Z][A-Z0-9<]$/.test(lines[0].slice(0, 2))) return null;
	return { code: lines[0].slice(0, 2), issuer: country(at(form.issuer)), nationality: country(at(form.nationality)), birth };
}

// The date of birth in the second of some lines, whatever the others say (RXP-SAF-033).
export function birthInSecondLine(line) {
	const form = FORMS.find(({ length }) => length === line.length);
	return form && isDate(line.slice(form.birth[1], form.birth[2])) ? line.slice(form.birth[1], form.birth[2]) : null;
}
