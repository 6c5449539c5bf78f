/*
 * VerifySeal - an independent check of a seal by the XML signature implementation of the JDK.
 *
 * java VerifySeal.java CERTIFICATE(DER) FILE...: verifies each sealed object under the key of the
 * certificate, with secure validation, and prints one line for each. The three referenced elements
 * are found by their positions (RXP-SEA-005). The JDK knows nothing of the shape rules of RXP/1: it
 * says whether the signature is right, not whether the object is one of this protocol.
 */
import java.io.FileInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

public class VerifySeal {
	static final String DSIG = "http://www.w3.org/2000/09/xmldsig#";

	static Element child(Element parent, int position) {
		int seen = 0;
		for (Node n = parent.getFirstChild(); n != null; n = n.getNextSibling())
			if (n instanceof Element && seen++ == position)
				return (Element) n;
		throw new IllegalArgumentException("no child " + position + " in " + parent.getNodeName());
	}

	static boolean verify(X509Certificate certificate, String file) throws Exception {
		DocumentBuilderFactory builders = DocumentBuilderFactory.newInstance();
		builders.setNamespaceAware(true);
		builders.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
		Element root = builders.newDocumentBuilder().parse(new FileInputStream(file)).getDocumentElement();
		Element header = child(root, 0), body = child(root, 1), signature = child(root, 2);
		if (!DSIG.equals(signature.getNamespaceURI()) || !"Signature".equals(signature.getLocalName()))
			return false;
		Element properties = child(child(child(signature, 3), 0), 0);

		DOMValidateContext context = new DOMValidateContext(certificate.getPublicKey(), signature);
		context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.TRUE);
		for (Element e : new Element[] {header, body, properties})
			context.setIdAttributeNS(e, null, "Id");
		XMLSignature xml = XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context);
		return xml.getSignedInfo().getReferences().size() == 3 && xml.validate(context);
	}

	public static void main(String[] args) throws Exception {
		X509Certificate certificate;
		try (FileInputStream in = new FileInputStream(args[0])) {
			certificate = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
		}
		boolean all = true;
		for (int i = 1; i < args.length; i++) {
			boolean valid = verify(certificate, args[i]);
			System.out.println((valid ? "valid    " : "INVALID  ") + args[i]);
			all &= valid;
		}
		System.exit(all ? 0 : 1);
	}
}
