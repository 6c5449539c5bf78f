// open-compartment - an independent opening of the one compartment in a Document (RXP-CMP-001 to 004).
//
// node open-compartment.mjs PRIVATE-KEY(PEM, PKCS#8) DOCUMENT OFFICE > PLAIN
import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { element, openEncrypted } from './encrypted.mjs';

const [keyFile, documentFile, office] = process.argv.slice(2);
const text = readFileSync(documentFile, 'utf8');
const info = [Buffer.from('RXP-1-P256-OFFICE'), Buffer.from(element(text, 'From')),
	Buffer.from(element(text, 'To') + office), Buffer.from(element(text, 'Salt'), 'base64')];
const [data] = text.match(/<(?:\w+:)?EncryptedData[^]*<\/(?:\w+:)?EncryptedData>/);
writeSync(1, openEncrypted(data, createPrivateKey(readFileSync(keyFile)), info));
