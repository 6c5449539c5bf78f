#!/usr/bin/env python3
"""Reads the vectors of RXP/1 with Python's standard library alone: drive.py DIR.

Of each vector that it can judge it says what comes of its files, and compares; a line for each that is otherwise begins with
its id. What it leaves out it counts. It has a reader of XML (on expat), canonical XML, seals, logs, and due dates, each as short as can
be; crypto.py beside it has the arithmetic, evidence.py the files of evidence.
"""
import base64, datetime, hashlib, json, os, re, sys
from xml.parsers import expat

sys.dont_write_bytecode = True  # the folder stays as it is
import evidence
from crypto import P256, gcm, need, number_in, unwrap, verifies

DS, XADES = 'http://www.w3.org/2000/09/xmldsig#', 'http://uri.etsi.org/01903/v1.3.2#'
sha256 = lambda octets: hashlib.sha256(octets).digest()

# --- XML (section 1.1): a tree of elements, in which text between two tags is one string --------------------------------------
class Element:
    def __init__(self, tag, pairs, parent):
        self.tag, self.parent, self.children = tag, parent, []
        self.prefix, _, self.local = tag.rpartition(':')
        self.declares = {n[6:]: v for n, v in pairs if n == 'xmlns' or n.startswith('xmlns:')}
        self.attributes = {n: v for n, v in pairs if not (n == 'xmlns' or n.startswith('xmlns:'))}
        self.scope = {**(parent.scope if parent else {}), **self.declares}
        self.depth = parent.depth + 1 if parent else 1
        need(self.prefix == '' or self.prefix in self.scope, 'an unbound prefix')
        need(self.depth <= 32 and len(pairs) <= 16, 'RXP-XML-005')
        need(not any(':' in n or n == 'ID' for n in self.attributes), 'RXP-XML-004')
        self.ns = self.scope.get(self.prefix, '')

    def elements(self):
        return [c for c in self.children if isinstance(c, Element)]

    def text(self):
        need(not self.elements(), 'text was expected')
        return ''.join(self.children)

    def all(self):
        yield self
        for c in self.elements():
            yield from c.all()

    def find(self, *names):
        node = self
        for name in names:
            node = next(c for c in node.elements() if c.local == name)
        return node


def parse(octets, declared=False):
    need(octets[:1] == b'<' and b'\0' not in octets, 'RXP-XML-001, 002')
    need(octets.rstrip() == octets, 'RXP-XML-002')
    text = octets.decode('utf-8')
    need(declared or not text.startswith('<?'), 'RXP-XML-002')
    need(not text.startswith('<?') or text.startswith(('<?xml version="1.0"', "<?xml version='1.0'")), 'XML 1.0')
    need('encoding' not in text[:text.find('?>')] or re.match(r'<\?xml [^>]*encoding=["\'](utf|UTF)-8["\']', text) or not text.startswith('<?'), 'UTF-8')
    root, at = None, None

    def start(tag, flat):
        nonlocal root, at
        node = Element(tag, list(zip(flat[::2], flat[1::2])), at)
        at.children.append(node) if at else None
        root, at = root or node, node

    def end(_):
        nonlocal at
        at = at.parent

    def forbidden(*_):
        raise ValueError('RXP-XML-003')

    p = expat.ParserCreate()
    p.ordered_attributes, p.buffer_text = True, True
    p.StartElementHandler, p.EndElementHandler = start, end
    p.CharacterDataHandler = lambda data: at.children.append(data)
    p.StartDoctypeDeclHandler = p.CommentHandler = p.ProcessingInstructionHandler = p.StartCdataSectionHandler = forbidden
    p.Parse(octets, True)
    need(sum(1 for _ in root.all()) <= 20000, 'RXP-XML-005')
    return root


def escape(text, also):
    for char, name in [('&', '&amp;'), ('<', '&lt;'), ('\r', '&#xD;'), *also]:
        text = text.replace(char, name)
    return text


def canonical(node, rendered=None):
    """Exclusive canonical XML without comments, no prefix list (RXP-SEA-007)."""
    rendered, new = rendered or {}, {}
    if rendered.get(node.prefix, '') != node.ns:
        new[node.prefix] = node.ns
    names = [(f'xmlns:{p}' if p else 'xmlns', ns) for p, ns in sorted(new.items())] + sorted(node.attributes.items())
    out = f'<{node.tag}' + ''.join(f' {n}="{escape(v, [(chr(34), "&quot;"), (chr(9), "&#x9;"), (chr(10), "&#xA;")])}"' for n, v in names) + '>'
    for c in node.children:
        out += canonical(c, {**rendered, **new}) if isinstance(c, Element) else escape(c, [('>', '&gt;')])
    return f'{out}</{node.tag}>'


# --- seals (section 5) -----------------------------------------------------------------------------------------------------------
def pieces_of(root):
    header, body, signature = root.elements()
    return {'header': header, 'body': body, 'properties': signature.find('Object', 'QualifyingProperties', 'SignedProperties'),
            'signed-info': signature.find('SignedInfo')}


def unseal(root, kind, namespace):
    """The pieces, and the certificate; the shape as far as it decides what is signed."""
    need(root.local == kind and root.ns == namespace and root.declares == {'': namespace} and not root.attributes, 'RXP-SEA-001, 002')
    need([(c.local, c.ns) for c in root.elements()] == [('Header', namespace), ('Body', namespace), ('Signature', DS)], 'RXP-SEA-001')
    need(len(root.children) == 3, 'text in the root')
    pieces = pieces_of(root)
    octets = {name: canonical(node).encode() for name, node in pieces.items()}
    signature, ids = root.elements()[2], [n.attributes['Id'] for n in root.all() if 'Id' in n.attributes]
    need(ids == ['header', 'body', 'sig', 'ref-header', 'ref-body', 'seal'], 'RXP-SEA-004')
    method, algorithm, *references = pieces['signed-info'].elements()
    need(method.attributes == {'Algorithm': 'http://www.w3.org/2001/10/xml-exc-c14n#'} and not method.children, 'RXP-SEA-007')
    scheme, _, signed_by = algorithm.attributes.get('Algorithm', '').partition('#')
    need(scheme == 'http://www.w3.org/2001/04/xmldsig-more' and len(algorithm.attributes) == 1 and not algorithm.children, 'RXP-SEA-008')
    properties = 'http://uri.etsi.org/01903#SignedProperties'
    need([r.attributes for r in references] == [{'Id': 'ref-header', 'URI': '#header'}, {'Id': 'ref-body', 'URI': '#body'},
                                                {'Type': properties, 'URI': '#seal'}], 'RXP-SEA-003')
    for reference, name in zip(references, ['header', 'body', 'properties']):
        transforms, digest, value = reference.elements()
        need([t.attributes.get('Algorithm') for t in transforms.elements()] == ['http://www.w3.org/2001/10/xml-exc-c14n#'], 'RXP-SEA-007')
        need(not transforms.elements()[0].children and digest.attributes.get('Algorithm') == 'http://www.w3.org/2001/04/xmlenc#sha256', 'the method')
        need(base64.b64encode(sha256(octets[name])).decode() == value.text(), f'the digest of {name}')
    certificate = base64.b64decode(signature.find('KeyInfo', 'X509Data', 'X509Certificate').text())
    digest = pieces['properties'].find('SignedSignatureProperties', 'SigningCertificateV2', 'Cert', 'CertDigest', 'DigestValue').text()
    need(base64.b64encode(sha256(certificate)).decode() == digest, 'RXP-SEA-010')
    value = base64.b64decode(signature.find('SignatureValue').text())
    need(verifies(certificate, signed_by, octets['signed-info'], value), 'the signature')
    return octets, certificate


class Package:
    def __init__(self, folder):
        self.folder, self.index = folder, json.loads(open(os.path.join(folder, 'index.json'), 'rb').read())
        self.states = {one['party']: one for one in self.index['states']}

    def read(self, name):
        return open(os.path.join(self.folder, name), 'rb').read()

    def seals_of(self, party):
        """The certificates that the identity parts of its descriptor list; its root was compared."""
        part = parse(base64.b64decode(parse(self.read(self.states[party]['descriptor']), True).find('Identity').text()))
        _, root = unseal(part, 'Identity', 'urn:rxp:1:identity')
        at = root.find(bytes.fromhex('3059301306072a8648ce3d0201'))
        need(sha256(root[at:at + 91]).hex() == self.states[party]['root'], 'the root')
        return [base64.b64decode(one.text()) for one in part.find('Body').elements() if one.local == 'SealCertificate']


# --- kinds -----------------------------------------------------------------------------------------------------------------------
SEALED = {'Document': 'document', 'Receipt': 'receipt', 'Refusal': 'refusal', 'LogPage': 'log', 'Profile': 'profile', 'Calendar': 'calendar'}
# What follows from XML, seal and certificate alone; schemas and rules are left to others.
MINE = re.compile(r'RXP-(XML-00[1-5]|SEA-0(0[34578]|10))$')
# They keep the bounds that they stand at: it is their schema that refuses them.
AT_A_BOUND = ('XML-005.D.n3', 'XML-005.D.n4', 'XML-005.D.n6')


def document(package, one, files):
    octets = files['octets']
    kind = next((k for k, ns in SEALED.items() if b'urn:rxp:1:' + ns.encode() in octets[:200] and b'<' + k.encode() + b' ' in octets[:200]), None)
    if kind is None or one['id'] in AT_A_BOUND or not (MINE.match(one['requirement']) or '.D.p' in one['id']):
        return None
    try:
        _, certificate = unseal(parse(octets), kind, f'urn:rxp:1:{SEALED[kind]}')
        need(certificate in package.seals_of('QMA'), 'RXP-SEA-010')
        return {'result': 'sound'}
    except Exception:
        return {'result': 'broken'}


def canonical_octets(package, one, files):
    root = parse(files['object'])
    octets, _ = unseal(root, one['given']['is'], root.ns)
    need(all(octets[name] == files[name] for name in octets), 'octets')
    digests = {name: sha256(value).hex() for name, value in octets.items()}
    return {'result': 'sound', 'object': sha256(files['object']).hex(), **digests, 'fingerprint': digests['signed-info']}


DATA = """<e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#" xmlns:f="http://www.w3.org/2009/xmlenc11#"
 xmlns:d="http://www.w3.org/2000/09/xmldsig#" xmlns:g="http://www.w3.org/2009/xmldsig11#"
 Type="http://www.w3.org/2001/04/xmlenc#Element"><e:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>
<d:KeyInfo><e:EncryptedKey><e:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#kw-aes256"/><d:KeyInfo>
<e:AgreementMethod Algorithm="http://www.w3.org/2009/xmlenc11#ECDH-ES"><f:KeyDerivationMethod
 Algorithm="http://www.w3.org/2009/xmlenc11#ConcatKDF"><f:ConcatKDFParams AlgorithmID="%s" PartyUInfo="%s" PartyVInfo="%s" SuppPubInfo="%s">
<d:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/></f:ConcatKDFParams></f:KeyDerivationMethod><e:OriginatorKeyInfo>
<d:KeyValue><g:ECKeyValue><g:NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"/><g:PublicKey/></g:ECKeyValue></d:KeyValue>
</e:OriginatorKeyInfo><e:RecipientKeyInfo><d:KeyName/></e:RecipientKeyInfo></e:AgreementMethod></d:KeyInfo>
<e:CipherData><e:CipherValue/></e:CipherData></e:EncryptedKey></d:KeyInfo><e:CipherData><e:CipherValue/></e:CipherData>
</e:EncryptedData>"""
ENVELOPE = '<Envelope xmlns="urn:rxp:1:envelope" Suite="RXP-1-P256"><Header><MessageId/><From/><To/><Created/><Expires/></Header>%s</Envelope>'
TIME = re.compile(r'(19[7-9]\d|[2-9]\d{3})-\d\d-\d\dT\d\d:\d\d:[0-5]\d\.\d{3}Z$')
UUID7 = re.compile(r'[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$')


def shape(node, leaf=None):
    """Of an element of the name leaf not what is in it."""
    if node.local == leaf:
        return node.ns, node.local
    need(not node.elements() or all(isinstance(c, Element) for c in node.children), 'text between elements')
    return node.ns, node.local, sorted(node.attributes.items()), [shape(c, leaf) for c in node.elements()]


def octets_of(text):
    octets = base64.b64decode(text, validate=True)
    need(base64.b64encode(octets).decode() == text, 'RXP-XML-006')
    return octets


def read_envelope(octets):
    """The fields and values of what has the one shape (RXP-OPN-004)."""
    root = parse(octets, True)
    header, data = root.elements()
    fields = {c.local: c.text() for c in header.elements()}
    need(UUID7.match(fields['MessageId']) and TIME.match(fields['Created']) and TIME.match(fields['Expires']), 'RXP-XML-006, RXP-TIM-001')
    need(all(re.match('[A-Z]{3}$', fields[name]) for name in ('From', 'To')), 'a party')
    lasts = instant(fields['Expires']) - instant(fields['Created'])
    need(0 < lasts.total_seconds() <= 90 * 86400, 'RXP-TIM-002')
    info = [b'RXP-1-P256', fields['From'].encode(), fields['To'].encode(), bytes.fromhex(fields['MessageId'].replace('-', ''))]
    data_alone = '<e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#"/>'
    need(shape(root, 'EncryptedData') == shape(parse((ENVELOPE % data_alone).encode()), 'EncryptedData'), 'RXP-ENV-001, 004')
    return fields, read_data(data, info)


def read_data(data, info):
    """The values of an EncryptedData that has the one shape, derived for that info."""
    template = DATA.replace('\n ', ' ').replace('\n', '') % tuple('00' + one.hex().upper() for one in info)
    need(shape(data) == shape(parse(template.encode())), 'RXP-ENV-007, 010')
    key = data.find('KeyInfo', 'EncryptedKey')
    agreement = key.find('KeyInfo', 'AgreementMethod')
    values = {'point': octets_of(agreement.find('OriginatorKeyInfo', 'KeyValue', 'ECKeyValue', 'PublicKey').text()),
              'name': agreement.find('RecipientKeyInfo', 'KeyName').text(), 'wrapped': octets_of(key.find('CipherData', 'CipherValue').text()),
              'text': octets_of(data.find('CipherData', 'CipherValue').text()), 'info': b''.join(info)}
    need(len(values['point']) == 65 and values['point'][0] == 4 and len(values['wrapped']) == 40, 'a length')
    need(re.match('[0-9a-f]{64}$', values['name']) and 0 < len(values['text']) - 28 <= 188416, 'a length')
    return values


def open_data(package, given, values):
    """The plain text; an error if it does not open."""
    z = P256.x_of(P256.times(number_in(package.read(given['key'])), P256.point_of(values['point']))).to_bytes(32, 'big')
    return gcm(unwrap(sha256(b'\0\0\0\1' + z + values['info']), values['wrapped']), values['text'])


COMPARTMENTS = {'ForHealth': 'HEALTH', 'ForSocial': 'SOCIAL'}


def compartment(package, one, files):
    """The EncryptedData of a compartment is that of an Envelope, derived for other names."""
    header, body = parse(files['document']).elements()[:2]
    fields = {c.local: c.text() for c in header.elements()}
    found = next(node for node in body.all() if node.local in COMPARTMENTS)
    try:
        info = [b'RXP-1-P256-OFFICE', fields['From'].encode(), (fields['To'] + COMPARTMENTS[found.local]).encode(), octets_of(body.find('Salt').text())]
        data, = found.elements()
        plain = open_data(package, one['given'], read_data(data, info))
    except ValueError:
        return {'result': 'closed'}
    need(plain == files.get('content'), 'the content')
    return {'result': 'opens'}


def envelope(package, one, files):
    """All but what the content of a Document decides."""
    given = one['given']
    if one['requirement'] in ('RXP-DOC-005', 'RXP-DOC-011'):
        return None
    if len(files['envelope']) > 262144:
        return {'result': '413'}
    try:
        fields, values = read_envelope(files['envelope'])
    except Exception:
        return {'result': '422'}
    if fields['From'] != given['from'] or fields['To'] != given['to']:
        return {'result': 'sender' if fields['From'] != given['from'] else 'recipient'}
    working = parse(base64.b64decode(parse(package.read(package.states[given['to']]['descriptor']), True).find('Working').text()))
    if sha256(base64.b64decode(working.find('Body', 'AgreementKey').text())).hex() != values['name']:
        return {'result': 'rekey'}
    try:
        plain = open_data(package, given, values)
    except ValueError:
        return {'result': 'opens, and should not' if 'document' in files else 'unopenable'}
    need(plain == files.get('document'), 'the Document within')
    try:
        inside = parse(plain)
        _, certificate = unseal(inside, 'Document', 'urn:rxp:1:document')
        need(certificate in package.seals_of(given['from']), 'RXP-SEA-010')
        sealed = {c.local: c.text() for c in inside.find('Header').elements()}
        need(all(sealed[name] == value for name, value in fields.items()), 'RXP-ENV-013')
        signed = inside.elements()[2].find('Object', 'QualifyingProperties', 'SignedProperties', 'SignedSignatureProperties', 'SigningTime').text()
        need(abs((instant(signed) - instant(sealed['Created'])).total_seconds()) <= 300, 'RXP-SEA-011')
    except Exception:
        return {'result': 'unopenable'}
    if (instant(fields['Created']) - instant(one['clock'])).total_seconds() > 300:
        return {'result': 'future'}
    return {'result': 'receipt' if instant(fields['Expires']) > instant(one['clock']) else 'expired'}


def attachment(package, one, files):
    """Those of one short segment."""
    if len(files['ciphertext']) > 65536:
        return None
    try:
        plain = gcm(bytes.fromhex(one['given']['key']), bytes(11) + b'\1' + files['ciphertext'])
    except ValueError:
        return {'result': 'closed'}
    need(plain == files.get('file'), 'the file')
    return {'result': 'opens'}


UTC = datetime.timezone.utc
DAY, MS = datetime.timedelta(days=1), datetime.timedelta(milliseconds=1)
WEEK = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']


def instant(text):
    return datetime.datetime.strptime(text, '%Y-%m-%dT%H:%M:%S.%fZ').replace(tzinfo=UTC)


def time_text(at):
    return at.strftime('%Y-%m-%dT%H:%M:%S.') + f'{at.microsecond // 1000:03d}Z'


class Days:
    def __init__(self, calendar):
        self.offsets = [(instant(at), datetime.timedelta(minutes=m)) for at, m in calendar['offsets']]
        self.first, self.last = map(datetime.date.fromisoformat, calendar['span'])
        self.off = {WEEK.index(d) for d in calendar['weekend']}, {datetime.date.fromisoformat(d) for d in calendar['holidays']}

    def day(self, at):
        offset = self.offsets[0][1]
        for since, minutes in self.offsets:
            offset = minutes if since <= at else offset
        return (at + offset).date()

    def works(self, day):
        return day.weekday() not in self.off[0] and day not in self.off[1]

    def end(self, day):
        """The last instant whose local day is not later: at most a day and a half behind midnight in UTC."""
        midnight = datetime.datetime(day.year, day.month, day.day, tzinfo=UTC) + DAY
        borders = {midnight - offset for _, offset in self.offsets} | {since for since, _ in self.offsets}
        return max(at - MS for at in borders if abs(at - midnight) <= 2 * DAY and self.day(at - MS) <= day)


def month_later(day, months):
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for number in range(day.day, 27, -1):
        try:
            return datetime.date(year, month, number)
        except ValueError:
            pass
    return datetime.date(year, month, day.day)


def deadline(package, one, files):
    """One calendar, a period, and how it rolls; what disturbs it is left to others."""
    given = one['given']
    if set(given) - {'calendars', 'period', 'roll', 'event'} or len(given['calendars']) != 1 or not isinstance(given['period'][0], int):
        return None
    c = Days(json.loads(files['calendars'])[given['calendars'][0]])
    start, (value, unit) = instant(given['event']), given['period']
    if unit == 'hours':
        due = start + datetime.timedelta(hours=value)
        return {'result': 'due', 'due': time_text(due), 'last': c.day(due).isoformat(), 'flags': []}
    day = first = c.day(start)
    if unit == 'months':
        day = month_later(day, value)
    else:
        while value > 0:
            day += DAY
            value -= unit == 'calendar-days' or c.works(day)
    while given.get('roll', 'next-working-day') != 'none' and not c.works(day):
        day += DAY
    flags = [] if c.first <= first and day <= c.last else ['provisional']
    return {'result': 'due', 'due': time_text(c.end(day)), 'last': day.isoformat(), 'flags': flags}


def next_head(heads, message, fingerprint, received, outcome):
    at = (instant(received) - datetime.datetime(1970, 1, 1, tzinfo=UTC)) // MS
    return sha256(heads[-1] + len(heads).to_bytes(8, 'big') + bytes.fromhex(message.replace('-', '')) + fingerprint
                  + at.to_bytes(8, 'big') + (b'\1' if outcome == 'receipt' else b'\2'))


def fields_differ(entry, mine, before):
    """Of an entry, the reader's record and what was shown before, whichever two agree outvote the third."""
    found = set()
    for name, word in (('Fingerprint', 'fingerprint-differs'), ('ReceivedAt', 'time-differs'), ('Outcome', 'outcome-differs')):
        own, shown = mine.get(name) == entry[name], before.get(name) == entry[name]
        if name in mine and not own:
            found.add('own-record' if shown else word)
        elif before and not shown:
            found.add('own-copy' if own else word)
    return found


def log(package, one, files):
    given, found, met = one['given'], set(), set()
    sent, receipts = {m['MessageId']: m for m in given['sent']}, given['receipts']
    start = f'RXP-1-LOG{given["owner"]}{given["reader"]}'.encode() + bytes.fromhex(receipts[0]['LogId'].replace('-', ''))
    heads, earlier, on = [sha256(start)], given.get('earlier', []), given['after'][0] > 0
    for shown in earlier if on else []:
        heads.append(next_head(heads, shown['MessageId'], bytes.fromhex(shown['Fingerprint']), shown['ReceivedAt'], shown['Outcome']))
    places = {shown['MessageId']: n for n, shown in enumerate(earlier, 1)}
    for i in range(1, len(given['after']) + 1):
        try:
            root = parse(files[f'page-{i}'])
            _, certificate = unseal(root, 'LogPage', 'urn:rxp:1:log')
            need(certificate in package.seals_of(given['owner']), 'RXP-SEA-010')
        except Exception:
            return differences(found | {'page-false'})
        (log_id, count, head, after, after_head), entries = [c.text() for c in root.find('Body').elements()[:5]], root.find('Body').elements()[5:]
        if any(r['LogId'] != log_id for r in receipts):
            return differences(found | {'log-id'})
        found |= {'log-short'} if max(len(earlier), *(r['LogCount'] for r in receipts)) > int(count) else set()
        found |= {'head-differs'} if base64.b64decode(after_head) != heads[-1] else set()
        heads[-1] = base64.b64decode(after_head)
        need(int(after) == len(heads) - 1, 'the page that was asked for')
        for entry in entries:
            message, fingerprint, received, outcome = [c.text() for c in entry.elements()]
            mine, octets, place = sent.get(message), base64.b64decode(fingerprint), places.get(message)
            if message in met:
                found.add('entry-twice')
            elif place is None and len(heads) <= len(earlier):
                found.add('entry-added')
            elif place not in (None, len(heads)):
                found.add('entry-moved')
            met.add(message)
            if mine is None:
                found.add('entry-unknown' if place is None else 'own-message-gone')
            entry = {'Fingerprint': octets.hex(), 'ReceivedAt': received, 'Outcome': outcome}
            found |= fields_differ(entry, mine or {}, earlier[place - 1] if place else {})
            heads.append(next_head(heads, message, octets, received, outcome))
        if len(heads) - 1 == int(count) and base64.b64decode(head) != heads[-1]:
            found.add('chain-broken')
    if any(r['LogCount'] < len(heads) and heads[r['LogCount']].hex() != r['LogHead'] for r in receipts):
        found.add('receipt-differs')
    if not on and set(places) - met:
        found.add('entry-removed')
    met |= set(places) if on else set()
    if any('Outcome' in m and m['MessageId'] not in met for m in given['sent']):
        found.add('answer-missing')
    return differences(found)


def differences(found):
    return {'result': 'differs' if found else 'agrees', 'differences': sorted(found)}


def key_of(certificate):
    at = certificate.find(bytes.fromhex('3059301306072a8648ce3d0201'))
    return sha256(certificate[at:at + 91])


def read_descriptor(octets, compared, clock):
    """{party, chain (fingerprints), serial, created}; without the schema. compared: None if a part is known."""
    parts = parse(octets, True).elements()
    need([p.local for p in parts] == ['Identity'] * (len(parts) - 1) + ['Working'], 'RXP-DSC-001')
    chain, before = [], None
    for part in parts[:-1]:
        root = parse(base64.b64decode(part.text()))
        pieces, certificate = unseal(root, 'Identity', 'urn:rxp:1:identity')
        header, body = [{}, {}]
        for to, name in ((header, 'Header'), (body, 'Body')):
            for c in root.find(name).elements():
                to.setdefault(c.local, []).append(c.text())
        now = {'key': key_of(certificate), 'next': body.get('NextRoot'), 'seals': body['SealCertificate'], 'party': header['Party'][0],
               'serial': int(header['Serial'][0]), 'created': instant(header['Created'][0]), 'fingerprint': sha256(pieces['signed-info'])}
        need('RevokedSince' not in body or instant(body['RevokedSince'][0]) <= now['created'], 'RXP-DSC-024')
        if before is None:
            need((now['serial'] == 1) == ('Previous' not in header), 'RXP-DSC-003')
        else:
            need(now['serial'] == before['serial'] + 1 and base64.b64decode(header['Previous'][0]) == before['fingerprint'], 'RXP-DSC-003')
            need(now['key'] == before['key'] or before['next'] == [base64.b64encode(now['key']).decode()], 'RXP-DSC-004')
            need(now['created'] >= before['created'], 'RXP-DSC-024')
        chain.append(now)
        before = now
    need(compared is None or before['key'].hex() == compared, 'RXP-DSC-005')
    root = parse(base64.b64decode(parts[-1].text()))
    _, certificate = unseal(root, 'Working', 'urn:rxp:1:working')
    header = {c.local: c.text() for c in root.find('Header').elements()}
    need(base64.b64encode(certificate).decode() in before['seals'], 'RXP-DSC-006')
    need(header['Party'] == before['party'] and int(header['IdentitySerial']) == before['serial'], 'RXP-DSC-006')
    need(base64.b64decode(header['IdentityDigest']) == before['fingerprint'], 'RXP-DSC-006')
    need(max(before['created'], instant(header['Created'])) <= clock + DAY, 'RXP-DSC-038')
    return {'party': before['party'], 'chain': [now['fingerprint'] for now in chain], 'order': (before['serial'], instant(header['Created']))}


def history(package, one, files):
    trusted, steps = None, []
    for i in range(1, len(files) + 1):
        try:
            read = read_descriptor(files[f'step-{i}'], one['given']['root'] if trusted is None else None, instant(one['clock']))
            need(trusted is None or (read['party'] == trusted['party'] and trusted['chain'][-1] in read['chain']), 'RXP-DSC-021')
            need(trusted is None or read['order'] > trusted['order'], 'RXP-DSC-007')
            trusted = read
            steps.append('taken')
        except Exception:
            steps.append('refused')
    return {'result': steps[-1], 'steps': steps}


KINDS = {'evidence': lambda package, one, files: evidence.judge(files['container']), 'compartment': compartment, 'attachment': attachment, 'log': log, 'history': history, 'document': document, 'canonical': canonical_octets, 'envelope': envelope, 'deadline': deadline}


def main(folder):
    package, judged, left, wrong = Package(folder), {}, {}, 0
    for one in package.index['vectors']:
        files = {use: package.read(name) for use, name in one['files'].items()}
        try:
            seen = KINDS[one['kind']](package, one, files) if one['kind'] in KINDS else None
        except Exception as error:
            seen = {'result': f'error: {error!r}'}
        counts = left if seen is None else judged
        counts[one['kind']] = counts.get(one['kind'], 0) + 1
        if seen is not None and any(one['expected'].get(key) != value for key, value in seen.items()):
            wrong += 1
            print(f'{one["id"]}  {one["words"]}: {json.dumps(one["expected"])}, and {json.dumps(seen)}')
    for kind in package.index['kinds']:
        print(f'{kind}: {judged.get(kind, 0)} judged, {left.get(kind, 0)} left')
    print(f'{len(package.index["vectors"])} vectors, {wrong} otherwise')
    return 0 if wrong == 0 and judged else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
