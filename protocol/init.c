#include "protocol/init.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlIO.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlmemory.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/openssl/crypto.h>

#include "protocol/base/err.h"
#include "protocol/xml/schema.h"

/* Where an allocation fails, libxml2 goes on with a tree that lacks parts, calls valid content invalid,
 * and frees what it never set: a verdict over a peer's document must not come from that. */
static void *or_abort(void *block)
{
	if (block == NULL)
		abort();
	return block;
}

static void *xml_malloc(size_t size)
{
	return or_abort(malloc(size > 0 ? size : 1));
}

static void *xml_realloc(void *block, size_t size)
{
	return or_abort(realloc(block, size > 0 ? size : 1));
}

static char *xml_strdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xml_malloc(size), text, size);
}

static void ignore_xml_error(void *arg, xmlError *error)
{
	(void)arg;
	(void)error;
}

static void ignore_xml_message(void *arg, const char *format, ...)
{
	(void)arg;
	(void)format;
}

static void ignore_xmlsec_error(const char *file, int line, const char *function,
    const char *object, const char *subject, int reason, const char *message)
{
	(void)file;
	(void)line;
	(void)function;
	(void)object;
	(void)subject;
	(void)reason;
	(void)message;
}

static xmlParserInput *refuse_entity(const char *url, const char *id, xmlParserCtxt *ctxt)
{
	(void)url;
	(void)id;
	(void)ctxt;
	return NULL;
}

/* Fetching makes OpenSSL load its configuration and providers, which read files; later fetches of
 * these names read none. */
#define FETCH(type, name) \
	do { \
		EVP_##type *fetched = EVP_##type##_fetch(NULL, name, NULL); \
		if (fetched == NULL) \
			return RXP_ERR_CRYPTO; \
		EVP_##type##_free(fetched); \
	} while (0)

static int warm_up(void)
{
	FETCH(MD, "SHA256");
	FETCH(MD, "SHA384");
	FETCH(CIPHER, "AES-256-GCM");
	FETCH(CIPHER, "AES-256-WRAP");
	FETCH(KDF, "SSKDF");
	FETCH(KEYMGMT, "EC");
	FETCH(KEYMGMT, "RSA");
	FETCH(KEYEXCH, "ECDH");
	FETCH(SIGNATURE, "ECDSA");
	FETCH(SIGNATURE, "RSA");
	return 0;
}

static int init_xmlsec(void)
{
	xmlSecErrorsSetCallback(ignore_xmlsec_error);
	if (xmlSecInit() < 0)
		return RXP_ERR_CRYPTO;
	/* xmlsec brings readers of files, HTTP and FTP of its own, apart from libxml2's. */
	xmlSecIOCleanupCallbacks();
	/* xmlSecInit() installs its own printing of errors. */
	xmlSecErrorsSetCallback(ignore_xmlsec_error);
	return xmlSecOpenSSLInit() < 0 ? RXP_ERR_CRYPTO : 0;
}

int rxp_init(void)
{
	int rc;

	(void)xmlMemSetup(free, xml_malloc, xml_realloc, xml_strdup); /* fails for NULL alone */
	xmlInitParser();
	xmlSetStructuredErrorFunc(NULL, ignore_xml_error);
	xmlSetGenericErrorFunc(NULL, ignore_xml_message);
	xmlSetExternalEntityLoader(refuse_entity);
	xmlCleanupInputCallbacks();
	if ((rc = init_xmlsec()) != 0 || (rc = warm_up()) != 0)
		return rc;
	return rxp_schema_init();
}

void rxp_cleanup(void)
{
	rxp_schema_cleanup();
	xmlSecOpenSSLShutdown();
	xmlSecShutdown();
	xmlCleanupParser();
}
