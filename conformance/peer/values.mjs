// values - days, instants and octets, in the one form that section 1 gives each.
export const DAY = 86_400_000;
export const timeText = (ms) => new Date(ms).toISOString();
export const base64 = (octets) => octets.toString('base64');

// Does the Gregorian calendar have the day that a text begins with? A year or a month alone is no day.
export function isDay(text) {
	const given = /^\d{4}-\d{2}-\d{2}/.exec(text);
	if (!given) return true;
	const at = Date.parse(`${given[0]}T00:00:00Z`);
	return !Number.isNaN(at) && new Date(at).toISOString().startsWith(given[0]);
}
const TIME = /^(19[7-9]\d|[2-9]\d{3})-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
// RXP-TIM-001
export const isTime = (text) => TIME.test(text) && isDay(text);
export const dayOf = (ms) => timeText(ms).slice(0, 10);
export const addDays = (day, n) => dayOf(Date.parse(`${day}T00:00:00Z`) + n * DAY);

// RXP-XML-006: unbroken, padded, unused bits zero. Octets, or null.
export function octetsOf(text) {
	const octets = Buffer.from(text, 'base64');
	return octets.length && base64(octets) === text ? octets : null;
}

// RXP-TRF-006: the instant of a Local and its Offset.
export function instant(local, offset) {
	const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset);
	return Date.parse(`${local}:00.000Z`) - Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
