"""P-256, P-384, RSA, AES-256, key wrap and GCM for drive.py, in Python's standard library, each as short as can be; none is made
for secrets."""
import base64, hashlib


def need(holds, what):
    if not holds:
        raise ValueError(what)


# --- P-256 and P-384 ------------------------------------------------------------------------------------------------------------
class Curve:
    """y^2 = x^3 - 3x + b mod p, with the generator g of the order n; points are (x, y), within sums (X, Y, Z) of Jacobi."""

    def __init__(self, octets, der, hash_, p, n, b, g):
        self.octets, self.der, self.hash, self.p, self.n, self.b, self.g = octets, bytes.fromhex(der), hash_, p, n, b, g

    def double(self, point):
        x, y, z = point
        d, g = z * z % self.p, y * y % self.p
        b, a = x * g % self.p, 3 * (x - d) * (x + d) % self.p
        x3 = (a * a - 8 * b) % self.p
        return x3, (a * (4 * b - x3) - 8 * g * g) % self.p, ((y + z) ** 2 - g - d) % self.p

    def add(self, p, q):
        if p[2] == 0 or q[2] == 0:
            return p if q[2] == 0 else q
        z1, z2 = p[2] ** 2 % self.p, q[2] ** 2 % self.p
        u1, u2, s1, s2 = p[0] * z2 % self.p, q[0] * z1 % self.p, p[1] * q[2] * z2 % self.p, q[1] * p[2] * z1 % self.p
        if u1 == u2:
            return self.double(p) if s1 == s2 else (1, 1, 0)
        h, r = u2 - u1, s2 - s1
        x = (r * r - h**3 - 2 * u1 * h * h) % self.p
        return x, (r * (u1 * h * h - x) - s1 * h**3) % self.p, h * p[2] * q[2] % self.p

    def times(self, k, point):
        out, base = (1, 1, 0), (*point, 1)
        for bit in bin(k)[2:]:
            out = self.double(out)
            out = self.add(out, base) if bit == '1' else out
        return out

    def x_of(self, point):
        return point[0] * pow(point[2], -2, self.p) % self.p

    def point_of(self, octets):
        half = self.octets
        need(len(octets) == 2 * half + 1 and octets[0] == 4, 'RXP-ENV-008')
        x, y = int.from_bytes(octets[1:half + 1], 'big'), int.from_bytes(octets[half + 1:], 'big')
        need((y * y - x**3 + 3 * x - self.b) % self.p == 0, 'RXP-ENV-008')
        return x, y

    def point_in(self, der):
        """Of a certificate or SubjectPublicKeyInfo, by the octets before it in DER; None: of another kind."""
        at = der.find(self.der)
        return None if at < 0 else self.point_of(der[at + len(self.der):at + len(self.der) + 2 * self.octets + 1])

    def verifies(self, point, octets, pair):
        r, s = int.from_bytes(pair[:self.octets], 'big'), int.from_bytes(pair[self.octets:], 'big')
        if len(pair) != 2 * self.octets or not (0 < r < self.n and 0 < s < self.n):
            return False
        w, e = pow(s, -1, self.n), int.from_bytes(self.hash(octets).digest(), 'big')
        sum_ = self.add(self.times(e * w % self.n, self.g), self.times(r * w % self.n, point))
        return sum_[2] != 0 and self.x_of(sum_) % self.n == r


P256 = Curve(32, '06082a8648ce3d030107034200', hashlib.sha256, 2**256 - 2**224 + 2**192 + 2**96 - 1,
             0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
             0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
             (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
              0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5))
P384 = Curve(48, '06052b81040022036200', hashlib.sha384, 2**384 - 2**128 - 2**96 + 2**32 - 1,
             0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
             0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
             (0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
              0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F))


def number_in(pem):
    """The private number of a key on P-256."""
    der = base64.b64decode(''.join(pem.decode().splitlines()[1:-1]))
    at = der.find(bytes.fromhex('0201010420'))
    return int.from_bytes(der[at + 5:at + 37], 'big')


# --- RSA -----------------------------------------------------------------------------------------------------------------------
def rsa_in(der):
    """(n, e) of a certificate."""
    at = der.find(bytes.fromhex('06092a864886f70d0101010500 03'.replace(' ', '')))
    at = der.find(b'\x02\x82', at)
    n = der[at + 4:at + 4 + int.from_bytes(der[at + 2:at + 4], 'big')]
    at += 4 + len(n)
    return int.from_bytes(n, 'big'), int.from_bytes(der[at + 2:at + 2 + der[at + 1]], 'big')


def verifies_rsa(key, octets, value):
    """RSASSA-PKCS1-v1_5 with SHA-256."""
    n, e = key
    size = (n.bit_length() + 7) // 8
    info = bytes.fromhex('3031300d060960864801650304020105000420') + hashlib.sha256(octets).digest()
    block = b'\0\1' + b'\xff' * (size - len(info) - 3) + b'\0' + info
    return len(value) == size and pow(int.from_bytes(value, 'big'), e, n).to_bytes(size, 'big') == block


def verifies(certificate, method, octets, value):
    """By the key of the certificate, whose kind says which method is right (RXP-SEA-008)."""
    for curve, name in ((P256, 'ecdsa-sha256'), (P384, 'ecdsa-sha384')):
        point = curve.point_in(certificate)
        if point:
            return method == name and curve.verifies(point, octets, value)
    return method == 'rsa-sha256' and verifies_rsa(rsa_in(certificate), octets, value)


# --- AES-256, key wrap, GCM ------------------------------------------------------------------------------------------------------
def xtime(b):
    return (b << 1 ^ (0x11B if b & 0x80 else 0)) & 0xFF


def make_sbox():
    p = q = 1
    box = [0x63] * 256
    while True:
        p ^= xtime(p)
        q ^= q << 1 & 0xFF
        q ^= q << 2 & 0xFF
        q ^= q << 4 & 0xFF
        q ^= 0x09 if q & 0x80 else 0
        box[p] = q ^ (q << 1 | q >> 7) & 0xFF ^ (q << 2 | q >> 6) & 0xFF ^ (q << 3 | q >> 5) & 0xFF ^ (q << 4 | q >> 4) & 0xFF ^ 0x63
        if p == 1:
            return box


SBOX = make_sbox()
UNBOX = [SBOX.index(i) for i in range(256)]
MIX = [[0] * 256 for _ in range(16)]
for i in range(256):
    two, four, eight = xtime(i), xtime(xtime(i)), xtime(xtime(xtime(i)))
    MIX[2][i], MIX[3][i], MIX[9][i], MIX[11][i], MIX[13][i], MIX[14][i] = two, two ^ i, eight ^ i, eight ^ two ^ i, eight ^ four ^ i, eight ^ four ^ two


def round_keys(key):
    words, rcon = [key[i:i + 4] for i in range(0, 32, 4)], 1
    for i in range(8, 60):
        t = words[-1]
        if i % 8 == 0:
            t = bytes([SBOX[t[1]] ^ rcon, SBOX[t[2]], SBOX[t[3]], SBOX[t[0]]])
            rcon = xtime(rcon)
        elif i % 8 == 4:
            t = bytes(SBOX[b] for b in t)
        words.append(bytes(a ^ b for a, b in zip(words[i - 8], t)))
    return [b''.join(words[i:i + 4]) for i in range(0, 60, 4)]


SHIFT = [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11]
UNSHIFT = [SHIFT.index(i) for i in range(16)]
xor = lambda a, b: bytes(x ^ y for x, y in zip(a, b))


def encrypt(keys, block):
    s = xor(block, keys[0])
    for n in range(1, 15):
        s = [SBOX[s[i]] for i in SHIFT]
        if n < 14:
            s = [MIX[2][s[i]] ^ MIX[3][s[i & 12 | i + 1 & 3]] ^ s[i & 12 | i + 2 & 3] ^ s[i & 12 | i + 3 & 3] for i in range(16)]
        s = xor(s, keys[n])
    return s


def decrypt(keys, block):
    s = xor(block, keys[14])
    for n in range(13, -1, -1):
        s = xor([UNBOX[s[i]] for i in UNSHIFT], keys[n])
        if n > 0:
            s = [MIX[14][s[i]] ^ MIX[11][s[i & 12 | i + 1 & 3]] ^ MIX[13][s[i & 12 | i + 2 & 3]] ^ MIX[9][s[i & 12 | i + 3 & 3]] for i in range(16)]
    return bytes(s)


def unwrap(kek, wrapped):
    """RFC 3394."""
    keys, a, r = round_keys(kek), wrapped[:8], [wrapped[i:i + 8] for i in range(8, len(wrapped), 8)]
    for t in range(6 * len(r), 0, -1):
        i = (t - 1) % len(r)
        block = decrypt(keys, (int.from_bytes(a, 'big') ^ t).to_bytes(8, 'big') + r[i])
        a, r[i] = block[:8], block[8:]
    need(a == b'\xa6' * 8, 'the wrapped key')
    return b''.join(r)


def gcm(key, octets):
    keys, iv, text, tag = round_keys(key), octets[:12], octets[12:-16], octets[-16:]
    h, y = int.from_bytes(encrypt(keys, bytes(16)), 'big'), 0
    table = [[0] * 256 for _ in range(16)]  # of h times each octet at each place
    for place in range(16):
        for bit in range(8):
            z = h
            for _ in range(place * 8 + bit):
                z = z >> 1 ^ (0xE1 << 120 if z & 1 else 0)
            for byte in range(256):
                table[place][byte] ^= z if byte & 0x80 >> bit else 0
    padded = text + bytes(-len(text) % 16) + bytes(8) + (8 * len(text)).to_bytes(8, 'big')
    for i in range(0, len(padded), 16):
        block = (y ^ int.from_bytes(padded[i:i + 16], 'big')).to_bytes(16, 'big')
        y = 0
        for place in range(16):
            y ^= table[place][block[place]]
    need(xor(encrypt(keys, iv + b'\0\0\0\1'), y.to_bytes(16, 'big')) == tag, 'the tag')
    stream = b''.join(encrypt(keys, iv + (2 + i).to_bytes(4, 'big')) for i in range((len(text) + 15) // 16))
    return xor(text, stream)
