"""Containers of evidence of RXP/1 as files, and what was put around their documents: the ZIP file (RXP-EVI-012, 015), the list of contents
(section 16.2) and the signature (section 16.1). Nothing of them is parsed but the file and a time-stamp: all else is made anew and compared.
What the documents within prove is left to others.
"""
import base64, hashlib, re, struct, zlib

from crypto import need, verifies

MIMETYPE, MANIFEST, SIGNATURES = 'mimetype', 'META-INF/manifest.xml', 'META-INF/signatures.xml'
ASICE = 'application/vnd.etsi.asic-e+zip'
DOCUMENT = r'\d\d+-[A-Za-z]+-[A-Z]{3}'
# Which names there are, and how many octets such an entry may have.
NAMES = [(MIMETYPE, len(ASICE)), (r'META-INF/(manifest|signatures)\.xml|chronology\.(txt|html)', 4194304), (r'descriptors/(\d\d-)?[A-Z]{3}\.xml', 262144),
         (r'logs/\d\d-[A-Z]{3}\.xml', 131072), (f'documents/{DOCUMENT}/(header|properties|signed-info|body)\\.xml', 376832),
         (f'documents/{DOCUMENT}/signature\\.bin', 512), (f'documents/{DOCUMENT}/certificate\\.der', 4096),
         (f'documents/{DOCUMENT}/(receipt|refusal)\\.xml', 32768), (f'withheld/{DOCUMENT}\\.txt', 4194304)]
MEDIA = {'xml': 'text/xml', 'txt': 'text/plain', 'html': 'text/html', 'der': 'application/pkix-cert'}
MOST_ENTRIES, MOST_OCTETS, STORED, DEFLATED, PLAIN = 8192, 64 << 20, 0, 8, 0o100000


def unpacked(method, octets, size):
    if method == STORED:
        return octets
    inflater = zlib.decompressobj(-15)
    out = inflater.decompress(octets, size + 1)
    need(inflater.eof and not inflater.unused_data, 'it does not end where it should')
    return out


def read_zip(octets):
    """{name: octets}, in order; an error if it is anything but the one structure."""
    need(22 <= len(octets) <= MOST_OCTETS, 'the file')
    end = struct.unpack('<IHHHHIIH', octets[-22:])
    directory = len(octets) - 22 - end[5]
    need(end[:3] == (0x06054b50, 0, 0) and end[3] == end[4] <= MOST_ENTRIES and end[6] == directory and end[7] == 0, 'the end of the file')
    at, place, entries = directory, 0, {}
    for _ in range(end[4]):
        record = struct.unpack('<IHHHHHHIIIHHHHHII', octets[at:at + 46])
        flags, method, crc, packed, size, length = record[3], record[4], *record[7:11]
        name, mode = octets[at + 46:at + 46 + length].decode('ascii'), record[15] >> 16
        most = next((n for pattern, n in NAMES if re.fullmatch(pattern, name)), None)
        need(record[0] == 0x02014b50 and most is not None and name not in entries, 'a name')
        need(method in (STORED, DEFLATED) and flags & ~(6 if method else 0) == 0 and record[11:13] == (0, 0), 'flags, method, extra field or comment')
        need(mode & 0o170000 in (0, PLAIN) and size <= most, 'no plain file, or too large')
        need((name == MIMETYPE) == (place == 0) and (place or method == STORED), 'the mimetype stands first, and stored')
        local = octets[place:place + 30 + length]
        need(record[16] == place and local[:4] == b'PK\3\4' and local[6:28] == octets[at + 8:at + 30] and local[28:30] == b'\0\0', 'its own header')
        need(local[30:] == name.encode(), 'its own name')
        place += 30 + length + packed
        entries[name] = unpacked(method, octets[place - packed:place], size)
        need(len(entries[name]) == size and zlib.crc32(entries[name]) == crc and sum(map(len, entries.values())) <= MOST_OCTETS, 'its octets')
        at += 46 + length
    need(place == directory and at == len(octets) - 22, 'octets that are of no entry')
    return entries


def media(name):
    return MEDIA.get(name.rsplit('.', 1)[-1], 'application/octet-stream')


def manifest(names):
    rows = ''.join(f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"></manifest:file-entry>'
                   for path, kind in [('/', ASICE), *((name, media(name)) for name in names)])
    return f'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">{rows}</manifest:manifest>'


SHA_256, EXCLUSIVE = 'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"', 'Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"'
DS, XADES = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"', 'xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"'


def digest(octets):
    return base64.b64encode(hashlib.sha256(octets).digest()).decode()


# --- the time-stamp of a third party (RFC 3161) -----------------------------------------------------------------------------------
MOST_STAMP = 16384
SIGNED_DATA, TST_INFO, SHA256, TIME_STAMPING = '2a864886f70d010702', '2a864886f70d0109100104', '608648016503040201', '2b06010505070308'
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE = '2a864886f70d010903', '2a864886f70d010904', '2a864886f70d010910022f'
# extendedKeyUsage, critical: for time-stamping and nothing else.
FOR_STAMPS = bytes.fromhex('0603551d250101ff040c300a0608' + TIME_STAMPING)
INTEGER, OCTETS, OID, SEQUENCE, SET, FIRST, UTC, GENERALIZED = 2, 4, 6, 0x30, 0x31, 0xa0, 0x17, 0x18


def elements(octets):
    """[(tag, content, all of its octets)] of what stands in DER behind one another."""
    found, at = [], 0
    while at < len(octets):
        length, begin = octets[at + 1], at + 2
        if length & 0x80:
            begin += length & 0x7f
            length = int.from_bytes(octets[at + 2:begin], 'big')
        need(begin + length <= len(octets), 'a length')
        found.append((octets[at], octets[begin:begin + length], octets[at:begin + length]))
        at = begin + length
    return found


def within(octets, *tags):
    """What stands within the one element of these octets, whose first elements have these tags."""
    found = elements(octets)
    need(len(found) == 1 and found[0][0] in (SEQUENCE, FIRST), 'one element')
    inside = elements(found[0][1])
    need([tag for tag, _, _ in inside[:len(tags)]] == list(tags), 'its elements')
    return inside


def moment(element):
    """YYYYMMDDhhmmss of a time."""
    text = element[1].decode('ascii')
    return ('20' if text < '50' else '19') + text[:12] if element[0] == UTC else text[:14]


def is_stamped(token, value):
    """Is that a token over this SignatureValue, with one signer, who is for time-stamping (RXP-EVI-021)? An error: it is none at all."""
    need(len(token) <= MOST_STAMP, 'its length')
    kind, signed = within(token, OID, FIRST)
    version, digests, said, certificates, *_, signers = within(signed[1], INTEGER, SET, SEQUENCE, FIRST)
    what, held = within(said[2], OID, FIRST)
    info = elements(held[1])[0][1]
    number, _, imprint, _, time, *_ = within(info, INTEGER, OID, SEQUENCE, INTEGER, GENERALIZED)
    algorithm, stamped = within(imprint[2], SEQUENCE, OCTETS)
    need([kind[1].hex(), what[1].hex(), number[1]] == [SIGNED_DATA, TST_INFO, b'\1'], 'a TimeStampToken of version 1')
    need(elements(algorithm[1])[0][1].hex() == SHA256 and stamped[1] == hashlib.sha256(f'<ds:SignatureValue {DS}>{value}</ds:SignatureValue>'.encode()).digest(), 'its imprint')
    (signer,) = elements(signers[1])
    _, name, _, attributes, _, signature = within(signer[2], INTEGER, SEQUENCE, SEQUENCE, FIRST, SEQUENCE, OCTETS)[:6]
    says = {elements(one)[0][1].hex(): elements(elements(one)[1][1])[0] for _, one, _ in elements(attributes[1])}
    (certificate,) = [one for _, _, one in elements(certificates[1])
                      if within(within(one)[0][2])[3][2] + within(within(one)[0][2])[1][2] == name[1]]
    first, last = elements(within(within(certificate)[0][2])[4][1])
    return (says[CONTENT_TYPE][1].hex() == TST_INFO and says[MESSAGE_DIGEST][1] == hashlib.sha256(info).digest()
            and hashlib.sha256(certificate).digest() in says[SIGNING_CERTIFICATE][2] and certificate.count(FOR_STAMPS) == 1
            and moment(first) <= moment(time) <= moment(last) and verifies(certificate, 'rsa-sha256', bytes([SET]) + attributes[2][1:], signature[1]))


STAMP = ('<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:SignatureTimeStamp><ds:CanonicalizationMethod %s></ds:CanonicalizationMethod>'
         '<xades:EncapsulatedTimeStamp>%s</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp></xades:UnsignedSignatureProperties></xades:UnsignedProperties>')


# --- the signature ----------------------------------------------------------------------------------------------------------------
def signatures(entries, names, method, value, certificate, time, stamp):
    """The octets of META-INF/signatures.xml, and those that are signed."""
    formats = ''.join(f'<xades:DataObjectFormat ObjectReference="#ref-{i}"><xades:MimeType>{media(name)}</xades:MimeType></xades:DataObjectFormat>'
                      for i, name in enumerate(names, 1))
    cert = f'<xades:CertDigest><ds:DigestMethod {DS} {SHA_256}></ds:DigestMethod><ds:DigestValue {DS}>{digest(base64.b64decode(certificate))}</ds:DigestValue></xades:CertDigest>'
    properties = (f'<xades:SignedProperties {XADES} Id="seal"><xades:SignedSignatureProperties><xades:SigningTime>{time}</xades:SigningTime>'
                  f'<xades:SigningCertificateV2><xades:Cert>{cert}</xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>'
                  f'<xades:SignedDataObjectProperties>{formats}</xades:SignedDataObjectProperties></xades:SignedProperties>')
    ends = f'<ds:DigestMethod {SHA_256}></ds:DigestMethod><ds:DigestValue>%s</ds:DigestValue></ds:Reference>'
    rows = ''.join(f'<ds:Reference Id="ref-{i}" URI="{name}">{ends % digest(entries[name])}' for i, name in enumerate(names, 1))
    info = (f'<ds:SignedInfo {DS}><ds:CanonicalizationMethod {EXCLUSIVE}></ds:CanonicalizationMethod>'
            f'<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#{method}"></ds:SignatureMethod>{rows}'
            f'<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#seal"><ds:Transforms><ds:Transform {EXCLUSIVE}></ds:Transform></ds:Transforms>'
            f'{ends % digest(properties.encode())}</ds:SignedInfo>')
    return (f'<asic:XAdESSignatures xmlns:asic="http://uri.etsi.org/02918/v1.2.1#"><ds:Signature {DS} Id="sig">{info}<ds:SignatureValue>{value}</ds:SignatureValue>'
            f'<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object>'
            f'<xades:QualifyingProperties {XADES} Target="#sig">{properties}{stamp}</xades:QualifyingProperties></ds:Object></ds:Signature></asic:XAdESSignatures>'), info


def is_signed(entries, names):
    """Is META-INF/signatures.xml of these entries, under a certificate that a descriptor of the container has?"""
    try:
        text = entries[SIGNATURES].decode()
        method, value, certificate, time = (re.search(pattern, text).group(1) for pattern in (
            r'xmldsig-more#([a-z0-9-]+)"', '<ds:SignatureValue>([^<]+)<', '<ds:X509Certificate>([^<]+)<', '<xades:SigningTime>([^<]+)<'))
        token = re.search('<xades:EncapsulatedTimeStamp>([^<]+)<', text)
        stamp = STAMP % (EXCLUSIVE, token.group(1)) if token else ''
        whole, info = signatures(entries, names, method, value, certificate, time, stamp)
        parts = [base64.b64decode(part) for name in entries if name.startswith('descriptors/')
                 for part in re.findall(rb'<Identity>([^<]+)<', entries[name])]
        if token and not is_stamped(base64.b64decode(token.group(1), validate=True), value):
            return False
        return whole == text and any(certificate.encode() in part for part in parts) and verifies(
            base64.b64decode(certificate), method, info.encode(), base64.b64decode(value, validate=True))
    except (AttributeError, IndexError, KeyError, ValueError):
        return False


def judge(octets):
    """{result, named}, or None where what is around the documents is right, and they decide."""
    try:
        entries = read_zip(octets)
        need(entries.get(MIMETYPE) == ASICE.encode(), 'the mimetype')
    except Exception:
        return {'result': 'no-container'}
    names = sorted(name for name in entries if name != MIMETYPE and not name.startswith('META-INF/'))
    if entries.get(MANIFEST) != manifest(names).encode():
        return {'result': 'wrong', 'named': MANIFEST}
    return None if is_signed(entries, names) else {'result': 'wrong', 'named': SIGNATURES}
