/*
 * VerifyContainer - an independent check of a container of evidence by the ZIP reader and the XML signature
 * implementation of the JDK.
 *
 * java VerifyContainer.java CERTIFICATE(DER) FILE: reads the container as any ASiC-E with XAdES, verifies the one
 * signature in META-INF/signatures.xml under the key of the certificate, with secure validation, and each of
 * its references; every entry but mimetype and those in META-INF must be referenced. It knows nothing else of
 * RXP/1. Secure validation takes 30 references unless it is told otherwise, as here: a case has six for each document.
 */
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.crypto.OctetStreamData;
import javax.xml.crypto.URIDereferencer;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

public class VerifyContainer {
	static final String ASIC = "http://uri.etsi.org/02918/v1.2.1#";
	static final String DSIG = "http://www.w3.org/2000/09/xmldsig#";
	static final String XADES = "http://uri.etsi.org/01903/v1.3.2#";
	static final String MIMETYPE = "application/vnd.etsi.asic-e+zip";

	static byte[] octets(ZipFile zip, String name) throws Exception {
		ZipEntry entry = zip.getEntry(name);
		if (entry == null)
			throw new IllegalArgumentException("no entry " + name);
		return zip.getInputStream(entry).readAllBytes();
	}

	static Element only(Document xml, String namespace, String name) {
		NodeList found = xml.getElementsByTagNameNS(namespace, name);
		if (found.getLength() != 1)
			throw new IllegalArgumentException(found.getLength() + " elements " + name);
		return (Element) found.item(0);
	}

	static Set<String> signed(ZipFile zip) {
		Set<String> names = new HashSet<>();
		for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements();) {
			String name = e.nextElement().getName();
			if (!name.equals("mimetype") && !name.startsWith("META-INF/"))
				names.add(name);
		}
		return names;
	}

	static boolean verify(X509Certificate certificate, ZipFile zip) throws Exception {
		DocumentBuilderFactory builders = DocumentBuilderFactory.newInstance();
		builders.setNamespaceAware(true);
		builders.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
		Document xml = builders.newDocumentBuilder().parse(
			new ByteArrayInputStream(octets(zip, "META-INF/signatures.xml")));
		Element root = xml.getDocumentElement();
		if (!ASIC.equals(root.getNamespaceURI()) || !"XAdESSignatures".equals(root.getLocalName()))
			return false;

		XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");
		URIDereferencer inner = factory.getURIDereferencer();
		DOMValidateContext context =
			new DOMValidateContext(certificate.getPublicKey(), only(xml, DSIG, "Signature"));
		context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.TRUE);
		context.setIdAttributeNS(only(xml, XADES, "SignedProperties"), null, "Id");
		Set<String> missing = signed(zip);
		context.setURIDereferencer((uri, c) -> {
			if (uri.getURI().startsWith("#"))
				return inner.dereference(uri, c);
			try {
				missing.remove(uri.getURI());
				return new OctetStreamData(new ByteArrayInputStream(octets(zip, uri.getURI())));
			} catch (Exception e) {
				throw new javax.xml.crypto.URIReferenceException(e);
			}
		});
		XMLSignature signature = factory.unmarshalXMLSignature(context);
		boolean valid = signature.validate(context);
		for (Object o : signature.getSignedInfo().getReferences())
			if (!((Reference) o).validate(context))
				System.out.println("INVALID  " + ((Reference) o).getURI());
		return valid && missing.isEmpty();
	}

	public static void main(String[] args) throws Exception {
		String policy = Security.getProperty("jdk.xml.dsig.secureValidationPolicy");
		Security.setProperty("jdk.xml.dsig.secureValidationPolicy",
			policy.replaceAll("maxReferences [0-9]+", "maxReferences 8192"));
		X509Certificate certificate;
		try (FileInputStream in = new FileInputStream(args[0])) {
			certificate = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
		}
		try (ZipFile zip = new ZipFile(args[1])) {
			boolean valid = new String(octets(zip, "mimetype"), "US-ASCII").equals(MIMETYPE) &&
				verify(certificate, zip);
			System.out.println((valid ? "valid    " : "INVALID  ") + args[1]);
			System.exit(valid ? 0 : 1);
		}
	}
}
