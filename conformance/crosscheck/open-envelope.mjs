// open-envelope - an independent opening of an Envelope.
//
// node open-envelope.mjs PRIVATE-KEY(PEM, PKCS#8) ENVELOPE > DOCUMENT
import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { element, openEncrypted } from './encrypted.mjs';

const [keyFile, envelopeFile] = process.argv.slice(2);
const text = readFileSync(envelopeFile, 'utf8');
const id = Buffer.from(element(text, 'MessageId').replaceAll('-', ''), 'hex');
const info = [Buffer.from('RXP-1-P256'), Buffer.from(element(text, 'From')), Buffer.from(element(text, 'To')), id];
writeSync(1, openEncrypted(text, createPrivateKey(readFileSync(keyFile)), info));
