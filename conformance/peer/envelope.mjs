// envelope - closing and opening an Envelope (section 3).
import { elements, parse, structure, value } from './xml.mjs';
import { closeContent, encryptContent, openData, readData, RIGHT } from './encrypted.mjs';
import { DAY, isTime } from './values.mjs';
import { idOctets, isMessageId, isParty } from './message.mjs';
import { sha256 } from './seal.mjs';

export { RIGHT };
const NAMESPACE = 'urn:rxp:1:envelope', LIMIT = 262_144, DOCUMENT_LIMIT = 188_416;
const FIELDS = ['MessageId', 'From', 'To', 'Created', 'Expires'];
// RXP-ENV-007
const infoOf = ({ From, To, MessageId }) => [Buffer.from('RXP-1-P256'), Buffer.from(From), Buffer.from(To), idOctets(MessageId)];

const headerText = (header) => `<Header>${FIELDS.map((name) => `<${name}>${header[name]}</${name}>`).join('')}</Header>`;

// The Envelope, as text, of encrypted content (encryptContent) for a public key; again for another one (RXP-ENV-015).
export const closeFor = (content, header, recipient, how = RIGHT) => how.written(`<Envelope xmlns="${NAMESPACE}" Suite="${how.suite}">${headerText(header)}` +
	`${closeContent(content, infoOf(header), recipient, how)}</Envelope>`);
// Encrypt the octets of a Document to a public key: the Envelope as text.
export const close = (document, header, recipient, how = RIGHT) => closeFor(encryptContent(document, how), header, recipient, how);

// What an Envelope shows to everybody: {header, digest, info, data}. It throws for what gets no signed answer (RXP-OPN-004).
export function read(octets) {
	if (octets.length > LIMIT) throw new Error('an Envelope too long');
	const root = parse(octets, { declaration: true }), [outer, encrypted, ...more] = elements(root);
	const header = Object.fromEntries(FIELDS.map((name, i) => [name, value(elements(outer)[i])]));
	const { MessageId, From, To, Created, Expires } = header;
	if (root.local !== 'Envelope' || root.ns !== NAMESPACE || root.attributes.size !== 1 || root.attributes.get('Suite') !== RIGHT.suite || more.length)
		throw new Error('shape of the Envelope');
	if (!isMessageId(MessageId) || !isParty(From) || !isParty(To) || !isTime(Created) || !isTime(Expires)) throw new Error('a value of the Header');
	if (structure(outer) !== structure(parse(`<Envelope xmlns="${NAMESPACE}">${headerText(header)}</Envelope>`).children[0])) throw new Error('shape of the Header');
	// RXP-OPN-005
	const life = Date.parse(Expires) - Date.parse(Created), info = infoOf(header), data = readData(encrypted, info);
	if (life <= 0 || life > 90 * DAY || data.octets > DOCUMENT_LIMIT) throw new Error('Expires, or the length of the Document');
	return { header, digest: sha256(octets), info, data };
}

// The octets of the Document. It throws if it does not open.
export const open = ({ data, info }, privateKey) => openData(data, info, privateKey);
