// An independent check of a container of evidence by xadesjs, a XAdES implementation in another language:
//   node verify-container.mjs MODULES CERTIFICATE(DER) FOLDER
// MODULES has the packages of package.json beside this file; FOLDER is the container, unpacked by unzip. Says whether
// the signature in META-INF/signatures.xml is one by the key of the certificate over every file but mimetype and those in
// META-INF, and what XAdES says of it. xadesjs takes the key from KeyInfo, so the certificate is compared first.
import { createHash, webcrypto } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';

const [modules, certificateFile, folder] = process.argv.slice(2);
const load = createRequire(join(modules, 'node_modules', 'none.js'));
const xades = load('xadesjs');
const { DOMParser, XMLSerializer, DOMImplementation } = load('@xmldom/xmldom');
const core = load('xml-core');
core.setNodeDependencies({ DOMParser, XMLSerializer, DOMImplementation, xpath: load('xpath') });
xades.Application.setEngine('NodeJS', webcrypto);

const fail = (why) => {
	console.log(`INVALID  ${folder}: ${why}`);
	process.exit(1);
};
const files = (at) => readdirSync(at, { withFileTypes: true }).flatMap((e) =>
	e.isDirectory() ? files(join(at, e.name)) : [relative(folder, join(at, e.name))]);

const certificate = readFileSync(certificateFile);
const text = readFileSync(join(folder, 'META-INF/signatures.xml'), 'utf8');
const xml = new DOMParser().parseFromString(text, 'text/xml');
const signatures = xml.getElementsByTagNameNS('http://www.w3.org/2000/09/xmldsig#', 'Signature');
if (signatures.length !== 1) fail(`${signatures.length} signatures`);
const missing = new Set(files(folder).filter((f) => f !== 'mimetype' && !f.startsWith('META-INF/')));

const signed = new xades.SignedXml(xml);
signed.LoadXml(signatures[0]);
signed.contentHandler = async (reference) => {
	if (reference.Uri.startsWith('#')) return null;
	missing.delete(reference.Uri);
	return readFileSync(join(folder, reference.Uri));
};
const keys = signed.XmlSignature.KeyInfo.GetXml().getElementsByTagNameNS('*', 'X509Certificate');
if (keys.length !== 1 || keys[0].textContent !== certificate.toString('base64')) fail('another certificate');
if (!(await signed.Verify().catch((e) => fail(e.message)))) fail('the signature does not verify');
if (missing.size > 0) fail(`not signed: ${[...missing].join(' ')}`);
const properties = signed.SignedProperties.SignedSignatureProperties;
const named = Buffer.from(properties.SigningCertificateV2.Item(0).CertDigest.DigestValue);
if (!named.equals(createHash('sha256').update(certificate).digest())) fail('SigningCertificateV2 names another');
console.log(`valid    ${folder}, sealed at ${properties.SigningTime.Value.toISOString()}`);
